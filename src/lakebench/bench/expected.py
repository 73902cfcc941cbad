"""Answers against what a suite expects of them."""

from __future__ import annotations

from decimal import Decimal

from lakebench.bench.suite import Cell, Expected
from lakebench.client.athena import Row, Value
from lakebench.errors import ClientError


class ExpectedRows:
    """Checks the rows of one answer as they come; raises ClientError naming ``where`` and the row."""

    def __init__(self, where: str, expected: Expected | None) -> None:
        self._where = where
        self._expected = expected

    def row(self, number: int, row: Row) -> None:
        """The row of this number, from 0."""
        if not isinstance(self._expected, tuple) or number >= len(self._expected):
            return
        wanted = self._expected[number]
        if len(wanted) != len(row) or not all(map(_is_cell, row, wanted)):
            raise ClientError(f"{self._where}: row {number + 1} is {_told(row)}, not {_told(wanted)}")

    def end(self, count: int) -> None:
        """The answer had so many rows."""
        wanted = len(self._expected) if isinstance(self._expected, tuple) else self._expected
        if wanted is not None and count != wanted:
            raise ClientError(f"{self._where} gives {count} rows, not {wanted}")


def _is_cell(value: Value, wanted: Cell) -> bool:
    """A text is compared as text, whatever the column; a number as a number."""
    if value is None:
        return False
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    if isinstance(wanted, str) or isinstance(value, str):
        return str(value) == wanted
    return Decimal(str(value)) == Decimal(str(wanted))


def _told(row: tuple[Value, ...]) -> str:
    return "(" + ", ".join("NULL" if cell is None else str(cell) for cell in row) + ")"
