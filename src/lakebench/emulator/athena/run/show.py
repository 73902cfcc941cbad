"""SHOW over the catalogue, in Athena's text layouts.

Layouts measured on Athena 2026-09 (facts/athena.md 4): one value a row, several columns joined by tabs,
Hive's fields padded to 20 characters, names of SHOW TABLES and SHOW DATABASES bare.
"""

from __future__ import annotations

from lakebench.emulator.athena.columns import text_columns
from lakebench.emulator.athena.name_pattern import matches
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.data_files import partition_path
from lakebench.emulator.athena.run.databases import ensure_database
from lakebench.emulator.athena.run.describe import padded, view_columns
from lakebench.emulator.athena.run.hive import database_missing, existing_table, hive_failed
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.sql.statement import (
    ShowColumns,
    ShowPartitions,
    ShowTableProperties,
    ShowTables,
)


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
        return view_columns(table)
    return TextResult(
        lines=tuple(padded(column.name) for column in (*table.columns, *table.partition_keys)),
        columns=text_columns("field"),
        update_count=0,
    )


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
