"""What counting costs: queries through the whole service beside raw DuckDB on the same object, and planning.

METERING_ROWS sets the rows; 40,000,000 are a table of 1 GB.
"""

import datetime as dt
import io
import os
import statistics
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakebench.catalog import Column, S3Uri, SerDe, Storage, Table, parse_type
from lakebench.client.objects import TableObject
from lakebench.metering.estimate import Estimator
from lakebench.metering.evaluator import own_evaluator
from lakebench.metering.explanation import Listing
from lakebench.metering.parquet_file import read_footer
from lakebench.metering.pruning import objects_kept
from lakebench.sql import parse, resolve

SMOKE = os.environ.get("LAKEBENCH_BENCH") == "smoke"
ROWS = 20_000 if SMOKE else int(os.environ.get("METERING_ROWS", "5000000"))
PARTITIONS = 3_300 if SMOKE else 10_000


@pytest.fixture(scope="module")
def parquet(s3, athena, bucket, tmp_path_factory):
    """The path of the object's bytes, written a million rows at a time."""
    path = tmp_path_factory.mktemp("metering") / "data.parquet"
    draw, writer = np.random.default_rng(1), None
    step = min(ROWS, 1_000_000)
    for first in range(0, ROWS, step):
        table = pa.table(
            {
                "id": np.arange(first, first + step),
                "a": draw.random(step),
                "b": draw.integers(0, 1000, step),
                "c": draw.random(step),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="snappy")
        writer.write_table(table, row_group_size=500_000)
    writer.close()
    s3.upload_file(str(path), bucket, "metering/data.parquet")
    _run(
        athena,
        bucket,
        "CREATE EXTERNAL TABLE default.metering (id bigint, a double, b bigint, c double) "
        f"STORED AS PARQUET LOCATION 's3://{bucket}/metering/'",
    )
    return path


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


@pytest.mark.parametrize(
    "query",
    [
        "SELECT b, sum(a), max(c) FROM {} GROUP BY b",
        "SELECT b, sum(a) FROM {} WHERE id >= 1000000 GROUP BY b",
        "SELECT sum(a) FROM {} WHERE b IN (3, 4)",
        "SELECT * FROM {} ORDER BY c DESC LIMIT 10",
    ],
)
def bench_service_beside_raw_duckdb(benchmark, athena, bucket, parquet, figure, size, query):
    """Interleaved, so that whatever else the machine does falls on both."""
    raw = duckdb.connect(config={"threads": 2})
    ours, theirs = [], []

    def both():
        began = time.perf_counter()
        raw.execute(query.format(f"read_parquet('{parquet}')")).fetchall()
        theirs.append(time.perf_counter() - began)
        began = time.perf_counter()
        _run(athena, bucket, query.format("default.metering"))
        ours.append(time.perf_counter() - began)

    benchmark.pedantic(both, rounds=size(9, 1), warmup_rounds=size(2, 0))
    ratio = statistics.median(ours) / statistics.median(theirs)
    extra = (statistics.median(ours) - statistics.median(theirs)) * 1000
    shown = query.format("t")
    figure(f"service / raw DuckDB, {ROWS:,} rows: {shown}", f"{ratio:.2f}x ({extra:+.0f} ms)", "1.1x + 10 ms")


def bench_planning_of_many_partitions_by_the_server(benchmark, s3, glue, athena, bucket, figure, size):
    """A running query over 10,000 objects in as many partitions, their footers known from an earlier one."""
    count = size(PARTITIONS, 20)
    body = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(100)), "note": ["x"] * 100}), body)
    days = [(dt.date(2000, 1, 1) + dt.timedelta(days=at)).isoformat() for at in range(count)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda day: _put(s3, bucket, day, body.getvalue()), days))
    location = f"s3://{bucket}/many/"
    _run(
        athena,
        bucket,
        "CREATE EXTERNAL TABLE default.many (id bigint, note string) PARTITIONED BY (dt string) "
        f"STORED AS PARQUET LOCATION '{location}'",
    )
    storage = glue.get_table(DatabaseName="default", Name="many")["Table"]["StorageDescriptor"]
    for at in range(0, count, 100):
        glue.batch_create_partition(
            DatabaseName="default",
            TableName="many",
            PartitionInputList=[
                {"Values": [day], "StorageDescriptor": {**storage, "Location": f"{location}dt={day}/"}}
                for day in days[at : at + 100]
            ],
        )
    times = {"all of them": "id >= 0", "366 of them": "year(CAST(dt AS date)) = 2008", "none": "id < 0"}
    for name, where in times.items():
        sql = f"SELECT max(note) FROM default.many WHERE {where}"
        cold = _run(athena, bucket, sql)["Statistics"]["QueryPlanningTimeInMillis"]
        warm = [_run(athena, bucket, sql)["Statistics"] for _ in range(size(5, 1))]
        planning = statistics.median(found["QueryPlanningTimeInMillis"] for found in warm)
        whole = statistics.median(found["TotalExecutionTimeInMillis"] for found in warm)
        figure(
            f"planning {count:,} objects by the server, {name}",
            f"{planning / 1000:.2f} s (first {cold / 1000:.2f} s, whole query {whole / 1000:.2f} s)",
            "1 s",
        )
    benchmark.pedantic(lambda: _run(athena, bucket, sql), rounds=size(3, 1))


