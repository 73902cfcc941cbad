"""What CTAS, INSERT and UNLOAD write: files that other engines read, the same bytes every time."""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import hashlib
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import cramjam
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

from lakebench.catalog import DataFormat, parse_type
from lakebench.catalog.bucketing import bucket_of
from lakebench.errors import QueryFailed

ROWS = 20_000
FORMS = [
    (DataFormat.PARQUET, "gzip"),
    (DataFormat.PARQUET, "zstd"),
    (DataFormat.ORC, "zlib"),
    (DataFormat.AVRO, "deflate"),
    (DataFormat.AVRO, "zstd"),
    (DataFormat.JSON, "gzip"),
    (DataFormat.TEXT, "gzip"),
    (DataFormat.TEXT, "zstd"),
    (DataFormat.TEXT, "bzip2"),
]


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
        (file.partition, file.bucket, file.rows, hashlib.sha256(file.path.read_bytes()).hexdigest())
        for file in outcome.written
    ]


EVERY_TYPE = """
    SELECT true AS b, INTEGER '7' AS i, 8589934592 AS l, REAL '1.5' AS f, 2.5E-3 AS d, DECIMAL '-12.50' AS n,
           CAST('123456789012345678901234567890' AS decimal(38,2)) AS wide,
           'ñ|,"\\' AS s, '' AS empty, CAST(NULL AS varchar) AS nothing, CAST('ab' AS char(4)) AS c, X'616200' AS bin,
           DATE '1969-12-31' AS day, TIMESTAMP '1969-12-31 23:59:59.670' AS ts,
           ARRAY[1, NULL, 3] AS a, MAP(ARRAY['k', 'l'], ARRAY[ARRAY['x', NULL], NULL]) AS m,
           CAST(ROW(1, 'x', NULL) AS ROW(p bigint, q varchar, r date)) AS o,
           ARRAY[TIMESTAMP '2024-01-02 00:00:00.000'] AS times
"""
VALUES = {
    "b": True,
    "i": 7,
    "l": 8589934592,
    "f": 1.5,
    "d": 0.0025,
    "n": Decimal("-12.50"),
    "wide": Decimal("123456789012345678901234567890.00"),
    "s": 'ñ|,"\\',
    "empty": "",
    "nothing": None,
    "c": "ab",
    "bin": b"ab\x00",
    "day": dt.date(1969, 12, 31),
    "ts": dt.datetime(1969, 12, 31, 23, 59, 59, 670_000),  # noqa: DTZ001 - wall-clock time
    "a": [1, None, 3],
    "m": {"k": ["x", None], "l": None},
    "o": {"p": 1, "q": "x", "r": None},
    "times": [dt.datetime(2024, 1, 2)],  # noqa: DTZ001 - wall-clock time
}


def read_parquet(path: Path) -> dict[str, object]:
    table = pq.read_table(path, coerce_int96_timestamp_unit="us")
    return table.to_pylist(maps_as_pydicts="strict")[0]


def read_orc(path: Path) -> dict[str, object]:
    return orc.ORCFile(path).read().to_pylist(maps_as_pydicts="strict")[0]


