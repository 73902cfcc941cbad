"""One execution on one worker: stage, plan, run, meter, collect."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.emulator.engine.conditions import scan_conditions
from lakebench.emulator.engine.failures import explain
from lakebench.emulator.engine.limits import read_in_full, stops_early
from lakebench.emulator.engine.process import DeadlineExceeded, StatementFailed, WorkerDied, WorkerProcess
from lakebench.emulator.engine.protocol import (
    DataFile,
    QueryOutcome,
    QueryRequest,
    ResultColumn,
    RowsSink,
    WrittenFile,
)
from lakebench.emulator.engine.pruning import pruned
from lakebench.emulator.engine.quoting import identifier
from lakebench.emulator.engine.readlog import FORGET_READS, KEEP_READS, LAST_READS, scan_records
from lakebench.emulator.engine.relations.partitions import hidden_names
from lakebench.emulator.engine.relations.relation import is_columnar, relation
from lakebench.emulator.engine.sinks import (
    Copy,
    collect_rows,
    collect_table,
    rows_copy,
    rows_query,
    table_copy,
)
from lakebench.emulator.engine.staging import StagedScan, stage, unpacked_paths, with_unpacked
from lakebench.errors import QueryFailed
from lakebench.sql import from_duckdb_type, result_columns, result_types

_BREAKING = frozenset({"FatalException", "InternalException"})
"""After these DuckDB promises nothing about its own state."""

_LINE_TOO_LONG = "Maximum line size"
"""What DuckDB's reader says of a line beyond 2 MB; such objects are read again with more room."""

Translate = Callable[[exp.Expr], str]
"""Athena's tree to DuckDB's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Statements that make the scans' views (none when they are made already), the query, its columns."""

    views: tuple[str, ...]
    query: str
    columns: tuple[ResultColumn, ...]


