"""Queries and files that are made to cost too much, or that lie: the query ends, the server does not notice."""

from __future__ import annotations

import bz2
import gzip
import io
import random
import time
from concurrent.futures import ThreadPoolExecutor

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

from lakebench import Server

from .packed import damaged
from .probe import CANARY, LONG, Prober, fill_lake
from .watching import MOST_RESIDENT, check_server, crawl, resident

ROWS = 2000
FORMATS = {
    "csv": "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','",
    "gz": "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','",
    "json": "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'",
    "parquet": "STORED AS PARQUET",
    "orc": "STORED AS ORC",
    "avro": "STORED AS AVRO",
    "bz2": "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','",
    "zst": "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','",
    "opencsv": "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'",
}
SUFFIXES = {"gz": "csv.gz", "bz2": "csv.bz2", "zst": "csv.zst", "opencsv": "csv"}
DAMAGED = 200 if LONG else 56


def doubling(levels, step):
    """WITH queries that each use the one before twice."""
    later = (f"c{n} AS ({step.format(f'c{n - 1}')})" for n in range(1, levels))
    return f"WITH c0 AS (SELECT 1 AS x), {', '.join(later)} SELECT count(*) FROM c{levels - 1}"


QUERIES = {
    "joins that double": doubling(25, "SELECT * FROM {0} AS a CROSS JOIN {0} AS b"),
    "unions that double": doubling(25, "SELECT x FROM {0} UNION ALL SELECT x FROM {0}"),
    "a huge text": "SELECT lpad('x', 4000000000, 'y')",
    "a huge list": "SELECT cardinality(sequence(1, 10000000000))",
    "a long list": "SELECT sum(x) FROM UNNEST(sequence(1, 1000000000)) t(x)",
    "repetitions of repetitions": "SELECT regexp_like('a', '((a{1,1000}){1,1000}){1,1000}')",
    "10,000 parentheses": f"SELECT {'(' * 10000}1{')' * 10000}",
    "10,000 NOTs": f"SELECT {'NOT ' * 10000}true",
    "20,000 sums": f"SELECT {'1+' * 20000}1",
    "5,000 lists in lists": f"SELECT {'ARRAY[' * 5000}1{']' * 5000}",
    "5,000 calls in calls": f"SELECT {'abs(' * 5000}1{')' * 5000}",
    "1,000 subqueries in subqueries": f"SELECT {'(SELECT ' * 1000}1{')' * 1000}",
    "2,000 unions": f"SELECT 1 {'UNION ALL SELECT 1 ' * 2000}",
}
ANSWERED = {
    "an expression that makes other engines backtrack": "SELECT regexp_like(lpad('', 10000, 'a'), '(a+)+b')",
    "a text of 262,100 bytes": f"SELECT length('{'x' * 262100}')",
}


@pytest.fixture(scope="module")
def prober(tmp_path_factory):
    guard = tmp_path_factory.mktemp("guard")
    (guard / "secret.txt").write_text(f"{CANARY},{CANARY}\n")
    with Server() as server:
        prober = Prober(server, "bombs-bucket", guard)
        fill_lake(prober)
        yield prober


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_that_asks_too_much_fails(prober, name):
    started = time.monotonic()
    outcome = prober.run(QUERIES[name])
    assert outcome.state in {"FAILED", "REFUSED"}
    assert outcome.text
    assert time.monotonic() - started < 20  # seconds on an idle machine
    check_server(prober)


@pytest.mark.parametrize("name", ANSWERED)
def test_a_query_that_only_looks_dear_is_answered(prober, name):
    assert prober.run(ANSWERED[name]).state == "SUCCEEDED"
    check_server(prober)


def test_a_query_over_the_limit_is_refused(prober):
    outcome = prober.run(f"SELECT '{'x' * 262144}'")
    assert outcome.state == "REFUSED"
    assert "262144" in outcome.text


def test_ten_thousand_columns_are_answered(prober):
    columns = ", ".join(f"{n} AS c{n}" for n in range(10_000))
    assert prober.run(f"SELECT {columns}").state == "SUCCEEDED"


def test_an_endless_join_ends_when_it_is_stopped(prober):
    athena = prober.athena
    endless = (
        "SELECT max(a.x * b.x + c.x) FROM UNNEST(sequence(1, 10000)) a(x) "
        "CROSS JOIN UNNEST(sequence(1, 10000)) b(x) CROSS JOIN UNNEST(sequence(1, 10000)) c(x)"
    )
    output = {"OutputLocation": f"s3://{prober.bucket}/results/"}
    ids = [
        athena.start_query_execution(QueryString=endless, ResultConfiguration=output)["QueryExecutionId"]
        for _ in range(4)
    ]
    time.sleep(0.5)
    for one in ids:
        athena.stop_query_execution(QueryExecutionId=one)
    deadline = time.monotonic() + 5
    states = {""}
    while states != {"CANCELLED"} and time.monotonic() < deadline:
        states = {
            athena.get_query_execution(QueryExecutionId=one)["QueryExecution"]["Status"]["State"]
            for one in ids
        }
    assert states == {"CANCELLED"}
    check_server(prober)


