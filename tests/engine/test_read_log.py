"""Bytes as Athena counts them: whole text objects, column chunks of Parquet, nothing for footers.

Expectations come from the files' own footers, read with pyarrow.
"""

from __future__ import annotations

import bz2
import gzip
import zlib

import pyarrow as pa
import pytest

from lakebench.errors import QueryFailed
from lakebench.metering import bytes_by_column, bytes_by_table, scanned_bytes

ROWS = 30_000


@pytest.fixture
def sales(lake, to_parquet):
    """One Parquet object of six row groups, sorted by id."""
    table = pa.table(
        {
            "id": pa.array(range(ROWS), pa.int64()),
            "city": [("Madrid", "Sevilla", "Bilbao")[i % 3] for i in range(ROWS)],
            "price": [float(i * 7919 % 1000) for i in range(ROWS)],
            "note": [f"note {i * 31 % 977}" for i in range(ROWS)],
            "address": [{"street": f"s{i % 50}", "number": i % 90} for i in range(ROWS)],
            "tags": [[f"t{i % 7}", "x"] for i in range(ROWS)],
        }
    )
    body = to_parquet(table, row_group_size=5000, compression="snappy")
    columns = (
        "id bigint; city string; price double; note string; "
        "address struct<street:string,number:bigint>; tags array<string>"
    )
    lake.table("sales", "parquet", columns, {"one": body})
    return body


def test_a_csv_object_counts_its_size_byte_for_byte(lake):
    body = ("x" * 3412 + "\n").encode() * 100 + b"12345678901234567890123456789012345678901234567890"
    assert len(body) == 341_350
    lake.table("t", "text", "a string", {"a.csv": body}, serde={"field.delim": ","})
    assert scanned_bytes(lake.run("SELECT count(*) FROM t").scans) == 341_350
    assert scanned_bytes(lake.run("SELECT a FROM t WHERE a = 'nothing'").scans) == 341_350


def test_a_gzip_object_counts_its_compressed_size(lake):
    body = gzip.compress(b"hello,world\n" * 50_000)
    lake.table("t", "text", "a string; b string", {"a.gz": body}, serde={"field.delim": ","})
    assert scanned_bytes(lake.run("SELECT max(b) FROM t").scans) == len(body)


@pytest.mark.parametrize(
    ("name", "pack"), [("a.csv.bz2", bz2.compress), ("a.deflate", zlib.compress)], ids=["bzip2", "deflate"]
)
def test_text_that_the_worker_unpacks_counts_its_compressed_size(lake, name, pack):
    bodies = {name: pack(b"hello,world\n" * 50_000) + (pack(b"again,x\n") if name.endswith("bz2") else b"")}
    lake.table("t", "text", "a string; b string", {**bodies, "z": b"p,q\n"}, serde={"field.delim": ","})
    assert scanned_bytes(lake.run("SELECT max(b) FROM t").scans) == len(bodies[name]) + 4
    assert lake.rows("SELECT \"$path\", count(*) FROM t WHERE b = 'world' GROUP BY 1") == [
        [f"s3://lake/t/{name}", "50000"]
    ]
    lake.table("cut", "text", "a string; b string", {name: bodies[name][:-20]})
    with pytest.raises(QueryFailed, match=f"HIVE_CURSOR_ERROR: Failed to read file at s3://lake/cut/{name}"):
        lake.run("SELECT max(b) FROM cut")


def test_counting_rows_of_parquet_reads_nothing(lake, sales):
    assert scanned_bytes(lake.run("SELECT count(*) FROM sales").scans) == 0
    assert scanned_bytes(lake.run("SELECT count(1) FROM sales").scans) == 0


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT min(id), max(id) FROM sales", ["id"]),
        ("SELECT city, sum(price), count(note) FROM sales GROUP BY city", ["city", "price", "note"]),
        ("SELECT price FROM sales WHERE id >= 0", ["id", "price"]),
        ("SELECT city, price FROM sales ORDER BY price DESC LIMIT 3", ["city", "price"]),
        ("SELECT id FROM sales ORDER BY id DESC LIMIT 3", ["id"]),
        ("SELECT id FROM sales UNION ALL SELECT id FROM sales ORDER BY 1 DESC LIMIT 3", ["id", "id"]),
        ("SELECT address.number FROM sales", ["address.number"]),
        ("SELECT max(address) FROM sales", ["address.street", "address.number"]),
        ("SELECT tags FROM sales", ["tags.list.element"]),
        ("SELECT count(DISTINCT city) FROM sales", ["city"]),
        ("SELECT row_number() OVER (ORDER BY price) AS n FROM sales", ["price"]),
    ],
)
def test_a_query_counts_the_chunks_of_the_columns_that_it_reads(lake, sales, chunk_bytes, sql, columns):
    expected = sum(chunk_bytes(sales, column) for column in columns)
    assert scanned_bytes(lake.run(sql).scans) == expected


