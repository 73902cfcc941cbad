"""Avro object container files: records through fastavro, some thousand at a time, columns by name.

The reader's schema is ``avro.schema.literal`` where the table has one (AWS: athena-ug avro-serde), so that
fields that came later have their defaults; the object's own schema otherwise, where a column that it
lacks is NULL. Types as Hive's Avro SerDe has them.
"""

from __future__ import annotations

import json
import lzma
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import time
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import cramjam
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
from fastavro.schema import SchemaParseException

from lakebench.emulator.engine.conversion.request import (
    PLACE_HOLDER,
    ConversionRequest,
    Copy,
    Unreadable,
)

_BATCH = 16_384
_DAMAGED = (
    EOFError, ValueError, TypeError, LookupError, ArithmeticError, StopIteration, MemoryError, AttributeError,
    zlib.error, lzma.LZMAError, struct.error, OSError, RecursionError, SchemaParseException,
    fastavro.read.SchemaResolutionError, pa.ArrowException, cramjam.DecompressionError,
)  # fmt: skip
"""What fastavro raises over bytes that are no Avro: it has no error of its own."""

Field = tuple[str, pa.DataType, "Fix | None"]
Fix = Callable[[Any], Any]
_PRIMITIVES: Mapping[str, pa.DataType] = {
    "null": pa.null(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "string": pa.string(),
}
_LOGICAL: Mapping[str, pa.DataType] = {
    "date": pa.date32(),
    "timestamp-millis": pa.timestamp("us"),
    "timestamp-micros": pa.timestamp("us"),
    "local-timestamp-millis": pa.timestamp("us"),
    "local-timestamp-micros": pa.timestamp("us"),
}


def convert(request: ConversionRequest, threads: int) -> Copy:
    """Write the copy, whatever the threads: records are decoded under Python's lock; raises Unreadable."""
    del threads
    with Path(request.path).open("rb") as file:
        reader = _open(request, file)
        try:
            _write(request, reader)
        except Unreadable:
            raise
        except _DAMAGED as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            message = f"Failed to read Avro file: {request.label}{_told(error)}"
            raise Unreadable("HIVE_BAD_DATA", message) from error
    return Copy()


def _open(request: ConversionRequest, file: BinaryIO) -> Any:
    try:
        schema = json.loads(request.reader_schema) if request.reader_schema else None
        return fastavro.reader(file, reader_schema=schema)
    except _DAMAGED as error:
        size = Path(request.path).stat().st_size
        raise Unreadable(
            "HIVE_CANNOT_OPEN_SPLIT",
            f"Error opening Hive split {request.label} (offset=0, length={size}): {_opening(error)}",
        ) from error


_TELLING = (SchemaParseException, fastavro.read.SchemaResolutionError)
"""What says something of the file; the texts of all else are about Python."""


def _told(error: BaseException) -> str:
    return f": {str(error).partition(chr(10))[0]}" if isinstance(error, _TELLING) else ""


def _opening(error: BaseException) -> str:
    return _told(error).removeprefix(": ") or "Not an Avro data file"


def _write(request: ConversionRequest, reader: Any) -> None:
    schema = reader.reader_schema or reader.writer_schema
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise Unreadable("HIVE_BAD_DATA", f"The schema of {request.label} is no record")
    types = _Types()
    known = {name.lower(): field for field in types.record(schema) for name in (field[0],)}
    fields = {name: known[name] for name, _ in request.columns if name in known}
    out = pa.schema([(name, kind) for name, (_, kind, _) in fields.items()])
    out = out.append(pa.field(PLACE_HOLDER, pa.bool_()))
    with ExitStack() as opened:
        writer = opened.enter_context(
            pq.ParquetWriter(request.target, out, compression="snappy", store_schema=False)
        )
        for records in _batches(reader):
            arrays = [_array(records, field) for field in fields.values()]
            arrays.append(pa.nulls(len(records), pa.bool_()))
            writer.write_table(pa.Table.from_arrays(arrays, schema=out))


def _batches(records: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(records)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _array(records: Sequence[Mapping[str, Any]], field: Field) -> pa.Array:
    name, kind, fix = field
    values = [record[name] for record in records]
    if fix is not None:
        values = [None if value is None else fix(value) for value in values]
    return pa.array(values, type=kind)


class _Types:
    """Arrow's types of a schema, with what must be done to values that Arrow cannot take as they come."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}

    def record(self, schema: Mapping[str, Any]) -> list[Field]:
        self._name(schema)
        return [(field["name"], *self.of(field["type"])) for field in schema["fields"]]

    def of(self, schema: Any, depth: int = 0) -> tuple[pa.DataType, Fix | None]:
        if depth > 50:
            raise Unreadable("NOT_SUPPORTED", "Recursive Avro schemas are not supported")
        if isinstance(schema, list):
            return self._union(schema, depth)
        if isinstance(schema, str):
            if schema in _PRIMITIVES:
                return _PRIMITIVES[schema], None
            return self.of(self._named[schema], depth + 1)
        self._name(schema)
        kind = schema["type"]
        if isinstance(kind, dict | list):
            return self.of(kind, depth)
        if kind in {"array", "map", "record", "error"}:
            return self._nested(schema, depth)
        if kind == "enum":
            return pa.string(), None
        return self._logical(schema, kind, depth)

    def _name(self, schema: Mapping[str, Any]) -> None:
        if "name" in schema and schema.get("type") in {"record", "error", "enum", "fixed"}:
            self._named[schema["name"]] = schema

    def _union(self, schema: list[Any], depth: int) -> tuple[pa.DataType, Fix | None]:
        kinds = [kind for kind in schema if kind not in ("null", {"type": "null"})]
        if len(kinds) > 1:
            raise Unreadable("NOT_SUPPORTED", "Avro unions of several types are not supported")
        return self.of(kinds[0], depth) if kinds else (pa.null(), None)

    def _logical(self, schema: Mapping[str, Any], kind: str, depth: int) -> tuple[pa.DataType, Fix | None]:
        logical = schema.get("logicalType")
        if logical == "decimal" and kind in {"bytes", "fixed"}:
            return pa.decimal128(schema["precision"], schema.get("scale", 0)), None
        if isinstance(logical, str) and logical in _LOGICAL:
            return _LOGICAL[logical], None
        if logical == "uuid":
            return pa.string(), str
        if logical in {"time-millis", "time-micros"}:
            scale = 1000 if logical == "time-millis" else 1
            return _PRIMITIVES[kind], lambda value: _micros(value) // scale
        if kind == "fixed":
            return pa.binary(), None
        return self.of(kind, depth + 1)

    def _nested(self, schema: Mapping[str, Any], depth: int) -> tuple[pa.DataType, Fix | None]:
        if schema["type"] == "array":
            kind, fix = self.of(schema["items"], depth + 1)
            return pa.list_(kind), None if fix is None else _each(fix)
        if schema["type"] == "map":
            kind, fix = self.of(schema["values"], depth + 1)
            return pa.map_(pa.string(), kind), _entries(fix)
        fields = [(field["name"], *self.of(field["type"], depth + 1)) for field in schema["fields"]]
        struct_type = pa.struct([(name, kind) for name, kind, _ in fields])
        fixes = {name: fix for name, _, fix in fields if fix is not None}
        return struct_type, _members(fixes) if fixes else None


def _micros(value: time | int) -> int:
    if isinstance(value, int):
        return value
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond


def _each(fix: Fix) -> Fix:
    return lambda values: [None if value is None else fix(value) for value in values]


def _entries(fix: Fix | None) -> Fix:
    """Arrow takes a map as pairs."""
    if fix is None:
        return lambda entries: list(entries.items())
    return lambda entries: [(key, None if value is None else fix(value)) for key, value in entries.items()]


def _members(fixes: Mapping[str, Fix]) -> Fix:
    def fixed(record: Mapping[str, Any]) -> dict[str, Any]:
        made = dict(record)
        for name, fix in fixes.items():
            if made[name] is not None:
                made[name] = fix(made[name])
        return made

    return fixed
