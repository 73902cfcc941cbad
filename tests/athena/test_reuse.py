"""Result reuse: equal queries, equal surroundings, not too old."""

from __future__ import annotations

from typing import Any

import pytest

from lakebench.catalog import S3Uri
from lakebench.emulator.wire.provider import Wire

from .conftest import OUTPUT, Athena

SQL = "SELECT sum(n) AS total FROM numbers"


@pytest.fixture
def numbers(athena: Athena) -> Athena:
    athena.numbers(3)
    return athena


def reuse(minutes: int = 60) -> dict[str, Any]:
    by_age = {"Enabled": True, "MaxAgeInMinutes": minutes}
    return {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": by_age}}


def reused(execution: Wire) -> bool:
    return bool(execution["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"])


def test_an_equal_query_answers_from_the_earlier_result(numbers: Athena) -> None:
    first = numbers.succeed(SQL)
    numbers.objects.put_bytes(S3Uri("lake", "numbers/b"), b"100\n")
    again = numbers.succeed(SQL, **reuse())
    assert (reused(first), reused(again)) == (False, True)
    assert again["Statistics"]["DataScannedInBytes"] == 0
    assert again["ResultConfiguration"] == first["ResultConfiguration"]
    assert numbers.rows(again) == [["total"], ["6"]]
    assert numbers.rows(numbers.succeed(SQL)) == [["total"], ["106"]]


@pytest.mark.parametrize(
    "other",
    [
        {"sql": SQL + " "},
        {
            "wire": {"QueryExecutionContext": {"Database": "db2"}},
            "sql": "SELECT sum(n) AS total FROM db.numbers",
        },
        {"wire": reuse(0)},
        {"wire": {"WorkGroup": "team"} | reuse()},
        {"wire": {"ResultConfiguration": {"OutputLocation": "s3://results/elsewhere/"}} | reuse()},
        {
            "wire": {"ResultConfiguration": {"OutputLocation": OUTPUT, "ExpectedBucketOwner": "123456789012"}}
            | reuse()
        },
        {"wire": {}},
    ],
    ids=["text", "database", "age", "workgroup", "location", "owner", "not asked"],
)
def test_what_differs_runs_anew(numbers: Athena, other: dict[str, Any]) -> None:
    numbers.call("CreateWorkGroup", Name="team", Configuration={"EnforceWorkGroupConfiguration": False})
    numbers.succeed("CREATE DATABASE db2")
    numbers.succeed("SELECT sum(n) AS total FROM db.numbers")
    numbers.succeed(SQL)
    wire = other.get("wire", reuse())
    if "QueryExecutionContext" in wire:
        wire = wire | reuse()
    assert not reused(numbers.succeed(other.get("sql", SQL), **wire))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT count(*) FROM numbers WHERE n < 10 * random()", False),
        ("SELECT n FROM numbers LIMIT 1", False),
        ("SELECT count(*) FROM (SELECT n FROM numbers LIMIT 1) AS few", False),
        ("SELECT n FROM numbers ORDER BY n LIMIT 1", True),
    ],
)
def test_chance_is_not_reused(numbers: Athena, sql: str, expected: bool) -> None:
    """AWS, reusing-query-results: LIMIT without ORDER BY is not deterministic, with ORDER BY it is."""
    numbers.succeed(sql)
    assert reused(numbers.succeed(sql, **reuse())) is expected


def test_a_prepared_statement_is_reused_until_it_changes(numbers: Athena) -> None:
    prepared = {"StatementName": "total", "WorkGroup": "primary"}
    numbers.call("CreatePreparedStatement", QueryStatement=SQL, **prepared)
    numbers.succeed("EXECUTE total")
    assert reused(numbers.succeed("EXECUTE total", **reuse()))
    numbers.call("UpdatePreparedStatement", QueryStatement="SELECT max(n) AS m FROM numbers", **prepared)
    changed = numbers.succeed("EXECUTE total", **reuse())
    assert not reused(changed)
    assert numbers.rows(changed) == [["m"], ["3"]]


def test_a_result_that_was_deleted_is_made_again(numbers: Athena) -> None:
    location = numbers.succeed(SQL)["ResultConfiguration"]["OutputLocation"]
    numbers.objects.delete(S3Uri.parse(location))
    again = numbers.succeed(SQL, **reuse())
    assert not reused(again)
    assert numbers.rows(again) == [["total"], ["6"]]


def test_a_table_that_is_gone_fails_as_ever(numbers: Athena) -> None:
    numbers.succeed(SQL)
    numbers.succeed("DROP TABLE numbers")
    assert numbers.run(SQL, **reuse())["Status"]["StateChangeReason"].startswith("TABLE_NOT_FOUND")
