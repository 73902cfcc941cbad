"""Runs executions in the background: two queues, as Athena counts DDL and DML quotas apart.

A long query therefore never holds up a DROP TABLE. Executions wait QUEUED, those of a workgroup in order of
submission, and workgroups take turns.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lakebench.emulator.athena.execution import Execution
from lakebench.emulator.athena.failures import Failure
from lakebench.emulator.athena.turns import Turns
from lakebench.errors import LakebenchError, QueryCancelled, QueryFailed

_logger = logging.getLogger(__name__)

Job = Callable[[Execution], None]
"""Runs the statement to its end and calls succeed(); raises QueryFailed or QueryCancelled."""


class Scheduler:
    """Two pools of threads; ``workers`` is how many engine queries run at once."""

    def __init__(self, *, workers: int, ddl_threads: int = 2) -> None:
        self._workers = workers
        self._turns: Turns[tuple[Execution, Job]] = Turns()
        self._ddl = ThreadPoolExecutor(ddl_threads, thread_name_prefix="athena-ddl")
        self._lock = threading.Lock()
        self._pending = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"athena-dml_{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, execution: Execution, job: Job, *, uses_engine: bool) -> bool:
        """Queue it; whether it can start at once, so that waiting for it a moment makes sense."""
        if not uses_engine:
            self._ddl.submit(_run, execution, job)
            return True
        with self._lock:
            starts_at_once = self._pending < self._workers
            self._pending += 1
        self._turns.put(execution.request.workgroup, (execution, job))
        return starts_at_once

    def close(self) -> None:
        """Drop what is queued and wait for what runs; the caller has cancelled it."""
        self._turns.close()
        for thread in self._threads:
            thread.join()
        self._ddl.shutdown(cancel_futures=True)

    def _work(self) -> None:
        while (turn := self._turns.take()) is not None:
            try:
                _run(*turn)
            except Exception:  # this thread serves the next execution too; _run has failed this one
                _logger.exception("an execution ended by a fault of ours")
            finally:
                with self._lock:
                    self._pending -= 1


def _run(execution: Execution, job: Job) -> None:
    if not execution.start():
        return
    try:
        job(execution)
    except QueryCancelled as cancelled:
        execution.cancel(cancelled.message)
    except QueryFailed as failed:
        execution.fail(Failure.of(failed))
    except LakebenchError as error:
        execution.fail(Failure.internal(error.message))
    except OSError as error:
        execution.fail(Failure.internal(f"the server's disk: {error.strerror or error}"))
    finally:
        # Whatever went wrong, an execution never stays RUNNING for ever.
        if not execution.state.final:
            _logger.error(
                "execution %s ended by a fault of ours", execution.request.execution_id, exc_info=True
            )
            execution.fail(Failure.internal("the query ended unexpectedly; the server's log says why"))
