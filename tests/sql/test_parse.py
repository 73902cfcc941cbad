"""Texts become statements with these fields, or are refused with these words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from lakebench.catalog import Column, S3Uri
from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql import parse, statement_type, substatement_type

CASES = Path(__file__).parents[1] / "cases/sql"


def _rows(name):
    for line in (CASES / name).read_text().splitlines():
        if line and not line.startswith("#"):
            text, _, told = line.partition(" !! ")
            yield pytest.param(text.replace("\\n", "\n"), told, id=text[:60] or "empty")


def _plain(value):
    """A statement's field as JSON has it."""
    if isinstance(value, Column):
        return f"{value.name} {value.type.hive} {value.comment or ''}".strip()
    if isinstance(value, S3Uri):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _holds(value, expected):
    if isinstance(expected, dict) and not isinstance(value, Mapping):
        return all(_holds(getattr(value, key), held) for key, held in expected.items())
    return _plain(value) == expected


@pytest.mark.parametrize(
    ("text", "kind", "substatement", "fields"),
    [pytest.param(*row, id=row[0][:60]) for row in json.loads((CASES / "statements.json").read_text())],
)
def test_a_statement_is_read_with_its_type_and_fields(text, kind, substatement, fields):
    statement = parse(text)
    assert (statement_type(statement), substatement_type(statement)) == (kind, substatement)
    for name, expected in fields.items():
        assert _holds(getattr(statement, name), expected), (name, getattr(statement, name))


@pytest.mark.parametrize(("text", "told"), list(_rows("refusals.txt")))
def test_what_athena_refuses_at_start_is_refused_with_the_place(text, told):
    with pytest.raises(StatementRefused) as caught:
        parse(text)
    assert told in caught.value.message


@pytest.mark.parametrize(("text", "told"), list(_rows("failures.txt")))
def test_what_is_not_built_or_wrong_in_a_property_fails_with_a_code(text, told):
    with pytest.raises(QueryFailed) as caught:
        parse(text)
    assert told in caught.value.reason


def test_a_text_may_have_262144_bytes_and_not_one_more():
    head = "SELECT '"
    parse(head + "é" * ((262_144 - len(head) - 2) // 2) + " '")
    with pytest.raises(StatementRefused) as caught:
        parse(head + "é" * ((262_144 - len(head)) // 2) + "'")
    assert caught.value.athena_error_code == "INVALID_INPUT"


def test_the_statement_keeps_its_tree_when_it_is_resolved_twice():
    from .lake import Lake

    lake = Lake()
    statement = parse("WITH a AS (SELECT 1 x) SELECT * FROM a")
    before = statement.tree.sql(dialect="athena")
    from lakebench.sql import resolve

    resolve(statement, lake.lookup, lake.has, "db")
    assert statement.tree.sql(dialect="athena") == before


@pytest.mark.parametrize("joint", [" OR id = ", " AND id <> ", ") AND (id > "])
def test_a_condition_of_two_thousand_terms_is_taken(joint):
    from lakebench.sql import resolve, to_duckdb

    from .lake import Lake, table

    lake = Lake()
    lake.add(table("t", {"id": "bigint"}))
    sql = "SELECT * FROM t WHERE (id = 0" + "".join(f"{joint}{i}" for i in range(2000)) + ")"
    assert len(to_duckdb(resolve(parse(sql), lake.lookup, lake.has, "db").tree)) > 10_000


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 3000 + "1" + ")" * 3000,
        "SELECT " + "abs(" * 900 + "1" + ")" * 900,
        "SELECT " + "1 + " * 20_000 + "1",
    ],
)
def test_a_text_nested_too_deep_is_refused_in_words(text):
    from lakebench.errors import StatementError
    from lakebench.sql import resolve, to_duckdb

    from .lake import Lake

    lake = Lake()
    with pytest.raises(StatementError, match="statement is too large"):
        to_duckdb(resolve(parse(text), lake.lookup, lake.has, "db").tree)