def read_avro(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        (row,) = fastavro.reader(file)
    row["ts"] = row["ts"].replace(tzinfo=None)
    row["times"] = [time.replace(tzinfo=None) for time in row["times"]]
    return row


@pytest.mark.parametrize(
    ("data_format", "codec", "read"),
    [
        (DataFormat.PARQUET, "snappy", read_parquet),
        (DataFormat.ORC, "lz4", read_orc),
        (DataFormat.AVRO, "none", read_avro),
        (DataFormat.AVRO, "snappy", read_avro),
        (DataFormat.AVRO, "bzip2", read_avro),
    ],
)
def test_every_type_is_read_back_by_another_library(lake, data_format, codec, read):
    outcome = lake.run(EVERY_TYPE, lake.sink(data_format, codec))
    assert read(outcome.written[0].path) == VALUES


def test_every_type_as_json(lake):
    (file,) = lake.run(EVERY_TYPE, lake.sink(DataFormat.JSON, "none")).written
    text = file.path.read_text()
    assert text.endswith("\n")
    read = json.loads(text, parse_float=Decimal)
    plain = {"bin": "ab\x00", "c": "ab  ", "day": "1969-12-31", "ts": "1969-12-31 23:59:59.67"}
    plain |= {"times": ["2024-01-02 00:00:00"], "d": Decimal("0.0025"), "f": Decimal("1.5")}
    assert read == {**VALUES, **plain}
    assert list(read) == list(VALUES)


def test_numbers_that_json_lacks_are_quoted(lake):
    outcome = lake.run("SELECT nan() AS x, -infinity() AS y, 1E20 AS z", lake.sink(DataFormat.JSON, "none"))
    assert outcome.written[0].path.read_text() == '{"x":"NaN","y":"-Infinity","z":1.0E20}\n'


def test_bytes_that_are_no_text_are_refused_in_json(lake):
    with pytest.raises(
        QueryFailed, match="NOT_SUPPORTED: Bytes that are not UTF-8 cannot be written as JSON"
    ):
        lake.run("SELECT X'ff' AS b", lake.sink(DataFormat.JSON, "none"))


def test_every_type_as_delimited_text(lake):
    (file,) = lake.run(EVERY_TYPE, lake.sink(DataFormat.TEXT, "none")).written
    assert file.path.read_bytes().decode().split("\x01") == [
        *("true", "7", "8589934592", "1.5", "0.0025", "-12.50", "123456789012345678901234567890.00"),
        *('ñ|,"\\', "", "\\N", "ab  ", "YWIA", "1969-12-31", "1969-12-31 23:59:59.67"),
        *("1\x02\\N\x023", "k\x03x\x04\\N\x02l\x03\\N", "1\x02x\x02\\N", "2024-01-02 00:00:00\n"),
    ]


def test_delimiters_null_format_and_escapes_are_the_serdes(lake):
    serde = {
        "field.delim": ",",
        "collection.delim": ";",
        "mapkey.delim": ":",
        "escape.delim": "\\",
        "serialization.null.format": "NULL",
    }
    outcome = lake.run(
        "SELECT 'a,b;c\\d' AS s, ARRAY['x;y', NULL] AS a, CAST(NULL AS bigint) AS n, MAP(ARRAY['k'], ARRAY[1]) AS m",
        lake.sink(DataFormat.TEXT, "none", serde=serde),
    )
    assert outcome.written[0].path.read_text() == "a\\,b\\;c\\\\d,x\\;y;NULL,NULL,k:1\n"


def test_parquet_looks_as_athenas_own(lake, source):
    """Trino's ParquetSchemaConverter for Hive: INT96, decimals as fixed bytes; three-level lists."""
    outcome = lake.run(
        "SELECT id, price, CAST(price AS decimal(10,2)) AS n, TIMESTAMP '2024-01-02 03:04:05.678' AS ts, "
        "sum(id) OVER () AS total, ARRAY[id] AS a, MAP(ARRAY[name], ARRAY[id]) AS m FROM src WHERE name <> ''",
        lake.sink(compression="gzip"),
    )
    (file,) = outcome.written
    footer = pq.read_metadata(file.path)
    group = footer.row_group(0)
    chunks = {group.column(at).path_in_schema: group.column(at) for at in range(footer.num_columns)}
    assert {path: chunk.physical_type for path, chunk in chunks.items()} == {
        "id": "INT64",
        "price": "DOUBLE",
        "n": "FIXED_LEN_BYTE_ARRAY",
        "ts": "INT96",
        "total": "INT64",
        "a.list.element": "INT64",
        "m.key_value.key": "BYTE_ARRAY",
        "m.key_value.value": "INT64",
    }
    used = {encoding for chunk in chunks.values() for encoding in chunk.encodings}
    assert used <= {"PLAIN", "RLE", "PLAIN_DICTIONARY"}
    assert {chunk.compression for chunk in chunks.values()} == {"GZIP"}
    assert not any(chunk.has_offset_index or chunk.has_column_index for chunk in chunks.values())
    assert (chunks["id"].statistics.min, chunks["id"].statistics.null_count) == (1, 0)
    assert footer.metadata is None  # no library's own schema beside the format's
    assert b"bloom" not in file.path.read_bytes().lower()


def test_row_groups_are_bounded_by_bytes_not_rows(lake):
    outcome = lake.run(
        "SELECT i, rpad('x', 200, 'x') || CAST(i * 1000 + j AS varchar) AS s "
        "FROM UNNEST(sequence(1, 1400)) AS t(i), UNNEST(sequence(1, 1000)) AS u(j)",
        lake.sink(compression="snappy"),
    )
    footer = pq.read_metadata(outcome.written[0].path)
    rows = [footer.row_group(at).num_rows for at in range(footer.num_row_groups)]
    assert (sum(rows), len(rows)) == (1_400_000, 3)
    assert all(500_000 < count < 700_000 for count in rows[:2])


@pytest.mark.parametrize("partitioned_by", [(), ("day",)])
@pytest.mark.parametrize(("data_format", "compression"), FORMS)
def test_the_same_input_gives_the_same_bytes(lake, source, data_format, compression, partitioned_by):
    sql = "SELECT id, name, price, day FROM src"
    digests = [digest(lake.run(sql, lake.sink(data_format, compression, partitioned_by))) for _ in range(2)]
    assert digests[0] == digests[1]


def test_a_grouped_result_is_written_the_same_every_time(lake, source):
    sql = "SELECT name, sum(price) AS total, count(*) AS n FROM src GROUP BY name"
    assert len({tuple(digest(lake.run(sql, lake.sink()))) for _ in range(3)}) == 1


def test_partition_values_are_told_as_text_and_left_out_of_the_files(lake, source):
    outcome = lake.run("SELECT id, name, day FROM src", lake.sink(partitioned_by=("day",)))
    assert [file.partition for file in outcome.written] == [("a b",), ("50%",), ("é",), (None,)]
    assert {file.rows for file in outcome.written} == {ROWS // 4}
    assert pq.read_schema(outcome.written[0].path).names == ["id", "name"]
    read = pq.read_table(outcome.written[1].path)["id"].to_pylist()
    assert read == list(range(1, ROWS, 4))


def test_rows_lie_in_the_bucket_of_hives_hash(lake, source):
    sink = lake.sink(bucketed_by=("name", "id"), bucket_count=7)
    outcome = lake.run("SELECT id, name FROM src", sink)
    types = [parse_type("varchar"), parse_type("bigint")]
    for file in outcome.written:
        rows = pq.read_table(file.path).to_pylist()
        assert {bucket_of((row["name"], row["id"]), types, 7) for row in rows} == {file.bucket}
    assert sorted(file.bucket for file in outcome.written) == list(range(7))


@pytest.mark.parametrize(
    "column",
    [
        "CAST(id AS tinyint) AS k",
        "CAST(id AS integer) - 100 AS k",
        "id * -30000000000 AS k",
        "id > 10 AS k",
        "CAST(price AS real) AS k",
        "price - 5 AS k",
        "name AS k",
        "CAST(name AS varchar(9)) AS k",
        "date_add('day', id - 100, DATE '1970-01-01') AS k",
        "date_add('millisecond', id * 1000 - 50001, TIMESTAMP '1970-01-01 00:00:00.000') AS k",
        "ARRAY[id, NULL] AS k",
    ],
)
def test_each_type_is_bucketed_as_the_catalogue_tells(lake, source, column):
    sink = lake.sink(DataFormat.ORC, "zlib", bucketed_by=("k",), bucket_count=5)
    outcome = lake.run(f"SELECT {column} FROM src WHERE id < 128", sink)
    (kind,) = (found.type for found in outcome.columns)
    for file in outcome.written:
        found = orc.ORCFile(file.path).read()["k"]
        values = found.cast(pa.timestamp("us")).to_pylist() if kind.name == "timestamp" else found.to_pylist()
        assert {bucket_of((value,), (kind,), 5) for value in values} == {file.bucket}


def test_partitions_and_buckets_are_files_of_their_own(lake, source):
    sink = lake.sink(DataFormat.JSON, "none", ("day",), bucketed_by=("id",), bucket_count=3)
    outcome = lake.run("SELECT id, name, day FROM src", sink)
    assert Counter(file.partition for file in outcome.written) == {(d,): 3 for d in ("a b", "50%", "é", None)}
    for file in outcome.written:
        ids = {json.loads(line)["id"] % 3 for line in file.path.read_text().splitlines()}
        assert ids == {file.bucket}


@pytest.mark.parametrize("codec", ["none", "gzip", "bzip2", "zstd", "snappy", "lz4"])
def test_text_is_compressed_as_asked(lake, source, codec):
    def blocks(unpack):
        def read(body: bytes) -> bytes:
            plain = b""
            while body:
                size, packed = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
                plain += bytes(unpack(body[8 : 8 + packed], size))
                body = body[8 + packed :]
            return plain

        return read

    unpacked = {
        "none": bytes,
        "gzip": gzip.decompress,
        "bzip2": bz2.decompress,
        "zstd": lambda body: bytes(cramjam.zstd.decompress(body)),
        "snappy": blocks(lambda block, size: cramjam.snappy.decompress_raw(block)),
        "lz4": blocks(lambda block, size: cramjam.lz4.decompress_block(block, output_len=size)),
    }
    outcome = lake.run("SELECT id, name, rpad('z', 40, 'z') AS z FROM src", lake.sink(DataFormat.TEXT, codec))
    (file,) = outcome.written
    lines = unpacked[codec](file.path.read_bytes()).decode().splitlines()
    assert len(lines) == file.rows == outcome.rows == ROWS
    assert lines[1] == "1\x01n1\x01" + "z" * 40


def test_a_higher_level_of_zstandard_packs_tighter(lake, source):
    sizes = [
        lake.run("SELECT * FROM src", lake.sink(DataFormat.TEXT, "zstd", compression_level=level))
        .written[0]
        .size
        for level in (1, 19)
    ]
    assert sizes[0] > sizes[1]


def test_written_text_is_read_back_the_same(lake, source):
    outcome = lake.run("SELECT id, name FROM src", lake.sink(DataFormat.TEXT, "none"))
    lake.table("back", "text", "id bigint; name string", {"x": outcome.written[0].path.read_bytes()})
    sql = "SELECT count(*), count(name), sum(id) FROM {}"
    assert lake.rows(sql.format("back")) == lake.rows(sql.format("src"))


@pytest.mark.parametrize(
    "data_format", [DataFormat.PARQUET, DataFormat.ORC, DataFormat.AVRO, DataFormat.JSON]
)
def test_no_rows_are_no_files(lake, source, data_format):
    sink = lake.sink(data_format, "none")
    assert lake.run("SELECT id FROM src WHERE id < 0", sink).written == ()
    sink = lake.sink(data_format, "none", ("day",))
    assert lake.run("SELECT id, day FROM src WHERE id < 0", sink).written == ()


def test_more_than_100_files_are_refused(lake, source):
    with pytest.raises(QueryFailed) as failure:
        lake.run("SELECT name, id % 101 AS k FROM src", lake.sink(partitioned_by=("k",)))
    assert failure.value.reason == (
        "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets"
    )
    outcome = lake.run("SELECT name, id % 100 AS k FROM src", lake.sink(partitioned_by=("k",)))
    assert len(outcome.written) == 100
    sink = lake.sink(partitioned_by=("k",), bucketed_by=("id",), bucket_count=11)
    with pytest.raises(QueryFailed, match="HIVE_TOO_MANY_OPEN_PARTITIONS"):
        lake.run("SELECT id, id % 10 AS k FROM src", sink)


def test_a_file_too_many_ends_the_query_at_once(lake, source):
    """The division by zero lies behind the 101st partition and is never reached."""
    with pytest.raises(QueryFailed, match="HIVE_TOO_MANY_OPEN_PARTITIONS"):
        lake.run(
            "SELECT 1 / (i - 3000) AS x, i * 1000 + j AS k "
            "FROM UNNEST(sequence(1, 3000)) AS t(i), UNNEST(sequence(1, 1000)) AS u(j)",
            lake.sink(partitioned_by=("k",)),
        )


def test_a_query_that_fails_underway_fails_with_its_own_words(lake, source):
    with pytest.raises(QueryFailed, match=r"^DIVISION_BY_ZERO: Division by zero"):
        lake.run("SELECT 1 / (id - 19999) AS x FROM src", lake.sink())
    with pytest.raises(QueryFailed, match=r"^INVALID_CAST_ARGUMENT: Cannot cast 'n1' to BIGINT"):
        lake.run("SELECT CAST(name AS bigint) AS x FROM src", lake.sink(DataFormat.AVRO, "none"))


def test_formats_that_cannot_be_written_are_refused(lake, source):
    with pytest.raises(QueryFailed, match="NOT_SUPPORTED: Writing tables as ion is not supported"):
        lake.run("SELECT id FROM src", lake.sink(DataFormat.ION, "none"))
    with pytest.raises(QueryFailed, match="COLUMN_TYPE_UNKNOWN: Column type is unknown: x"):
        lake.run("SELECT id, NULL AS x FROM src", lake.sink())
    with pytest.raises(QueryFailed, match="NOT_SUPPORTED: Unsupported Hive type: time"):
        lake.run("SELECT TIME '01:02:03' AS x", lake.sink())
