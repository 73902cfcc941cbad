"""Running a query tree on the engine, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from lakebench.emulator.athena.execution import CUTOFF_EXCEEDED, Measured, RunResult
from lakebench.emulator.athena.run.constants import EngineConstants
from lakebench.emulator.athena.run.context import DEFAULT, RunContext
from lakebench.emulator.athena.run.files import FileBinder
from lakebench.emulator.athena.run.system_rows import system_rows
from lakebench.emulator.engine.protocol import (
    BytesLimitReached,
    QueryOutcome,
    QueryRequest,
    RowsSink,
    RunFailed,
    ScanBinding,
    TableSink,
)
from lakebench.errors import QueryCancelled
from lakebench.metering import scanned_bytes
from lakebench.metering.conditions import ScanConditions, scan_conditions
from lakebench.sql.resolve import resolve
from lakebench.sql.resolved import ResolvedQuery, Scan
from lakebench.sql.statement import Query


def resolve_query(context: RunContext, query: Query) -> ResolvedQuery:
    """The query with its tables named; raises QueryFailed TABLE_NOT_FOUND and its kin."""
    catalog = context.catalog

    def has_database(name: str) -> bool:
        return name == DEFAULT or catalog.database(name) is not None

    return resolve(query, catalog.table, has_database, context.execution.request.database)


def run_query(context: RunContext, resolved: ResolvedQuery, sink: RowsSink | TableSink) -> QueryOutcome:
    """Run a resolved query over the objects of its tables."""
    binder = FileBinder(
        objects=context.objects,
        catalog=context.catalog,
        constant=EngineConstants(context).value,
        now=context.clock(),
    )
    conditions = scan_conditions(resolved.tree, frozenset(scan.scan_id for scan in resolved.scans))
    request = QueryRequest(
        execution_id=context.execution_id,
        sql=context.sql,
        tree=resolved.tree,
        scans=tuple(_bound(context, binder, scan, conditions.get(scan.scan_id)) for scan in resolved.scans),
        sink=sink,
        bytes_limit=context.execution.request.cutoff,
    )
    try:
        outcome = context.engine.run(request, context.execution.cancellation)
    except BytesLimitReached as reached:
        engine_ms = reached.planning_ms + reached.execution_ms
        raise _cut_off(context, planning_ms=reached.planning_ms, engine_ms=engine_ms) from reached
    except RunFailed as failed:
        context.execution.measure(Measured.of(failed))
        raise
    size = sink.path.stat().st_size if isinstance(sink, RowsSink) else sum(f.size for f in outcome.written)
    context.execution.measure(replace(Measured.of(outcome), output_rows=outcome.rows, output_bytes=size))
    return outcome


def _bound(context: RunContext, binder: FileBinder, scan: Scan, found: ScanConditions | None) -> ScanBinding:
    if scan.table.is_system:
        rows = system_rows(context.catalog, scan.table)
        return ScanBinding(scan_id=scan.scan_id, table=scan.table, rows=rows)
    return binder.bind(scan, found)


def metered(context: RunContext, outcome: QueryOutcome) -> int:
    """The bytes scanned; over the workgroup's cutoff the execution ends and nothing that it made is kept."""
    scanned = scanned_bytes(outcome.scans)
    cutoff = context.execution.request.cutoff
    if cutoff is not None and scanned > cutoff:
        engine_ms = outcome.planning_ms + outcome.execution_ms
        raise _cut_off(context, planning_ms=outcome.planning_ms, engine_ms=engine_ms)
    return scanned


def _cut_off(context: RunContext, *, planning_ms: int, engine_ms: int) -> QueryCancelled:
    """End CANCELLED, reporting the workgroup's cutoff itself as scanned (facts/athena.md 0.8)."""
    result = RunResult(
        data_scanned=context.execution.request.cutoff or 0, planning_ms=planning_ms, engine_ms=engine_ms
    )
    context.execution.cancel(CUTOFF_EXCEEDED, result)
    return QueryCancelled(CUTOFF_EXCEEDED)


def without_rows(query: Query) -> Query:
    """The same columns, no rows: for WITH NO DATA, and to learn a view's columns."""
    return Query(tree=exp.select("*").from_(as_relation(query, "_query")).limit(0))


def as_relation(query: Query, name: str, columns: Sequence[str] = ()) -> exp.Subquery:
    """The query in parentheses under a name, its columns under names of their own."""
    identifiers = [exp.to_identifier(column) for column in columns]
    alias = exp.TableAlias(this=exp.to_identifier(name), columns=identifiers)
    return exp.Subquery(this=query.tree.copy(), alias=alias)
