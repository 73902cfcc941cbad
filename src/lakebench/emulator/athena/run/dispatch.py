"""From a statement to its run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lakebench.catalog.store import AlreadyExists, NotFound
from lakebench.emulator.athena.execution import Execution, RunResult
from lakebench.emulator.athena.run.alter import (
    add_columns,
    change_column,
    drop_column,
    rename_table,
    replace_columns,
    set_location,
    set_properties,
)
from lakebench.emulator.athena.run.context import RunContext, clear_bucket_errors
from lakebench.emulator.athena.run.ctas import run_ctas
from lakebench.emulator.athena.run.databases import (
    alter_database,
    create_database,
    drop_database,
    show_databases,
)
from lakebench.emulator.athena.run.describe import describe
from lakebench.emulator.athena.run.explain import explain, explain_analyze
from lakebench.emulator.athena.run.insert import run_insert
from lakebench.emulator.athena.run.partitions import add_partitions, drop_partitions, rename_partition
from lakebench.emulator.athena.run.prepared import deallocate, prepare
from lakebench.emulator.athena.run.repair import repair_table
from lakebench.emulator.athena.run.select import run_select
from lakebench.emulator.athena.run.show import (
    show_columns,
    show_partitions,
    show_table_properties,
    show_tables,
)
from lakebench.emulator.athena.run.show_create import show_create_table, show_create_view
from lakebench.emulator.athena.run.tables import create_external_table, drop_table
from lakebench.emulator.athena.run.text_result import TextResult, publish_text
from lakebench.emulator.athena.run.unload import run_unload
from lakebench.emulator.athena.run.views import create_view, drop_view
from lakebench.emulator.storage.objects import BucketMissing
from lakebench.errors import QueryFailed
from lakebench.sql import statement as sql

_TEXT_RUNS: Mapping[type, Callable[[RunContext, Any], TextResult]] = {
    sql.CreateDatabase: create_database,
    sql.AlterDatabase: alter_database,
    sql.DropDatabase: drop_database,
    sql.ShowDatabases: show_databases,
    sql.CreateExternalTable: create_external_table,
    sql.DropTable: drop_table,
    sql.CreateView: create_view,
    sql.DropView: drop_view,
    sql.ShowTables: show_tables,
    sql.ShowColumns: show_columns,
    sql.ShowPartitions: show_partitions,
    sql.ShowCreateTable: show_create_table,
    sql.ShowTableProperties: show_table_properties,
    sql.Describe: describe,
    sql.AddPartitions: add_partitions,
    sql.DropPartitions: drop_partitions,
    sql.RenamePartition: rename_partition,
    sql.AddColumns: add_columns,
    sql.ReplaceColumns: replace_columns,
    sql.ChangeColumn: change_column,
    sql.DropColumn: drop_column,
    sql.RenameTable: rename_table,
    sql.SetLocation: set_location,
    sql.SetTableProperties: set_properties,
    sql.RepairTable: repair_table,
    sql.Explain: explain,
    sql.ShowCreateView: show_create_view,
    sql.Prepare: prepare,
    sql.Deallocate: deallocate,
}


def uses_engine(statement: sql.Statement) -> bool:
    """Whether the statement waits for an engine worker."""
    return isinstance(
        statement,
        sql.Query | sql.CreateTableAs | sql.InsertInto | sql.CreateView | sql.Unload | sql.ExplainAnalyze,
    )


def run_statement(context: RunContext, statement: sql.Statement) -> None:
    """Run to the end and mark the execution SUCCEEDED; raises QueryFailed or QueryCancelled.

    What others delete from the catalogue or from S3 meanwhile fails the query, clearly.
    """
    try:
        with clear_bucket_errors():
            _run_as_one(context, statement)
    except QueryFailed as failed:
        if failed.code == "FAILED" and type(statement) in _TEXT_RUNS:
            _write_reason(context, failed.reason)
        raise
    except RecursionError:
        raise QueryFailed(
            "STACK_OVERFLOW", "statement is too large (stack overflow during analysis)"
        ) from None
    except (NotFound, AlreadyExists) as changed:
        raise QueryFailed(
            "HIVE_METASTORE_ERROR", f"The catalogue changed while the query ran: {changed}"
        ) from changed
    context.execution.show()


def _run_as_one(context: RunContext, statement: sql.Statement) -> None:
    """Run; what is published and the execution's end are one unit of work, and so is all that DDL does."""
    complete = False
    try:
        with context.publication:
            if type(statement) in _TEXT_RUNS and not _waits(statement):
                context.publication.enter_context(context.unit())
            context.execution.claim_success(_run(context, statement))
        complete = True
    finally:
        if not complete:
            context.execution.unclaim()


def _waits(statement: sql.Statement) -> bool:
    """Whether the statement may wait for the engine, which a unit of work must not."""
    return uses_engine(statement) or isinstance(statement, sql.Explain)


def _run(context: RunContext, statement: sql.Statement) -> RunResult:
    match statement:
        case sql.Query():
            return run_select(context, statement)
        case sql.CreateTableAs():
            with _noted(_ctas_note(context.execution)):
                return run_ctas(context, statement)
        case sql.InsertInto():
            with _noted(_insert_note(context.execution)):
                return run_insert(context, statement)
        case sql.Unload():
            with _noted(_insert_note(context.execution)):
                return run_unload(context, statement)
        case sql.ExplainAnalyze():
            return explain_analyze(context, statement)
        case _:
            return _run_text(context, statement)


def _run_text(context: RunContext, statement: sql.Statement) -> RunResult:
    return publish_text(context, _TEXT_RUNS[type(statement)](context, statement))


def _write_reason(context: RunContext, reason: str) -> None:
    """Hive's failures are written to ``<id>.txt`` as well."""
    try:
        context.objects.put_bytes(context.execution.request.location, reason.encode())
    except BucketMissing:
        return  # the reason itself matters more, and the execution carries it


@contextmanager
def _noted(note: str) -> Iterator[None]:
    """Append Athena's advice to what fails within."""
    try:
        yield
    except QueryFailed as failed:
        joint = "" if failed.message.endswith(".") else "."
        raise QueryFailed(
            failed.code,
            f"{failed.message}{joint} {note}",
            line=failed.line,
            column=failed.column,
            hint=failed.hint,
        ) from failed


def _ctas_note(execution: Execution) -> str:
    return (
        f"You may need to manually clean the data at location '{execution.request.location}' "
        "before retrying. Athena will not delete data in your account."
    )


def _insert_note(execution: Execution) -> str:
    return (
        f"If a data manifest file was generated at '{execution.request.location}-manifest.csv', "
        "you may need to manually clean the data from locations specified in the manifest. "
        "Athena will not delete data in your account."
    )
