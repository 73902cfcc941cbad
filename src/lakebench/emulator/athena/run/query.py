"""Running a query tree on the engine, and what it cost."""

from __future__ import annotations

from sqlglot import exp

from lakebench.emulator.athena.execution import CUTOFF_EXCEEDED, RunResult
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.files import FileBinder
from lakebench.emulator.engine.protocol import QueryOutcome, QueryRequest, RowsSink, TableSink
from lakebench.errors import QueryCancelled
from lakebench.metering import scanned_bytes
from lakebench.sql import resolve
from lakebench.sql.resolved import ResolvedQuery
from lakebench.sql.statement import Query


def resolve_query(context: RunContext, query: Query) -> ResolvedQuery:
    """The query with its tables named; raises QueryFailed TABLE_NOT_FOUND and its kin."""
    return resolve(query, context.catalog.table, context.execution.request.database)


def run_tree(
    context: RunContext, resolved: ResolvedQuery, tree: exp.Expression, sink: RowsSink | TableSink
) -> QueryOutcome:
    """Run a tree over the resolved query's scans."""
    binder = FileBinder(context.objects, context.catalog)
    request = QueryRequest(
        execution_id=context.execution_id,
        sql=context.sql,
        tree=tree,
        scans=tuple(binder.bind(scan) for scan in resolved.scans),
        sink=sink,
    )
    return context.engine.run(request, context.execution.cancellation)


def metered(context: RunContext, outcome: QueryOutcome) -> int:
    """The bytes scanned.

    Over the workgroup's cutoff the execution ends CANCELLED, reporting the cutoff itself
    (facts/athena.md 0.8), and nothing that it made is kept.
    """
    scanned = scanned_bytes(outcome.scans)
    cutoff = context.execution.request.cutoff
    if cutoff is not None and scanned > cutoff:
        result = RunResult(
            data_scanned=cutoff, planning_ms=outcome.planning_ms, engine_ms=outcome.execution_ms
        )
        context.execution.cancel(CUTOFF_EXCEEDED, result)
        raise QueryCancelled(CUTOFF_EXCEEDED)
    return scanned


def subquery(tree: exp.Expression, alias: str) -> exp.Subquery:
    """The tree in parentheses under a name, to be selected from."""
    return exp.Subquery(this=tree.copy(), alias=exp.TableAlias(this=exp.to_identifier(alias)))
