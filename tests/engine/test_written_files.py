"""What CTAS and INSERT write: files that other engines read, the same bytes every time."""

from __future__ import annotations

import gzip
import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakebench.catalog import DataFormat
from lakebench.errors import QueryFailed

ROWS = 20_000


@pytest.fixture
def source(lake, to_parquet):
    table = pa.table(
        {
            "id": range(ROWS),
            "name": [f"n{i % 97}" if i % 5 else None for i in range(ROWS)],
            "price": [i / 8 for i in range(ROWS)],
            "day": [("a b", "50%", "é", None)[i % 4] for i in range(ROWS)],
        }
    )
    lake.table("src", "parquet", "id bigint; name string; price double; day string", {"1": to_parquet(table)})
    return table


def digest(outcome) -> list[tuple[object, ...]]:
    return [
        (file.partition, file.rows, hashlib.sha256(file.path.read_bytes()).hexdigest())
        for file in outcome.written
    ]


def test_parquet_is_read_back_by_another_library_with_plain_types(lake, source):
    sink = lake.sink()
    outcome = lake.run(
        "SELECT id, name, CAST(price AS decimal(10,2)) AS price, DATE '2024-01-02' AS d, "
        "TIMESTAMP '2024-01-02 03:04:05.678' AS ts, sum(id) OVER () AS total FROM src",
        sink,
    )
    (file,) = outcome.written
    assert (outcome.rows, file.rows, file.partition) == (ROWS, ROWS, ())
    assert file.size == file.path.stat().st_size
    read = pq.read_table(file.path)
    assert [str(field.type) for field in read.schema] == [
        "int64",
        "string",
        "decimal128(10, 2)",
        "date32[day]",
        "timestamp[us]",
        "int64",
    ]
    assert read["name"].to_pylist() == source["name"].to_pylist()
    metadata = pq.read_metadata(file.path)
    assert metadata.row_group(0).column(0).compression == "SNAPPY"


def test_parquet_carries_no_bloom_filters(lake, source):
    outcome = lake.run("SELECT name FROM src", lake.sink(compression="zstd"))
    assert b"bloom" not in outcome.written[0].path.read_bytes().lower()
    assert not pq.ParquetFile(outcome.written[0].path).metadata.row_group(0).column(0).has_offset_index


@pytest.mark.parametrize("partitioned_by", [(), ("day",)])
@pytest.mark.parametrize(
    ("data_format", "compression"), [(DataFormat.PARQUET, "gzip"), (DataFormat.TEXT, "gzip")]
)
def test_the_same_input_gives_the_same_bytes(lake, source, data_format, compression, partitioned_by):
    sql = "SELECT id, name, price, day FROM src"
    digests = [digest(lake.run(sql, lake.sink(data_format, compression, partitioned_by))) for _ in range(3)]
    assert digests[0] == digests[1] == digests[2]


def test_a_grouped_result_is_written_the_same_every_time(lake, source):
    sql = "SELECT name, sum(price) AS total, count(*) AS n FROM src GROUP BY name"
    assert len({tuple(digest(lake.run(sql, lake.sink()))) for _ in range(3)}) == 1


def test_partition_values_are_told_as_text_and_left_out_of_the_files(lake, source):
    outcome = lake.run("SELECT id, name, day FROM src", lake.sink(partitioned_by=("day",)))
    assert sorted(file.partition for file in outcome.written if file.partition != (None,)) == [
        ("50%",),
        ("a b",),
        ("é",),
    ]
    assert {file.rows for file in outcome.written} == {ROWS // 4}
    assert pq.read_schema(outcome.written[0].path).names == ["id", "name"]


def test_text_is_delimited_without_quotes_and_null_is_backslash_n(lake, source):
    sink = lake.sink(DataFormat.TEXT, "gzip", field_delimiter="|")
    outcome = lake.run(
        "SELECT id, name, price, true AS ok, X'00ff' AS bin FROM src ORDER BY id LIMIT 2", sink
    )
    (file,) = outcome.written
    assert gzip.decompress(file.path.read_bytes()).decode() == "0|\\N|0.0|true|AP8=\n1|n1|0.125|true|AP8=\n"
    assert file.rows == 2


def test_partitioned_text_counts_its_rows(lake, source):
    outcome = lake.run("SELECT id, day FROM src", lake.sink(DataFormat.TEXT, "gzip", ("day",)))
    assert sum(file.rows for file in outcome.written) == outcome.rows == ROWS


def test_written_text_is_read_back_the_same(lake, source):
    outcome = lake.run("SELECT id, name FROM src", lake.sink(DataFormat.TEXT, "none"))
    lake.table("back", "text", "id bigint; name string", {"x": outcome.written[0].path.read_bytes()})
    sql = "SELECT count(*), count(name), sum(id) FROM {}"
    assert lake.rows(sql.format("back")) == lake.rows(sql.format("src"))


def test_no_rows_are_no_files(lake, source):
    assert lake.run("SELECT id FROM src WHERE id < 0", lake.sink()).written == ()
    assert lake.run("SELECT id, day FROM src WHERE id < 0", lake.sink(partitioned_by=("day",))).written == ()


def test_more_than_100_partitions_are_refused(lake, source):
    with pytest.raises(QueryFailed) as failure:
        lake.run("SELECT name, id % 101 AS k FROM src", lake.sink(partitioned_by=("k",)))
    assert failure.value.reason == (
        "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets"
    )
    assert (
        len(lake.run("SELECT name, id % 100 AS k FROM src", lake.sink(partitioned_by=("k",))).written) == 100
    )


def test_formats_that_cannot_be_written_are_refused(lake, source):
    with pytest.raises(QueryFailed, match="NOT_SUPPORTED: Writing tables as orc is not supported"):
        lake.run("SELECT id FROM src", lake.sink(DataFormat.ORC, "zlib"))
    with pytest.raises(QueryFailed, match="NOT_SUPPORTED: Compression lzo is not supported for PARQUET"):
        lake.run("SELECT id FROM src", lake.sink(compression="lzo"))
    with pytest.raises(QueryFailed, match="COLUMN_TYPE_UNKNOWN: Column type is unknown: x"):
        lake.run("SELECT id, NULL AS x FROM src", lake.sink())
