"""Avro files as Hive's AvroSerDe and Trino write them.

Every column is a union with null; dates are days, timestamps milliseconds, decimals big-endian bytes, texts
of a length carry Hive's logical types ``char`` and ``varchar`` (Trino: AvroHiveTypeUtils' counterpart).
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cramjam
import fastavro
import pyarrow as pa
from fastavro._write import BLOCK_WRITERS  # type: ignore[attr-defined]  # compiled, told nowhere
from fastavro.write import Writer

from lakebench.catalog import DataType
from lakebench.emulator.engine.writing.arrow_types import arrow_type

_CODECS = {"none": "null", "deflate": "deflate", "snappy": "snappy", "bzip2": "bzip2", "zstd": "zstandard"}
_ZSTD_LEVEL = 3
_BLOCK_BYTES = 64 << 10
_SIMPLE: dict[str, Any] = {
    "boolean": "boolean",
    "integer": "int",
    "bigint": "long",
    "real": "float",
    "double": "double",
    "varchar": "string",
    "varbinary": "bytes",
    "date": {"type": "int", "logicalType": "date"},
    "timestamp": {"type": "long", "logicalType": "timestamp-millis"},
}


class AvroFile:
    """A container file; the same rows give the same bytes, since its marker is drawn from its schema."""

    def __init__(
        self, path: Path, codec: str, level: int | None, columns: Sequence[tuple[str, DataType]]
    ) -> None:
        self.waiting = 0
        fields = [(name, data_type) for name, data_type in columns]
        schema = _Names().record("baseRecord", fields)
        marker = hashlib.md5(json.dumps(schema).encode(), usedforsecurity=False).digest()
        if codec == "zstd":
            _know_zstandard()
        self._columns = fields
        self._file = path.open("wb")
        self._writer = Writer(
            self._file,
            fastavro.parse_schema(schema),
            codec=_CODECS[codec],
            sync_interval=_BLOCK_BYTES,
            sync_marker=marker,
            compression_level=(level or _ZSTD_LEVEL) if codec == "zstd" else None,
        )

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        names = [name for name, _ in self._columns]
        kinds = [data_type for _, data_type in self._columns]
        values = [_plain(column, kind) for column, kind in zip(batch.columns, kinds, strict=True)]
        for row in zip(*values, strict=True):
            self._writer.write(dict(zip(names, row, strict=True)))

    def flush(self) -> None:
        """Blocks end by themselves."""

    def close(self) -> None:
        """End the last block."""
        self._writer.flush()
        self._file.close()


def _plain(column: pa.Array, data_type: DataType) -> list[Any]:
    """Values as fastavro takes them: dates and timestamps are numbers, maps are dictionaries."""
    millis = column.cast(_retyped(data_type, pa.timestamp("ms"), pa.date32()), safe=False)
    numbers = millis.cast(_retyped(data_type, pa.int64(), pa.int32()))
    found: list[Any] = numbers.to_pylist(maps_as_pydicts="strict")
    return found


def _retyped(data_type: DataType, timestamp: pa.DataType, date: pa.DataType) -> pa.DataType:
    inner = [_retyped(member.type, timestamp, date) for member in data_type.fields]
    match data_type.name:
        case "timestamp":
            return timestamp
        case "date":
            return date
        case "array":
            return pa.list_(inner[0])
        case "map":
            return pa.map_(*inner)
        case "row":
            names = [member.name or "" for member in data_type.fields]
            return pa.struct([pa.field(name, kind) for name, kind in zip(names, inner, strict=True)])
        case _:
            return arrow_type(data_type)


class _Names:
    """Schemas of one file: each record has a name of its own."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = itertools.count()

    def record(self, name: str, fields: Sequence[tuple[str, DataType]]) -> dict[str, Any]:
        members = [
            {"name": field, "type": ["null", self._schema(data_type)], "default": None}
            for field, data_type in fields
        ]
        return {"type": "record", "name": name, "fields": members}

    def _schema(self, data_type: DataType) -> Any:
        match data_type.name:
            case "array":
                return {"type": "array", "items": ["null", self._schema(data_type.fields[0].type)]}
            case "map":
                return {"type": "map", "values": ["null", self._schema(data_type.fields[1].type)]}
            case "row":
                members = [(member.name or "", member.type) for member in data_type.fields]
                return self.record(f"record_{next(self._numbers)}", members)
            case "decimal":
                precision, scale = data_type.parameters
                return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
            case "varchar" | "char" if data_type.parameters:
                (length,) = data_type.parameters
                return {"type": "string", "logicalType": data_type.name, "maxLength": length}
            case _:
                return _SIMPLE[data_type.name]


def _know_zstandard() -> None:
    """fastavro compresses with libraries that it finds; ours is cramjam."""
    BLOCK_WRITERS["zstandard"] = _zstandard_block


def _zstandard_block(out: Any, block: bytes, level: int | None) -> None:
    packed = bytes(cramjam.zstd.compress(block, level=level))
    out.write(_long(len(packed)) + packed)


def _long(value: int) -> bytes:
    """Avro's variable-length zigzag number, for values from 0."""
    value <<= 1
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
