"""Tables that are made from the catalogue itself: information_schema and ``"t$partitions"``.

Columns as Athena documents them (AWS: querying-glue-catalog; Trino: information_schema, Hive connector).
"""

from __future__ import annotations

from lakebench.catalog.table import SYSTEM_TABLE, Column, SerDe, Storage, Table
from lakebench.catalog.types import simple

INFORMATION_SCHEMA = "information_schema"
PARTITIONS = "$partitions"
"""What a table's name ends in when its partitions are meant."""

_NUMBERS = {"ordinal_position"}
_COLUMNS = {
    "schemata": ("catalog_name", "schema_name"),
    "tables": ("table_catalog", "table_schema", "table_name", "table_type"),
    "views": ("table_catalog", "table_schema", "table_name", "view_definition"),
    "columns": (
        *("table_catalog", "table_schema", "table_name", "column_name", "ordinal_position"),
        *("column_default", "is_nullable", "data_type", "comment", "extra_info"),
    ),
}


def information_tables() -> tuple[Table, ...]:
    """The tables of information_schema, by name."""
    return tuple(_system_table(INFORMATION_SCHEMA, name, _columns(name)) for name in sorted(_COLUMNS))


def information_table(name: str) -> Table | None:
    """One of them, by its lower-case name."""
    return next((table for table in information_tables() if table.name == name), None)


def partitions_table(table: Table) -> Table:
    """``"t$partitions"``: a row a registered partition, a column a key."""
    return _system_table(table.database, table.name + PARTITIONS, table.partition_keys)


def _columns(name: str) -> tuple[Column, ...]:
    return tuple(
        Column(name=column, type=simple("bigint" if column in _NUMBERS else "varchar"))
        for column in _COLUMNS[name]
    )


def _system_table(database: str, name: str, columns: tuple[Column, ...]) -> Table:
    storage = Storage(location=None, input_format="", output_format="", serde=SerDe(library=""))
    return Table(database=database, name=name, columns=columns, storage=storage, table_type=SYSTEM_TABLE)
