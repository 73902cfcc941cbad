"""The whole service beside raw DuckDB: TPC-H's 22 queries on the same Parquet objects, turn by turn.

TPCH_SCALE sets the scale; 1 is about 1 GB of text. Raw DuckDB opens the files as they lie, with all of its
shortcuts, and is asked the query that Athena's became; the service plans, counts what Athena would bill, and
writes its result object. What Athena's meaning costs (decimals of 38 digits) stands beside it: the same text
in DuckDB's own meaning.
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

from lakebench.bench.suites import tpch_queries
from lakebench.catalog import Column, S3Uri, SerDe, Storage, Table, parse_type
from lakebench.emulator.engine.not_a_number import looked_at
from lakebench.sql import macros, parse, resolve
from lakebench.sql.duckdb import to_duckdb

SMOKE = os.environ.get("LAKEBENCH_BENCH") == "smoke"
SCALE = "0.001" if SMOKE else os.environ.get("TPCH_SCALE", "1")
QUERIES = {
    name.upper(): re.sub("[{}]", "", sql)
    for name, sql in tpch_queries(float(SCALE)).items()
    if not SMOKE or name in {"q1", "q6"}
}
HIVE = {"int64": "bigint", "int32": "int", "date32[day]": "date"}
ROUNDS = 1 if SMOKE else 5


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """The tables' files."""
    directory = tmp_path_factory.mktemp("engine")
    tool = Path(sys.executable).parent / "tpchgen-cli"
    command = [tool, "parquet", "-s", SCALE, "--output-dir", directory]
    subprocess.run(command, check=True, capture_output=True)
    return directory


@pytest.fixture(scope="module")
def raw(s3, athena, bucket, directory):
    """Raw DuckDB over the files that the database ``engine`` has as well."""
    _run(athena, bucket, "CREATE DATABASE engine")
    connection = duckdb.connect(config={"threads": 2})
    for setting in ("integer_division=true", "order_by_non_integer_literal=true", "TimeZone='UTC'"):
        connection.execute(f"SET GLOBAL {setting}")
    for statement in macros():
        connection.execute(statement)
    for file in sorted(directory.glob("*.parquet")):
        s3.upload_file(str(file), bucket, f"engine/{file.stem}/1.parquet")
        columns = ", ".join(f"{name} {kind}" for name, kind in _columns(file))
        _run(
            athena,
            bucket,
            f"CREATE EXTERNAL TABLE engine.{file.stem} ({columns}) STORED AS PARQUET "
            f"LOCATION 's3://{bucket}/engine/{file.stem}/'",
        )
        connection.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM read_parquet('{file}')")
    return connection


def _columns(file):
    return [(field.name, _hive(str(field.type))) for field in pq.read_schema(file)]


def _hive(kind):
    decimal = re.fullmatch(r"decimal128\((\d+), (\d+)\)", kind)
    return f"decimal({decimal[1]},{decimal[2]})" if decimal else HIVE.get(kind, "string")


def _became(text, directory, raw):
    """The DuckDB query that Athena's becomes; its scans are views of the files."""
    serde = SerDe(library="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")

    def table(_, name):
        file = directory / f"{name}.parquet"
        columns = tuple(Column(name=n, type=parse_type(kind)) for n, kind in _columns(file))
        place = Storage(location=S3Uri("b", "t/"), input_format="", output_format="", serde=serde)
        return Table(database="engine", name=name, columns=columns, partition_keys=(), storage=place)

    resolved = resolve(parse(text), table, lambda _: True, "engine")
    for scan in resolved.scans:
        file = directory / f"{scan.table.name}.parquet"
        raw.execute(f"CREATE OR REPLACE VIEW {scan.scan_id} AS SELECT * FROM read_parquet('{file}')")
    return to_duckdb(looked_at(resolved.tree))


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
def bench_service_beside_raw_duckdb(benchmark, athena, bucket, raw, directory, figure, query):
    """Interleaved, so that whatever else the machine does falls on all."""
    text = QUERIES[query].strip().rstrip(";")
    became = _became(text, directory, raw)
    plain = sqlglot.transpile(text, read="trino", write="duckdb")[0]
    times = {"ours": [], "became": [], "plain": []}
    turns = {
        "became": lambda: raw.execute(became).fetchall(),
        "ours": lambda: _run(athena, bucket, text),
        "plain": lambda: raw.execute(plain).fetchall(),
    }

    def all_three():
        for name, turn in turns.items():
            began = time.perf_counter()
            turn()
            times[name].append(1000 * (time.perf_counter() - began))

    benchmark.pedantic(all_three, rounds=ROUNDS, warmup_rounds=1)
    ours, raw_ms, plain_ms = (statistics.median(times[name][1:]) for name in ("ours", "became", "plain"))
    shown = f"{ours / raw_ms:.2f}x ({ours:.0f} of {raw_ms:.0f} ms; DuckDB's own meaning {plain_ms:.0f} ms)"
    figure(f"service / raw DuckDB, TPC-H scale {SCALE}, {query}", shown, "1.1x + 10 ms")
