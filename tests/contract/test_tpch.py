"""TPC-H at scale 0.01 on a real server: Athena's answers are those of DuckDB alone, run on the same files.

The texts are the specification's query definitions (TPC-H 2.4), written in Athena's SQL.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import boto3
import duckdb
import pytest

from lakebench import Server
from lakebench.bench.suites import tpch_queries

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
HIVE = {"BIGINT": "bigint", "INTEGER": "int", "VARCHAR": "string", "DATE": "date"}
QUERIES = {name.upper(): re.sub("[{}]", "", sql) for name, sql in tpch_queries(0.01).items()}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tpch")
    tool = Path(sys.executable).parent / "tpchgen-cli"
    subprocess.run(
        [tool, "parquet", "-s", "0.01", "--output-dir", directory], check=True, capture_output=True
    )
    return directory


@pytest.fixture(scope="module")
def alone(files):
    """DuckDB with the files under their names."""
    connection = duckdb.connect()
    for name in TABLES:
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{files}/{name}.parquet')")
    return connection


@pytest.fixture(scope="module")
def athena(files, alone):
    with Server() as server:
        session = boto3.Session("123456789012", "local", region_name="us-east-1")
        s3, glue = (session.client(name, endpoint_url=server.endpoint) for name in ("s3", "glue"))
        s3.create_bucket(Bucket="lake")
        glue.create_database(DatabaseInput={"Name": "tpch"})
        for name in TABLES:
            s3.upload_file(str(files / f"{name}.parquet"), "lake", f"{name}/{name}.parquet")
            glue.create_table(DatabaseName="tpch", TableInput=_table(name, alone))
        yield session.client("athena", endpoint_url=server.endpoint)


def _table(name, alone):
    columns = [
        {"Name": column, "Type": HIVE.get(kind, kind.lower())}
        for column, kind, *_ in alone.execute(f"DESCRIBE {name}").fetchall()
    ]
    parquet = "org.apache.hadoop.hive.ql.io.parquet"
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"},
        "StorageDescriptor": {
            "Columns": columns,
            "Location": f"s3://lake/{name}/",
            "InputFormat": f"{parquet}.MapredParquetInputFormat",
            "OutputFormat": f"{parquet}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{parquet}.serde.ParquetHiveSerDe"},
        },
    }


def _rows(athena, text):
    started = athena.start_query_execution(
        QueryString=text,
        QueryExecutionContext={"Database": "tpch"},
        ResultConfiguration={"OutputLocation": "s3://lake/results/"},
    )
    key = {"QueryExecutionId": started["QueryExecutionId"]}
    while (status := athena.get_query_execution(**key)["QueryExecution"]["Status"])["State"] in {
        "QUEUED",
        "RUNNING",
    }:
        time.sleep(0.02)
    assert status["State"] == "SUCCEEDED", status.get("StateChangeReason")
    pages = athena.get_paginator("get_query_results").paginate(**key)
    rows = [row["Data"] for page in pages for row in page["ResultSet"]["Rows"]][1:]
    return [tuple(cell.get("VarCharValue") for cell in row) for row in rows]


def _same(text, value):
    """Numbers agree to the digits that Athena's decimals keep; all else is the same text."""
    if isinstance(value, (str, int, type(None))) or not hasattr(value, "__float__"):
        return text == (None if value is None else str(value))
    shown = float(text)
    digits = len(text.partition(".")[2]) if "." in text and "E" not in text else 0
    return abs(shown - float(value)) <= 0.50001 * 10**-digits + 1e-9 * abs(shown)


def test_there_are_twenty_two_queries():
    assert list(QUERIES) == [f"Q{number}" for number in range(1, 23)]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_of_tpch_gives_what_duckdb_alone_gives(athena, alone, name):
    wanted = alone.execute(QUERIES[name]).fetchall()
    found = _rows(athena, QUERIES[name])
    assert len(found) == len(wanted)
    for row, expected in zip(found, wanted, strict=True):
        assert all(map(_same, row, expected)), (row, expected)
