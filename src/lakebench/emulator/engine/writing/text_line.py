"""Delimited lines as LazySimpleSerDe writes them: an expression for DuckDB.

One separator a nesting level; NULL is the null format; only with an escape character are separators and it
escaped, so a value that holds a separator reads back wrong otherwise, as in Athena (Trino:
lib/trino-hive-formats, encodings/text).
"""

from __future__ import annotations

from collections.abc import Sequence

from lakebench.catalog import DataType
from lakebench.emulator.engine.quoting import literal
from lakebench.emulator.engine.relations.text import Delimiters
from lakebench.errors import QueryFailed
from lakebench.sql import field_name, result_text


def text_line(names: Sequence[str], types: Sequence[DataType], delimiters: Delimiters) -> str:
    """The line without its end. Raises QueryFailed for a type nested too deeply."""
    fields = [
        f"coalesce({_value(name, data_type, delimiters, 1)}, {literal(delimiters.null_text)})"
        for name, data_type in zip(names, types, strict=True)
    ]
    return f" || {literal(delimiters.separators[0])} || ".join(fields)


def scalar_text(value: str, data_type: DataType) -> str:
    """A value as Hive's text: fractions of a second without trailing zeros."""
    if data_type.name == "timestamp":
        return f"rtrim(rtrim(strftime({value}, '%Y-%m-%d %H:%M:%S.%f'), '0'), '.')"
    return result_text(value, data_type)


def _value(value: str, data_type: DataType, delimiters: Delimiters, depth: int) -> str:
    """NULL where the value is; ``depth`` is the level whose separator divides this value."""
    if data_type.fields:
        return _collection(value, data_type, delimiters, depth)
    if data_type.name == "varbinary":
        return f"to_base64({value})"
    text = scalar_text(value, data_type)
    if delimiters.escape is None or data_type.name not in {"varchar", "char"}:
        return text
    for char in (delimiters.escape, *delimiters.separators):
        text = f"replace({text}, {literal(char)}, {literal(delimiters.escape + char)})"
    return text


def _collection(value: str, data_type: DataType, delimiters: Delimiters, depth: int) -> str:
    levels = 2 if data_type.name == "map" else 1
    if depth + levels > len(delimiters.separators):
        raise QueryFailed("NOT_SUPPORTED", f"Type {data_type.trino} is nested too deeply for text objects")
    separator = literal(delimiters.separators[depth])
    null, item = literal(delimiters.null_text), f"lb_t{depth}"
    if data_type.name == "row":
        members = [
            f"coalesce({_value(_member(value, data_type, at), member.type, delimiters, depth + 1)}, {null})"
            for at, member in enumerate(data_type.fields)
        ]
        return f"CASE WHEN {value} IS NOT NULL THEN {f' || {separator} || '.join(members)} END"
    if data_type.name == "array":
        element = _value(item, data_type.fields[0].type, delimiters, depth + 1)
        parts = f"list_transform({value}, lambda {item}: coalesce({element}, {null}))"
    else:
        key = _value(f"{item}.key", data_type.fields[0].type, delimiters, depth + 2)
        held = _value(f"{item}.value", data_type.fields[1].type, delimiters, depth + 2)
        joint = literal(delimiters.separators[depth + 1])
        entry = f"{key} || {joint} || coalesce({held}, {null})"
        parts = f"list_transform(map_entries({value}), lambda {item}: {entry})"
    return f"array_to_string({parts}, {separator})"


def _member(value: str, data_type: DataType, at: int) -> str:
    return f"struct_extract({value}, {literal(field_name(data_type.fields[at], at))})"
