"""The engine as a seam (design decision 9): a resolved query and bindings go in, rows and reads come out.

Nothing here knows DuckDB. A second engine implements ``Engine`` and nothing outside this room changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlglot import exp

from lakebench.catalog import DataFormat, DataType, S3Uri, Table
from lakebench.errors import QueryFailed
from lakebench.metering.explanation import Explanation
from lakebench.metering.record import ScanRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One object to read, in place: ``path`` is its payload, ``uri`` and ``size`` are S3's own.

    ``partition`` has one text a partition key of the table; None is Hive's default partition. ``bucket``
    is which of a bucketed table's buckets it is, from 0.
    """

    path: Path
    uri: S3Uri
    size: int
    partition: tuple[str | None, ...] = ()
    modified: datetime | None = None
    bucket: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanBinding:
    """The objects behind one occurrence of a table in the query.

    ``scan_id`` (``s0``, ``s1``, ...) is the name by which the query's tree refers to it. ``files`` are in
    listing order and hold only objects that Athena would consider: registered partitions, no names
    that begin with ``_`` or ``.``. A system table has ``rows`` instead: a text or None a column, nothing
    is read for them.
    """

    scan_id: str
    table: Table
    files: tuple[DataFile, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsSink:
    """Write the rows as Athena's result file: header first, every value quoted, NULL an empty field.

    ``row_limit`` is never set by Athena; it is None for the whole result.
    """

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """A text column that comes as varchar and is written shorter; ``source`` is the query's type."""

    source: DataType
    target: DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSink:
    """Write the rows as data files of a table below ``directory`` (CTAS, INSERT, UNLOAD).

    The query's last columns are the partition keys. ``compression`` is in lower case (``snappy``, ``gzip``,
    ``zstd``, ``none``), ``compression_level`` None for the codec's own. Buckets are those of Hive's hash of
    the columns ``bucketed_by``. ``serde`` are the parameters of LazySimpleSerDe that text obeys. At most 100
    files are written, one a partition and bucket (facts/athena.md 4); one more fails the query at once.
    A value of a ``narrowed`` column that would lose more than blanks fails the query too.
    """

    directory: Path
    data_format: DataFormat
    compression: str
    compression_level: int | None = None
    partitioned_by: tuple[str, ...] = ()
    bucketed_by: tuple[str, ...] = ()
    bucket_count: int = 0
    serde: Mapping[str, str] = field(default_factory=dict)
    narrowed: Mapping[str, Narrowing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRequest:
    """A resolved query: its tree in Athena's dialect, where each base table is named by a scan_id.

    ``sql`` is the user's own text, for positions in error messages. ``bytes_limit`` is what its scans may
    read at most; None is without end.
    """

    execution_id: str
    sql: str
    tree: exp.Expression
    scans: tuple[ScanBinding, ...]
    sink: RowsSink | TableSink
    bytes_limit: int | None = None


class RunFailed(QueryFailed):
    """The query failed as it ran: what it had read by then, and its times in milliseconds."""

    def __init__(
        self,
        failed: QueryFailed,
        *,
        scans: tuple[ScanRecord, ...],
        explanation: Explanation,
        planning_ms: int,
        execution_ms: int,
    ) -> None:
        super().__init__(
            failed.code, failed.message, line=failed.line, column=failed.column, hint=failed.hint
        )
        self.scans = scans
        self.explanation = explanation
        self.planning_ms = planning_ms
        self.execution_ms = execution_ms


class BytesLimitReached(Exception):
    """The scans of the request read more than its ``bytes_limit``: it was not run, or not to its end."""

    def __init__(self, *, planning_ms: int, execution_ms: int = 0) -> None:
        super().__init__("the limit of bytes scanned was reached")
        self.planning_ms = planning_ms
        self.execution_ms = execution_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedRun:
    """What a run had read when it was stopped, and its times in milliseconds."""

    scans: tuple[ScanRecord, ...]
    explanation: Explanation
    planning_ms: int
    execution_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """A column of the result, with its Trino type."""

    name: str
    type: DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file that the query wrote: its rows, its size in bytes, its partition's values, its bucket from 0."""

    path: Path
    rows: int
    size: int
    partition: tuple[str | None, ...] = ()
    bucket: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOutcome:
    """What came out of a run. Times are in milliseconds of the engine's own clock."""

    columns: tuple[ResultColumn, ...]
    rows: int
    written: tuple[WrittenFile, ...]
    scans: tuple[ScanRecord, ...]
    planning_ms: int
    execution_ms: int
    explanation: Explanation = field(default_factory=lambda: Explanation(scans=()))


@dataclass(slots=True)
class Cancellation:
    """A one-way switch that stops a run; thread-safe, callbacks run once, in the canceller's thread.

    ``stopped`` is what the run that it stopped had read, once cancel() returns; None where none ran.
    """

    stopped: StoppedRun | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _cancelled: bool = False
    _done: threading.Event = field(default_factory=threading.Event)
    _callbacks: list[Callable[[], None]] = field(default_factory=list)

    @property
    def cancelled(self) -> bool:
        """Whether cancel() was called."""
        return self._cancelled

    def cancel(self) -> None:
        """Throw the switch; a second call waits until the first has stopped the run."""
        with self._lock:
            first, self._cancelled = not self._cancelled, True
            callbacks, self._callbacks = self._callbacks, []
        try:
            for callback in callbacks:
                callback()
        finally:
            if first:
                self._done.set()
        self._done.wait(1)

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call back when the switch is thrown; at once if it already is."""
        with self._lock:
            if not self._cancelled:
                self._callbacks.append(callback)
                return
        callback()


class Engine(Protocol):
    """Runs resolved queries. Thread-safe: many executions call run() at once."""

    def run(self, request: QueryRequest, cancellation: Cancellation) -> QueryOutcome:
        """Run to the end.

        Raises QueryFailed with Athena's code and text (RunFailed once it ran), QueryCancelled within
        700 ms of the cancellation (which then tells what was read), or BytesLimitReached. Whatever
        happens, no other execution is harmed and the sink's directory is the caller's to sweep.
        """

    def close(self) -> None:
        """End all workers; running queries are cancelled."""