def contents(kind):
    rows = [(n, f"name {n % 7}", n * 0.5) for n in range(ROWS)]
    if kind == "parquet":
        sink = io.BytesIO()
        columns = {"id": [str(n) for n, *_ in rows], "x": [x for _, x, _ in rows]}
        pq.write_table(pa.table(columns), sink, compression="snappy", row_group_size=500)
        return sink.getvalue()
    if kind == "orc":
        sink = io.BytesIO()
        orc.write_table(
            pa.table({"id": [str(n) for n, *_ in rows], "x": [x for _, x, _ in rows]}),
            sink,
            compression="zlib",
        )
        return sink.getvalue()
    if kind == "avro":
        sink = io.BytesIO()
        fields = [{"name": "id", "type": "string"}, {"name": "x", "type": "string"}]
        records = ({"id": str(n), "x": x} for n, x, _ in rows)
        fastavro.writer(sink, {"type": "record", "name": "r", "fields": fields}, records, codec="deflate")
        return sink.getvalue()
    if kind == "json":
        return "".join(f'{{"id": "{n}", "x": "{x}"}}\n' for n, x, _ in rows).encode()
    text = "".join(f'{n},"{x}"\n' for n, x, _ in rows).encode()
    pack = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "zst": lambda data: pa.compress(data, "zstd", asbytes=True),
    }
    return pack[kind](text) if kind in pack else text


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_objects_fail_their_query_alone(prober, kind):
    chance = random.Random(f"seed {kind}")
    good = contents(kind)
    suffix = SUFFIXES.get(kind, kind)
    names = []
    for n in range(DAMAGED + 1):
        name = f"bad_{kind}_{n}"
        names.append(name)
        body = damaged(good, chance) if n < DAMAGED else good
        prober.s3.put_object(Bucket=prober.bucket, Key=f"{name}/x.{suffix}", Body=body)
        prober.run(
            f"CREATE EXTERNAL TABLE {name} (id string, x string) {FORMATS[kind]} LOCATION 's3://{prober.bucket}/{name}/'"
        )
    queries = [
        text.format(name)
        for name in names
        for text in ("SELECT id, x FROM {}", "SELECT max(x), count(*) FROM {}")
    ]
    outcomes = prober.run_all(queries)
    prober.check(outcomes)
    assert f"'{ROWS}'" in outcomes[-1].seen, outcomes[-1]  # the last is whole
    failed = [one.text for one in outcomes if one.state == "FAILED"]
    print(f"\n{kind}: {len(outcomes)} queries over {len(names)} damaged objects, {len(failed)} failed")
    allowed = ("HIVE_", "GENERIC_", "EXCEEDED_", "INVALID_", "NUMERIC_", "WORKER_LOST")
    assert all(text.startswith(allowed) for text in failed), {
        text[:80] for text in failed if not text.startswith(allowed)
    }
    check_server(prober)


def test_damaged_objects_are_crawled(prober):
    chance = random.Random("crawl")
    for kind in FORMATS:
        good = contents(kind)
        suffix = SUFFIXES.get(kind, kind)
        for n in range(8):
            key = f"crawled/{kind}{n}/x.{suffix}"
            prober.s3.put_object(Bucket=prober.bucket, Key=key, Body=damaged(good, chance))
    assert crawl(prober, "damaged", "crawled/", 30) in {"SUCCEEDED", "FAILED"}
    check_server(prober)


def zeros(size):
    """A gzip stream of so many bytes without a line end."""
    sink = io.BytesIO()
    block = b"0" * (1 << 20)
    with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=9) as packed:
        for _ in range(size >> 20):
            packed.write(block)
    return sink.getvalue()


def test_a_gzip_bomb_ends_its_query_and_no_crawl(prober):
    # Members in a row are one stream: 64 MB are packed once.
    bomb = zeros(64 << 20) * (160 if LONG else 8)
    prober.s3.put_object(Bucket=prober.bucket, Key="bomb/x.csv.gz", Body=bomb)
    prober.run(f"CREATE EXTERNAL TABLE bomb (a string) {FORMATS['gz']} LOCATION 's3://{prober.bucket}/bomb/'")
    with ThreadPoolExecutor(1) as thread:
        query = thread.submit(prober.run, "SELECT a FROM bomb")
        while not query.done():
            assert resident(prober.server.pid) < MOST_RESIDENT
            time.sleep(0.05)
    assert query.result().state in {"SUCCEEDED", "FAILED"}
    assert crawl(prober, "bomb", "bomb/", 30) in {"SUCCEEDED", "FAILED"}
    check_server(prober)
