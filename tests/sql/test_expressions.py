"""Trino's expressions give Trino's texts, each through parse, resolve, to_duckdb and result_text on DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from lakebench.errors import StatementError
from lakebench.sql import duckdb_type, from_duckdb_type, raised_failure, result_types, to_duckdb

from .lake import Lake, table

ROWS = """SELECT 7::INTEGER AS i, 'hello' AS s, 2.5::DOUBLE AS x, 1.25::DECIMAL(10,2) AS d, true AS b,
    DATE '2024-01-31' AS dt, TIMESTAMP '2024-01-02 03:04:05.678' AS ts, [3, 1, 2]::INTEGER[] AS a,
    map(['k', 'l'], [1, 2]) AS m, {'x': 5, 'y': 'z'} AS r, 's3://lake/t/1' AS "$path" """


CASES = Path(__file__).parents[1] / "cases/sql"
# These files hold whole statements; every other one holds expressions, an area each.
QUERIES = sorted(path.stem for path in CASES.glob("queries*.txt"))
STATEMENTS = {*QUERIES, "refusals", "failures"}


def _cases(name: str = "expressions"):
    for line in (CASES / f"{name}.txt").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        mark = " !! " if " !! " in line or line.endswith(" !!") else " =>"
        expression, _, expected = line.rpartition(mark)
        yield pytest.param(expression, mark.strip(), expected.removeprefix(" "), id=expression[:60])


def _expressions():
    return [
        case
        for path in sorted(CASES.glob("*.txt"))
        if path.stem not in STATEMENTS
        for case in _cases(path.stem)
    ]


@pytest.fixture(scope="module")
def lake():
    lake = Lake()
    types = "i:int s:string x:double d:decimal(10,2) b:boolean dt:date ts:timestamp a:array<int>"
    columns = dict(part.split(":", 1) for part in types.split())
    columns |= {"m": "map<string,int>", "r": "struct<x:int,y:string>"}
    lake.add(table("t", columns), ROWS)
    return lake


@pytest.mark.parametrize(("expression", "mark", "expected"), _expressions())
def test_an_expression_gives_trinos_text(lake, expression, mark, expected):
    sql = f"SELECT {expression} FROM t"
    if mark == "!!":
        with pytest.raises((StatementError, duckdb.Error)) as caught:
            lake.run(sql)
        told = str(caught.value)
        ours = raised_failure(told)
        assert expected.lower() in (ours.reason if ours else told).lower()
        return
    _, rows = lake.run(sql)
    assert rows == [(None if expected == "NULL" else expected,)]


@pytest.mark.parametrize(("query", "mark", "expected"), [c for name in QUERIES for c in _cases(name)])
def test_a_query_gives_trinos_rows(lake, query, mark, expected):
    if mark == "!!":
        with pytest.raises((StatementError, duckdb.Error)) as caught:
            lake.run(query)
        told = str(caught.value)
        ours = raised_failure(told)
        assert expected.lower() in (ours.reason if ours else told).lower()
        return
    _, rows = lake.run(query)
    shown = "; ".join(", ".join("NULL" if value is None else value for value in row) for row in rows)
    assert shown == expected


@pytest.mark.parametrize("expression", [c.values[0] for c in _expressions() if c.values[1] != "!!"])
def test_the_type_found_without_running_is_duckdbs(lake, expression):
    lake.run(f"SELECT {expression} FROM t")
    resolved = lake.resolve(f"SELECT {expression} FROM t")
    (known,) = result_types(resolved.tree)
    ((_, described, *_),) = lake.describe(to_duckdb(resolved.tree))
    if known is None or "TUPLE" in described or "NULL" in described or known.name == "unknown":
        return  # DuckDB has no names for the members of ROW(1, 2), and no type for NULL
    promised = duckdb_type(known).replace("JSON", "VARCHAR")  # JSON is a text under another name
    described = described.replace("JSON", "VARCHAR")
    assert described == promised or from_duckdb_type(described) == from_duckdb_type(promised)
