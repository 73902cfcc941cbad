"""A table as a statement names it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TableName:
    """A table as the text names it, lower-cased; ``line`` and ``column`` count from 1."""

    name: str
    database: str | None = None
    catalog: str | None = None
    line: int = 1
    column: int = 1
