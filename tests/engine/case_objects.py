"""Objects that case files describe: text, bytes, rows of ORC, Parquet and Avro."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import cramjam
import fastavro
import pyarrow as pa
import pyarrow.orc as po
import pyarrow.parquet as pq

from lakebench.catalog import DataType, parse_type

_SCALARS = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "char": pa.string(),
    "varbinary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def object_bytes(written: Mapping[str, Any]) -> bytes:
    """``text``, ``base64``, ``orc``, ``parquet`` or ``avro``; then ``pack`` (or ``gzip``), then ``cut`` bytes off."""
    body = _body(written)
    pack = written.get("pack", "gzip" if written.get("gzip") else None)
    if pack is not None:
        body = _PACKERS[pack](body)
    return body[: -written["cut"]] if "cut" in written else body


def _body(written: Mapping[str, Any]) -> bytes:
    if "orc" in written:
        out = io.BytesIO()
        po.write_table(arrow_table(written["orc"], written["rows"]), out, compression="zlib")
        return out.getvalue()
    if "parquet" in written:
        out = io.BytesIO()
        pq.write_table(arrow_table(written["parquet"], written["rows"]), out)
        return out.getvalue()
    if "avro" in written:
        out = io.BytesIO()
        schema = {"type": "record", "name": "r", "fields": written["avro"]}
        fastavro.writer(
            out, fastavro.parse_schema(schema), written["rows"], codec=written.get("codec", "null")
        )
        return out.getvalue()
    return base64.b64decode(written["base64"]) if "base64" in written else written["text"].encode()


def _hadoop(compress: Callable[[bytes], Any]) -> Callable[[bytes], bytes]:
    def pack(body: bytes) -> bytes:
        packed = bytes(compress(body))
        return struct.pack(">II", len(body), len(packed)) + packed

    return pack


_PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "bzip2": bz2.compress,
    "deflate": zlib.compress,
    "zstd": lambda body: bytes(cramjam.zstd.compress(body)),
    "snappy": _hadoop(cramjam.snappy.compress_raw),
    "snappy-framed": lambda body: bytes(cramjam.snappy.compress(body)),
    "lz4": _hadoop(lambda body: cramjam.lz4.compress_block(body, store_size=False)),
    "lz4-framed": lambda body: bytes(cramjam.lz4.compress(body)),
}


def arrow_table(columns: str, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """``columns`` are ``name type; name type`` in Hive's spelling; names keep their case."""
    pairs = [item.strip().partition(" ") for item in columns.split(";")]
    types = [parse_type(kind) for _, _, kind in pairs]
    arrays = [
        pa.array([_value(row[at], kind) for row in rows], type=arrow_type(kind))
        for at, kind in enumerate(types)
    ]
    return pa.Table.from_arrays(arrays, names=[name for name, _, _ in pairs])


def arrow_type(kind: DataType) -> pa.DataType:
    """Arrow's type for a type of a table."""
    parts = [arrow_type(member.type) for member in kind.fields]
    if kind.name == "array":
        return pa.list_(parts[0])
    if kind.name == "map":
        return pa.map_(*parts)
    if kind.name == "row":
        return pa.struct([(member.name, part) for member, part in zip(kind.fields, parts, strict=True)])
    if kind.name == "decimal":
        return pa.decimal128(*kind.parameters)
    return _SCALARS[kind.name]


def _value(value: Any, kind: DataType) -> Any:
    if value is None:
        return None
    if kind.name == "array":
        return [_value(item, kind.fields[0].type) for item in value]
    if kind.name == "map":
        key, item = (member.type for member in kind.fields)
        return [(_value(k, key), _value(v, item)) for k, v in value.items()]
    if kind.name == "row":
        return {member.name: _value(value.get(member.name), member.type) for member in kind.fields}
    converted: Mapping[str, Callable[[str], Any]] = {
        "date": date.fromisoformat,
        "timestamp": datetime.fromisoformat,
        "decimal": Decimal,
        "varbinary": base64.b64decode,
    }
    return converted[kind.name](value) if kind.name in converted else value
