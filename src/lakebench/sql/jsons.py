"""JSON functions and casts (Trino: functions/json); a JSON value is its compact text in DuckDB."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.duckdb_types import duckdb_type, member_text
from lakebench.sql.result_text import result_text
from lakebench.sql.signatures import Call, Function, fixed
from lakebench.sql.temporal_texts import temporal_text

_PLAIN_PATH = re.compile(r"\$(?:\.[A-Za-z_]\w*|\[\d+\]|\[\"(?!\d+\")[\w .]+\"\])+")


def _text_of(call: Call) -> str:
    return f"CAST({call.texts[0]} AS VARCHAR)" if types.is_named(call.types[0], "json") else call.texts[0]


def _extract_scalar(call: Call) -> str:
    """DuckDB finds plain paths in valid texts; the UDF keeps numbers' spelling and reads odd texts."""
    text, node = _text_of(call), call.nodes[1]
    read = f"lb_py_json_extract_scalar({text}, {call.texts[1]})"
    literal = isinstance(node, exp.Literal) and node.is_string and _PLAIN_PATH.fullmatch(node.name)
    # A subquery is not written twice: its scans would count twice.
    if not literal or call.nodes[0].find(exp.Query) is not None:
        return read
    path = "'" + re.sub(r"\[(\"[^\"]*\")\]", r".\1", node.name) + "'"
    found = f"json_type({text}, {path})"
    # An index is also the name of a member.
    missing = "" if "[" in path else f"WHEN {found} IS NULL THEN NULL "
    return (
        f"(CASE WHEN NOT json_valid({text}) THEN {read} "
        f"WHEN {found} IN ('VARCHAR', 'BIGINT', 'UBIGINT', 'BOOLEAN') "
        f"THEN json_extract_string({text}, {path}) "
        f"WHEN {found} IN ('NULL', 'OBJECT', 'ARRAY') THEN NULL {missing}ELSE {read} END)"
    )


def _contains(call: Call) -> str:
    given = call.types[1]
    if given is None or given == types.UNKNOWN:
        return "CAST(NULL AS BOOLEAN)"
    kind = "bigint" if types.is_integer(given) else "double" if types.is_number(given) else given.name
    if kind not in {"boolean", "bigint", "double", "varchar"}:
        raise types.not_supported(f"json_array_contains of a {given}")
    return f"lb_py_json_array_contains({_text_of(call)}, '{kind}', CAST({call.texts[1]} AS VARCHAR))"


def _of_text(form: str) -> Callable[[Call], str]:
    return lambda call: form.format(_text_of(call), *call.texts[1:])


def from_json(text: str, target: DataType) -> str:
    """``CAST(json AS x)``; the UDF checks and converts, DuckDB gives the result its type."""
    made = f"lb_py_json_cast(CAST({text} AS VARCHAR), '{target.trino.replace(chr(39), chr(39) * 2)}')"
    if target.name == "varchar":
        return made
    if target.fields:
        return f"CAST(CAST({made} AS JSON) AS {duckdb_type(target)})"
    if target.name == "real":
        return f"lb_to_real(CAST({made} AS DOUBLE))"
    return f"CAST({made} AS {duckdb_type(target)})"


_JSON_LEAVES = {*types.NUMBERS, "boolean", "varchar", "json"}
_JSON_KEYS = {*types.NUMBERS, "boolean", "varchar"}


def casts_from_json(target: DataType) -> bool:
    """Whether Trino casts JSON to this type."""
    if target.name == "map":
        key, value = (field.type for field in target.fields)
        return key.name in _JSON_KEYS and casts_from_json(value)
    if target.fields:
        return all(casts_from_json(field.type) for field in target.fields)
    return target.name in _JSON_LEAVES


def to_json(text: str, given: DataType, depth: int = 0) -> str:
    """``CAST(x AS JSON)`` as a DuckDB expression; NOT_SUPPORTED for types that are not translated."""
    if given.name == "json":
        return text
    if given == types.UNKNOWN:
        return f"CAST({text} AS JSON)"
    if given.name == "array":
        name = f"lb_j{depth}"
        inner = f"coalesce(CAST({to_json(name, given.fields[0].type, depth + 1)} AS VARCHAR), 'null')"
        body = f"array_to_string(list_transform({text}, lambda {name}: {inner}), ',')"
        return f"CAST('[' || {body} || ']' AS JSON)"
    if given.name == "map" and given.fields[0].type.name in _JSON_KEYS:
        name = f"lb_j{depth}"
        held = (
            f"coalesce(CAST({to_json(f'{name}.value', given.fields[1].type, depth + 1)} AS VARCHAR), 'null')"
        )
        key = result_text(f"{name}.key", given.fields[0].type)
        entry = f"{{'k': {key}, 'v': CAST(to_json({key}) AS VARCHAR) || ':' || {held}}}"
        entries = f"list_sort(list_transform(map_entries({text}), lambda {name}: {entry}))"
        members = f"list_transform({entries}, lambda {name}: {name}.v)"
        return f"CAST('{{' || array_to_string({members}, ',') || '}}' AS JSON)"
    if given.name == "row":
        return _row_to_json(text, given, depth)
    if types.is_float(given):
        special = f"'\"' || lb_special({text}) || '\"'"
        return f"CAST(CASE WHEN isfinite({text}) THEN lb_java({text}) ELSE {special} END AS JSON)"
    if types.is_integer(given) or given.name in {"boolean", "decimal"}:
        return f"CAST({result_text(text, given)} AS JSON)"
    if given.name in {"varchar", "date", "timestamp"}:
        shown = temporal_text(text, given) if given.name == "timestamp" else result_text(text, given)
        return f"to_json(CAST({shown} AS VARCHAR))"
    raise types.not_supported(f"A cast of {given} to json")


def _row_to_json(text: str, given: DataType, depth: int) -> str:
    parts = []
    for at, field in enumerate(given.fields):
        name = (field.name or "").replace('"', '\\"').replace("'", "''")
        member = member_text(text, at)
        value = f"coalesce(CAST({to_json(member, field.type, depth)} AS VARCHAR), 'null')"
        parts.append(f"'\"{name}\":' || {value}")
    body = " || ',' || ".join(parts)
    return f"CAST(CASE WHEN {text} IS NOT NULL THEN '{{' || {body} || '}}' END AS JSON)"


def _row(name: str, arguments: str, returns: str, sql: str | Callable[[Call], str]) -> Function:
    return Function(name=name, arguments=arguments, returns=fixed(returns), sql=sql)


JSONS = [
    _row("json_extract_scalar", "jv", "varchar", _extract_scalar),
    _row("json_extract", "jv", "json", _of_text("CAST(lb_py_json_extract({0}, {1}) AS JSON)")),
    _row("json_parse", "v", "json", "CAST(lb_py_json_parse({0}) AS JSON)"),
    _row("json_format", "J", "varchar", "CAST({0} AS VARCHAR)"),
    _row("json_array_length", "j", "bigint", "lb_json_array_length({0})"),
    _row("json_array_get", "ji", "json", _of_text("lb_py_json_array_get({0}, CAST({1} AS BIGINT))")),
    _row("json_array_contains", "jx", "boolean", _contains),
    _row("json_size", "jv", "bigint", _of_text("lb_py_json_size({0}, {1})")),
    _row("is_json_scalar", "j", "boolean", _of_text("lb_py_is_json_scalar({0})")),
]
