"""JSON functions and casts; paths are rewritten from Trino's spelling to DuckDB's."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.signatures import Call, Function, fixed

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][\w-]*|\d+) | \[(?P<index>\d+)\] | \[(["'])(?P<key>[^"'\\]*)\3\]
      | \.?"(?P<quoted>[^"\\]*)" """,
    re.VERBOSE,
)


def _path(call: Call, at: int) -> str:
    """A literal path in DuckDB's words, as a quoted string."""
    node = call.nodes[at]
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise types.not_supported(f"{call.name} with a path that is no literal")
    return "'" + duckdb_path(node.name).replace("'", "''") + "'"


def duckdb_path(text: str) -> str:
    """``$.a[0]["b c"]`` as ``$."a"[0]."b c"``; wildcards, filters and negative indices are refused."""
    if not text.startswith("$"):
        if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*|\[\d+\])*", text):
            raise types.not_supported(f"The JSON path '{text[:60]}'")
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON path: '{text}'")
    out, at = "$", 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise types.not_supported(f"The JSON path '{text[:60]}'")
        index = found["index"]
        key = next((found[name] for name in ("name", "key", "quoted") if found[name] is not None), "")
        out += f"[{index}]" if index is not None else f'."{key}"'
        at = found.end()
    return out


def _with_path(form: str) -> Callable[[Call], str]:
    return lambda call: form.format(call.texts[0], _path(call, 1))


def _contains(call: Call) -> str:
    given = call.types[1]
    if types.is_text(given):
        kinds, read = "'VARCHAR'", "json_extract_string({0}, '$[' || lb_i || ']')"
    elif types.is_named(given, "boolean"):
        kinds, read = "'BOOLEAN'", "CAST(json_extract_string({0}, '$[' || lb_i || ']') AS BOOLEAN)"
    elif types.is_integer(given):
        kinds, read = (
            "'BIGINT', 'UBIGINT'",
            "TRY_CAST(json_extract_string({0}, '$[' || lb_i || ']') AS BIGINT)",
        )
    else:
        raise types.not_supported(f"json_array_contains of a {given}")
    text = f"lb_json({call.texts[0]})"
    held = f"json_type({text}, '$[' || lb_i || ']') IN ({kinds}) AND {read.format(text)} = {call.texts[1]}"
    return (
        f"(CASE WHEN json_type({text}) = 'ARRAY' THEN list_contains(list_transform(range(CAST("
        f"json_array_length({text}) AS BIGINT)), lambda lb_i: coalesce({held}, false)), true) END)"
    )


def to_json(text: str, given: DataType, depth: int = 0) -> str:
    """``CAST(x AS JSON)`` as a DuckDB expression; NOT_SUPPORTED for types that are not translated."""
    if given.name == "json":
        return text
    if given.name == "array":
        name = f"lb_j{depth}"
        inner = f"coalesce(CAST({to_json(name, given.fields[0].type, depth + 1)} AS VARCHAR), 'null')"
        body = f"array_to_string(list_transform({text}, lambda {name}: {inner}), ',')"
        return f"CAST('[' || {body} || ']' AS JSON)"
    if given.name == "map" and types.is_text(given.fields[0].type):
        name = f"lb_j{depth}"
        held = (
            f"coalesce(CAST({to_json(f'{name}.value', given.fields[1].type, depth + 1)} AS VARCHAR), 'null')"
        )
        entry = f"CAST(to_json({name}.key) AS VARCHAR) || ':' || {held}"
        entries = f"list_transform(list_sort(map_entries({text})), lambda {name}: {entry})"
        return f"CAST('{{' || array_to_string({entries}, ',') || '}}' AS JSON)"
    if given.name == "row":
        return _row_to_json(text, given, depth)
    if types.is_float(given):
        special = f"'\"' || lb_special({text}) || '\"'"
        return f"CAST(CASE WHEN isfinite({text}) THEN lb_java({text}) ELSE {special} END AS JSON)"
    if types.is_integer(given) or given.name in {"boolean", "decimal"}:
        return f"CAST(CAST({text} AS VARCHAR) AS JSON)"
    if given.name in {"varchar", "date"}:
        return f"to_json(CAST({text} AS VARCHAR))"
    if given.name == "timestamp" and given.parameters[0] == 3:
        return f"to_json(lb_timestamp({text}))"
    raise types.not_supported(f"A cast of {given} to json")


def _row_to_json(text: str, given: DataType, depth: int) -> str:
    named = any(field.name for field in given.fields)
    parts = []
    for at, field in enumerate(given.fields):
        name = (field.name or "").replace('"', '\\"').replace("'", "''")
        quoted = types.field_name(field, at).replace("'", "''")
        member = f"struct_extract({text}, '{quoted}')" if named else f"({text})[{at + 1}]"
        value = f"coalesce(CAST({to_json(member, field.type, depth)} AS VARCHAR), 'null')"
        parts.append(f"'\"{name}\":' || {value}")
    body = " || ',' || ".join(parts)
    return f"CAST(CASE WHEN {text} IS NOT NULL THEN '{{' || {body} || '}}' END AS JSON)"


def _row(name: str, arguments: str, returns: str, sql: str | Callable[[Call], str]) -> Function:
    return Function(name=name, arguments=arguments, returns=fixed(returns), sql=sql)


JSONS = [
    _row("json_extract_scalar", "jv", "varchar", _with_path("lb_json_extract_scalar({0}, {1})")),
    _row("json_extract", "jv", "json", _with_path("lb_json_extract({0}, {1})")),
    _row("json_parse", "v", "json", "lb_json_parse({0})"),
    _row("json_format", "J", "varchar", "CAST({0} AS VARCHAR)"),
    _row("json_array_length", "j", "bigint", "lb_json_array_length({0})"),
    _row("json_array_get", "ji", "json", "lb_json_array_get({0}, {1})"),
    _row("json_array_contains", "jx", "boolean", _contains),
    _row("json_size", "jv", "bigint", _with_path("lb_json_size({0}, {1})")),
    _row("is_json_scalar", "j", "boolean", "(json_type({0}) NOT IN ('OBJECT', 'ARRAY'))"),
]
