"""``lakebench estimate`` and ``lakebench explain``: bytes and cost before a statement runs."""

import io
import json
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

LAKEBENCH = Path(sys.executable).parent / "lakebench"
PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}
DAYS = ("2024-01-01", "2024-01-02", "2024-01-03")


@pytest.fixture(scope="module")
def lake(server):
    """Table ``days`` of three partitions of four row groups, and ``broken``, whose object is no Parquet."""
    name = f"estimate-{uuid.uuid4().hex[:8]}"
    database = name.replace("-", "_")
    s3, glue = server.client("s3"), server.client("glue")
    s3.create_bucket(Bucket=name)
    glue.create_database(DatabaseInput={"Name": database})
    for number, day in enumerate(DAYS):
        ids = range(number * 1000, number * 1000 + 1000)
        rows = pa.table({"id": list(ids), "note": [f"note {i * 7919 % 1000}" for i in ids]})
        body = io.BytesIO()
        pq.write_table(rows, body, row_group_size=250)
        s3.put_object(Bucket=name, Key=f"days/dt={day}/1", Body=body.getvalue())
    s3.put_object(Bucket=name, Key="broken/1", Body=b"not Parquet at all")
    for table, keys in (("days", [{"Name": "dt", "Type": "string"}]), ("broken", [])):
        columns = [{"Name": "id", "Type": "bigint"}, {"Name": "note", "Type": "string"}]
        place = {"Columns": columns, "Location": f"s3://{name}/{table}/", **PARQUET}
        glue.create_table(
            DatabaseName=database,
            TableInput={
                "Name": table,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": place,
                "PartitionKeys": keys,
            },
        )
    for day in DAYS:
        place = {"Columns": columns, "Location": f"s3://{name}/days/dt={day}/", **PARQUET}
        glue.create_partition(
            DatabaseName=database,
            TableName="days",
            PartitionInput={"Values": [day], "StorageDescriptor": place},
        )
    return database


@pytest.fixture
def lakebench(server, lake):
    def run(*arguments):
        command = [LAKEBENCH, *arguments, "--endpoint", server.endpoint, "--database", lake]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    return run


