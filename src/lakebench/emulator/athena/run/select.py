"""SELECT: the rows become the result CSV."""

from __future__ import annotations

from lakebench.emulator.athena.columns import column_infos
from lakebench.emulator.athena.execution import RunResult
from lakebench.emulator.athena.metadata import encode_metadata
from lakebench.emulator.athena.result_location import companion
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.query import metered, resolve_query, run_query
from lakebench.emulator.engine.protocol import RowsSink
from lakebench.sql.statement import Query


def run_select(context: RunContext, query: Query) -> RunResult:
    """Run the query; the CSV and its companion are in place when this returns."""
    resolved = resolve_query(context, query)
    with context.scratch_file() as file:
        outcome = run_query(context, resolved, RowsSink(path=file))
        scanned = metered(context, outcome)
        columns = column_infos(outcome.columns)
        context.seal(file)
        location = context.execution.request.location
        context.put_bytes(companion(location, ".metadata"), encode_metadata(context.execution_id, columns))
        context.put_file(location, file)
    return RunResult(
        columns=columns,
        update_count=0,
        has_header=True,
        data_scanned=scanned,
        planning_ms=outcome.planning_ms,
        engine_ms=outcome.planning_ms + outcome.execution_ms,
        rows=outcome.rows,
    )
