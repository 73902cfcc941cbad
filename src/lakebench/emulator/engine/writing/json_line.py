"""JSON lines as Hive's JsonSerDe and Trino's JsonSerializer write them: an expression for DuckDB.

All columns stand in the line, NULL as null; numbers are bare (NaN and infinities quoted), dates and
timestamps are text, the keys of maps are text, a row is an object. Bytes are taken as UTF-8, as Hive takes
them; what is none would be lost there, and is refused here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from lakebench.catalog import DataType
from lakebench.emulator.engine.failures import raised
from lakebench.emulator.engine.quoting import literal
from lakebench.emulator.engine.writing.text_line import scalar_text
from lakebench.sql import field_name

_BARE = frozenset({"boolean", "tinyint", "smallint", "integer", "bigint", "decimal"})


def json_line(names: Sequence[str], columns: Sequence[tuple[str, DataType]]) -> str:
    """The line without its end; ``names`` are the columns' names in the query, ``columns`` the table's."""
    members = [
        f"{literal(_quoted(label) + ':')} || {_value(name, data_type, 0)}"
        for name, (label, data_type) in zip(names, columns, strict=True)
    ]
    return "'{' || " + " || ',' || ".join(members) + " || '}'"


def _value(value: str, data_type: DataType, depth: int) -> str:
    return f"coalesce({_present(value, data_type, depth)}, 'null')"


def _present(value: str, data_type: DataType, depth: int) -> str:
    """NULL where the value is."""
    item = f"lb_j{depth}"
    if data_type.name == "array":
        inner = _value(item, data_type.fields[0].type, depth + 1)
        return f"('[' || array_to_string(list_transform({value}, lambda {item}: {inner}), ',') || ']')"
    if data_type.name == "map":
        key_type = data_type.fields[0].type
        plain = _utf8(f"{item}.key") if key_type.name == "varbinary" else scalar_text(f"{item}.key", key_type)
        key = _text(plain)
        held = _value(f"{item}.value", data_type.fields[1].type, depth + 1)
        entries = f"list_transform(map_entries({value}), lambda {item}: {key} || ':' || {held})"
        return f"('{{' || array_to_string({entries}, ',') || '}}')"
    if data_type.name == "row":
        members = [
            f"{literal(_quoted(field_name(member, at)) + ':')} || "
            f"{_value(f'struct_extract({value}, {literal(field_name(member, at))})', member.type, depth)}"
            for at, member in enumerate(data_type.fields)
        ]
        body = " || ',' || ".join(members)
        return f"CASE WHEN {value} IS NOT NULL THEN '{{' || {body} || '}}' END"
    if data_type.name == "varbinary":
        return _text(_utf8(value))
    text = scalar_text(value, data_type)
    if data_type.name in _BARE:
        return text
    if data_type.name in {"real", "double"}:
        return f"CASE WHEN isfinite({value}) THEN {text} ELSE {_text(text)} END"
    return _text(text)


def _utf8(value: str) -> str:
    failure = raised("NOT_SUPPORTED", "'Bytes that are not UTF-8 cannot be written as JSON'")
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE coalesce(TRY(decode({value})), {failure}) END"


def _text(text: str) -> str:
    return f"CAST(to_json({text}) AS VARCHAR)"


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
