"""Objects whose footers lie, and objects that are not their table's format: a clear error, the server alive."""

from __future__ import annotations

import struct
import uuid

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakebench.client.estimate import estimate_statement
from lakebench.client.session import local_session
from lakebench.errors import DataError

from .lake import PARQUET_SERDE, Lake, parquet

ORC_SERDE = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.orc.OrcSerde"},
}
AVRO_SERDE = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.avro.AvroSerDe"},
}

ROWS = 12_345
PAGES_ALONE_TELL = "more rows than pages hold"
"""A lie that an estimate cannot see: it reads no page."""
COLUMNS = [("id", "bigint"), ("note", "string")]


def varint(number: int) -> bytes:
    """A signed number as Thrift's compact protocol writes it."""
    rest, out = (number << 1) ^ (number >> 63), bytearray()
    rest &= (1 << 64) - 1
    while rest >= 0x80:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*out, rest])


def lying(body: bytes, told: int, lie: int) -> bytes:
    """The object with one number of its footer replaced wherever it stands there."""
    (length,) = struct.unpack("<I", body[-8:-4])
    data, footer = body[: -8 - length], body[-8 - length : -8]
    assert varint(told) in footer
    footer = footer.replace(varint(told), varint(lie))
    return data + footer + struct.pack("<I", len(footer)) + b"PAR1"


def honest() -> bytes:
    rows = pa.table({"id": list(range(ROWS)), "note": [f"note {at * 7919 % 1009}" for at in range(ROWS)]})
    return parquet(rows)


def lies() -> dict[str, bytes]:
    body = honest()
    group = pq.read_metadata(pa.BufferReader(body)).row_group(0)
    size, offset = group.column(0).total_compressed_size, group.column(1).dictionary_page_offset
    (footer,) = struct.unpack("<I", body[-8:-4])
    return {
        "a chunk longer than the object": lying(body, size, len(body) * 1000),
        "a chunk of negative size": lying(body, size, -size),
        "pages that begin past the end": lying(body, offset, len(body) * 50),
        "pages that begin before the object": lying(body, offset, -offset),
        PAGES_ALONE_TELL: lying(body, ROWS, 1 << 60),
        "fewer rows than none": lying(body, ROWS, -ROWS),
        "a footer longer than the object": body[:-8] + struct.pack("<I", 1 << 30) + b"PAR1",
        "a footer of zeros": body[: -8 - footer] + bytes(footer) + body[-8:],
    }


@pytest.fixture(scope="module")
def lake(server):
    return Lake(server, f"lies-{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="module")
def session(server):
    return local_session(server.endpoint)


NAMES = list(lies())


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_a_footer_that_lies_fails_the_query_and_the_estimate_and_names_the_object(lake, session, number):
    name = f"t{number}"
    lake.table(name, {"good": honest(), "liar": lies()[NAMES[number]]}, columns=COLUMNS)
    sql = f"SELECT id, note FROM {name} WHERE id >= 0"
    status = lake.run(sql)["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("HIVE_BAD_DATA: ")
    assert f"s3://{lake.bucket}/{name}/liar" in status["StateChangeReason"]
    if NAMES[number] != PAGES_ALONE_TELL:
        with pytest.raises(DataError, match=f"s3://{lake.bucket}/{name}/liar"):
            estimate_statement(session, sql, database=lake.database)
    assert lake.run("SELECT 1")["Status"]["State"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("serde", "body"),
    [
        (PARQUET_SERDE, b"id,note\n1,x\n"),
        (PARQUET_SERDE, b"PAR1"),
        (ORC_SERDE, honest()),
        (AVRO_SERDE, honest()),
    ],
    ids=["text as Parquet", "magic alone as Parquet", "Parquet as ORC", "Parquet as Avro"],
)
def test_an_object_of_another_format_fails_the_query_and_is_named(lake, serde, body):
    name = f"f{uuid.uuid4().hex[:8]}"
    lake.table(name, {"other": body}, columns=COLUMNS, serde=serde)
    status = lake.run(f"SELECT id FROM {name}")["Status"]
    assert status["State"] == "FAILED"
    assert f"s3://{lake.bucket}/{name}/other" in status["StateChangeReason"]
    assert lake.run("SELECT 1")["Status"]["State"] == "SUCCEEDED"