def scanned(server, lake, sql):
    """What the run itself reports, and its id."""
    athena = server.client("athena")
    execution = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": lake},
        ResultConfiguration={"OutputLocation": f"s3://{lake.replace('_', '-')}/results/"},
    )["QueryExecutionId"]
    while True:
        found = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
        if found["Status"]["State"] == "SUCCEEDED":
            return found["Statistics"]["DataScannedInBytes"], execution
        assert found["Status"]["State"] in {"QUEUED", "RUNNING"}, found["Status"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id, note FROM days",
        "SELECT max(id) FROM days WHERE dt = '2024-01-02'",
        "SELECT note FROM days WHERE id < 300",
        "SELECT count(*) FROM days",
        "SELECT note FROM days WHERE substr(dt, 9) IN ('01', '03') AND id >= 2900",
        "SELECT 1",
    ],
)
def test_an_estimate_that_is_one_number_is_what_the_run_reports(lakebench, server, lake, sql):
    done = lakebench("estimate", sql, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["bytes"]
    assert told["exact"]
    assert told["most"] == scanned(server, lake, sql)[0]


def test_a_range_says_why_and_holds_what_the_run_reports(lakebench, server, lake):
    sql = "SELECT note FROM days WHERE id IN (401, 402)"
    scan = json.loads(lakebench("estimate", sql, "--json").stdout)["scans"][0]
    assert scan["why_inexact"].startswith("footers do not tell")
    assert scan["bytes"]["least"] < scanned(server, lake, sql)[0] <= scan["bytes"]["most"]


def test_the_upper_end_above_a_limit_is_exit_code_3(lakebench):
    sql = "SELECT id, note FROM days"
    assert lakebench("estimate", sql, "--max-bytes", "1MB", "--max-usd", "0.01").returncode == 0
    over = lakebench("estimate", sql, "--max-bytes", "1KB")
    assert (over.returncode, over.stderr.split(":")[0]) == (3, "over the limit")
    assert lakebench("estimate", sql, "--max-usd", "0.00001").returncode == 3
    assert lakebench("estimate", "SHOW TABLES", "--max-usd", "0").returncode == 0, "DDL is free"


def test_explain_tells_partitions_row_groups_columns_and_what_costs_most(lakebench):
    told = lakebench("explain", "SELECT note FROM days WHERE id < 300")
    for words in (
        "3 of 3",
        "2 of 12",
        "Columns read of",
        "Not read",
        "No condition names a partition key of",
    ):
        assert words in told.stdout, told.stderr
    scan = json.loads(lakebench("explain", "SELECT id FROM days WHERE dt = '2024-01-01'", "--json").stdout)
    assert scan["scans"][0]["partitions"] == {"kept": 1, "all": 3}
    assert [column["column"] for column in scan["scans"][0]["columns"]] == ["id"]
    assert [cost["kind"] for cost in scan["costs"]] == ["column"], "a condition names the partition key"


def test_the_same_explanation_of_a_run_is_there_over_http(lakebench, server, lake):
    sql = "SELECT note FROM days WHERE id < 300"
    figure, execution = scanned(server, lake, sql)
    with urllib.request.urlopen(f"{server.endpoint}/_lakebench/executions/{execution}/scan") as answer:
        ran = json.loads(answer.read())
    before = json.loads(lakebench("explain", sql, "--json").stdout)
    assert ran["data_scanned_in_bytes"] == ran["bytes"]["most"] == figure
    assert ran["scans"] == before["scans"]
    assert ran["costs"] == before["costs"]


def test_a_figure_of_orc_is_called_estimated_and_is_a_range_before_the_run(lakebench, server, lake):
    body, s3, glue = io.BytesIO(), server.client("s3"), server.client("glue")
    orc.write_table(pa.table({"id": list(range(1000))}), body)
    bucket = lake.replace("_", "-")
    s3.put_object(Bucket=bucket, Key="stripes/1", Body=body.getvalue())
    place = {
        "Columns": [{"Name": "id", "Type": "bigint"}],
        "Location": f"s3://{bucket}/stripes/",
        "InputFormat": "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.orc.OrcSerde"},
    }
    table = {"Name": "stripes", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": place}
    glue.create_table(DatabaseName=lake, TableInput=table)
    sql = "SELECT id FROM stripes"
    assert "stripes is estimated: nobody has published" in lakebench("estimate", sql).stdout.replace(
        "\n", " "
    )
    [before] = json.loads(lakebench("estimate", sql, "--json").stdout)["scans"]
    figure, execution = scanned(server, lake, sql)
    with urllib.request.urlopen(f"{server.endpoint}/_lakebench/executions/{execution}/scan") as answer:
        [after] = json.loads(answer.read())["scans"]
    assert (before["estimated"], after["estimated"]) == (True, True)
    assert before["bytes"]["least"] < figure == after["bytes"]["most"] <= before["bytes"]["most"]


def test_target_aws_never_asks_an_endpoint_of_this_machine(lakebench):
    for command in ("estimate", "explain"):
        done = lakebench(command, "SELECT 1", "--target", "aws")
        assert done.returncode == 1
        assert "target aws never uses an endpoint" in done.stderr


def test_a_limit_that_is_no_amount_is_refused(lakebench):
    for flags, words in (
        (("--max-usd", "lots"), "--max-usd is not an amount in dollars: 'lots'"),
        (("--max-usd", "-1"), "--max-usd must not be less than 0"),
        (("--max-bytes", "many"), "--max-bytes is"),
    ):
        done = lakebench("estimate", "SELECT 1", *flags)
        assert (done.returncode, words in done.stderr) == (1, True), done.stderr


def test_an_execution_that_nobody_knows_is_404(server):
    place = f"{server.endpoint}/_lakebench/executions/{uuid.uuid4()}/scan"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(place)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT nope FROM days", "COLUMN_NOT_FOUND: line 1:8"),
        ("SELECT id FROM nowhere", "TABLE_NOT_FOUND: line 1:16"),
        ("SELECT id FROM broken", "is not a Parquet object: it does not end with PAR1"),
        ("SELEC 1", "mismatched input"),
    ],
)
def test_what_cannot_be_estimated_says_why(lakebench, sql, words):
    done = lakebench("estimate", sql)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_region_without_a_tariff_is_told_with_those_that_have_one(lakebench):
    done = lakebench("estimate", "SELECT 1", "--region", "mars-north-1")
    assert (done.returncode, "known regions: " in done.stderr) == (1, True)
