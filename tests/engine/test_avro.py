"""Avro: types that case files cannot write, and that damaged objects cost their query alone."""

from __future__ import annotations

import io
import random
import uuid
from datetime import time
from decimal import Decimal
from typing import Any

import fastavro
import pytest

from lakebench.errors import QueryFailed


def avro_bytes(fields: list[dict[str, Any]], records: list[dict[str, Any]], codec: str = "null") -> bytes:
    out = io.BytesIO()
    schema = fastavro.parse_schema({"type": "record", "name": "r", "fields": fields})
    fastavro.writer(out, schema, records, codec=codec)
    return out.getvalue()


BYTES_DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}
FIXED_DECIMAL = {
    "type": "fixed",
    "name": "f",
    "size": 8,
    "logicalType": "decimal",
    "precision": 10,
    "scale": 2,
}


@pytest.mark.parametrize(
    ("kind", "value", "column", "shown"),
    [
        (BYTES_DECIMAL, Decimal("1.25"), "decimal(10,2)", "1.25"),
        (FIXED_DECIMAL, Decimal("-7.50"), "decimal(10,2)", "-7.50"),
        ({"type": "string", "logicalType": "uuid"}, uuid.UUID(int=1), "string", str(uuid.UUID(int=1))),
        ({"type": "int", "logicalType": "time-millis"}, time(0, 0, 1), "int", "1000"),
        ({"type": "long", "logicalType": "time-micros"}, time(0, 0, 1), "bigint", "1000000"),
        ({"type": "fixed", "name": "q", "size": 2}, b"hi", "binary", "68 69"),
        ("bytes", b"hi", "binary", "68 69"),
        (["null", {"type": "array", "items": ["null", "int"]}], [1, None], "array<int>", "[1, null]"),
        (["null", "int"], None, "int", ""),
        ("int", 5, "bigint", "5"),
        ("float", 1.5, "double", "1.5"),
    ],
    ids=[
        "decimal bytes", "decimal fixed", "uuid", "time in milliseconds", "time in microseconds", "fixed",
        "bytes", "nullable items", "NULL", "int as bigint", "float as double",
    ],
)  # fmt: skip
def test_values_are_as_hives_class_has_them(lake, kind, value, column, shown):
    lake.table("t", "avro", f"v {column}", {"a": avro_bytes([{"name": "v", "type": kind}], [{"v": value}])})
    assert [row or [""] for row in lake.rows("SELECT v FROM t")] == [[shown]]


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy"])
@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_object_fails_its_query_or_is_read_and_the_engine_goes_on(lake, codec, seed):
    fields = [{"name": "id", "type": "long"}, {"name": "s", "type": "string"}]
    body = avro_bytes(fields, [{"id": at, "s": f"s{at}"} for at in range(500)], codec)
    chance = random.Random(seed)
    damaged = bytearray(body)
    for _ in range(3):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    lake.table("good", "avro", "id bigint; s string", {"a": body})
    lake.table("bad", "avro", "id bigint; s string", {"a": bytes(damaged)})
    codes = set()
    try:
        lake.run("SELECT * FROM bad")
    except QueryFailed as failure:
        codes.add(failure.code)
    assert codes <= {"HIVE_BAD_DATA", "HIVE_CANNOT_OPEN_SPLIT", "EXCEEDED_LOCAL_MEMORY_LIMIT"}
    assert lake.rows("SELECT count(*) FROM good") == [["500"]]


def test_many_records_are_read_in_batches(lake):
    body = avro_bytes([{"name": "id", "type": "long"}], [{"id": at} for at in range(40_000)], "deflate")
    lake.table("t", "avro", "id bigint", {"a": body})
    assert lake.rows("SELECT count(*), sum(id), max(id) FROM t") == [["40000", "799980000", "39999"]]
