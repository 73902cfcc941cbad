"""ORC: what is counted (facts/athena.md 1, estimated), and that damaged objects cost their query alone."""

from __future__ import annotations

import io
import random

import pyarrow as pa
import pyarrow.orc as po
import pytest

from lakebench.errors import QueryFailed
from lakebench.metering import bytes_by_column, scanned_bytes
from lakebench.metering.orc import read_layout

ROWS = 4096


def orc_bytes(table: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    po.write_table(table, out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def body() -> bytes:
    """Four stripes of 1,024 rows."""
    chance = random.Random(7)
    table = pa.table(
        {
            "id": pa.array(range(ROWS), pa.int64()),
            "word": [f"w{chance.randrange(1000)}" for _ in range(ROWS)],
            "tags": [[f"t{at % 7}"] * (at % 3) for at in range(ROWS)],
            "place": [{"city": f"c{at % 5}", "zip": at} for at in range(ROWS)],
            "empty": pa.nulls(ROWS, pa.int32()),
        }
    )
    return orc_bytes(table, compression="uncompressed", stripe_size=1024, batch_size=1024)


@pytest.fixture
def orc_lake(lake, body):
    columns = "id bigint; word string; tags array<string>; place struct<city:string,zip:bigint>; empty int"
    lake.table("t", "orc", columns, {"a": body})
    return lake


def sizes(body: bytes, *paths: str, stripes: tuple[int, ...] = (0, 1, 2, 3)) -> int:
    """The data streams of these nodes and of those above them."""
    layout = read_layout(lambda offset, length: body[offset : offset + length], len(body))
    nodes = {at: ".".join(node.path) for at, node in enumerate(layout.nodes)}
    above = {above for at, node in enumerate(layout.nodes) if nodes[at] in paths for above in node.ancestors}
    wanted = {at for at, name in nodes.items() if name in paths} | above
    return sum(layout.stripes[stripe].sizes.get(node, 0) for stripe in stripes for node in wanted)


@pytest.mark.parametrize(
    ("sql", "paths", "stripes"),
    [
        ("SELECT count(*) FROM t", (), ()),
        ("SELECT id FROM t", ("id",), (0, 1, 2, 3)),
        ("SELECT id, word FROM t", ("id", "word"), (0, 1, 2, 3)),
        ("SELECT word FROM t WHERE id < 1000", ("id", "word"), (0,)),
        ("SELECT word FROM t WHERE id BETWEEN 1500 AND 2500", ("id", "word"), (1, 2)),
        ("SELECT id FROM t WHERE id > 100000", (), ()),
        ("SELECT cardinality(tags) FROM t", ("tags", "tags.list.element"), (0, 1, 2, 3)),
        ("SELECT place.city FROM t", ("place", "place.city"), (0, 1, 2, 3)),
        (
            "SELECT a.id FROM t a JOIN t b ON a.id = b.id WHERE a.id < 10 AND b.id < 10",
            ("id",),
            (0, 0),
        ),
    ],
)
def test_the_streams_of_the_columns_read_count_in_stripes_that_are_kept(orc_lake, body, sql, paths, stripes):
    assert scanned_bytes(orc_lake.run(sql).scans) == sizes(body, *paths, stripes=stripes)


def test_the_record_says_that_the_count_is_estimated(orc_lake):
    assert [scan.estimated for scan in orc_lake.run("SELECT id FROM t").scans] == [True]


def test_indexes_and_footers_do_not_count(orc_lake, body):
    every = scanned_bytes(orc_lake.run("SELECT * FROM t").scans)
    layout = read_layout(lambda offset, length: body[offset : offset + length], len(body))
    assert every == sum(sum(stripe.sizes.values()) for stripe in layout.stripes)
    assert every < len(body)


def test_the_explanation_names_columns_and_stripes(orc_lake, body):
    lines = bytes_by_column(orc_lake.run("SELECT id, place.zip FROM t").scans)
    told = {line.column: line.scanned_bytes for line in lines}
    assert set(told) == {"id", "place.zip"}  # the struct itself has no NULLs and so no stream
    assert told["id"] == sizes(body, "id")


@pytest.mark.parametrize("compression", ["uncompressed", "zlib", "snappy", "lz4", "zstd"])
def test_every_compression_is_read_and_counted(lake, compression):
    body = orc_bytes(pa.table({"a": list(range(3000))}), compression=compression)
    lake.table("t", "orc", "a bigint", {"a": body})
    outcome = lake.run("SELECT sum(a) FROM t")
    assert 0 < scanned_bytes(outcome.scans) < len(body)
    assert lake.rows("SELECT sum(a) FROM t") == [["4498500"]]


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_object_fails_its_query_or_is_read_and_the_engine_goes_on(orc_lake, body, seed):
    chance = random.Random(seed)
    damaged = bytearray(body)
    for _ in range(3):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    orc_lake.table("bad", "orc", "id bigint; word string; tags array<string>", {"a": bytes(damaged)})
    codes = set()
    try:
        orc_lake.run("SELECT * FROM bad")
    except QueryFailed as failure:
        codes.add(failure.code)
    assert codes <= {"HIVE_BAD_DATA", "GENERIC_INTERNAL_ERROR", "EXCEEDED_LOCAL_MEMORY_LIMIT"}
    assert orc_lake.rows("SELECT count(*) FROM t") == [[str(ROWS)]]


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_an_object_that_is_cut_fails_the_query(orc_lake, body, kept):
    orc_lake.table("bad", "orc", "id bigint", {"a": body[: int(len(body) * kept)]})
    with pytest.raises(QueryFailed) as failure:
        orc_lake.run("SELECT id FROM bad")
    assert failure.value.code == "HIVE_BAD_DATA"


def test_a_limit_reads_and_counts_no_more_than_all(orc_lake, body):
    outcome = orc_lake.run("SELECT id FROM t LIMIT 1")
    assert 0 < scanned_bytes(outcome.scans) <= sizes(body, "id")
