"""The whole service beside raw DuckDB: TPC-H's 22 queries on the same Parquet objects, turn by turn.

TPCH_SCALE sets the scale; 1 is about 1 GB of text. Raw DuckDB opens the files as they lie, with all of its
shortcuts; the service plans, counts what Athena would bill, and writes its result object.
"""

import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import sqlglot

TEXT = (Path(__file__).parents[1] / "tests/cases/sql/tpch.sql").read_text()
QUERIES = dict(re.findall(r"^-- (Q\d+)\n(.*?)(?=^-- Q|\Z)", TEXT, re.MULTILINE | re.DOTALL))
SCALE = os.environ.get("TPCH_SCALE", "1")
HIVE = {"int64": "bigint", "int32": "int", "date32[day]": "date"}
ROUNDS = 5


@pytest.fixture(scope="module")
def raw(s3, athena, bucket, tmp_path_factory):
    """Raw DuckDB over the files that the database ``engine`` has as well."""
    directory = tmp_path_factory.mktemp("engine")
    tool = Path(sys.executable).parent / "tpchgen-cli"
    command = [tool, "parquet", "-s", SCALE, "--output-dir", directory]
    subprocess.run(command, check=True, capture_output=True)
    _run(athena, bucket, "CREATE DATABASE engine")
    connection = duckdb.connect(config={"threads": 2})
    for file in sorted(directory.glob("*.parquet")):
        s3.upload_file(str(file), bucket, f"engine/{file.stem}/1.parquet")
        columns = ", ".join(f"{field.name} {_hive(str(field.type))}" for field in pq.read_schema(file))
        _run(
            athena,
            bucket,
            f"CREATE EXTERNAL TABLE engine.{file.stem} ({columns}) STORED AS PARQUET "
            f"LOCATION 's3://{bucket}/engine/{file.stem}/'",
        )
        connection.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM read_parquet('{file}')")
    return connection


def _hive(kind):
    decimal = re.fullmatch(r"decimal128\((\d+), (\d+)\)", kind)
    return f"decimal({decimal[1]},{decimal[2]})" if decimal else HIVE.get(kind, "string")


def _run(athena, bucket, sql):
    started = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": "engine"},
        ResultConfiguration={"OutputLocation": f"s3://{bucket}/results/"},
    )["QueryExecutionId"]
    while True:
        execution = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]
        if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
            assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
            return
        time.sleep(0.001)


@pytest.mark.parametrize("query", QUERIES)
def bench_service_beside_raw_duckdb(benchmark, athena, bucket, raw, figure, query):
    """Interleaved, so that whatever else the machine does falls on both."""
    text = QUERIES[query].strip().rstrip(";")
    theirs_text = sqlglot.transpile(text, read="trino", write="duckdb")[0]
    ours, theirs = [], []

    def both():
        began = time.perf_counter()
        raw.execute(theirs_text).fetchall()
        theirs.append(time.perf_counter() - began)
        began = time.perf_counter()
        _run(athena, bucket, text)
        ours.append(time.perf_counter() - began)

    benchmark.pedantic(both, rounds=ROUNDS, warmup_rounds=1)
    mine, other = (1000 * statistics.median(times[1:]) for times in (ours, theirs))
    shown = f"{mine / other:.2f}x ({mine:.0f} of {other:.0f} ms)"
    figure(f"service / raw DuckDB, TPC-H scale {SCALE}, {query}", shown, "1.1x + 10 ms")
