"""One worker process as the server sees it: started, asked, killed, reaped."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakebench.emulator.engine.conversion.request import ConversionRequest, Copy
from lakebench.emulator.engine.frames import (
    ANSWER_LIMIT,
    REQUEST_LIMIT,
    DeadlineExceeded,
    FrameTooLong,
    Message,
    StreamEnded,
    read_frame,
    wait_until_readable,
    write_frame,
)

_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What every worker of an engine may use; sizes in bytes.

    ``memory_limit`` is what DuckDB is told, ``address_space`` what the system enforces (None where the
    system cannot). A worker whose resident memory is above ``retire_resident`` after an execution is
    replaced.
    """

    threads: int
    memory_limit: int
    address_space: int | None
    spill_limit: int
    file_size: int
    open_files: int
    retire_resident: int
    macros: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who is told what a request has come to while it runs.

    ``look`` is a statement that is asked beside it, every ``seconds`` (None: only when somebody calls
    ``WorkerProcess.look``), ``seen`` is called by the thread that waits for the answer: with its rows, none
    where reads are not logged, and the bytes read since the request began.
    """

    look: str
    seen: Callable[[list[list[Any]], int], None]
    seconds: float | None


class WorkerDied(Exception):
    """The process ended by itself or was killed; ``status`` is what waitpid told (-9: SIGKILL)."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"worker ended with status {status}")
        self.status = status


class StatementFailed(Exception):
    """DuckDB refused or failed a statement: its exception class, its message, the statement's ordinal."""

    def __init__(self, kind: str, message: str, statement: int) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.statement = statement


