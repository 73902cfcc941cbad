"""The worker process: one locked DuckDB, driven statement by statement through its pipes.

It imports duckdb and the standard library only, so that a warm worker stays at some 85 MB; other libraries
load with the first statement that calls a function of ``udfs``. It knows no SQL of its own: the server
sends text that it emitted itself from a parsed tree. Started as
``python -I -m lakebench.emulator.engine.worker``.

A request is ``{"statements": [sql, ...], "ordered": bool, "logged": bool, "cpu_seconds": n}``; the answer
holds the rows of the last statement, or ``{"error": class, "message": text, "statement": ordinal}``.
``{"unpack": [path, ...], "limit": bytes, ...}`` and ``{"convert": request}`` are answered likewise. With
``"write": order`` a request's statements are followed by the order's query, whose rows become the files that
the answer tells. ``{"look": sql}`` may come while a request runs: it is asked beside it where reads are
logged, and the answer ``{"look": rows, "read": bytes}``, with the bytes read since the request began, comes
before the request's own.
"""

from __future__ import annotations

import os
import queue
import resource
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

from lakebench.emulator.engine.frames import (
    ANSWER_LIMIT,
    REQUEST_LIMIT,
    FrameTooLong,
    Message,
    StreamEnded,
    read_frame,
    write_frame,
)
from lakebench.emulator.engine.udfs.registering import register_called

# With these DuckDB answers from statistics and skips row groups by top-N: less than Athena reads (design
# decision 6), and wrong where a column holds NaN, which stands in no minimum and no maximum.
_DISABLED_OPTIMIZERS = "row_group_pruner,statistics_propagation"
# Columns are read late only where no log of the reads is asked for.
_DISABLED_WHEN_LOGGED = f"late_materialization,{_DISABLED_OPTIMIZERS}"
_REST_SECONDS = 1.0
"""After so long without a request the worker opens what the next kind of statement would wait for."""


@dataclass(frozen=True, slots=True)
class _Mode:
    """``ordered``: on one thread; ``logged``: every read of a file is logged, and none is saved."""

    ordered: bool
    logged: bool


def main() -> None:
    """Serve requests until the server closes the pipe or dies."""
    incoming, outgoing = _own_pipes()
    opening = read_frame(incoming, limit=REQUEST_LIMIT)
    _limit_resources(opening)
    session = _Session(opening)
    answers = _Answers(outgoing)
    requests = _requests(incoming, session, answers)
    session.connection(_Mode(ordered=False, logged=False))
    answers.send({"ready": True, "pid": os.getpid()})
    if requests.empty():
        # Made while nobody waits: its macros take a tenth of a second.
        session.connection(_Mode(ordered=False, logged=True))
    while True:
        request = _next(requests, session)
        if request.get("end"):
            # Answered first: the server need not wait for the sweeping.
            answers.send({"resident": _resident_bytes()})
            session.end()
            continue
        answer = session.answer(request)
        if request.get("last") and "error" not in answer:
            answers.send({**answer, "resident": _resident_bytes()})
            session.end()
        else:
            answers.send(answer)


class _Answers:
    """The pipe to the server, into which two threads write whole frames."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Send an answer; one that is too long fails the query, and a look then saw nothing."""
        with self._lock:
            try:
                write_frame(self._descriptor, message, limit=ANSWER_LIMIT)
            except FrameTooLong as error:
                failure = {"error": "OutOfMemoryException", "message": str(error), "statement": 0}
                less: Message = {"look": []} if "look" in message else failure
                write_frame(self._descriptor, less, limit=ANSWER_LIMIT)


def _next(requests: queue.SimpleQueue[Message], session: _Session) -> Message:
    """The next request; a rest is used for the database that writes and LIMITs run in.

    Not earlier: a start has other things to wait for. pyarrow stays out of it: it holds 50 MB a worker.
    """
    try:
        return requests.get(timeout=_REST_SECONDS)
    except queue.Empty:
        session.connection(_Mode(ordered=True, logged=False))
        return requests.get()


def _own_pipes() -> tuple[int, int]:
    """Move the pipes away from descriptors 0 and 1, so that nothing else can write into them."""
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    return incoming, outgoing


