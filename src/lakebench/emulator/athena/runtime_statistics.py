"""QueryRuntimeStatistics: times, rows, and the stages of a run: one that gives the rows, one a table scan.

Athena's own stages are its cluster's; how many rows a text holds and what passes between stages nobody counts
here, so those fields are left out (all are optional in the service model).
"""

from __future__ import annotations

from lakebench.emulator.athena.execution import Execution, Measured, Progress, State
from lakebench.emulator.athena.execution_wire import timeline
from lakebench.emulator.wire.provider import Wire
from lakebench.metering import ScanExplanation

_STATES = {State.SUCCEEDED: "FINISHED", State.FAILED: "FAILED", State.CANCELLED: "CANCELED"}


def runtime_statistics(execution: Execution) -> Wire:
    """QueryRuntimeStatistics of the service model; stages only once the run has ended."""
    progress, measured = execution.progress, execution.progress.measured
    times, rows = timeline(execution), _rows(progress, measured)
    wire: Wire = {"Timeline": times, "Rows": rows}
    if progress.state.final and (measured.explanation.scans or measured.output_bytes):
        state = _STATES[progress.state]
        scans = measured.explanation.scans
        wire["OutputStage"] = {
            "StageId": 0,
            "State": state,
            **rows,
            "ExecutionTime": times["EngineExecutionTimeInMillis"],
            "QueryStagePlan": _node("Output", "0", len(scans)),
            "SubStages": [_scan_stage(number, scan, state) for number, scan in enumerate(scans, start=1)],
        }
    return wire


def _rows(progress: Progress, measured: Measured) -> Wire:
    counts = [scan.rows for scan in measured.explanation.scans]
    wire: Wire = {
        "InputBytes": progress.result.data_scanned,
        "OutputRows": measured.output_rows or progress.result.rows,
        "OutputBytes": measured.output_bytes,
    }
    without_tables = measured.output_bytes and not progress.result.data_scanned
    if None not in counts and (counts or without_tables):
        wire["InputRows"] = sum(count for count in counts if count is not None)
    return wire


def _scan_stage(number: int, scan: ScanExplanation, state: str) -> Wire:
    rows: Wire = {} if scan.rows is None else {"InputRows": scan.rows}
    return {
        "StageId": number,
        "State": state,
        "InputBytes": scan.span.most,
        **rows,
        "QueryStagePlan": _node("TableScan", f"awsdatacatalog:{scan.database}:{scan.table}", 0),
        "SubStages": [],
    }


def _node(name: str, identifier: str, sources: int) -> Wire:
    return {
        "Name": name,
        "Identifier": identifier,
        "Children": [],
        "RemoteSources": [str(number) for number in range(1, sources + 1)],
    }
