"""Trino's types as Arrow's, for the columns of data files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from lakebench.catalog import DataType

_SIMPLE: Mapping[str, pa.DataType] = {
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


def arrow_schema(columns: Sequence[tuple[str, DataType]]) -> pa.Schema:
    """The columns of a file; every one may be NULL."""
    return pa.schema([pa.field(name, arrow_type(data_type)) for name, data_type in columns])


def arrow_type(data_type: DataType) -> pa.DataType:
    """The Arrow type in which DuckDB hands over values of this type; raises KeyError for one not in Hive."""
    inner = [arrow_type(member.type) for member in data_type.fields]
    if data_type.name == "array":
        return pa.list_(inner[0])
    if data_type.name == "map":
        return pa.map_(*inner)
    if data_type.name == "row":
        names = [member.name or "" for member in data_type.fields]
        return pa.struct([pa.field(name, kind) for name, kind in zip(names, inner, strict=True)])
    if data_type.name == "decimal":
        return pa.decimal128(*data_type.parameters)
    return _SIMPLE[data_type.name]