def _requests(incoming: int, session: _Session, answers: _Answers) -> queue.SimpleQueue[Message]:
    """Read requests in a thread of its own, which ends the process as soon as the server is gone.

    Looks are taken in another, so that neither waits for the running request.
    """
    requests: queue.SimpleQueue[Message] = queue.SimpleQueue()
    looks: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def pump() -> None:
        try:
            while True:
                message = read_frame(incoming, limit=REQUEST_LIMIT)
                (looks if "look" in message else requests).put(message)
        except (StreamEnded, ValueError, OSError):
            os._exit(0)

    def look() -> None:
        while True:
            answers.send(session.look(looks.get()["look"]))

    threading.Thread(target=pump, name="requests", daemon=True).start()
    threading.Thread(target=look, name="looks", daemon=True).start()
    return requests


def _limit_resources(opening: Message) -> None:
    """Set what the system enforces; DuckDB's own memory_limit is no limit (facts/reliability.md 5)."""
    limits = {
        "RLIMIT_AS": opening["address_space"],
        "RLIMIT_FSIZE": opening["file_size"],
        "RLIMIT_NOFILE": opening["open_files"],
        "RLIMIT_CORE": 0,
    }
    for name, wanted in limits.items():
        kind = getattr(resource, name, None)
        if kind is None or wanted is None:
            continue
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))


def _limit_cpu(seconds: int) -> None:
    """Give this execution so many more seconds of CPU; past them the system ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard < 0 else min(wanted, hard), hard))


class _Session:
    """The databases of this process, one a mode that was asked for, each locked for good."""

    def __init__(self, opening: Message) -> None:
        self._opening = opening
        self._connections: dict[_Mode, duckdb.DuckDBPyConnection] = {}
        self._functions: dict[_Mode, set[str]] = {}
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._mode = _Mode(ordered=False, logged=False)
        self._read_before = 0

    def connection(self, mode: _Mode) -> duckdb.DuckDBPyConnection:
        if mode not in self._connections:
            self._connections[mode] = _open(self._opening, mode)
            self._functions[mode] = set()
        return self._connections[mode]

    def answer(self, request: Message) -> Message:
        if "cpu_seconds" in request:
            _limit_cpu(request["cpu_seconds"])
        if "unpack" in request:
            return _unpack(request)
        if "convert" in request:
            return _convert(request["convert"], self._opening["threads"])
        done = 0
        self._read_before = _bytes_read()
        try:
            mode = _Mode(ordered=bool(request.get("ordered")), logged=bool(request.get("logged")))
            cursor = self._open_cursor(mode)
            for statement in request["statements"]:
                register_called(cursor, statement, self._functions[mode])
                cursor.execute(statement)
                done += 1
            if "write" in request:
                register_called(cursor, request["write"]["query"], self._functions[mode])
                return _write(cursor, request["write"], done)
            rows = cursor.fetchall() if cursor.description else []
            return {"rows": [[_plain(value) for value in row] for row in rows]}
        except duckdb.Error as error:
            return {"error": type(error).__name__, "message": str(error), "statement": done}
        except MemoryError:
            return {"error": "OutOfMemoryException", "message": "out of memory", "statement": done}

    def look(self, statement: str) -> Message:
        """What the running request has read: by the log, where there is one, and by the system's count."""
        return {"look": self._beside(statement), "read": _bytes_read() - self._read_before}

    def _beside(self, statement: str) -> list[list[Any]]:
        """The rows of a statement that is asked beside the running one, by another thread; none at rest."""
        running = self._connections.get(self._mode)
        if running is None or self._cursor is None or not self._mode.logged:
            return []
        beside = running.cursor()
        try:
            return [[_plain(value) for value in row] for row in beside.execute(statement).fetchall()]
        except (duckdb.Error, MemoryError):
            return []
        finally:
            beside.close()

    def _open_cursor(self, mode: _Mode) -> duckdb.DuckDBPyConnection:
        """The cursor of the running execution; its temporary views live until another mode, or ``end``."""
        if self._cursor is None or self._mode != mode:
            self.end()
            self._cursor = self.connection(mode).cursor()
            self._mode = mode
        return self._cursor

    def end(self) -> None:
        """Drop the execution's temporary views and its log."""
        if self._cursor is not None:
            cursor, self._cursor = self._cursor, None
            try:
                if self._mode.logged:
                    cursor.execute("CALL truncate_duckdb_logs()")
            finally:
                cursor.close()


