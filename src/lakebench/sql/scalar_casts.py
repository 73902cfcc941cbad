"""Casts among numbers, booleans, texts, bytes, UUIDs and addresses as Trino means them."""

from __future__ import annotations

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.duckdb_types import duckdb_type
from lakebench.sql.result_text import result_text
from lakebench.sql.temporal_casts import is_temporal
from lakebench.sql.temporal_texts import temporal_text


def char_text(node: exp.Expr, text: str, given: DataType) -> str:
    """A char with its blanks; a cast has written them already, a column may be stored without."""
    return text if isinstance(node, exp.Cast) else f"rpad({text}, {given.parameters[0]}, ' ')"


def to_exact(text: str, given: DataType | None, target: DataType, *, trying: bool) -> str:
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


def special(text: str, given: DataType | None, target: DataType) -> str | None:
    """Casts with a function of their own; None for the others."""
    if types.is_text(given):
        if types.is_named(target, "boolean"):
            return f"lb_to_boolean({text})"
        if types.is_float(target):
            kind = duckdb_type(target)
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


def to_text(text: str, given: DataType | None, target: DataType) -> str:
    """A value as varchar or char; what is too long for a bounded one fails, a text is cut off."""
    if given is None:
        raise QueryFailed("NOT_SUPPORTED", "A cast to varchar from a type that is not known here")
    written = _written(text, given)
    if not target.parameters:
        return written
    length = target.parameters[0]
    if types.is_text(given) or types.is_named(given, "unknown"):
        return f"rpad({written}, {length}, ' ')" if target.name == "char" else f"left({written}, {length})"
    shown = written if is_temporal(given) else result_text(text, given)
    return f"lb_fits({written}, {shown}, '{target.name}', {length})"


def _written(text: str, given: DataType) -> str:
    """A value as its cast to varchar writes it."""
    if types.is_float(given):
        return f"lb_{given.name}_varchar({text})"
    if is_temporal(given):
        return temporal_text(text, given)
    if types.is_decimal(given) or types.is_interval(given) or given.name in _RESULT_TEXTS:
        return result_text(text, given)
    return f"CAST({text} AS VARCHAR)"


_RESULT_TEXTS = {"ipaddress"}
"""Types whose cast to varchar writes what a result shows."""
