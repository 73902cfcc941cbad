"""SHOW and DESCRIBE over the catalogue, in Athena's text layouts.

Layouts measured on Athena 2026-09 (facts/athena.md 4): one value a row, several columns joined by tabs,
Hive's fields padded to 20 characters, names of SHOW TABLES and SHOW DATABASES bare.
"""

from __future__ import annotations

from lakebench.catalog import Column, Table
from lakebench.emulator.athena.columns import text_columns
from lakebench.emulator.athena.name_pattern import matches
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.data_files import partition_path
from lakebench.emulator.athena.run.databases import ensure_database
from lakebench.emulator.athena.run.hive import database_missing, existing_table, hive_failed
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.sql.statement import (
    Describe,
    ShowColumns,
    ShowPartitions,
    ShowTableProperties,
    ShowTables,
)

_WIDTH = 20
_BLANK_ROW = "\t \t "
_PARTITION_HEADING = (
    "# Partition Information\t \t ",
    # Hive pads this first field to 22 characters, as measured.
    "# col_name            \tdata_type           \tcomment             ",
)
DESC_VIEW = "DESC_VIEW"


def show_tables(context: RunContext, statement: ShowTables) -> TextResult:
    """SHOW TABLES lists views too; SHOW VIEWS lists only them."""
    database = statement.database or context.execution.request.database
    if not ensure_database(context, database):
        raise database_missing(database)
    tables = context.catalog.tables(database)
    names = sorted(table.name for table in tables if table.is_view or not statement.views_only)
    return TextResult(
        lines=tuple(name for name in names if matches(statement.pattern, name)),
        columns=text_columns("views", type_name="varchar")
        if statement.views_only
        else text_columns("tab_name"),
        update_count=0,
    )


def show_columns(context: RunContext, statement: ShowColumns) -> TextResult:
    """Names of columns and partition keys."""
    table = existing_table(context, statement.target)
    if table.is_view:
        return _view_columns(table)
    return TextResult(
        lines=tuple(_padded(column.name) for column in (*table.columns, *table.partition_keys)),
        columns=text_columns("field"),
        update_count=0,
    )


def describe(context: RunContext, statement: Describe) -> TextResult:
    """Name, Hive type and comment of each column; partition keys once more in a section of their own."""
    table = existing_table(context, statement.target)
    if statement.extended or statement.formatted:
        raise hive_failed("DESCRIBE EXTENDED and DESCRIBE FORMATTED are not supported yet; use DESCRIBE")
    if table.is_view:
        return _view_columns(table)
    lines = [_described(column) for column in (*table.columns, *table.partition_keys)]
    if table.partition_keys:
        lines += [_BLANK_ROW, *_PARTITION_HEADING, _BLANK_ROW]
        lines += [_described(column) for column in table.partition_keys]
    return TextResult(lines=tuple(lines), columns=text_columns("col_name", "data_type", "comment"))


def show_partitions(context: RunContext, statement: ShowPartitions) -> TextResult:
    """``year=2024/month=01`` of each registered partition."""
    table = existing_table(context, statement.target)
    if not table.partition_keys:
        raise hive_failed(f"SemanticException [Error 10241]: Table {table.name} is not a partitioned table")
    keys = [column.name for column in table.partition_keys]
    partitions = context.catalog.partitions(table)
    return TextResult(
        lines=tuple(partition_path(keys, partition.values).rstrip("/") for partition in partitions),
        columns=text_columns("partition"),
        update_count=0,
    )


def show_table_properties(context: RunContext, statement: ShowTableProperties) -> TextResult:
    """All properties as ``name<TAB>value``, or the value of one."""
    table = existing_table(context, statement.target)
    columns = text_columns("prpt_name", "prpt_value")
    if statement.name is None:
        text = "\n".join(f"{key}\t{value}" for key, value in table.parameters.items())
    else:
        missing = f"Table {table.database}.{table.name} does not have property: {statement.name}"
        text = table.parameters.get(statement.name, missing)
    return TextResult(lines=tuple(text.split("\n")) if text else (), columns=columns, update_count=0)


def _view_columns(table: Table) -> TextResult:
    """Views are described by Trino's types, not padded, as DESC_VIEW."""
    return TextResult(
        lines=tuple(f"{column.name}\t{column.type.trino}" for column in table.columns),
        columns=text_columns("column", "type", type_name="varchar"),
        update_count=0,
        substatement_type=DESC_VIEW,
    )


def _described(column: Column) -> str:
    comment = _padded(column.comment or "").split("\t", 1)[0]  # cut at a tab, as measured
    return f"{_padded(column.name)}\t{_padded(column.type.hive)}\t{comment}"


def _padded(text: str) -> str:
    return text.ljust(_WIDTH)
