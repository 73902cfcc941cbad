"""Arrow's types as Hive's: what Parquet and ORC files say of their columns, by way of pyarrow."""

from __future__ import annotations

from typing import Any

from lakebench.catalog import DataType, Field
from lakebench.catalog.types import simple
from lakebench.emulator.crawler.columns import MAX_DEPTH, STRING

# Unsigned integers take the next wider type, as Spark and Hive read them.
_BY_ARROW_NAME = {
    "bool": "boolean",
    **dict.fromkeys(("int8",), "tinyint"),
    **dict.fromkeys(("int16", "uint8"), "smallint"),
    **dict.fromkeys(("int32", "uint16", "time32[ms]", "time32[s]"), "integer"),
    **dict.fromkeys(("int64", "uint32", "uint64", "time64[us]", "time64[ns]"), "bigint"),
    **dict.fromkeys(("halffloat", "float"), "real"),
    "double": "double",
    **dict.fromkeys(("string", "large_string", "string_view", "null", "extension<arrow.json>"), "varchar"),
    **dict.fromkeys(("binary", "large_binary", "binary_view"), "varbinary"),
    **dict.fromkeys(("date32[day]", "date64[ms]"), "date"),
}


def hive_type(arrow: Any, depth: int = 0) -> DataType:
    """An Arrow type as Hive's; a type that Hive does not have becomes ``string``."""
    from pyarrow import types  # 0.2 s that text objects need not wait for

    depth += 1
    if depth > MAX_DEPTH:
        return STRING
    if types.is_struct(arrow):
        members = (arrow.field(i) for i in range(arrow.num_fields))
        fields = tuple(Field(name=member.name, type=hive_type(member.type, depth)) for member in members)
        return DataType(name="row", fields=fields)
    if types.is_map(arrow):
        pair = (hive_type(arrow.key_type, depth), hive_type(arrow.item_type, depth))
        return DataType(name="map", fields=tuple(Field(name=None, type=kind) for kind in pair))
    if types.is_list(arrow) or types.is_large_list(arrow) or types.is_fixed_size_list(arrow):
        return DataType(name="array", fields=(Field(name=None, type=hive_type(arrow.value_type, depth)),))
    return _hive_scalar(arrow)


def _hive_scalar(arrow: Any) -> DataType:
    from pyarrow import types  # as above

    if types.is_dictionary(arrow):
        return hive_type(arrow.value_type)
    if types.is_decimal(arrow):
        return simple("decimal", arrow.precision, arrow.scale)
    if types.is_timestamp(arrow):
        return simple("timestamp")
    if types.is_fixed_size_binary(arrow):
        return simple("varbinary")
    return simple(_BY_ARROW_NAME[str(arrow)]) if str(arrow) in _BY_ARROW_NAME else STRING