class Execution:
    """Runs a request on a worker that is nobody else's meanwhile.

    Raises QueryFailed, WorkerDied, or DeadlineExceeded; the worker is clean afterwards or dead.
    """

    def __init__(
        self,
        worker: WorkerProcess,
        request: QueryRequest,
        *,
        translate: Translate,
        deadline: float,
        cpu_seconds: int,
    ) -> None:
        self._worker = worker
        self._request = request
        self._translate = translate
        self._deadline = deadline
        self._cpu_seconds: int | None = cpu_seconds  # told once, with the first statements
        self._files: dict[str, DataFile] = {}
        self._ordered = not isinstance(request.sink, RowsSink) or stops_early(request.tree)

    def run(self) -> QueryOutcome:
        """The whole execution; its scratch directory is gone afterwards."""
        try:
            return self._run(self._worker.scratch / "runs")
        except StatementFailed as error:
            failure = self._explain(error)
            if error.kind in _BREAKING:
                self._worker.kill()
            raise failure from error
        except DeadlineExceeded:
            self._worker.kill()
            raise
        finally:
            self._sweep()

    def _sweep(self) -> None:
        """Leave the worker as it was found; a run without objects has left nothing when it succeeded."""
        with contextlib.suppress(FileNotFoundError):  # the engine is closing
            for entry in (self._worker.scratch / "runs").iterdir():
                if entry.is_dir():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink(missing_ok=True)
        with contextlib.suppress(WorkerDied):
            self._worker.end_execution()

    def _run(self, directory: Path) -> QueryOutcome:
        started = time.monotonic()
        tree = self._request.tree
        conditions = scan_conditions(tree, frozenset(scan.scan_id for scan in self._request.scans))
        bindings = pruned(conditions, self._request.scans, translate=self._translate, ask=self._ask)
        scans = [self._readable(stage(binding, directory)) for binding in bindings]
        plan = self._plan(scans)
        planned = time.monotonic()
        try:
            rows, written = self._write(plan, directory)
        except StatementFailed as error:
            if _LINE_TOO_LONG not in error.message:
                raise
            scans = [replace(scan, long_lines=True) for scan in scans]
            plan = self._plan(scans)
            rows, written = self._write(plan, directory)
        ended = time.monotonic()
        return QueryOutcome(
            columns=plan.columns,
            rows=rows,
            written=written,
            scans=scan_records(
                scans,
                self._ask,
                conditions=conditions,
                translate=self._translate,
                exact=not stops_early(tree),
            ),
            planning_ms=_milliseconds(planned - started),
            execution_ms=_milliseconds(ended - planned),
        )

    def _readable(self, scan: StagedScan) -> StagedScan:
        """The scan with objects that DuckDB cannot decompress unpacked by the worker."""
        self._files.update(scan.paths)
        packed = [] if is_columnar(scan.binding.table.data_format) else unpacked_paths(scan)
        if not packed:
            return scan
        self._worker.unpack(packed, deadline=self._deadline)
        scan = with_unpacked(scan, packed)
        self._files.update(scan.paths)
        return scan

    def _plan(self, scans: Sequence[StagedScan]) -> _Plan:
        """Views over the scans, the query's own text, and what comes out of it.

        The engine is asked for types only where the resolver does not know them all: that is a statement
        more, and what SELECT 1 costs is mostly statements.
        """
        tree = self._request.tree
        names = {column.name.lower() for column in tree.find_all(exp.Column)}
        wanted = frozenset(names & hidden_names())
        views = [
            f"CREATE OR REPLACE TEMP VIEW {identifier(scan.name)} AS {relation(scan, wanted, self._ask_one)}"
            for scan in scans
        ]
        query = self._translate(read_in_full(tree))
        columns = _resolved_columns(tree)
        if columns is None:
            described = self._ask([*views, f"DESCRIBE {query}"])
            columns, views = tuple(_columns(tree, described)), []
        return _Plan(views=tuple(views), query=query, columns=columns)

    def _write(self, plan: _Plan, directory: Path) -> tuple[int, tuple[WrittenFile, ...]]:
        sink = self._request.sink
        if isinstance(sink, RowsSink):
            copy = rows_copy(plan.query, plan.columns, directory / "rows.csv")
            [[rows]] = self._copy(plan, copy)
            collect_rows(copy, plan.columns, sink)
            return int(rows), ()
        output = directory / "out"
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
        copy = table_copy(plan.query, plan.columns, sink, output)
        [[_, files]] = self._copy(plan, copy)
        counts = self._ask([rows_query(files, sink)]) if files else []
        written = collect_table({name: int(count) for name, count in counts}, sink)
        return sum(file.rows for file in written), written

    def _copy(self, plan: _Plan, copy: Copy) -> list[list[Any]]:
        """Run the COPY and keep its reads apart from those of planning and of looking at the output."""
        if not self._files:
            return self._ask([*plan.views, copy.statement])
        answer = self._ask([*plan.views, FORGET_READS, copy.statement])
        self._ask([KEEP_READS, FORGET_READS])
        return answer

    def _ask_one(self, statement: str) -> list[list[Any]]:
        return self._ask([statement])

    def _ask(self, statements: Sequence[str]) -> list[list[Any]]:
        cpu_seconds, self._cpu_seconds = self._cpu_seconds, None
        return self._worker.execute(
            statements, ordered=self._ordered, deadline=self._deadline, cpu_seconds=cpu_seconds
        )

    def _explain(self, error: StatementFailed) -> QueryFailed:
        last_read = None
        if self._files:
            with contextlib.suppress(StatementFailed):
                paths = [path for (path,) in self._ask([LAST_READS])]
                last_read = next((path for path in paths if path in self._files), None)
        return explain(error, self._request.tree, self._files, last_read)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _resolved_columns(tree: exp.Expression) -> tuple[ResultColumn, ...] | None:
    """The resolver's names and types; None for a tree that is not its own or a type it left open."""
    if "outputs" not in tree.meta:
        return None
    columns = []
    for name, data_type in zip(result_columns(tree), result_types(tree), strict=True):
        if data_type is None:
            return None
        columns.append(ResultColumn(name=name, type=data_type))
    return tuple(columns)


def _columns(tree: exp.Expression, described: Sequence[Sequence[str]]) -> Iterator[ResultColumn]:
    """The resolver's names and types as far as they go, the engine's for the rest."""
    given = zip(result_columns(tree), result_types(tree), strict=True) if "outputs" in tree.meta else None
    for name, kind, *_ in described:
        known_name, known_type = next(given) if given is not None else (name, None)
        yield ResultColumn(name=known_name, type=known_type or _type(known_name, kind))


def _type(name: str, kind: str) -> DataType:
    try:
        return from_duckdb_type(kind)
    except ValueError as error:
        raise QueryFailed("NOT_SUPPORTED", f"Column {name} is of a type that has no name here") from error
