"""Arrow columns through a function of one row, where no library has the function for whole columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa


def each(function: Callable[..., Any], returns: pa.DataType, *columns: pa.Array) -> pa.Array:
    """``function`` of each row; NULL where an argument is NULL."""
    if len(columns) == 1:
        values = [None if value is None else function(value) for value in columns[0].to_pylist()]
        return pa.array(values, returns)
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return pa.array([None if _has_null(row) else function(*row) for row in rows], returns)


def _has_null(row: tuple[Any, ...]) -> bool:
    return any(value is None for value in row)
