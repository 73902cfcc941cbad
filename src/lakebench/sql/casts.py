"""CAST and TRY_CAST as Trino means them: half up, strict integers, milliseconds, Trino's texts."""

from __future__ import annotations

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.errors import failure


def cast(node: exp.Cast, text: str, given: DataType | None, target: DataType, *, trying: bool) -> str:
    """The DuckDB text of a cast from a known or unknown type."""
    word = "TRY_CAST" if trying else "CAST"
    if types.is_text(target):
        return _to_text(node, text, given, target)
    if given is not None and given.name == "json" and not target.fields:
        text, given = f"lb_json_text({text})", None
    if types.is_integer(target):
        text = _to_integer(text, given, target, trying=trying)
    elif types.is_decimal(target) and types.is_float(given):
        text = f"round({text}, {target.parameters[1]})"
    plain = f"{word}({text} AS {types.duckdb_type(target)})"
    if target.name == "timestamp" and target.parameters[0] <= 3 and types.is_text(given):
        return _to_milliseconds(node, plain, target)
    return plain


def _to_integer(text: str, given: DataType | None, target: DataType, *, trying: bool) -> str:
    if types.is_float(given):
        return f"round({text})"
    if types.is_text(given):
        kind = {"integer": "INT"}.get(target.name, target.name.upper())
        return f"lb_try_integer({text})" if trying else f"lb_to_integer({text}, '{kind}')"
    return text


def _to_milliseconds(node: exp.Cast, plain: str, target: DataType) -> str:
    """A timestamp(3) has three digits, rounded; a literal says by itself how many it has."""
    value = node.this
    digits = len(value.name.partition(".")[2]) if isinstance(value, exp.Literal) else None
    if digits is not None and digits <= target.parameters[0]:
        return plain
    return f"lb_milliseconds({plain})"


def _to_text(node: exp.Cast, text: str, given: DataType | None, target: DataType) -> str:
    if given is None:
        raise failure(node, "NOT_SUPPORTED", "A cast to varchar from a type that is not known here")
    if types.is_float(given):
        written = f"lb_float_varchar({text})"
    elif given.name == "timestamp":
        written = f"strftime({text}, '%Y-%m-%d %H:%M:%S{'.%g' if given.parameters[0] else ''}')"
        if given.parameters[0] not in {0, 3}:
            raise failure(node, "NOT_SUPPORTED", f"A cast of {given} to varchar is not supported yet")
    elif given.name == "timestamp with time zone":
        written = f"lb_timestamp_tz({text})"
    elif given.name == "json":
        written = f"lb_json_text({text})"
    elif given.name in {"varbinary", "time"} or types.is_interval(given):
        raise failure(node, "NOT_SUPPORTED", f"A cast of {given} to varchar is not supported yet")
    else:
        written = f"CAST({text} AS VARCHAR)"
    if not target.parameters:
        return written
    length = target.parameters[0]
    if target.name == "char":
        return f"rpad({written}, {length}, ' ')"
    return f"left({written}, {length})"
