"""The pool of warm workers: handed out in order of asking, replaced in the background."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from pathlib import Path

from lakebench.emulator.engine.process import DeadlineExceeded, WorkerDied, WorkerProcess, WorkerSettings
from lakebench.errors import LaunchError

_STARTS = 3
"""How often a worker's start is tried: one that is killed while it starts costs no query."""


class PoolClosed(Exception):
    """The engine is closing: no worker is handed out any more."""


class WorkerUnavailable(Exception):
    """No worker could be started; the message says why."""


class Turn:
    """A place in the queue for a worker; ``leave`` gives it up from any thread."""

    def __init__(self) -> None:
        self._answered = threading.Event()
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._error: Exception | None = None
        self._left = False

    def give(self, worker: WorkerProcess) -> bool:
        """Hand over a worker; False when nobody waits here any more."""
        with self._lock:
            if self._left:
                return False
            self._worker = worker
        self._answered.set()
        return True

    def refuse(self, error: Exception) -> None:
        """End the wait with an error."""
        self._error = error
        self._answered.set()

    def leave(self) -> None:
        """Give up the place; wait() then answers None unless a worker came first."""
        with self._lock:
            self._left = self._worker is None
        self._answered.set()

    def wait(self) -> WorkerProcess | None:
        """The worker, or None after leave(); raises PoolClosed or WorkerUnavailable."""
        self._answered.wait()
        if self._error is not None:
            raise self._error
        return self._worker


class WorkerPool:
    """A fixed number of workers. The first ones start in the background at once."""

    def __init__(self, scratch: Path, *, workers: int, settings: WorkerSettings) -> None:
        if workers < 1:
            raise LaunchError(f"the engine needs at least one worker, not {workers}")
        self._scratch = scratch
        self._workers = workers
        self._settings = settings
        self._lock = threading.Lock()
        self._idle: deque[WorkerProcess] = deque()
        self._turns: deque[Turn] = deque()
        self._live: set[WorkerProcess] = set()
        self._starting: set[threading.Thread] = set()
        self._numbers = itertools.count()
        self._closed = False
        for _ in range(workers):
            self._start_one()

    def turn(self) -> Turn:
        """Queue for a worker: first come, first served. Raises PoolClosed."""
        turn = Turn()
        dead: list[WorkerProcess] = []
        with self._lock:
            if self._closed:
                raise PoolClosed
            worker = self._rested(dead)
            if worker is not None:
                turn.give(worker)
            else:
                self._turns.append(turn)
            # One whose start failed, on a full disk say, is missing until now.
            missing = len(self._live) + len(self._starting) < self._workers
        for worker in dead:
            self.discard(worker)
        if missing:
            self._start_one()
        return turn

    def _rested(self, dead: list[WorkerProcess]) -> WorkerProcess | None:
        """Take a resting worker; those that died in their rest are collected: no query pays for them."""
        while self._idle:
            worker = self._idle.popleft()
            if worker.alive:
                return worker
            dead.append(worker)
        return None

    def release(self, worker: WorkerProcess) -> None:
        """Give a healthy worker back: to the first in the queue, or to rest."""
        with self._lock:
            if not self._closed:
                while self._turns:
                    if self._turns.popleft().give(worker):
                        return
                self._idle.append(worker)
                return
        worker.dispose()

    def discard(self, worker: WorkerProcess) -> None:
        """Throw a worker away and start its replacement in the background."""
        worker.kill()
        if not self._start_one(instead_of=worker):
            worker.dispose()

    def close(self) -> None:
        """Kill all workers and reap them; who still queues gets PoolClosed."""
        with self._lock:
            self._closed = True
            turns, self._turns = self._turns, deque()
            starting = set(self._starting)
            live = set(self._live)
        for turn in turns:
            turn.refuse(PoolClosed())
        for worker in live:
            worker.kill()
        for thread in starting:
            thread.join()
        with self._lock:
            live |= self._live
            self._live.clear()
            self._idle.clear()
        for worker in live:
            worker.dispose()

    def _start_one(self, instead_of: WorkerProcess | None = None) -> bool:
        """Start a worker in the background, in one step with the end of another; False once closed."""
        thread = threading.Thread(target=self._start, args=(instead_of,), name="worker-start", daemon=True)
        with self._lock:
            if instead_of is not None:
                self._live.discard(instead_of)
            if self._closed:
                return False
            self._starting.add(thread)
        thread.start()
        return True

    def _start(self, instead_of: WorkerProcess | None) -> None:
        if instead_of is not None:
            instead_of.dispose()
        reason: str | None = "it was not tried"
        try:
            for _ in range(_STARTS):
                reason = self._opened()
                if reason is None or self._closed:
                    break
        finally:
            self._end_start(reason)

    def _opened(self) -> str | None:
        """Start a worker and hand it out; what was wrong if it did not start."""
        worker: WorkerProcess | None = None
        try:
            worker = WorkerProcess(self._scratch / f"worker-{next(self._numbers)}", self._settings)
            with self._lock:
                self._live.add(worker)
            worker.open()
        except (WorkerDied, DeadlineExceeded, OSError) as error:
            reason = f"{type(error).__name__}: {error}"
            if worker is not None:
                reason = f"{reason} {worker.last_words()}"
                worker.dispose()
                with self._lock:
                    self._live.discard(worker)
            return reason.strip()
        self.release(worker)
        return None

    def _end_start(self, reason: str | None) -> None:
        """This start is over; those who wait are told when nothing else is on its way.

        In one step: of two starts that fail at once the later one tells. The next turn tries again.
        """
        turns: deque[Turn] = deque()
        with self._lock:
            self._starting.discard(threading.current_thread())
            if not self._live and not self._starting:
                turns, self._turns = self._turns, turns
        for turn in turns:
            turn.refuse(WorkerUnavailable(reason))
