"""CAST and TRY_CAST as Trino means them: half up, strict integers, milliseconds, Trino's texts."""

from __future__ import annotations

import re

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.sql import types, zones
from lakebench.sql.errors import failure
from lakebench.sql.jsons import to_json
from lakebench.sql.result_text import result_text

_PLAIN = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


def cast(node: exp.Cast, text: str, given: DataType | None, target: DataType, *, trying: bool) -> str:
    """The DuckDB text of a cast from a known or unknown type."""
    word = "TRY_CAST" if trying else "CAST"
    if target.name == "json":
        if given is None or given == types.UNKNOWN:
            raise types.not_supported("A cast of a value whose type is not known here to json")
        return to_json(text, given)
    if zones.is_zoned(target):
        return _to_zoned(node, text, given, target, trying=trying)
    if zones.is_zoned(given) and not types.is_text(target):
        clock = types.timestamp((given.parameters or (3,))[0] if given else 3)
        text, given = f"lb_local({text})", clock
    if types.is_named(given, "char") and given is not None:
        text = char_text(node.this, text, given)
    if types.is_text(target):
        written = _to_text(node, text, given, target)
        return f"TRY({written})" if trying and target.parameters else written
    if given is not None and given.name == "json" and not target.fields:
        text, given = f"lb_json_text({text})", None
    special = _special(text, given, target)
    if special is not None:
        return f"TRY({special})" if trying else special
    if target.name in {"date", "timestamp"} and types.is_text(given):
        text = _checked_text(node, text, target, trying=trying)
    elif types.is_integer(target) or types.is_decimal(target):
        text = _to_exact(text, given, target, trying=trying)
    plain = f"{word}({text} AS {types.duckdb_type(target)})"
    return _rounded_seconds(node, plain, given, target)


def _to_zoned(node: exp.Cast, text: str, given: DataType | None, target: DataType, *, trying: bool) -> str:
    if not types.is_named(given, "date", "timestamp", "timestamp with time zone", "varchar", "unknown"):
        raise failure(node, "NOT_SUPPORTED", f"A cast of {given} to {target} is not supported yet")
    if trying and types.is_text(given):
        return f"TRY({zones.zoned(text, given)})"
    return zones.zoned(text, given) if given != types.UNKNOWN else f"CAST({text} AS {zones.ZONED})"


def char_text(node: exp.Expr, text: str, given: DataType) -> str:
    """A char with its blanks; a cast has written them already, a column may be stored without."""
    return text if isinstance(node, exp.Cast) else f"rpad({text}, {given.parameters[0]}, ' ')"


def _to_exact(text: str, given: DataType | None, target: DataType, *, trying: bool) -> str:
    """The argument of a cast to a whole number or a decimal."""
    if types.is_decimal(target):
        if types.is_float(given):
            return f"CAST({text} AS VARCHAR)"  # Java rounds the digits that the number shows
        if types.is_text(given) and not trying:
            kind = "DECIMAL({}, {})".format(*target.parameters)
            return f"lb_decimal_text({text}, '{kind}')"
        return f"CASE WHEN lb_is_decimal({text}) THEN {text} END" if types.is_text(given) else text
    if types.is_float(given):
        return f"round({text})"
    if types.is_text(given):
        kind = {"integer": "INT"}.get(target.name, target.name.upper())
        return f"lb_try_integer({text})" if trying else f"lb_to_integer({text}, '{kind}')"
    return text


_PLAIN_FLOAT = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"


def _special(text: str, given: DataType | None, target: DataType) -> str | None:
    """Casts with a function of their own; None for the others."""
    if types.is_text(given):
        if types.is_named(target, "boolean"):
            return f"lb_to_boolean({text})"
        if types.is_float(target):
            kind = types.duckdb_type(target)
            odd = f"CAST(lb_py_cast_double({text}, '{target.name.upper()}') AS {kind})"
            plain = f"regexp_full_match({text}, '{_PLAIN_FLOAT}')"
            return f"(CASE WHEN {plain} THEN CAST({text} AS {kind}) ELSE {odd} END)"
    if types.is_named(given, "double") and target.name == "real":
        return f"lb_to_real({text})"
    names = (given.name if given is not None else "", target.name)
    return _FORMS[names].format(text) if names in _FORMS else None


_FORMS = {
    ("varchar", "uuid"): "CAST(lb_uuid_text({0}) AS UUID)",
    ("varbinary", "uuid"): "lb_uuid_of({0})",
    ("uuid", "varbinary"): "unhex(replace(CAST({0} AS VARCHAR), '-', ''))",
    ("varchar", "ipaddress"): "lb_py_address_of({0})",
    ("varbinary", "ipaddress"): "lb_address_bytes({0})",
    ("ipaddress", "varbinary"): "{0}",
    ("varchar", "varbinary"): "encode({0})",
}


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
    written = _written(text, given)
    if not target.parameters:
        return written
    length = target.parameters[0]
    if types.is_text(given) or types.is_named(given, "unknown", "json"):
        return f"rpad({written}, {length}, ' ')" if target.name == "char" else f"left({written}, {length})"
    return f"lb_fits({written}, {result_text(text, given)}, '{target.name}', {length})"


def _written(text: str, given: DataType) -> str:
    """A value as its cast to varchar writes it."""
    if types.is_float(given):
        return f"lb_float_varchar({text})"
    if given.name == "json":
        return f"lb_json_text({text})"
    if types.is_decimal(given) or types.is_interval(given) or given.name in _RESULT_TEXTS:
        return result_text(text, given)
    return f"CAST({text} AS VARCHAR)"


_RESULT_TEXTS = {"timestamp", "time", "timestamp with time zone", "ipaddress"}
"""Types whose cast to varchar writes what a result shows."""
