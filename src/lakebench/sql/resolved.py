"""A query whose tables are known: the seam between the SQL room and whoever binds files to scans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from lakebench.catalog import Table

TableLookup = Callable[[str, str], Table | None]
"""Answers (database, table), both in lower case; None when the catalogue has no such table."""

DatabaseLookup = Callable[[str], bool]
"""Whether a database (lower case) exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One occurrence of a base table in a query: a table used twice is scanned twice.

    Source: facts/athena.md 1.4 (self-join, CTE used twice, views expanded).
    """

    scan_id: str
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedQuery:
    """The tree in Athena's dialect with each base table replaced by its scan_id, and those scans.

    Views are expanded and CTEs used more than once are copied, so that each use has scans of its own.
    """

    tree: exp.Expression
    scans: tuple[Scan, ...]
