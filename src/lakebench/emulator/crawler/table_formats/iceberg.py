"""Iceberg: the newest metadata file's schema, and where that file lies (Iceberg spec, "Table Metadata")."""

from __future__ import annotations

import re
from typing import Any

from lakebench.catalog import DataType, Field, S3Uri
from lakebench.catalog.types import simple
from lakebench.emulator.crawler.columns import InferredColumn, distinct, inferred
from lakebench.emulator.crawler.table_formats.found import (
    FoundTable,
    NotReadable,
    deeper,
    member,
    read_json,
    read_text,
)
from lakebench.emulator.storage.objects import ObjectStore, StoredObject

_VERSION = re.compile(r"v?(\d+)(?:-[^/]*)?(?:\.gz)?\.metadata\.json")
_DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)")
# Hive types as Iceberg's own Glue catalogue writes them (Iceberg: IcebergToGlueConverter, schema conversion).
_TYPES = {
    "boolean": "boolean",
    "int": "integer",
    "long": "bigint",
    "float": "real",
    "double": "double",
    "date": "date",
    "time": "varchar",
    "timestamp": "timestamp",
    "timestamptz": "timestamp",
    "string": "varchar",
    "uuid": "varchar",
    "binary": "varbinary",
}


def describe_iceberg(root: S3Uri, objects: ObjectStore) -> FoundTable:
    """The table at a folder; raises NotReadable. Partition fields are columns as all others."""
    newest = _newest(root, objects)
    whole = read_json(newest)
    schema = _current_schema(whole)
    fields = member(schema, "fields", list, "the fields of its schema")
    return FoundTable(
        location=root,
        columns=distinct([_column(one) for one in fields]),
        parameters={"table_type": "ICEBERG", "metadata_location": str(newest.uri)},
    )


def _newest(root: S3Uri, objects: ObjectStore) -> StoredObject:
    """The file that version-hint.text names, else the one of the highest version, the younger of two."""
    folder = root.child("metadata/")
    found: list[tuple[int, Any, StoredObject]] = []
    for stored in objects.list(folder):
        match = _VERSION.fullmatch(stored.uri.key.removeprefix(folder.key))
        if match:
            found.append((int(match[1]), stored.last_modified, stored))
    if not found:
        raise NotReadable("has no metadata file of a version")
    hint = objects.get(folder.child("version-hint.text"))
    if hint is not None and (text := read_text(hint).strip()).isdecimal():
        hinted = [one for one in found if one[0] == int(text)]
        found = hinted or found
    return max(found, key=lambda one: one[:2])[2]


def _current_schema(whole: Any) -> Any:
    schemas = whole.get("schemas") if isinstance(whole, dict) else None
    if not schemas:
        return member(whole, "schema", dict, "a schema")  # format version 1
    current = member(whole, "current-schema-id", int, "its current schema's number")
    for schema in schemas:
        if isinstance(schema, dict) and schema.get("schema-id") == current:
            return schema
    raise NotReadable(f"has metadata without its current schema {current}")


def _column(wire: Any) -> InferredColumn:
    return inferred(member(wire, "name", str, "a column's name"), _type(wire.get("type"), 0))


def _type(wire: Any, depth: int) -> DataType:
    depth = deeper(depth)
    if isinstance(wire, str):
        return _scalar(wire)
    match wire.get("type") if isinstance(wire, dict) else None:
        case "struct":
            fields = member(wire, "fields", list, "the fields of a struct")
            names = [member(one, "name", str, "a field's name") for one in fields]
            types = [_type(one.get("type"), depth) for one in fields]
            pairs = zip(names, types, strict=True)
            return DataType(name="row", fields=tuple(Field(name=name, type=kind) for name, kind in pairs))
        case "list":
            return DataType(name="array", fields=(Field(name=None, type=_type(wire.get("element"), depth)),))
        case "map":
            pair = (_type(wire.get("key"), depth), _type(wire.get("value"), depth))
            return DataType(name="map", fields=tuple(Field(name=None, type=kind) for kind in pair))
    raise NotReadable("has a column of no known type")


def _scalar(text: str) -> DataType:
    if match := _DECIMAL.fullmatch(text):
        return simple("decimal", int(match[1]), int(match[2]))
    if text.startswith("fixed["):
        return simple("varbinary")
    if text not in _TYPES:
        raise NotReadable(f"has a column of the type {text}, which is not known here")
    return simple(_TYPES[text])
