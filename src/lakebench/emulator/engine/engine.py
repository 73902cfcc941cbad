"""The DuckDB engine: resolved queries in, rows, files and reads out, in worker processes.

Design decisions 3 to 6: SQL that we emit ourselves, over objects that we list, in children that can be
killed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

from sqlglot import exp

from lakebench.emulator.engine.execution import Execution
from lakebench.emulator.engine.failures import timed_out, worker_died
from lakebench.emulator.engine.footers import FooterCache
from lakebench.emulator.engine.not_a_number import looked_at
from lakebench.emulator.engine.pool import PoolClosed, Turn, WorkerPool, WorkerUnavailable
from lakebench.emulator.engine.process import (
    DeadlineExceeded,
    WorkerDied,
    WorkerProcess,
    WorkerSettings,
)
from lakebench.emulator.engine.protocol import BytesLimitReached, Cancellation, QueryOutcome, QueryRequest
from lakebench.errors import LaunchError, QueryCancelled, QueryFailed
from lakebench.sql import macros, to_duckdb

_CANCELLED = "Query cancelled by user"
_OUT_OF_TIME = "EXCEEDED_TIME_LIMIT"
_MIB, _GIB = 1 << 20, 1 << 30


class DuckDbEngine:
    """An ``Engine`` over DuckDB worker processes, which start in the background at once.

    ``scratch`` must lie on the file system of the objects and of the sinks: inputs are hard-linked, outputs
    renamed. ``memory_limit`` is in bytes for one worker, ``query_timeout`` in seconds. ``threads`` serve one
    query; what a CTAS writes never depends on them. ``always_logged`` measures by the log of reads
    also what the plan decides. Raises LaunchError for a scratch directory that cannot be made.
    """

    def __init__(
        self,
        scratch: Path,
        *,
        workers: int = 2,
        memory_limit: int = 2 * _GIB,
        threads: int = 2,
        query_timeout: float = 1800.0,
        always_logged: bool = False,
    ) -> None:
        self._timeout = query_timeout
        self._threads = threads
        self._always_logged = always_logged
        self._footers = FooterCache()
        try:
            scratch.mkdir(parents=True, exist_ok=True)
            # A directory of this engine's own: what a killed server left behind is never met.
            self._scratch = Path(tempfile.mkdtemp(prefix="engine-", dir=scratch.resolve()))
        except OSError as error:
            raise LaunchError(
                f"the engine cannot use the scratch directory {scratch}: {error.strerror}"
            ) from error
        settings = WorkerSettings(
            threads=threads,
            memory_limit=memory_limit,
            # Address space beyond DuckDB's own limit: code, stacks, allocator arenas.
            address_space=memory_limit * 2 + 2 * _GIB if sys.platform == "linux" else None,
            spill_limit=64 * _GIB,
            file_size=256 * _GIB,
            open_files=4096,
            retire_resident=256 * _MIB,
            macros=tuple(macros()),
        )
        self._pool = WorkerPool(self._scratch, workers=workers, settings=settings)

    def run(self, request: QueryRequest, cancellation: Cancellation) -> QueryOutcome:
        """Run to the end; see ``Engine.run``."""
        stop = _Stop(cancellation)
        try:
            turn = self._pool.turn()
            stop.queued(turn)
            cancellation.on_cancel(stop.fire)
            worker = turn.wait()
        except PoolClosed as error:
            raise QueryCancelled("The engine is shutting down") from error
        except WorkerUnavailable as error:
            raise QueryFailed(
                "GENERIC_INTERNAL_ERROR", "No engine process could be started", hint=str(error)
            ) from error
        if worker is None:
            raise QueryCancelled(_CANCELLED)
        stop.running(worker)
        return self._run_on(worker, request, stop)

    def _run_on(self, worker: WorkerProcess, request: QueryRequest, stop: _Stop) -> QueryOutcome:
        healthy = False
        try:
            execution = Execution(
                worker,
                request,
                translate=_translate,
                footers=self._footers,
                deadline=time.monotonic() + self._timeout,
                cpu_seconds=int(self._timeout * self._threads) + 60,
                always_logged=self._always_logged,
            )
            stop.began(execution)
            outcome = execution.run()
            healthy = True
        except QueryFailed as error:
            healthy = error.code != _OUT_OF_TIME  # the worker remembers what took long: another one may not
            raise
        except BytesLimitReached:
            healthy = True
            raise
        except WorkerDied as error:
            if stop.fired:
                raise QueryCancelled(_CANCELLED) from error
            raise worker_died(error.status) from error
        except DeadlineExceeded as error:
            raise timed_out(self._timeout) from error
        finally:
            stop.finished()
            if healthy and not stop.fired and worker.alive and not worker.worn:
                self._pool.release(worker)
            else:
                self._pool.discard(worker)
        return outcome

    def close(self) -> None:
        """End all workers; running queries are cancelled."""
        self._pool.close()
        shutil.rmtree(self._scratch, ignore_errors=True)


def _translate(tree: exp.Expr) -> str:
    return to_duckdb(looked_at(tree))


class _Stop:
    """What a cancellation does to a run: leave the queue, or kill the worker; nothing once it is over.

    Before the worker is killed it is asked what it has read.
    """

    def __init__(self, cancellation: Cancellation) -> None:
        self._cancellation = cancellation
        self._lock = threading.Lock()
        self._turn: Turn | None = None
        self._worker: WorkerProcess | None = None
        self._execution: Execution | None = None
        self.fired = False

    def queued(self, turn: Turn) -> None:
        self._turn = turn

    def running(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._worker = worker
            if self.fired:
                worker.kill()

    def began(self, execution: Execution) -> None:
        with self._lock:
            self._execution = execution

    def fire(self) -> None:
        with self._lock:
            execution = self._execution
        stopped = execution.looks.stopped() if execution is not None else None
        with self._lock:
            if self._turn is None:
                return
            self.fired = True
            self._cancellation.stopped = stopped
            if self._worker is not None:
                self._worker.kill()
            else:
                self._turn.leave()

    def finished(self) -> None:
        with self._lock:
            self._turn = self._worker = self._execution = None