def _put(s3, bucket, day, body):
    s3.put_object(Bucket=bucket, Key=f"many/dt={day}/1", Body=body)


def bench_planning_of_many_partitions(benchmark, figure, size):
    """Conditions on keys and footers, footers known: what is asked before a query opens an object."""
    tracemalloc.start()
    estimator, resolved = _many_partitions()
    first = estimator.estimate(resolved)
    before = tracemalloc.get_traced_memory()[0]
    again = estimator.estimate(resolved)
    held = (tracemalloc.get_traced_memory()[0] - before) / 1024
    tracemalloc.stop()
    assert first == again
    assert first.scans[0].partitions_kept == 366
    benchmark.pedantic(lambda: estimator.estimate(resolved), rounds=size(5, 1))
    figure(f"planning {PARTITIONS:,} partitions and objects", f"{benchmark.stats['median']:.2f} s", "1 s")
    figure("memory that a further plan keeps", f"{held:.0f} KiB", "0")


def _many_partitions():
    body = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(100)), "note": ["x"] * 100}), body)
    tail = body.getvalue()
    footer = read_footer(tail, len(tail), "object")
    serde = SerDe(library="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")
    table = Table(
        database="default",
        name="many",
        columns=tuple(Column(name=n, type=parse_type(k)) for n, k in (("id", "bigint"), ("note", "string"))),
        partition_keys=(Column(name="dt", type=parse_type("string")),),
        storage=Storage(location=S3Uri("b", "many/"), input_format="", output_format="", serde=serde),
    )
    days = [(dt.date(2000, 1, 1) + dt.timedelta(days=at)).isoformat() for at in range(PARTITIONS)]
    objects = [
        TableObject(uri=S3Uri("b", f"many/dt={day}/1"), size=len(tail), partition=(day,)) for day in days
    ]
    footers = {str(file.uri): footer for file in objects}
    evaluator = own_evaluator()

    def bind(_, found):
        kept = objects_kept(table, objects, found, evaluator)
        listing = Listing(
            table=table,
            partitions=len(objects),
            partitions_kept=len(kept),
            all_objects=objects,
            kept=kept,
        )
        return listing, True

    sql = "SELECT max(note) FROM many WHERE year(CAST(dt AS date)) = 2008 AND id BETWEEN 10 AND 20"
    resolved = resolve(parse(sql), lambda *_: table, lambda _: True, "default")

    def known(files):
        return {str(file.uri): footers[str(file.uri)] for file in files}

    estimator = Estimator(bind=bind, read_footers=known, evaluator=evaluator)
    return estimator, resolved
