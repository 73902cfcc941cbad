"""ALTER TABLE on columns, properties and places: each change is a new version of the table in Glue.

Errors and the parameters that mark a change are Hive's (its DDLTask); which forms Athena takes at start and
then fails is measured (athena-local, docs/caveats.md, 2026-09).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lakebench.catalog import Column, Partition, Table
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.hive import DDL_TASK, existing_table, hive_failed
from lakebench.emulator.athena.run.new_table import ddl_time
from lakebench.emulator.athena.run.partitions import one_partition
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.sql.statement import (
    AddColumns,
    ChangeColumn,
    DropColumn,
    RenameTable,
    ReplaceColumns,
    SetLocation,
    SetTableProperties,
    TableName,
)

_MODIFIER = "hadoop"


def add_columns(context: RunContext, statement: AddColumns) -> TextResult:
    """ADD COLUMNS: behind the others, before the partition keys; of one partition with PARTITION."""
    table = alterable_table(context, statement.target)
    if statement.partition is not None:
        partition = one_partition(context, table, statement.partition)
        columns = (*partition.columns, *statement.columns)
        _check_names(columns, table.partition_keys)
        context.catalog.update_partition(table, replace(partition, columns=columns))
        return TextResult(companion=True)
    columns = (*table.columns, *statement.columns)
    _check_names(columns, table.partition_keys)
    context.catalog.update_table(modified(replace(table, columns=columns)))
    return TextResult(companion=True)


def replace_columns(context: RunContext, statement: ReplaceColumns) -> TextResult:
    """REPLACE COLUMNS: these and no others; partitions keep theirs (AWS: alter-table-replace-columns)."""
    table = alterable_table(context, statement.target)
    _check_names(statement.columns, table.partition_keys)
    if statement.partition is not None:
        partition = one_partition(context, table, statement.partition)
        context.catalog.update_partition(table, replace(partition, columns=statement.columns))
        return TextResult(companion=True)
    context.catalog.update_table(modified(replace(table, columns=statement.columns)))
    return TextResult(companion=True)


def change_column(context: RunContext, statement: ChangeColumn) -> TextResult:
    """CHANGE COLUMN: name, type, comment and place; without COMMENT the old one stays."""
    table = alterable_table(context, statement.target)
    old = _column(table.columns, statement.old)
    new = statement.column
    if new.comment is None:
        new = replace(new, comment=old.comment)
    others = [column for column in table.columns if column is not old]
    _check_names((*others, new), table.partition_keys)
    at = table.columns.index(old)
    if statement.first:
        at = 0
    elif statement.after is not None:
        at = others.index(_column(others, statement.after)) + 1
    others.insert(at, new)
    context.catalog.update_table(modified(replace(table, columns=tuple(others))))
    return TextResult()


def set_properties(context: RunContext, statement: SetTableProperties) -> TextResult:
    """SET TBLPROPERTIES: given keys are set, the others stay."""
    table = alterable_table(context, statement.target)
    parameters = {**table.parameters, **statement.properties}
    context.catalog.update_table(modified(replace(table, parameters=parameters)))
    return TextResult()


def set_location(context: RunContext, statement: SetLocation) -> TextResult:
    """SET LOCATION of the table or of one partition; a table's partitions stay where they are."""
    table = alterable_table(context, statement.target)
    if statement.partition is None:
        storage = replace(table.storage, location=statement.location)
        context.catalog.update_table(modified(replace(table, storage=storage)))
        return TextResult()
    partition: Partition = one_partition(context, table, statement.partition)
    moved = replace(partition, storage=replace(partition.storage, location=statement.location))
    context.catalog.update_partition(table, moved)
    return TextResult()


def rename_table(context: RunContext, statement: RenameTable) -> TextResult:
    """RENAME TO: Glue renames no table, so it fails once the table is known to exist."""
    existing_table(context, statement.target)
    raise hive_failed(
        DDL_TASK + "Unable to alter table. Table cannot be renamed (Service: AmazonDataCatalog; Status Code: "
        f"400; Error Code: InvalidInputException; Request ID: {uuid.uuid4()}; Proxy: null)"
    )


def drop_column(_: RunContext, statement: DropColumn) -> TextResult:
    """DROP COLUMN: the grammar is Iceberg's; Hive's parser refuses it whether the table exists or not."""
    line, column = statement.place
    verb, noun = statement.words
    raise hive_failed(
        f"ParseException line {line}:{column} mismatched input '{noun}' expecting PARTITION near '{verb}' "
        "in drop partition statement"
    )


def alterable_table(context: RunContext, name: TableName) -> Table:
    """The table; Hive's error 10131 for a view."""
    table = existing_table(context, name)
    if table.is_view:
        raise hive_failed(
            "SemanticException [Error 10131]: To alter a view you need to use the ALTER VIEW command."
        )
    return table


def modified(table: Table) -> Table:
    """The table with Hive's marks of a change among its parameters."""
    now = ddl_time()
    marks = {"last_modified_by": _MODIFIER, "last_modified_time": now, "transient_lastDdlTime": now}
    return replace(table, parameters={**table.parameters, **marks})


def _check_names(columns: Iterable[Column], keys: Iterable[Column]) -> None:
    seen: set[str] = set()
    for column in (*columns, *keys):
        if column.name in seen:
            raise hive_failed(DDL_TASK + f"Duplicate column name: {column.name}")
        seen.add(column.name)


def _column(columns: Sequence[Column], name: str) -> Column:
    for column in columns:
        if column.name == name:
            return column
    raise hive_failed(DDL_TASK + f"Invalid column reference {name}")
