"""TPC-H: what all 22 queries scan as CSV and as Parquet, by estimate, by run and by a third count.

The third count knows neither: it sums the footers' chunks, read with pyarrow, of the columns that the
specification's query texts name (tests/cases/metering/tpch.json), scan by scan; of CSV, whole objects.
"""

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lakebench.bench.suites import tpch_queries
from lakebench.client.estimate import estimate_statement
from lakebench.client.session import local_session

CASES = Path(__file__).parents[1] / "tests/cases"
SCALE = "0.001" if os.environ.get("LAKEBENCH_BENCH") == "smoke" else os.environ.get("TPCH_SCALE", "0.1")
QUERIES = {name.upper(): re.sub("[{}]", "", sql) for name, sql in tpch_queries(float(SCALE)).items()}
SCANS = json.loads((CASES / "metering/tpch.json").read_text())
HIVE = {"int64": "bigint", "int32": "int", "date32[day]": "date"}
PLACE = "s3://bench/tpch"
_FEW = ("Q1", "Q4", "Q6", "Q11", "Q13")  # of a smoke run


def _run(athena, sql, database):
    execution = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": database},
        ResultConfiguration={"OutputLocation": "s3://bench/results/"},
    )["QueryExecutionId"]
    while True:
        found = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
        if found["Status"]["State"] not in {"QUEUED", "RUNNING"}:
            assert found["Status"]["State"] == "SUCCEEDED", (sql, found["Status"])
            return found["Statistics"]
        time.sleep(0.005)


@pytest.fixture(scope="module")
def tpch(s3, athena, bucket, tmp_path_factory):
    """Databases ``csv`` and ``parquet``, the second written from the first by CTAS."""
    directory = tmp_path_factory.mktemp("tpch")
    tool = Path(sys.executable).parent / "tpchgen-cli"
    for kind in ("csv", "parquet"):
        subprocess.run([tool, kind, "-s", SCALE, "--output-dir", directory], check=True, capture_output=True)
    for database in ("csv", "parquet"):
        _run(athena, f"CREATE DATABASE {database}", "default")
    for table in sorted({table for scans in SCANS.values() for table, _ in scans}):
        s3.upload_file(str(directory / f"{table}.csv"), bucket, f"tpch/csv/{table}/1.csv")
        schema = pq.read_schema(directory / f"{table}.parquet")
        columns = [(field.name, _hive(str(field.type))) for field in schema]
        ddl = ", ".join(f"{name} {kind}" for name, kind in columns)
        _run(
            athena,
            f"CREATE EXTERNAL TABLE csv.{table} ({ddl}) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
            f"LOCATION '{PLACE}/csv/{table}/' TBLPROPERTIES ('skip.header.line.count'='1')",
            "default",
        )
        _run(
            athena,
            f"CREATE TABLE parquet.{table} WITH (format = 'PARQUET', "
            f"external_location = '{PLACE}/parquet/{table}/') AS SELECT * FROM csv.{table}",
            "default",
        )
    return "tpch/"


def _hive(kind):
    decimal = re.fullmatch(r"decimal128\((\d+), (\d+)\)", kind)
    return f"decimal({decimal[1]},{decimal[2]})" if decimal else HIVE.get(kind, "string")


@pytest.fixture(scope="module")
def third(s3, bucket, tpch):
    """The third count of a query, by database."""
    sizes, chunks = {}, {}
    for entry in s3.list_objects_v2(Bucket=bucket, Prefix=tpch)["Contents"]:
        _, database, table, _ = entry["Key"].split("/")
        sizes[database, table] = sizes.get((database, table), 0) + entry["Size"]
        if database == "parquet":
            body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            metadata = pq.read_metadata(io.BytesIO(body))
            for group in range(metadata.num_row_groups):
                for at in range(metadata.num_columns):
                    chunk = metadata.row_group(group).column(at)
                    key = table, chunk.path_in_schema
                    chunks[key] = chunks.get(key, 0) + chunk.total_compressed_size

    def count(query, database):
        if database == "csv":
            return sum(sizes[database, table] for table, _ in SCANS[query])
        return sum(chunks[table, name] for table, names in SCANS[query] for name in names.split())

    return count


@pytest.mark.parametrize("database", ["csv", "parquet"])
def bench_three_counts_of_22_queries(server, athena, third, database, figure, size, same_bytes, capsys):
    session = local_session(server.endpoint)
    lines, equal, found = [], 0, {}
    for query in size(tuple(QUERIES), _FEW):
        sql = QUERIES[query]
        span = estimate_statement(session, sql, database=database).span
        scanned = _run(athena, sql, database)["DataScannedInBytes"]
        counted = third(query, database)
        found[query] = scanned
        assert span.least <= scanned <= span.most
        same = span.most == scanned == counted
        equal += same
        kind = "exactly" if span.exact else "at most"
        lines.append(
            f"{query:>4}  {kind} {span.most:>13,}  {scanned:>13,}  {counted:>13,}  "
            f"{'same' if same else f'{scanned - counted:+,}'}"
        )
    with capsys.disabled():
        print(f"\nTPC-H scale {SCALE}, {database}: bytes by estimate, run, third count")
        print("\n".join(lines))
    figure(f"TPC-H {database}: queries with three equal counts", f"{equal} of {len(found)}", "all")
    same_bytes(found)
