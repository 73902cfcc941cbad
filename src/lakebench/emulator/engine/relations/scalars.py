"""A value's text as Java's parse functions read it: NULL where they throw, false for what is not true."""

from __future__ import annotations

from lakebench.catalog import DataType
from lakebench.emulator.engine.quoting import literal
from lakebench.errors import QueryFailed
from lakebench.sql import duckdb_type

_INTEGERS = frozenset({"tinyint", "smallint", "integer", "bigint"})
_FLOATS = frozenset({"real", "double"})
_FLOAT = r"\s*[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?)\s*"


def java_scalar(text: str, data_type: DataType) -> str:
    """SQL of the value; raises QueryFailed NOT_SUPPORTED for a type that is no scalar of a text's."""
    target, name = duckdb_type(data_type), data_type.name
    if name == "varchar":
        return f"left({text}, {data_type.parameters[0]})" if data_type.parameters else text
    if name == "char":
        return f"rtrim(left({text}, {data_type.parameters[0]}), ' ')"
    if name == "boolean":
        return f"(lower({text}) = 'true')"
    if name in _INTEGERS:
        return f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]+') THEN TRY_CAST({text} AS {target}) END"
    if name in _FLOATS:
        bare = f"regexp_replace(trim({text}), '[dDfF]$', '')"
        return f"CASE WHEN regexp_full_match({text}, {literal(_FLOAT)}) THEN TRY_CAST({bare} AS {target}) END"
    if name in {"decimal", "date"}:
        return f"TRY_CAST({text} AS {target})"
    if name == "timestamp":
        return f"CASE WHEN length({text}) >= 8 THEN TRY_CAST({text} AS {target}) END"
    raise QueryFailed("NOT_SUPPORTED", f"Unsupported column type: {data_type.trino}")
