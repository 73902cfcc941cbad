"""CREATE TABLE AS: data files, catalogue entry and partitions appear together or not at all."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from sqlglot import exp

from lakebench.catalog import S3Uri, Table
from lakebench.catalog.store import AlreadyExists, NotFound
from lakebench.emulator.athena.columns import ROWS_COLUMN
from lakebench.emulator.athena.execution import RunResult
from lakebench.emulator.athena.run.column_names import check_column_names
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.data_files import Layout
from lakebench.emulator.athena.run.databases import require_database
from lakebench.emulator.athena.run.new_table import check_columns, created_table, text_serde
from lakebench.emulator.athena.run.partitions import register_new_partitions
from lakebench.emulator.athena.run.query import as_relation, resolve_query, without_rows
from lakebench.emulator.athena.run.writing import NOWHERE, Writing, Written, require_empty, write_files
from lakebench.emulator.engine.protocol import TableSink
from lakebench.errors import QueryFailed
from lakebench.sql import result_columns
from lakebench.sql.resolved import ResolvedQuery
from lakebench.sql.statement import CreateTableAs, Query


def run_ctas(context: RunContext, statement: CreateTableAs) -> RunResult:
    """Run the query into files below the target's location, then register the table.

    With IF NOT EXISTS a table that is there already stays as it is, and nothing is read or written.
    """
    if statement.if_not_exists and context.find_table(statement.target) is not None:
        return RunResult(columns=(ROWS_COLUMN,))
    database = _check_target(context, statement)
    location = _target_location(context, statement, database)
    layout = Layout(location=location, keys=statement.partitioned_by)
    writing = Writing(
        resolved=_resolved(context, statement),
        sink=TableSink(
            directory=NOWHERE,
            data_format=statement.data_format,
            compression=statement.compression,
            compression_level=statement.compression_level,
            partitioned_by=statement.partitioned_by,
            bucketed_by=statement.bucketed_by,
            bucket_count=statement.bucket_count,
            serde=text_serde(statement),
        ),
        layout=layout,
        update_type="CREATE TABLE",
        check=lambda columns: check_columns(
            columns, statement.data_format, statement.partitioned_by, statement.bucketed_by
        ),
        register=partial(_register, context, statement, layout),
    )
    return write_files(context, writing)


def _resolved(context: RunContext, statement: CreateTableAs) -> ResolvedQuery:
    """The query under the columns' own names, if they are given; without rows, if none are wanted."""
    query = statement.query
    resolved = resolve_query(context, query)
    if statement.columns:
        found = len(result_columns(resolved.tree))
        if found != len(statement.columns):
            raise QueryFailed(
                "MISMATCHED_COLUMN_ALIASES",
                f"Column alias list has {len(statement.columns)} entries but relation has {found} columns",
                line=statement.target.line,
                column=statement.target.column,
            )
        rows = as_relation(query, "_query", statement.columns)
        query = Query(tree=exp.select("*").from_(rows))
    if statement.columns or not statement.with_data:
        resolved = resolve_query(context, query if statement.with_data else without_rows(query))
    check_column_names(query, resolved)
    return resolved


def _check_target(context: RunContext, statement: CreateTableAs) -> str:
    database = context.database_of(statement.target)
    if context.find_table(statement.target) is not None:
        raise _exists(database, statement.target.name)
    require_database(context, database)
    return database


def _exists(database: str, name: str) -> QueryFailed:
    return QueryFailed(
        "TABLE_ALREADY_EXISTS",
        f"Destination table 'awsdatacatalog.{database}.{name}' already exists",
        line=1,
        column=1,
    )


def _target_location(context: RunContext, statement: CreateTableAs, database: str) -> S3Uri:
    """``external_location``, or ``tables/<id>/`` below the output location; it must be empty."""
    location = (statement.external_location or context.execution.request.location).as_prefix
    require_empty(
        context,
        location,
        f"Target directory for table '{database}.{statement.target.name}' already exists: {location}",
    )
    return location


def _forget(context: RunContext, table: Table) -> None:
    with suppress(NotFound):  # somebody else dropped it first
        context.catalog.delete_table(table.database, table.name)


def _register(context: RunContext, statement: CreateTableAs, layout: Layout, written: Written) -> None:
    database, columns = context.database_of(statement.target), written.outcome.columns
    table = created_table(statement, database, columns, layout.location, written.query_id)
    try:
        context.catalog.create_table(table)
    except AlreadyExists:
        raise _exists(database, table.name) from None
    written.undo.callback(_forget, context, table)
    register_new_partitions(context, table, written.outcome.written, layout)
