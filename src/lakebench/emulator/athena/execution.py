"""A query execution: what was asked, and how far it has come.

QUEUED -> RUNNING -> SUCCEEDED, FAILED or CANCELLED; a final state never changes.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from lakebench.catalog import S3Uri
from lakebench.emulator.athena.columns import ColumnInfo
from lakebench.emulator.athena.failures import Failure
from lakebench.emulator.clock import Stopwatch
from lakebench.emulator.engine.protocol import Cancellation, QueryOutcome, RunFailed, StoppedRun
from lakebench.errors import QueryCancelled
from lakebench.metering import Explanation, scanned_bytes

CANCELLED_BY_USER = "Query cancelled by user"
CUTOFF_EXCEEDED = "Bytes scanned limit was exceeded"


class State(StrEnum):
    """QueryExecutionState of the service model."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self in {State.SUCCEEDED, State.FAILED, State.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRequest:
    """What StartQueryExecution took, after workgroup settings were applied.

    ``context`` and ``result_configuration`` are answered as they were sent (the catalogue in lower
    case); ``database`` is the one that bare names mean. ``location`` is the result object's place.
    ``cutoff`` is in bytes. ``managed`` is the workgroup's ManagedQueryResultsConfiguration when Athena keeps
    the results itself.
    """

    execution_id: str
    sql: str
    statement_type: str
    substatement_type: str | None
    database: str
    workgroup: str
    engine_version: Mapping[str, str]
    location: S3Uri
    submitted: datetime
    cutoff: int | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    result_configuration: Mapping[str, Any] = field(default_factory=dict)
    execution_parameters: tuple[str, ...] = ()
    reuse_configuration: Mapping[str, Any] = field(default_factory=dict)
    managed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a statement's run left behind.

    ``data_scanned`` is in bytes, times in milliseconds of the engine's clock. ``update_count`` is None
    where Athena answers none (DDL, DESCRIBE, EXPLAIN). ``has_header``: the first row of the result
    file names the columns. ``reused``: it is an earlier execution's result.
    """

    columns: tuple[ColumnInfo, ...] = ()
    update_count: int | None = None
    has_header: bool = False
    data_scanned: int = 0
    planning_ms: int = 0
    engine_ms: int = 0
    rows: int = 0
    manifest: S3Uri | None = None
    substatement_type: str | None = None
    reused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the engine's run of a statement read and gave, if it failed too; times in milliseconds.

    ``output_bytes`` are those of the result file, or of the data files written.
    """

    scanned: int = 0
    planning_ms: int = 0
    engine_ms: int = 0
    explanation: Explanation = field(default_factory=lambda: Explanation(scans=()))
    output_rows: int = 0
    output_bytes: int = 0

    @classmethod
    def of(cls, run: QueryOutcome | RunFailed | StoppedRun) -> Measured:
        """What a run read, and its times, however it ended."""
        return cls(
            explanation=run.explanation,
            scanned=scanned_bytes(run.scans),
            planning_ms=run.planning_ms,
            engine_ms=run.planning_ms + run.execution_ms,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an execution has come; replaced as a whole, so that a reader never sees half of it."""

    state: State = State.QUEUED
    reason: str | None = None
    started: datetime | None = None
    completed: datetime | None = None
    failure: Failure | None = None
    result: RunResult = RunResult()
    measured: Measured = Measured()


class Keeper(Protocol):
    """Keeps how an execution ended, so that the next start of the server knows it."""

    def unit(self) -> AbstractContextManager[object]:
        """A unit of work; taken before the execution's own lock."""

    def keep(self, execution: Execution, progress: Progress) -> None:
        """Write it; raises OSError when it cannot be made to last."""


class Execution:
    """One execution; thread-safe.

    An end is first claimed, then kept, and seen by clients only when it would outlive the server.
    """

    def __init__(
        self, request: ExecutionRequest, progress: Progress = Progress(), keeper: Keeper | None = None
    ) -> None:
        self.request = request
        self.cancellation = Cancellation()
        self.keeper = keeper
        self._progress = progress
        self._claimed: Progress | None = progress if progress.state.final else None
        self._watch = Stopwatch(started=request.submitted)
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._sealed = False
        if progress.state.final:
            self._finished.set()

    @property
    def progress(self) -> Progress:
        """The present state with all that belongs to it."""
        return self._progress

    @property
    def state(self) -> State:
        """The present state."""
        return self._progress.state

    def wait(self, seconds: float) -> bool:
        """Wait for a final state; whether it was reached."""
        return self._finished.wait(seconds)

    def start(self) -> bool:
        """QUEUED to RUNNING; False when it was cancelled meanwhile."""
        with self._lock:
            if self._claimed is not None or self._progress.state is not State.QUEUED:
                return False
            self._progress = replace(self._progress, state=State.RUNNING, started=self._watch.now())
            return True

    def measure(self, measured: Measured) -> None:
        """Remember what the run read and gave, to be told with its end."""
        with self._lock:
            self._progress = replace(self._progress, measured=measured)

    def seal(self) -> None:
        """From here on a stop comes too late: results are being published, all or nothing.

        Raises QueryCancelled when the execution was stopped before.
        """
        with self._lock:
            if self._claimed is not None:
                raise QueryCancelled(self._claimed.reason or CANCELLED_BY_USER)
            self._sealed = True

    def succeed(self, result: RunResult) -> None:
        """End SUCCEEDED; the result file is in place."""
        if self.claim_success(result):
            self.show()

    def claim_success(self, result: RunResult) -> bool:
        """Keep that it SUCCEEDED, in the unit of work that publishes its results; ``show`` comes after."""
        return self._claim(State.SUCCEEDED, result=result)

    def show(self) -> None:
        """What was claimed is what clients see from now on."""
        with self._lock:
            if self._claimed is not None:
                self._progress = self._claimed
        if self._progress.state.final:
            self._finished.set()

    def unclaim(self) -> None:
        """What was claimed could not be kept: the execution goes on to fail."""
        with self._lock:
            claimed = self._claimed
            if claimed is not None and claimed is not self._progress and claimed.state is State.SUCCEEDED:
                self._claimed = None

    def fail(self, failure: Failure) -> None:
        """End FAILED, reporting what was read (AWS, athena pricing: failed queries are not charged)."""
        self._end(State.FAILED, reason=failure.reason, failure=failure, result=self._read())

    def cancel(self, reason: str = CANCELLED_BY_USER, result: RunResult | None = None) -> None:
        """Stop the run and end CANCELLED, reporting what was read; a final state stays what it is.

        AWS (athena pricing): cancelled queries are charged for the data they scanned.
        """
        with self._lock:
            if self._claimed is not None or self._sealed:
                return
        self.cancellation.cancel()
        if self.cancellation.stopped is not None:
            self.measure(Measured.of(self.cancellation.stopped))
        self._end(State.CANCELLED, reason=reason, result=result or self._read())

    def _read(self) -> RunResult:
        """The figures of a run that leaves no result."""
        measured = self._progress.measured
        return RunResult(
            data_scanned=measured.scanned, planning_ms=measured.planning_ms, engine_ms=measured.engine_ms
        )

    def _end(self, state: State, **changes: Any) -> bool:
        # An end that cannot be kept is an end all the same: the next start finds the execution begun.
        with suppress(OSError):
            if not self._claim(state, **changes):
                return False
        self.show()
        return True

    def _claim(self, state: State, **changes: Any) -> bool:
        with self.keeper.unit() if self.keeper else nullcontext(), self._lock:
            if self._claimed is not None or (self._sealed and state is State.CANCELLED):
                return False
            self._claimed = replace(self._progress, state=state, completed=self._watch.now(), **changes)
            if self.keeper is not None:
                self.keeper.keep(self, self._claimed)
            return True
