"""The aws command: S3, Glue and Athena from a shell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

AWS = str(Path(sys.executable).with_name("aws"))


def aws(*words, **options):
    return subprocess.run([AWS, *words], check=True, capture_output=True, text=True, **options).stdout


def aws_json(*words):
    return json.loads(aws(*words, "--output", "json") or "{}")


def query(sql, lake):
    started = aws_json(
        *("athena", "start-query-execution", "--query-string", sql),
        *("--query-execution-context", f"Database={lake.database}"),
        *("--result-configuration", f"OutputLocation={lake.results}"),
    )
    query_id = started["QueryExecutionId"]
    while True:
        execution = aws_json("athena", "get-query-execution", "--query-execution-id", query_id)[
            "QueryExecution"
        ]
        if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
            return execution


def test_files_go_up_and_come_down(place, tmp_path):
    source = tmp_path / "a.csv"
    source.write_text("1,x\n")
    aws("s3", "cp", str(source), place)
    assert " a.csv" in aws("s3", "ls", place)
    assert aws("s3", "cp", f"{place}a.csv", "-") == "1,x\n"
    aws("s3", "sync", place, str(tmp_path / "down"))
    assert (tmp_path / "down/a.csv").read_text() == "1,x\n"
    aws("s3", "rm", "--recursive", place)


def test_a_query_from_start_to_results(lake):
    execution = query("SELECT city, amount FROM sales WHERE year = 2024 ORDER BY id", lake)
    assert (execution["Status"]["State"], execution["Statistics"]["DataScannedInBytes"]) == ("SUCCEEDED", 29)
    text = aws(
        *("athena", "get-query-results", "--query-execution-id", execution["QueryExecutionId"]),
        *("--query", "ResultSet.Rows[].Data[].VarCharValue", "--output", "text"),
    )
    assert text.split() == ["city", "amount", "Madrid", "10.5", "Sevilla", "20.0"]
    body = aws("s3", "cp", execution["ResultConfiguration"]["OutputLocation"], "-")
    assert body == '"city","amount"\n"Madrid","10.5"\n"Sevilla","20.0"\n'


def test_a_failure_tells_its_reason(lake):
    status = query("SELECT nope FROM sales", lake)["Status"]
    assert status["State"] == "FAILED"
    assert status["AthenaError"]["ErrorCategory"] == 2
    assert status["StateChangeReason"].startswith(
        "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"
    )


def test_the_catalogue_from_both_services(lake):
    tables = aws_json("glue", "get-tables", "--database-name", lake.database, "--expression", "one_row$")
    assert [table["Name"] for table in tables["TableList"]] == ["one_row"]
    metadata = aws_json(
        *("athena", "get-table-metadata", "--catalog-name", "AwsDataCatalog"),
        *("--database-name", lake.database, "--table-name", "sales"),
    )
    assert metadata["TableMetadata"]["PartitionKeys"] == [{"Name": "year", "Type": "int"}]
    partitions = aws_json("glue", "get-partitions", "--database-name", lake.database, "--table-name", "sales")
    assert [partition["Values"] for partition in partitions["Partitions"]] == [["2024"], ["2025"]]


def test_workgroups_named_queries_and_tags(lake):
    aws(
        *("athena", "create-work-group", "--name", "cli", "--tags", "Key=team,Value=data"),
        *(
            "--configuration",
            f"ResultConfiguration={{OutputLocation={lake.results}}},BytesScannedCutoffPerQuery=10485760",
        ),
    )
    found = aws_json("athena", "get-work-group", "--work-group", "cli")["WorkGroup"]
    assert found["Configuration"]["BytesScannedCutoffPerQuery"] == 10485760
    arn = "arn:aws:athena:us-east-1:123456789012:workgroup/cli"
    tags = aws_json("athena", "list-tags-for-resource", "--resource-arn", arn)["Tags"]
    assert tags == [{"Key": "team", "Value": "data"}]
    named = aws_json(
        *("athena", "create-named-query", "--name", "n", "--database", lake.database),
        *("--query-string", "SELECT 1", "--work-group", "cli"),
    )["NamedQueryId"]
    listed = aws_json("athena", "list-named-queries", "--work-group", "cli")["NamedQueryIds"]
    assert listed == [named]
    aws("athena", "delete-work-group", "--work-group", "cli", "--recursive-delete-option")


def test_prepared_statements(lake):
    more = ("--statement-name", "cli_statement", "--work-group", "primary")
    aws(
        "athena",
        "create-prepared-statement",
        *more,
        "--query-statement",
        "SELECT a FROM many_rows WHERE a = ?",
    )
    found = aws_json("athena", "get-prepared-statement", *more)["PreparedStatement"]
    assert (found["StatementName"], found["WorkGroupName"]) == ("cli_statement", "primary")
    batch = aws_json(
        *("athena", "batch-get-prepared-statement", "--work-group", "primary"),
        *("--prepared-statement-names", "cli_statement", "nope"),
    )
    assert [unknown["StatementName"] for unknown in batch["UnprocessedPreparedStatementNames"]] == ["nope"]
    execution = query("EXECUTE cli_statement USING 7", lake)
    assert (execution["StatementType"], execution["Status"]["State"]) == ("DML", "SUCCEEDED")
    aws("athena", "delete-prepared-statement", *more)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        aws("athena", "get-prepared-statement", *more)
    assert "ResourceNotFoundException" in refused.value.stderr


def test_who_am_i():
    assert aws_json("sts", "get-caller-identity")["Account"] == "123456789012"
