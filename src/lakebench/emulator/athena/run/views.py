"""CREATE VIEW and DROP VIEW: the query's text in the catalogue, as Athena stores it.

Glue keeps it as a VIRTUAL_VIEW whose ViewOriginalText holds query, database and columns.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from lakebench.catalog import Column, SerDe, Storage, Table
from lakebench.catalog.store import AlreadyExists, NotFound
from lakebench.emulator.athena.run.column_names import check_column_names
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.databases import require_database
from lakebench.emulator.athena.run.query import resolve_query, run_query, without_rows
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.emulator.engine.protocol import ResultColumn, RowsSink
from lakebench.errors import QueryFailed
from lakebench.sql.errors import position
from lakebench.sql.resolve import result_columns, result_types
from lakebench.sql.statement import CreateView, DropView
from lakebench.sql.views import EXPANDED_VIEW, ViewDefinition, encode_view


def create_view(context: RunContext, statement: CreateView) -> TextResult:
    """Analyse the query for its columns, then store it."""
    database = context.database_of(statement.target)
    require_database(context, database)
    name = f"awsdatacatalog.{database}.{statement.target.name}"
    existing = context.catalog.table(database, statement.target.name)
    if existing is not None and not existing.is_view:
        raise QueryFailed("TABLE_ALREADY_EXISTS", f"Table already exists: '{name}'", line=1, column=1)
    if existing is not None and not statement.replace:
        raise QueryFailed("TABLE_ALREADY_EXISTS", f"View already exists: '{name}'", line=1, column=1)
    _check_recursion(context, statement, database)
    view = _view(context, statement, database)
    try:
        if existing is None:
            context.catalog.create_table(view)
        else:
            context.catalog.update_table(replace(view, owner=existing.owner))
    except AlreadyExists:
        raise QueryFailed(
            "TABLE_ALREADY_EXISTS", f"View already exists: '{name}'", line=1, column=1
        ) from None
    return TextResult()


def _check_recursion(context: RunContext, statement: CreateView, database: str) -> None:
    """A view must not stand in its own query (Trino: StatementAnalyzer)."""
    around = context.execution.request.database
    inner = {cte.alias.lower() for cte in statement.query.tree.find_all(exp.CTE)}
    for table in statement.query.tree.find_all(exp.Table):
        own = table.name.lower() == statement.target.name and (table.db or around).lower() == database
        if own and not (not table.db and table.name.lower() in inner):
            line, column = position(table)
            raise QueryFailed(
                "VIEW_IS_RECURSIVE", "Statement would create a recursive view", line=line, column=column
            )


def drop_view(context: RunContext, statement: DropView) -> TextResult:
    """DROP VIEW [IF EXISTS]."""
    database = context.database_of(statement.target)
    name = f"awsdatacatalog.{database}.{statement.target.name}"
    view = context.catalog.table(database, statement.target.name)
    missing = QueryFailed("TABLE_NOT_FOUND", f"View '{name}' does not exist", line=1, column=1)
    if view is None:
        if statement.if_exists:
            return TextResult()
        raise missing
    if not view.is_view:
        raise QueryFailed(
            "TABLE_NOT_FOUND", f"View '{name}' does not exist, but a table with that name exists"
        )
    try:
        context.catalog.delete_table(database, view.name)
    except NotFound:
        if not statement.if_exists:
            raise missing from None
    return TextResult()


def _view(context: RunContext, statement: CreateView, database: str) -> Table:
    columns = tuple(
        Column(name=column.name.lower(), type=column.type) for column in _analysed(context, statement)
    )
    definition = ViewDefinition(
        sql=statement.text, database=context.execution.request.database, columns=columns
    )
    return Table(
        database=database,
        name=statement.target.name,
        columns=columns,
        storage=Storage(location=None, input_format="", output_format="", serde=SerDe(library="")),
        parameters={"comment": "Presto View", "presto_view": "true"},
        table_type="VIRTUAL_VIEW",
        view_text=encode_view(definition),
        view_expanded_text=EXPANDED_VIEW,
    )


def _analysed(context: RunContext, statement: CreateView) -> tuple[ResultColumn, ...]:
    """The query's columns; where the text alone does not tell a type, the engine is asked for no rows."""
    analysed = resolve_query(context, statement.query)
    check_column_names(statement.query, analysed)
    names, types = result_columns(analysed.tree), result_types(analysed.tree)
    columns = tuple(
        ResultColumn(name=name, type=found) for name, found in zip(names, types, strict=True) if found
    )
    if len(columns) == len(names):
        return columns
    with context.scratch_directory() as directory:
        resolved = resolve_query(context, without_rows(statement.query))
        return run_query(context, resolved, RowsSink(path=directory / "none.csv")).columns
