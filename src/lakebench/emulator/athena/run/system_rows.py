"""The rows of tables that are made from the catalogue: no object is read, nothing is scanned."""

from __future__ import annotations

from collections.abc import Iterator

from lakebench.catalog import Table
from lakebench.catalog.store import CatalogStore, NotFound
from lakebench.catalog.system_tables import INFORMATION_SCHEMA, PARTITIONS, information_tables
from lakebench.emulator.athena.run.files import HIVE_DEFAULT_PARTITION
from lakebench.errors import QueryFailed
from lakebench.sql.cursor import CATALOG
from lakebench.sql.views import decode_view, trino_columns

Row = tuple[str | None, ...]


def system_rows(catalog: CatalogStore, table: Table) -> tuple[Row, ...]:
    """All rows of a system table, as texts."""
    if table.database != INFORMATION_SCHEMA:
        return tuple(_partitions(catalog, table))
    return tuple(_ROWS[table.name](catalog))


def _partitions(catalog: CatalogStore, table: Table) -> Iterator[Row]:
    base = catalog.table(table.database, table.name.removesuffix(PARTITIONS))
    if base is None:
        return
    if base.parameters.get("projection.enabled", "").lower() == "true":
        raise QueryFailed(
            "NOT_SUPPORTED", f"The partitions of {base.database}.{base.name} are projected, not registered"
        )
    for partition in catalog.partitions(base):
        yield tuple(None if value == HIVE_DEFAULT_PARTITION else value for value in partition.values)


def _all_tables(catalog: CatalogStore) -> Iterator[Table]:
    for database in catalog.databases():
        try:
            yield from catalog.tables(database.name)
        except NotFound:  # dropped meanwhile
            continue
    yield from information_tables()


def _schemata(catalog: CatalogStore) -> Iterator[Row]:
    for name in (*(database.name for database in catalog.databases()), INFORMATION_SCHEMA):
        yield (CATALOG, name)


def _tables(catalog: CatalogStore) -> Iterator[Row]:
    for table in _all_tables(catalog):
        yield (CATALOG, table.database, table.name, "VIEW" if table.is_view else "BASE TABLE")


def _views(catalog: CatalogStore) -> Iterator[Row]:
    for table in _all_tables(catalog):
        if table.is_view:
            yield (CATALOG, table.database, table.name, _definition(table))


def _definition(view: Table) -> str | None:
    """The query's text; None for a view that Athena cannot read."""
    try:
        return decode_view(view.view_text or "").sql
    except QueryFailed:
        return None


def _columns(catalog: CatalogStore) -> Iterator[Row]:
    for table in _all_tables(catalog):
        keys = {column.name for column in table.partition_keys}
        for position, column in enumerate(trino_columns(table), start=1):
            yield (
                *(CATALOG, table.database, table.name, column.name, str(position), None, "YES"),
                column.type.trino,
                column.comment,
                "partition key" if column.name in keys else None,
            )


_ROWS = {"schemata": _schemata, "tables": _tables, "views": _views, "columns": _columns}
