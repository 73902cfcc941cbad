"""Trino's ``format``: Java's format strings, piece by piece, where they mean the same in DuckDB."""

from __future__ import annotations

from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.signatures import Call

_FLAGS = "-0,+ #("


def write_format(call: Call) -> str:
    """``format('%s is %.2f', a, b)`` as a concatenation; NOT_SUPPORTED for conversions that differ."""
    text, pieces, at, used = _literal(call), [], 0, 1
    while at < len(text):
        mark = text.find("%", at)
        if mark < 0:
            mark = len(text)
        if mark > at:
            pieces.append(_quoted(text[at:mark]))
        if mark == len(text):
            break
        end = mark + 1
        while end < len(text) and (text[end] in _FLAGS or text[end].isdigit() or text[end] == "."):
            end += 1
        conversion = text[mark + 1 : end + 1]
        at = end + 1
        if conversion in {"%", "n"}:
            pieces.append("'%'" if conversion == "%" else "chr(10)")
            continue
        if used >= len(call.texts):
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"Format specifier '%{conversion}'")
        pieces.append(_converted(call, conversion, used))
        used += 1
    return "(" + " || ".join(pieces or ["''"]) + ")"


def _literal(call: Call) -> str:
    node = call.nodes[0]
    if not getattr(node, "is_string", False):
        raise QueryFailed("NOT_SUPPORTED", "format with a format that is no literal is not supported yet")
    return node.name


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _converted(call: Call, conversion: str, at: int) -> str:
    text, given = call.texts[at], call.types[at]
    kind, options = conversion[-1:], conversion[:-1]
    if kind == "s" and (options.lstrip("-").isdecimal() or not options):
        written = _as_text(text, conversion, call, at)
        return f"printf('%{options}s', {written})" if options else written
    if kind == "d" and types.is_integer(given):
        if options == ",":
            return f"printf('%,d', CAST({text} AS BIGINT))"
        if options.isdecimal() or not options:
            return f"printf('%{options}d', CAST({text} AS BIGINT))"
    if kind == "x" and types.is_integer(given) and (options.isdecimal() or not options):
        return f"printf('%{options}x', CAST({text} AS BIGINT))"
    if kind == "f" and types.is_number(given):
        whole, point, digits = options.partition(".")
        if not whole and (digits.isdecimal() or not point):
            # Java rounds half up what the number shows; C's printf rounds its binary value.
            return f"CAST(CAST(CAST({text} AS VARCHAR) AS DECIMAL(38,{digits or 6})) AS VARCHAR)"
    raise QueryFailed("NOT_SUPPORTED", f"format with %{conversion} of {given} is not supported yet")


def _as_text(text: str, conversion: str, call: Call, at: int) -> str:
    given = call.types[at]
    if types.is_float(given):
        return f"lb_java({text})"
    if types.is_text(given) or types.is_number(given) or types.is_named(given, "boolean", "date"):
        return f"CAST({text} AS VARCHAR)"
    raise QueryFailed("NOT_SUPPORTED", f"format with %{conversion} of {given} is not supported yet")
