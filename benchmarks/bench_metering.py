"""What counting costs: an aggregate through the whole service beside raw DuckDB on the same object."""

import io
import statistics
import time

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROWS = 5_000_000


@pytest.fixture(scope="module")
def parquet(s3, athena, bucket):
    draw = np.random.default_rng(1)
    table = pa.table(
        {
            "id": np.arange(ROWS),
            "a": draw.random(ROWS),
            "b": draw.integers(0, 1000, ROWS),
            "c": draw.random(ROWS),
        }
    )
    body = io.BytesIO()
    pq.write_table(table, body, compression="snappy", row_group_size=500_000)
    s3.put_object(Bucket=bucket, Key="metering/data.parquet", Body=body.getvalue())
    _run(
        athena,
        bucket,
        "CREATE EXTERNAL TABLE default.metering (id bigint, a double, b bigint, c double) "
        f"STORED AS PARQUET LOCATION 's3://{bucket}/metering/'",
    )
    return body.getvalue()


def _run(athena, bucket, sql):
    started = athena.start_query_execution(
        QueryString=sql, ResultConfiguration={"OutputLocation": f"s3://{bucket}/results/"}
    )["QueryExecutionId"]
    while True:
        execution = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]
        if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
            assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
            return execution
        time.sleep(0.001)


def bench_service_beside_raw_duckdb(benchmark, athena, bucket, parquet, tmp_path, figure):
    """Interleaved, so that whatever else the machine does falls on both."""
    path = tmp_path / "data.parquet"
    path.write_bytes(parquet)
    raw = duckdb.connect(config={"threads": 2})
    query = "SELECT b, sum(a), max(c) FROM {} GROUP BY b"
    ours, theirs = [], []

    def both():
        began = time.perf_counter()
        raw.execute(query.format(f"read_parquet('{path}')")).fetchall()
        theirs.append(time.perf_counter() - began)
        began = time.perf_counter()
        _run(athena, bucket, query.format("default.metering"))
        ours.append(time.perf_counter() - began)

    benchmark.pedantic(both, rounds=15, warmup_rounds=2)
    ratio = statistics.median(ours) / statistics.median(theirs)
    extra = (statistics.median(ours) - statistics.median(theirs)) * 1000
    figure(
        f"metered service / raw DuckDB, {ROWS:,} rows",
        f"{ratio:.2f}x (+{extra:.0f} ms)",
        "1.1x + 10 ms later",
    )
