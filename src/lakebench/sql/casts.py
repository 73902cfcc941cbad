"""CAST and TRY_CAST as Trino means them: half up, strict integers, milliseconds, Trino's texts."""

from __future__ import annotations

import re

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.sql import types, zones
from lakebench.sql.errors import failure
from lakebench.sql.jsons import to_json
from lakebench.sql.result_text import result_text, time_text, timestamp_text

_PLAIN = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


def cast(node: exp.Cast, text: str, given: DataType | None, target: DataType, *, trying: bool) -> str:
    """The DuckDB text of a cast from a known or unknown type."""
    word = "TRY_CAST" if trying else "CAST"
    if target.name == "json":
        if given is None or given == types.UNKNOWN:
            raise types.not_supported("A cast of a value whose type is not known here to json")
        return to_json(text, given)
    if zones.is_zoned(target):
        if not types.is_named(given, "date", "timestamp", "timestamp with time zone", "varchar", "unknown"):
            raise failure(node, "NOT_SUPPORTED", f"A cast of {given} to {target} is not supported yet")
        if trying and types.is_text(given):
            return f"TRY({zones.zoned(text, given)})"
        return zones.zoned(text, given) if given != types.UNKNOWN else f"CAST({text} AS {zones.ZONED})"
    if zones.is_zoned(given) and not types.is_text(target):
        clock = types.timestamp((given.parameters or (3,))[0] if given else 3)
        text, given = f"lb_local({text})", clock
    if types.is_text(target):
        return _to_text(node, text, given, target)
    if given is not None and given.name == "json" and not target.fields:
        text, given = f"lb_json_text({text})", None
    if types.is_integer(target):
        text = _to_integer(text, given, target, trying=trying)
    elif types.is_decimal(target) and types.is_float(given):
        text = f"round({text}, {target.parameters[1]})"
    elif target.name in {"date", "timestamp"} and types.is_text(given):
        text = _checked_text(node, text, target, trying=trying)
    plain = f"{word}({text} AS {types.duckdb_type(target)})"
    return _rounded_seconds(node, plain, given, target)


def _to_integer(text: str, given: DataType | None, target: DataType, *, trying: bool) -> str:
    if types.is_float(given):
        return f"round({text})"
    if types.is_text(given):
        kind = {"integer": "INT"}.get(target.name, target.name.upper())
        return f"lb_try_integer({text})" if trying else f"lb_to_integer({text}, '{kind}')"
    return text


def _checked_text(node: exp.Cast, text: str, target: DataType, *, trying: bool) -> str:
    """Dates and timestamps in texts as Trino reads them: no time in a date, no zone in a timestamp."""
    if isinstance(node.this, exp.Literal) and _PLAIN.fullmatch(node.this.name.strip()):
        return text
    return f"lb_{'try_' if trying else ''}{target.name}_text({text})"


def _rounded_seconds(node: exp.Cast, plain: str, given: DataType | None, target: DataType) -> str:
    """A timestamp(3) has three digits, rounded half up; a literal says by itself how many it has."""
    if target.name != "timestamp" or target.parameters[0] >= 6:
        return plain
    if types.is_named(given, "date"):
        return plain
    if given is not None and given.name == "timestamp" and given.parameters[0] <= target.parameters[0]:
        return plain
    value = node.this
    digits = len(value.name.partition(".")[2]) if isinstance(value, exp.Literal) else None
    if digits is not None and digits <= target.parameters[0]:
        return plain
    return f"lb_rounded_seconds({plain}, {10 ** (6 - target.parameters[0])})"


def _to_text(node: exp.Cast, text: str, given: DataType | None, target: DataType) -> str:
    if given is None:
        raise failure(node, "NOT_SUPPORTED", "A cast to varchar from a type that is not known here")
    if types.is_float(given):
        written = f"lb_float_varchar({text})"
    elif given.name == "timestamp":
        written = timestamp_text(text, given.parameters[0])
    elif given.name == "time":
        written = time_text(text, given.parameters[0])
    elif given == types.DAY_TO_SECOND:
        written = f"lb_days({text})"
    elif given == types.YEAR_TO_MONTH:
        written = f"lb_months({text})"
    elif given.name == "timestamp with time zone":
        written = result_text(text, given)
    elif given.name == "json":
        written = f"lb_json_text({text})"
    elif given.name == "varbinary":
        raise failure(node, "NOT_SUPPORTED", f"A cast of {given} to varchar is not supported yet")
    else:
        written = f"CAST({text} AS VARCHAR)"
    if not target.parameters:
        return written
    length = target.parameters[0]
    if target.name == "char":
        return f"rpad({written}, {length}, ' ')"
    return f"left({written}, {length})"
