"""What a run has read while it goes on: for the workgroup's cutoff, and for who stops it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lakebench.emulator.engine.process import Watch, WorkerProcess
from lakebench.emulator.engine.protocol import BytesLimitReached, QueryRequest, StoppedRun
from lakebench.emulator.engine.readlog import READS, read_log
from lakebench.emulator.engine.scanplan import StatementPlan
from lakebench.metering.bytes import scanned_bytes
from lakebench.metering.record import ScanRecord

_SECONDS = 0.1
"""Between two looks at a query with a limit of bytes."""

_RARELY = 1.0
"""Between two looks at any other: what a stop tells when the worker does not answer it."""

_WAIT = 0.5
"""How long a stop waits to learn what was read: a few milliseconds, unless the machine is busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A planned statement that has begun to run; moments of time.monotonic()."""

    statement: StatementPlan
    logged: bool
    started: float
    planned: float

    @property
    def times(self) -> dict[str, int]:
        return {
            "planning_ms": round((self.planned - self.started) * 1000),
            "execution_ms": round((time.monotonic() - self.planned) * 1000),
        }


@dataclass(slots=True)
class Looks:
    """The looks at one request's run on its worker; ``stopped`` may be called by any thread."""

    worker: WorkerProcess
    request: QueryRequest
    _run: _Run | None = None
    _read: tuple[ScanRecord, ...] | None = None
    _looked: threading.Event = field(default_factory=threading.Event)

    @property
    def watch(self) -> Watch:
        """How the worker is watched: closely where a limit can be reached on the way."""
        run = self._run
        limited = self.request.bytes_limit is not None and run is not None and not run.statement.decided
        seconds = _SECONDS if limited else _RARELY
        return Watch(look=READS, seen=self._seen, seconds=seconds if self.request.scans else None)

    def begin(self, statement: StatementPlan, *, logged: bool, started: float, planned: float) -> None:
        """The statement runs from now on; what reads begin are its own."""
        self._run = _Run(statement=statement, logged=logged, started=started, planned=planned)

    def stopped(self) -> StoppedRun | None:
        """What the run has read by now, for who is about to kill it; None when it does not read."""
        run = self._run
        if run is None or not self.request.scans:
            return None
        self._looked.clear()
        self.worker.look(READS)
        self._looked.wait(_WAIT)
        records = self._read
        if records is None:
            return None
        explanation = run.statement.explanation(self.request.scans, records)
        return StoppedRun(scans=records, explanation=explanation, **run.times)

    def _seen(self, rows: Sequence[Sequence[Any]], read: int) -> None:
        """Take what the worker tells; raises BytesLimitReached when the run has read too much for certain."""
        run, limit = self._run, self.request.bytes_limit
        if run is None:
            return
        log = read_log(rows)
        if run.logged:
            self._read = run.statement.begun_records(log, whole=False)
        else:
            self._read = run.statement.partial_records(read)
        self._looked.set()
        if limit is None or run.statement.decided:
            return
        if scanned_bytes(run.statement.begun_records(log, whole=True)) > limit:
            raise BytesLimitReached(**run.times)
