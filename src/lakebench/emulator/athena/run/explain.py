"""EXPLAIN: the plan, nothing read and nothing scanned; EXPLAIN ANALYZE: the query run, and what it cost.

Rows, the heading, the blank rows at the end and the column's precision are measured (athena-local,
docs/dev/measurements/statements.md); the plan's own wording is ours (``run.plan``).
"""

from __future__ import annotations

from dataclasses import replace

from lakebench.emulator.athena.columns import UNBOUNDED_VARCHAR, ColumnInfo
from lakebench.emulator.athena.execution import RunResult
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.plan import PlanNode, plan_of, writing
from lakebench.emulator.athena.run.plan_texts import as_graphviz, as_io, as_json, as_text
from lakebench.emulator.athena.run.query import metered, resolve_query, run_query
from lakebench.emulator.athena.run.text_result import TextResult, publish_text
from lakebench.emulator.engine.protocol import QueryOutcome, RowsSink
from lakebench.errors import QueryFailed
from lakebench.metering import scanned_bytes
from lakebench.sql.resolved import ResolvedQuery
from lakebench.sql.statement import (
    CreateTableAs,
    Explain,
    ExplainAnalyze,
    Explained,
    ExplainFormat,
    ExplainType,
    InsertInto,
    Query,
    Unload,
)
from lakebench.units import format_bytes


def explain(context: RunContext, statement: Explain) -> TextResult:
    """One row a line of the plan under the heading ``Query Plan``; ``Valid`` and true for VALIDATE."""
    resolved = _resolved(context, statement.explained)
    if statement.kind is ExplainType.VALIDATE:
        valid = ColumnInfo(name="Valid", type="boolean", case_sensitive=False)
        return TextResult(lines=("Valid", "true", ""), columns=(valid,), has_header=True)
    if statement.kind is ExplainType.IO:
        target = _target(context, statement.explained)
        return _told(as_io([scan.table for scan in resolved.scans], target))
    plan = _plan(context, statement.explained, resolved)
    fragments = statement.kind is ExplainType.DISTRIBUTED
    match statement.layout:
        case ExplainFormat.JSON:
            return _told(as_json(plan, fragments=fragments))
        case ExplainFormat.GRAPHVIZ:
            return _told(as_graphviz(plan, fragments=fragments))
        case _:
            return _told(as_text(plan, fragments=fragments))


def explain_analyze(context: RunContext, statement: ExplainAnalyze) -> RunResult:
    """Run the query, throw its rows away, tell what each scan read; it costs what the query costs.

    Raises QueryFailed NOT_SUPPORTED for statements that write.
    """
    if not isinstance(statement.explained, Query):
        raise QueryFailed("NOT_SUPPORTED", "EXPLAIN ANALYZE of a statement that writes is not supported yet")
    resolved = _resolved(context, statement.explained)
    plan = plan_of(resolved)
    with context.scratch_directory() as directory:
        outcome = run_query(context, resolved, RowsSink(path=directory / "rows.csv"))
        scanned = metered(context, outcome)
    measured = _scans(outcome)
    if statement.layout is ExplainFormat.JSON:
        text = as_json(plan, fragments=True, measured=measured)
    else:
        text = _times(outcome, scanned) + as_text(plan, fragments=True, measured=measured)
    told = publish_text(context, _told(text, precision=UNBOUNDED_VARCHAR))
    return replace(
        told,
        data_scanned=scanned,
        planning_ms=outcome.planning_ms,
        engine_ms=outcome.planning_ms + outcome.execution_ms,
    )


def _resolved(context: RunContext, explained: Explained) -> ResolvedQuery:
    if isinstance(explained, InsertInto) and context.find_table(explained.target) is None:
        name = explained.target
        shown = f"awsdatacatalog.{context.database_of(name)}.{name.name}"
        raise QueryFailed(
            "TABLE_NOT_FOUND", f"Table '{shown}' does not exist", line=name.line, column=name.column
        )
    return resolve_query(context, explained if isinstance(explained, Query) else explained.query)


def _target(context: RunContext, explained: Explained) -> tuple[str, str] | None:
    if isinstance(explained, InsertInto | CreateTableAs):
        return context.database_of(explained.target), explained.target.name
    return None


def _plan(context: RunContext, explained: Explained, resolved: ResolvedQuery) -> PlanNode:
    plan = plan_of(resolved)
    target = _target(context, explained)
    if target is not None:
        return writing(plan, "TableCommit", f"awsdatacatalog:{target[0]}:{target[1]}")
    return writing(plan, "Unload", str(explained.location)) if isinstance(explained, Unload) else plan


def _scans(outcome: QueryOutcome) -> dict[str, str]:
    """What each scan read, as the read log has it."""
    return {
        record.scan_id: f"Physical input: {format_bytes(scanned_bytes((record,)))} "
        f"({scanned_bytes((record,))} bytes) in {len(record.objects)} objects"
        for record in outcome.scans
    }


def _times(outcome: QueryOutcome, scanned: int) -> str:
    return (
        f"Planning: {outcome.planning_ms}.00ms, Execution: {outcome.execution_ms}.00ms\n"
        f"Output: {outcome.rows} rows, Physical input: {format_bytes(scanned)} ({scanned} bytes)\n"
    )


def _told(plan: str, precision: int | None = None) -> TextResult:
    column = ColumnInfo(
        name="Query Plan",
        type="varchar",
        precision=len(plan) if precision is None else precision,
        scale=0,
        case_sensitive=True,
    )
    lines = ("Query Plan", *(plan + "\n").split("\n"))
    return TextResult(lines=lines, columns=(column,), has_header=True)
