"""An Avro schema as columns of Hive types."""

from __future__ import annotations

from typing import Any

from lakebench.catalog import DataType, Field
from lakebench.catalog.types import simple
from lakebench.emulator.crawler.columns import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INT,
    MAX_DEPTH,
    STRING,
    UNKNOWN,
    merge_types,
    proper_name,
)

_BINARY = simple("varbinary")
_TIMESTAMP = simple("timestamp")
_PRIMITIVES = {
    "null": UNKNOWN,
    "boolean": BOOLEAN,
    "int": INT,
    "long": BIGINT,
    "float": simple("real"),
    "double": DOUBLE,
    "bytes": _BINARY,
    "string": STRING,
}
_LOGICAL = {
    ("int", "date"): simple("date"),
    ("long", "timestamp-millis"): _TIMESTAMP,
    ("long", "timestamp-micros"): _TIMESTAMP,
    ("long", "local-timestamp-millis"): _TIMESTAMP,
    ("long", "local-timestamp-micros"): _TIMESTAMP,
}
_MAX_PRECISION = 38
_MAX_TYPES = 20_000


def columns_of(schema: Any) -> list[tuple[str, DataType]]:
    """Names and types of a record's fields; raises ValueError for what is no record, or no schema."""
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise ValueError("its schema is no record")
    record = _Translator().translate(schema, "", 0)
    return [(member.name or "_", member.type) for member in record.fields]


class _Translator:
    """Named types by their full names. A schema can be small and its types endless, so they are counted."""

    def __init__(self) -> None:
        self.named: dict[str, DataType] = {}
        self.left = _MAX_TYPES

    def translate(self, schema: Any, space: str, depth: int) -> DataType:
        self.left -= 1
        if self.left < 0:
            raise ValueError(f"its schema has more than {_MAX_TYPES} types")
        if depth > MAX_DEPTH:
            return STRING
        if isinstance(schema, list):
            return self.union(schema, space, depth)
        if isinstance(schema, str):
            return self.by_name(schema, space)
        if isinstance(schema, dict):
            return self.complex(schema, space, depth + 1)
        raise ValueError("a type is neither a name, an object nor a list")

    def by_name(self, name: str, space: str) -> DataType:
        if name in _PRIMITIVES:
            return _PRIMITIVES[name]
        for full in (name, f"{space}.{name}"):
            if full in self.named:
                known = self.named[full]
                self.left -= _weight(known)
                return known
        raise ValueError(f"a type is not known: {name[:100]}")

    def union(self, members: list[Any], space: str, depth: int) -> DataType:
        """The type of all members but null; ``string`` when they have none in common."""
        result = UNKNOWN
        for member in members:
            result = merge_types(result, self.translate(member, space, depth))
        return result

    def complex(self, schema: dict[str, Any], space: str, depth: int) -> DataType:
        kind, logical = schema.get("type"), schema.get("logicalType")
        match kind:
            case "record" | "error":
                return self.record(schema, space, depth)
            case "enum":
                return self.remember(schema, space, STRING)
            case "fixed":
                return self.remember(schema, space, _decimal(schema) or _BINARY)
            case "array":
                element = self.translate(schema.get("items"), space, depth)
                return DataType(name="array", fields=(Field(name=None, type=element),))
            case "map":
                value = self.translate(schema.get("values"), space, depth)
                pair = (Field(name=None, type=STRING), Field(name=None, type=value))
                return DataType(name="map", fields=pair)
            case "bytes":
                return _decimal(schema) or _BINARY
            case str():
                plain = self.by_name(kind, space)
                return _LOGICAL.get((kind, logical), plain) if isinstance(logical, str) else plain
            case _:
                return self.translate(kind, space, depth)

    def record(self, schema: dict[str, Any], space: str, depth: int) -> DataType:
        own = _space(schema, space)
        self.remember(schema, space, STRING)  # what a record says of itself inside itself has no Hive type
        fields = schema.get("fields")
        if not isinstance(fields, list) or not all(isinstance(one, dict) for one in fields):
            raise ValueError("a record has no list of fields")
        members = tuple(
            Field(
                name=proper_name(str(one.get("name", "")).replace("`", "_")),
                type=self.translate(one.get("type"), own, depth),
            )
            for one in fields
        )
        return self.remember(schema, space, DataType(name="row", fields=members))

    def remember(self, schema: dict[str, Any], space: str, kind: DataType) -> DataType:
        name, own = str(schema.get("name", "")), _space(schema, space)
        self.named[name if "." in name or not own else f"{own}.{name}"] = kind
        return kind


def _space(schema: dict[str, Any], outer: str) -> str:
    name = str(schema.get("name", ""))
    return name.rpartition(".")[0] if "." in name else str(schema.get("namespace", outer))


def _weight(kind: DataType) -> int:
    """How many types a type holds; a record named twice is written out twice."""
    return 1 + sum(_weight(member.type) for member in kind.fields)


def _decimal(schema: dict[str, Any]) -> DataType | None:
    precision, scale = schema.get("precision"), schema.get("scale", 0)
    if schema.get("logicalType") != "decimal" or type(precision) is not int or type(scale) is not int:
        return None
    if not 0 <= scale <= precision or not 1 <= precision <= _MAX_PRECISION:
        return None
    return simple("decimal", precision, scale)
