"""QueryExecution as GetQueryExecution answers it: every field that AWS always answers is always there."""

from __future__ import annotations

from datetime import datetime

from lakebench.emulator.athena.execution import Execution, Progress, State
from lakebench.emulator.athena.failures import Failure
from lakebench.emulator.wire.provider import Wire


def execution_to_wire(execution: Execution) -> Wire:
    """QueryExecution of the service model."""
    request, progress = execution.request, execution.progress
    wire: Wire = {
        "QueryExecutionId": request.execution_id,
        "Query": request.sql,
        "StatementType": request.statement_type,
        "ManagedQueryResultsConfiguration": dict(request.managed or {"Enabled": False}),
        "ResultConfiguration": dict(request.result_configuration),
        "ResultReuseConfiguration": dict(request.reuse_configuration)
        or {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": dict(request.context),
        "Status": _status(execution, progress),
        "Statistics": statistics(execution),
        "WorkGroup": request.workgroup,
        "EngineVersion": dict(request.engine_version),
    }
    if request.managed is None:
        wire["ResultConfiguration"]["OutputLocation"] = str(request.location)
    substatement = progress.result.substatement_type or request.substatement_type
    if substatement is not None:
        wire["SubstatementType"] = substatement
    if request.execution_parameters:
        wire["ExecutionParameters"] = list(request.execution_parameters)
    return wire


def _status(execution: Execution, progress: Progress) -> Wire:
    wire: Wire = {"State": progress.state.value, "SubmissionDateTime": execution.request.submitted}
    if progress.reason is not None:
        wire["StateChangeReason"] = progress.reason
    if progress.completed is not None:
        wire["CompletionDateTime"] = progress.completed
    if progress.failure is not None:
        wire["AthenaError"] = _athena_error(progress.failure)
    return wire


def _athena_error(failure: Failure) -> Wire:
    return {
        "ErrorCategory": failure.category,
        "ErrorType": failure.error_type,
        "Retryable": failure.retryable,
        "ErrorMessage": failure.reason,
    }


def statistics(execution: Execution) -> Wire:
    """QueryExecutionStatistics; the total is never less than the sum of its parts."""
    progress = execution.progress
    wire = timeline(execution)
    wire["DataScannedInBytes"] = progress.result.data_scanned
    wire["ResultReuseInformation"] = {"ReusedPreviousResult": progress.result.reused}
    if progress.result.manifest is not None and execution.request.managed is None:
        wire["DataManifestLocation"] = str(progress.result.manifest)
    return wire


def timeline(execution: Execution) -> Wire:
    """The times in milliseconds; planning is part of engine time (facts/athena.md 1.5).

    What lies between submission and completion and is neither queueing nor engine is the service's own
    processing. A statement that ended has at least one millisecond in the queue and one of engine time: none
    is zero on AWS, where PyAthena's own tests hold that.
    """
    progress, submitted = execution.progress, execution.request.submitted
    if progress.completed is None:
        queued = _milliseconds(submitted, progress.started) if progress.started else 0
        return {
            "QueryQueueTimeInMillis": queued,
            "ServicePreProcessingTimeInMillis": 0,
            "EngineExecutionTimeInMillis": 0,
            "QueryPlanningTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
            "TotalExecutionTimeInMillis": queued,
        }
    started = progress.started or progress.completed
    queued = max(1, _milliseconds(submitted, started))
    run = _milliseconds(started, progress.completed)
    engine = progress.result.engine_ms if progress.state is State.SUCCEEDED else run
    engine = max(1, engine)
    processing = max(1, run - engine)
    return {
        "QueryQueueTimeInMillis": queued,
        "ServicePreProcessingTimeInMillis": 1,
        "EngineExecutionTimeInMillis": engine,
        "QueryPlanningTimeInMillis": min(progress.result.planning_ms, engine),
        "ServiceProcessingTimeInMillis": processing,
        "TotalExecutionTimeInMillis": queued + 1 + engine + processing,
    }


def _milliseconds(earlier: datetime, later: datetime) -> int:
    return max(0, round((later - earlier).total_seconds() * 1000))