def test_row_groups_that_a_filter_excludes_are_not_read(lake, sales, chunk_bytes):
    outcome = lake.run("SELECT price FROM sales WHERE id = 12345")
    assert scanned_bytes(outcome.scans) == chunk_bytes(sales, "id", "price", row_groups=[2])


def test_each_use_of_a_table_is_a_scan_of_its_own(lake, sales, chunk_bytes):
    joined = lake.run("SELECT a.city FROM sales a JOIN sales b ON a.id = b.id")
    assert [record.scan_id for record in joined.scans] == ["s0", "s1"]
    assert scanned_bytes(joined.scans) == 2 * chunk_bytes(sales, "id") + chunk_bytes(sales, "city")
    twice = lake.run(
        "WITH c AS (SELECT city FROM sales) SELECT (SELECT count(city) FROM c), max(city) FROM c"
    )
    assert scanned_bytes(twice.scans) == 2 * chunk_bytes(sales, "city")


def test_partitions_that_a_filter_excludes_cost_nothing(lake, to_parquet, chunk_bytes):
    bodies = {
        name: to_parquet(pa.table({"id": range(start, start + 5000)}))
        for name, start in (("a", 0), ("b", 5000), ("c", 10_000))
    }
    partitions = {"a": ["2023", "es"], "b": ["2024", "es"], "c": ["2024", None]}
    lake.table("p", "parquet", "id bigint", bodies, keys="year int; land string", partitions=partitions)
    outcome = lake.run("SELECT sum(id) FROM p WHERE year = 2024 AND land = 'es'")
    assert scanned_bytes(outcome.scans) == chunk_bytes(bodies["b"], "id")
    assert scanned_bytes(lake.run("SELECT year, count(*) FROM p GROUP BY year").scans) == 0
    assert lake.rows("SELECT count(*) FROM p WHERE land IS NULL") == [["5000"]]


def test_a_pruned_partition_of_text_costs_nothing(lake):
    bodies = {"a": b"1\n" * 10, "b": b"2\n" * 20}
    lake.table(
        "p", "text", "id int", bodies, keys="d date", partitions={"a": ["2024-01-01"], "b": ["2024-01-02"]}
    )
    outcome = lake.run("SELECT count(*) FROM p WHERE d > DATE '2024-01-01'")
    assert scanned_bytes(outcome.scans) == 40


def test_a_limit_reads_objects_in_listing_order_and_no_more_than_it_needs(lake):
    bodies = dict.fromkeys("abc", b"1\n2\n3\n")
    lake.table("t", "text", "id int", bodies)
    for _ in range(5):
        outcome = lake.run("SELECT id FROM t LIMIT 4")
        assert [read.uri.key for record in outcome.scans for read in record.objects] == ["t/a", "t/b"]
        assert scanned_bytes(outcome.scans) == 12


def test_a_limit_over_a_large_plain_object_counts_at_most_32_mb_of_it(lake):
    line = b"x" * 1023 + b"\n"
    lake.table("t", "text", "a string", {"big": line * (66 << 10)})
    for _ in range(2):
        assert scanned_bytes(lake.run("SELECT a FROM t LIMIT 1").scans) == 32 << 20
    assert scanned_bytes(lake.run("SELECT count(*) FROM t").scans) == 66 << 20


def test_lines_of_many_megabytes_are_read_and_counted_once(lake):
    body = b"x" * (20 << 20) + b"\nshort\n"
    lake.table("t", "text", "a string", {"long": body, "usual": b"z\n"})
    assert lake.rows("SELECT length(a) FROM t ORDER BY 1") == [["1"], ["5"], [str(20 << 20)]]
    assert scanned_bytes(lake.run("SELECT max(a) FROM t").scans) == len(body) + 2


def test_a_line_beyond_32_mb_fails_the_query_and_names_its_object(lake):
    lake.table("t", "text", "a string", {"long": b"x" * (40 << 20) + b"\nshort\n"})
    with pytest.raises(QueryFailed, match="Line too long in text file: s3://lake/t/long"):
        lake.run("SELECT max(a) FROM t")


def test_a_limit_over_parquet_is_the_same_every_time(lake, sales):
    first = scanned_bytes(lake.run("SELECT id, note FROM sales LIMIT 10").scans)
    assert 0 < first < len(sales)
    assert {scanned_bytes(lake.run("SELECT id, note FROM sales LIMIT 10").scans) for _ in range(5)} == {first}


def test_a_query_without_tables_reads_nothing(lake):
    assert lake.run("SELECT 1").scans == ()


def test_the_bytes_are_explained_by_table_and_by_column(lake, sales, chunk_bytes):
    outcome = lake.run("SELECT city, sum(price) FROM sales GROUP BY city")
    (table,) = bytes_by_table(outcome.scans)
    assert (table.table, table.objects) == ("sales", 1)
    assert table.scanned_bytes == chunk_bytes(sales, "city", "price")
    lines = {line.column: (line.chunks, line.scanned_bytes) for line in bytes_by_column(outcome.scans)}
    assert lines == {name: (6, chunk_bytes(sales, name)) for name in ("city", "price")}