def _write(cursor: duckdb.DuckDBPyConnection, order: Message, done: int) -> Message:
    from lakebench.emulator.engine.writing.job import WriteFailed, write  # with pyarrow, where it is needed

    try:
        return {"rows": write(cursor, order)}
    except WriteFailed as error:
        return {"error": error.kind, "message": str(error), "statement": done}


def _unpack(request: Message) -> Message:
    from lakebench.emulator.engine.unpacking import CannotUnpack, unpack  # few queries need it

    try:
        unpack(
            request["unpack"],
            request["limit"],
            footer=request.get("footer", 0),
            utf8=request.get("utf8", False),
        )
    except CannotUnpack as error:
        return {"error": error.kind, "message": str(error), "statement": 0}
    return {"rows": []}


def _convert(wire: Message, threads: int) -> Message:
    from lakebench.emulator.engine.conversion.request import ConversionRequest, Unreadable

    converter = import_module(f"lakebench.emulator.engine.conversion.{wire['kind']}")
    try:
        copy = converter.convert(ConversionRequest.from_wire(wire), threads)
    except Unreadable as error:
        return {"error": "Unreadable", "message": f"lakebench/{error.code}: {error.message}", "statement": 0}
    except OSError as error:
        return {"error": "IOException", "message": str(error), "statement": 0}
    except MemoryError:
        return {"error": "OutOfMemoryException", "message": "out of memory", "statement": 0}
    return {"rows": [copy.to_wire()]}


def _open(opening: Message, mode: _Mode) -> duckdb.DuckDBPyConnection:
    """A database in memory that can touch nothing outside the worker's scratch directory.

    The order matters: paths first, then no external access, then no further settings. GLOBAL, since a
    cursor does not inherit the settings of the connection that it comes from.
    """
    scratch = opening["scratch"]
    disabled = _DISABLED_WHEN_LOGGED if mode.logged or mode.ordered else _DISABLED_OPTIMIZERS
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": 1 if mode.ordered else opening["threads"],
            "memory_limit": opening["memory_limit"],
            "temp_directory": f"{scratch}/spill",
            "max_temp_directory_size": opening["spill_limit"],
            "home_directory": f"{scratch}/home",
            "extension_directory": f"{scratch}/home",
            # INSTALL would download whatever enable_external_access says: it finds no repository, no network.
            "custom_extension_repository": f"{scratch}/home",
            "http_proxy": "127.0.0.1:9",
        },
    )
    for statement in (
        f"SET GLOBAL allowed_directories=[{_literal(scratch + '/')}]",
        "SET GLOBAL autoinstall_known_extensions=false",
        "SET GLOBAL autoload_known_extensions=false",
        "SET GLOBAL allow_community_extensions=false",
        "SET GLOBAL allow_persistent_secrets=false",
        "SET GLOBAL python_enable_replacements=false",
        "SET GLOBAL integer_division=true",
        "SET GLOBAL order_by_non_integer_literal=true",
        "SET GLOBAL TimeZone='UTC'",
        "SET GLOBAL disable_parquet_prefetching=true",
        f"SET GLOBAL disabled_optimizers={_literal(disabled)}",
        *opening["macros"],
        *(["CALL enable_logging('FileSystem')"] if mode.logged else []),
        "SET GLOBAL enable_external_access=false",
        "SET GLOBAL lock_configuration=true",
    ):
        connection.execute(statement)
    return connection


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plain(value: Any) -> Any:
    """What JSON can carry; anything else travels as its text."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, Sequence):
        return [_plain(member) for member in value]
    return str(value)


def _bytes_read() -> int:
    """Bytes that this process has read by system calls; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/io").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.removeprefix("rchar:")) for line in lines if line.startswith("rchar:")), 0)


def _resident_bytes() -> int:
    """Memory held now, in bytes; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
