"""A suite as values: queries over tables that are generated, or that are there already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from lakebench.catalog.s3 import S3Uri
from lakebench.datagen.data_sets import DataSet

Cell = str | int | float | bool
"""A cell that is expected; a text must be the whole text, a number is compared as a number."""

Expected = int | tuple[tuple[Cell, ...], ...]
"""What a query must give: so many rows, or these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteTable:
    """A table of a suite, by the name that stands in the braces of its queries.

    Of a generated one ``columns`` are known, with Hive's types. Otherwise objects below ``location`` are
    crawled, or ``entry`` names a table of the catalogue as (database, table). ``delimiter`` stands between
    fields of its text; None: the byte 1, as Hive has it. Buckets and sorted files go by the columns named.
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    bucketed_by: str | None = None
    sorted_by: tuple[str, ...] = ()
    location: S3Uri | None = None
    entry: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Queries by name, with ``{name}`` for the quoted name of a table.

    ``data`` is what its tables are generated from, None for tables that are there. ``partitioned`` are its
    layouts with partitions, by name: for each table the keys, one or two. ``expected`` is by query.
    """

    name: str
    data: DataSet | None
    tables: tuple[SuiteTable, ...]
    queries: Mapping[str, str]
    partitioned: Mapping[str, Mapping[str, tuple[str, ...]]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    expected: Mapping[str, Expected] = field(default_factory=dict)

    def of_queries(self, queries: Mapping[str, str]) -> Suite:
        """The suite with these queries instead, and of its tables those that they name."""
        named = tuple(
            table for table in self.tables if any(f"{{{table.name}}}" in sql for sql in queries.values())
        )
        return replace(self, queries=queries, tables=named)

    def statement(self, query: str, names: Mapping[str, str]) -> str:
        """The text of a query with the quoted names of its tables put in."""
        sql = self.queries[query]
        for table in self.tables:
            sql = sql.replace(f"{{{table.name}}}", names[table.name])
        return sql
