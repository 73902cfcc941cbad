"""Values as the text of Athena's results, written by DuckDB with the macros of ``sql.macros``."""

from __future__ import annotations

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.duckdb_types import member_text
from lakebench.sql.temporal_casts import TEMPORAL
from lakebench.sql.temporal_texts import SHOWN_DIGITS, temporal_text


def result_text(expression_sql: str, data_type: DataType) -> str:
    """A DuckDB expression that renders a value of this Trino type; NULL stays NULL.

    Doubles in Java's shortest form (``1.0E7``), timestamps with three digits, ``[1, 2]``, ``{k=v}``,
    ``{a=1, b=2}`` with ``null`` for nested NULLs, binary as ``01 02`` (facts/athena.md 4, facts/sql.md).
    """
    return _text(expression_sql, data_type, 0)


def _text(value: str, data_type: DataType, depth: int) -> str:
    if data_type.name in {"array", "map", "row"}:
        writer = {"array": _array, "map": _map, "row": _row}[data_type.name]
        return writer(value, data_type, depth)
    if data_type.name == "char" and data_type.parameters:
        return f"rpad({value}, {data_type.parameters[0]}, ' ')"
    if data_type.name in TEMPORAL:
        return temporal_text(value, data_type, SHOWN_DIGITS)
    if data_type.name == "decimal" and data_type.parameters[0] == data_type.parameters[1]:
        return f"lb_decimal_varchar({value})"  # DuckDB leaves out the zero before the point
    if data_type.name in types.SKETCHES:
        raise types.not_supported(f"A result of the type {data_type}")
    form = _FORMS.get(data_type.name, "CAST({0} AS VARCHAR)")
    return form.format(value)


_FORMS = {
    "varchar": "{0}",
    "boolean": "lb_boolean({0})",
    "real": "lb_java({0})",
    "double": "lb_java({0})",
    "varbinary": "lb_blob({0})",
    "Geometry": "lb_py_st_astext({0})",
    "SphericalGeography": "lb_py_st_astext({0})",
    "BingTile": "lb_py_bing_tile_text({0})",
    "ipaddress": "lb_py_address_text({0})",
    "interval day to second": "lb_days({0})",
    "interval year to month": "lb_months({0})",
}


def _inner(value: str, data_type: DataType, depth: int) -> str:
    return f"coalesce({_text(value, data_type, depth)}, 'null')"


def _array(value: str, data_type: DataType, depth: int) -> str:
    name = f"lb_v{depth}"
    inner = _inner(name, data_type.fields[0].type, depth + 1)
    return f"('[' || array_to_string(list_transform({value}, lambda {name}: {inner}), ', ') || ']')"


def _map(value: str, data_type: DataType, depth: int) -> str:
    name = f"lb_v{depth}"
    key = _inner(f"{name}.key", data_type.fields[0].type, depth + 1)
    held = _inner(f"{name}.value", data_type.fields[1].type, depth + 1)
    entries = f"list_transform(map_entries({value}), lambda {name}: {key} || '=' || {held})"
    return f"('{{' || array_to_string({entries}, ', ') || '}}')"


def _row(value: str, data_type: DataType, depth: int) -> str:
    parts = []
    for at, field in enumerate(data_type.fields):
        name = types.field_name(field, at)
        quoted = name.replace("'", "''")
        member = member_text(value, at)
        parts.append(f"'{quoted}=' || {_inner(member, field.type, depth)}")
    body = " || ', ' || ".join(parts)
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE '{{' || {body} || '}}' END"