class WorkerProcess:
    """A warm child process with a scratch directory of its own.

    One thread asks at a time; ``kill`` may come from any thread.
    """

    def __init__(self, scratch: Path, settings: WorkerSettings) -> None:
        self.scratch = scratch
        self.resident = 0
        self._settings = settings
        self._reaping = threading.Lock()
        self._asking = threading.Lock()
        self._sending = threading.Lock()
        self._looked = 0.0
        self._closed = self._killed = False
        self._ended = False
        for name in ("home", "spill", "runs"):
            (scratch / name).mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "lakebench.emulator.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(scratch / "stderr.txt").open("wb"),
            cwd=scratch,
            env={"HOME": str(scratch / "home"), "TMPDIR": str(scratch / "spill"), "LC_ALL": "C.UTF-8"},
            start_new_session=True,
            bufsize=0,
        )
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise WorkerDied(None)
        self._to, self._from = stdin.fileno(), stdout.fileno()

    @property
    def pid(self) -> int:
        """The process id, which is also its process group's."""
        return self._process.pid

    def open(self) -> None:
        """Wait until the worker is ready; raises WorkerDied."""
        settings = self._settings
        opening: Message = {
            "scratch": str(self.scratch),
            "threads": settings.threads,
            "memory_limit": f"{settings.memory_limit}B",
            "address_space": settings.address_space,
            "spill_limit": f"{settings.spill_limit}B",
            "file_size": settings.file_size,
            "open_files": settings.open_files,
            "macros": list(settings.macros),
        }
        self._exchange(opening, deadline=time.monotonic() + _START_SECONDS)

    def execute(
        self,
        statements: Sequence[str],
        *,
        ordered: bool = False,
        logged: bool = False,
        deadline: float | None = None,
        cpu_seconds: int | None = None,
        write: Mapping[str, Any] | None = None,
        watch: Watch | None = None,
        last: bool = False,
    ) -> list[list[Any]]:
        """Run statements in the running execution's cursor; the rows of the last one.

        ``ordered`` runs them on one thread, ``logged`` keeps a log of all reads; views that statements made
        are there for further statements of the same two choices. With
        ``write`` (a ``writing.order``) its query runs last, into files, which are what is answered.
        What ``watch.seen`` raises comes through, while the worker goes on: the caller then kills.
        ``last`` ends the execution when all of it succeeds, without a request of its own.
        Raises StatementFailed, WorkerDied, or DeadlineExceeded (the caller then kills).
        """
        request: Message = {"statements": list(statements), "ordered": ordered, "logged": logged}
        if cpu_seconds is not None:
            request["cpu_seconds"] = cpu_seconds
        if write is not None:
            request["write"] = dict(write)
        if last:
            request["last"] = True
        self._ended, began = False, time.monotonic()
        answer = self._answered(request, deadline, watch)
        if last:
            # A look may be answered late: it must not meet the next execution's watch.
            self._ended, self.resident = self._looked < began, answer["resident"]
        rows: list[list[Any]] = answer["rows"]
        return rows

    def look(self, statement: str) -> None:
        """Ask beside the running request, from any thread; its ``watch`` is told the answer."""
        with contextlib.suppress(StreamEnded, OSError), self._sending:
            self._looked = time.monotonic()
            if not self._closed:
                write_frame(self._to, {"look": statement}, limit=REQUEST_LIMIT)

    def unpack(
        self, paths: Sequence[str], *, footer: int = 0, utf8: bool = False, deadline: float | None = None
    ) -> None:
        """Write files of the scratch directory as plain ones beside themselves; raises as execute() does.

        Without their last ``footer`` lines; ``utf8`` replaces bytes that are none.
        """
        request: Message = {"unpack": list(paths), "limit": self._settings.spill_limit}
        self._answered({**request, "footer": footer, "utf8": utf8}, deadline)

    def convert(self, request: ConversionRequest, *, deadline: float | None = None) -> Copy:
        """Rewrite an object as Parquet in the scratch directory; raises as execute() does."""
        [copy] = self._answered({"convert": request.to_wire()}, deadline)["rows"]
        return Copy.from_wire(copy)

    def _answered(self, request: Message, deadline: float | None, watch: Watch | None = None) -> Message:
        answer = self._exchange(request, deadline=deadline, watch=watch)
        if "error" in answer:
            raise StatementFailed(answer["error"], answer["message"], answer["statement"])
        return answer

    def end_execution(self) -> None:
        """Drop the execution's temporary views and its log, unless its last statements did."""
        if self._ended:
            return
        self.resident = self._exchange({"end": True}, deadline=time.monotonic() + 10)["resident"]

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        with self._reaping:
            return self._process.poll() is None

    @property
    def worn(self) -> bool:
        """Whether the worker holds more memory than a warm one should."""
        return self.resident > self._settings.retire_resident

    def _exchange(self, message: Message, *, deadline: float | None, watch: Watch | None = None) -> Message:
        try:
            with self._asking:
                if self._closed or self._killed:  # what the pipe still holds answers nobody's question
                    raise StreamEnded
                with self._sending:
                    write_frame(self._to, message, limit=REQUEST_LIMIT)
                pause = watch.seconds if watch is not None else None
                while "look" in (answer := self._next(deadline, watch, pause)):
                    if watch is not None:
                        watch.seen(answer["look"], answer["read"])
                        if pause is not None:
                            # Looking never takes more than a tenth of the time.
                            pause = max(pause, 10 * (time.monotonic() - self._looked))
                return answer
        except FrameTooLong as error:  # nothing was sent: the worker is as it was
            raise StatementFailed("OutOfMemoryException", str(error), 0) from error
        except (StreamEnded, ValueError, OSError) as error:
            raise WorkerDied(self._reap(5)) from error

    def _next(self, deadline: float | None, watch: Watch | None, pause: float | None) -> Message:
        """The next frame; one look is asked for when none comes within ``pause`` seconds."""
        if watch is not None and pause is not None:
            until = time.monotonic() + pause
            try:
                wait_until_readable(self._from, until if deadline is None else min(until, deadline))
            except DeadlineExceeded:
                self.look(watch.look)
        return read_frame(self._from, limit=ANSWER_LIMIT, deadline=deadline)

    def last_words(self) -> str:
        """The end of what the process wrote to its standard error; empty as a rule."""
        with contextlib.suppress(OSError):
            return (self.scratch / "stderr.txt").read_text(errors="replace")[-500:]
        return ""

    def kill(self) -> None:
        """End the process and all it started, at once; CPU use stops with it."""
        with self._reaping:
            self._killed = True
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def dispose(self) -> None:
        """Kill, reap, close the pipes and remove the scratch directory."""
        self.kill()
        self._reap(5)
        # Who still asks sees the pipes end first: a descriptor that is closed may be another file's next.
        if self._asking.acquire(timeout=5):
            with self._sending:
                self._closed = True
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            self._asking.release()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _reap(self, seconds: float) -> int | None:
        """Collect the exit status, so that no zombie stays; None when it does not end in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with self._reaping:
                status = self._process.poll()
            if status is not None:
                return status
            time.sleep(0.002)
        return None


__all__ = ["DeadlineExceeded", "StatementFailed", "Watch", "WorkerDied", "WorkerProcess", "WorkerSettings"]
