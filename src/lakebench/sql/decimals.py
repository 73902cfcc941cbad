"""Decimals beyond DuckDB's own arithmetic: exact division, rounded half up at Trino's scale."""

from __future__ import annotations

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.duckdb_types import duckdb_type

_FAST_DIGITS = 18


def divide_decimals(
    texts: tuple[str, str], given: tuple[DataType | None, DataType | None], result: DataType
) -> str:
    """``left / right`` as whole numbers of 128 bits; numerators of more than 38 digits raise an overflow."""
    left, right = (types.as_decimal(kind) if kind is not None else types.decimal(38, 0) for kind in given)
    precision, scale = result.parameters
    shift = scale + right.parameters[1] - left.parameters[1]
    units = [_units(text, kind) for text, kind in zip(texts, (left, right), strict=True)]
    numerator = units[0] if shift == 0 else f"({units[0]} * CAST({10**shift} AS HUGEINT))"
    quotient = f"lb_divide_units({numerator}, {units[1]})"
    if precision <= _FAST_DIGITS and scale <= _FAST_DIGITS:
        unit = f"CAST({_one_unit(scale)} AS DECIMAL(38,{scale}))"
        return f"CAST(CAST({quotient} AS DECIMAL(38,0)) * {unit} AS {duckdb_type(result)})"
    return f"CAST(lb_units_text({quotient}, {scale}) AS {duckdb_type(result)})"


def _one_unit(scale: int) -> str:
    return "1" if scale == 0 else f"0.{'0' * (scale - 1)}1"


def _units(text: str, kind: DataType) -> str:
    """A decimal's digits without its point, as a HUGEINT."""
    scale = kind.parameters[1]
    if scale == 0:
        return f"CAST({text} AS HUGEINT)"
    return f"CAST(replace(CAST(CAST({text} AS {duckdb_type(kind)}) AS VARCHAR), '.', '') AS HUGEINT)"
