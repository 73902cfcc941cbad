"""Result reuse: equal queries, equal surroundings, not too old."""

from __future__ import annotations

from typing import Any

import pytest

from lakebench.catalog import S3Uri
from lakebench.emulator.wire.provider import Wire

from .conftest import Athena

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
        {"wire": {}},
    ],
    ids=["text", "database", "age", "workgroup", "not asked"],
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


def test_chance_is_not_reused(numbers: Athena) -> None:
    numbers.succeed("SELECT count(*) FROM numbers WHERE n < 10 * random()")
    assert not reused(numbers.succeed("SELECT count(*) FROM numbers WHERE n < 10 * random()", **reuse()))


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
