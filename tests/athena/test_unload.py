"""UNLOAD: files below a path, a manifest beside the result, no table."""

from __future__ import annotations

import pytest

from .conftest import Athena

UNLOAD = "UNLOAD (SELECT n, 'x' AS p FROM numbers) TO 's3://lake/out/' WITH (format = 'TEXTFILE', compression = 'NONE'"


@pytest.fixture
def numbers(athena: Athena) -> Athena:
    athena.numbers(3)
    return athena


def test_files_and_manifest_appear_together(numbers: Athena) -> None:
    execution = numbers.succeed(UNLOAD + ")")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "UNLOAD")
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://results/out/{execution['QueryExecutionId']}"
    manifest = execution["Statistics"]["DataManifestLocation"]
    assert manifest == f"{location}-manifest.csv"
    listed = numbers.objects.read("results", manifest.removeprefix("s3://results/")).decode().split()
    assert listed == [f"s3://lake/{key}" for key in numbers.objects.keys("lake") if key.startswith("out/")]
    assert execution["Statistics"]["DataScannedInBytes"] == 6


def test_the_result_tells_how_many_rows_were_written(numbers: Athena) -> None:
    execution = numbers.succeed(UNLOAD + ")")
    results = numbers.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])
    assert (results["UpdateCount"], results["ResultSet"]["Rows"]) == (3, [])
    assert results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][0]["Name"] == "rows"


def test_partitions_are_folders(numbers: Athena) -> None:
    numbers.succeed(UNLOAD + ", partitioned_by = ARRAY['p'])")
    assert all(key.startswith("out/p=x/") for key in numbers.objects.keys("lake") if key.startswith("out/"))


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            UNLOAD + ", partitioned_by = ARRAY['n'])",
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last",
        ),
        (
            UNLOAD.replace("lake/out", "nowhere/out") + ")",
            "PERMISSION_DENIED: The specified bucket does not exist",
        ),
        (
            UNLOAD.replace("lake/out", "lake/numbers") + ")",
            "HIVE_PATH_ALREADY_EXISTS: Target directory already",
        ),
        (UNLOAD.replace("'x' AS p", "'x'") + ")", "MISSING_COLUMN_NAME: line 1:1: Column name not specified"),
        (
            UNLOAD.replace("numbers)", "nope)") + ")",
            "TABLE_NOT_FOUND: line 1:33: Table 'awsdatacatalog.db.nope'",
        ),
    ],
)
def test_a_refused_target_or_query_leaves_nothing(numbers: Athena, sql: str, reason: str) -> None:
    status = numbers.run(sql)["Status"]
    assert (status["State"], status["StateChangeReason"][: len(reason)]) == ("FAILED", reason)
    assert numbers.objects.keys("lake") == ["numbers/a"]


def test_question_marks_are_filled(numbers: Athena) -> None:
    sql = "UNLOAD (SELECT n FROM numbers WHERE n < ?) TO 's3://lake/out/' WITH (format = 'TEXTFILE')"
    execution = numbers.succeed(sql, ExecutionParameters=["3"])
    results = numbers.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])
    assert results["UpdateCount"] == 2
