"""One execution on one worker: stage, plan, run, meter, collect."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.emulator.engine.blame import Suspects, unreadable_object
from lakebench.emulator.engine.copying import Copier, named_columns
from lakebench.emulator.engine.failures import blames_data, explain, names_no_object
from lakebench.emulator.engine.footers import FooterCache
from lakebench.emulator.engine.limits import read_in_full
from lakebench.emulator.engine.looking import Looks
from lakebench.emulator.engine.opening import Opener
from lakebench.emulator.engine.process import (
    DeadlineExceeded,
    StatementFailed,
    Watch,
    WorkerDied,
    WorkerProcess,
)
from lakebench.emulator.engine.protocol import (
    BytesLimitReached,
    QueryOutcome,
    QueryRequest,
    ResultColumn,
    RowsSink,
    RunFailed,
    WrittenFile,
)
from lakebench.emulator.engine.pushing import with_choices_pushed
from lakebench.emulator.engine.readlog import FORGET_READS, LAST_READS, READS, ReadLog, read_log
from lakebench.emulator.engine.scanplan import Footers, StatementPlan
from lakebench.emulator.engine.sinks import Copy, collect_rows, collect_table, rows_copy
from lakebench.emulator.engine.staging import (
    StagedScan,
)
from lakebench.emulator.engine.writing.order import WriteOrder, write_order
from lakebench.errors import QueryFailed
from lakebench.metering.conditions import ends_early, scan_conditions
from lakebench.metering.evaluation import CannotEvaluate, Evaluator
from lakebench.metering.hidden import hidden_names
from lakebench.metering.record import ScanRecord
from lakebench.sql import from_duckdb_type, result_columns, result_types

_BREAKING = frozenset({"FatalException", "InternalException"})
"""After these DuckDB promises nothing about its own state."""

_SWEPT_AT_ONCE = 200
"""Objects of a run whose links are removed before it is answered."""

_LINE_TOO_LONG = "Maximum line size"
"""What DuckDB's reader says of a line beyond 2 MB; such objects are read again with more room."""

_UNCLEAN = re.compile(r"[Ii]nvalid unicode|not utf-8 encoded|state machine reached an invalid state")
"""What it says of bytes that are no UTF-8 and of mixed line endings: put right, they are read again."""

Translate = Callable[[exp.Expr], str]
"""Athena's tree to DuckDB's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Statements that make the scans' views, the query, its columns; whether its reads are logged."""

    views: tuple[str, ...]
    query: str
    columns: tuple[ResultColumn, ...]
    logged: bool


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
        footers: FooterCache,
        deadline: float,
        cpu_seconds: int,
        always_logged: bool = False,
    ) -> None:
        self._worker = worker
        self._request = request
        self._translate = translate
        self._always_logged = always_logged
        self._evaluator = Evaluator(translate, self._evaluate)
        self._deadline = deadline
        self._cpu_seconds: int | None = cpu_seconds  # told once, with the first statements
        names = {column.name.lower() for column in request.tree.find_all(exp.Column)}
        self._opener = Opener(
            worker=worker,
            directory=worker.scratch / "runs",
            copier=Copier(
                convert=lambda wanted: worker.convert(wanted, deadline=deadline),
                names=named_columns(request.tree),
            ),
            cache=footers,
            evaluator=self._evaluator,
            ask=self._ask,
            wanted=frozenset(names & hidden_names()),
            deadline=deadline,
        )
        self._log = ReadLog({}, {})
        self._suspects: Suspects | None = None
        self.looks = Looks(worker, request)
        self._ordered = not isinstance(request.sink, RowsSink) or ends_early(request.tree)

    def run(self) -> QueryOutcome:
        """The whole execution; its scratch directory is gone afterwards."""
        try:
            return self._run()
        except StatementFailed as error:
            raise self._explain(error) from error
        except (DeadlineExceeded, BytesLimitReached):
            self._worker.kill()
            raise
        except FileNotFoundError as error:
            if self._worker.scratch.exists():
                raise
            # The engine closed after the worker's answer: the result went with the scratch directory.
            raise WorkerDied(None) from error
        finally:
            self._sweep()

    def _sweep(self) -> None:
        """Leave the worker as it was found; a run without objects has left nothing when it succeeded."""
        runs = self._worker.scratch / "runs"
        with contextlib.suppress(FileNotFoundError):  # the engine is closing
            if len(self._opener.files) > _SWEPT_AT_ONCE:
                _sweep_later(runs)
            for entry in runs.iterdir():
                if entry.is_dir():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink(missing_ok=True)
        with contextlib.suppress(WorkerDied):
            self._worker.end_execution()

    def _run(self) -> QueryOutcome:
        started = time.monotonic()
        tree = self._request.tree
        conditions = scan_conditions(tree, frozenset(scan.scan_id for scan in self._request.scans))
        scans = self._opener.open(self._request.scans, conditions)
        footers = self._opener.footers(scans)
        statement = StatementPlan(tree, scans, conditions, footers, self._evaluator)
        self._suspects = Suspects(scans=scans, conditions=conditions, footers=footers)
        logged = bool(self._opener.files) and (self._always_logged or not statement.decided)
        plan = self._plan(scans, footers, logged=logged)
        self._check_limit(statement, started)
        planned = time.monotonic()
        self.looks.begin(statement, logged=logged, started=started, planned=planned)
        try:
            rows, written = self._write_or_retry(plan, scans, footers)
        except StatementFailed as error:
            raise self._run_failed(error, statement, started, planned) from error
        ended = time.monotonic()
        records = self._records(statement, logged=logged)
        return QueryOutcome(
            columns=plan.columns,
            rows=rows,
            written=written,
            scans=records,
            explanation=statement.explanation(self._request.scans, records),
            planning_ms=_milliseconds(planned - started),
            execution_ms=_milliseconds(ended - planned),
        )

    def _check_limit(self, statement: StatementPlan, started: float) -> None:
        limit = self._request.bytes_limit
        if limit is not None and statement.exceeds(limit):
            raise BytesLimitReached(planning_ms=_milliseconds(time.monotonic() - started))

    def _records(self, statement: StatementPlan, *, logged: bool) -> tuple[ScanRecord, ...]:
        return statement.logged_records(self._log) if logged else statement.records()

    def _plan(self, scans: Sequence[StagedScan], footers: Footers, *, logged: bool) -> _Plan:
        """Views over the scans, the query's own text, and what comes out of it.

        The engine is asked for types only where the resolver does not know them all: that is a statement
        more, and what SELECT 1 costs is mostly statements.
        """
        tree = self._request.tree
        views = self._opener.views(scans, footers)
        query = self._translate(with_choices_pushed(read_in_full(tree) if logged else tree))
        columns = _resolved_columns(tree)
        if columns is None:
            columns = tuple(_columns(tree, self._ask([*views, f"DESCRIBE {query}"])))
        return _Plan(views=tuple(views), query=query, columns=columns, logged=logged)

    def _write_or_retry(
        self, plan: _Plan, scans: Sequence[StagedScan], footers: Footers
    ) -> tuple[int, tuple[WrittenFile, ...]]:
        """Write; once more with room for long lines, or with a log when nothing says which object is bad."""
        while True:
            try:
                return self._write(plan)
            except StatementFailed as error:
                if _LINE_TOO_LONG in error.message and not any(scan.long_lines for scan in scans):
                    scans = [replace(scan, long_lines=True) for scan in scans]
                    plan = self._plan(scans, footers, logged=plan.logged)
                elif _UNCLEAN.search(error.message) and not any(scan.utf8 for scan in scans):
                    scans = [self._opener.as_utf8(scan) for scan in scans]
                    plan = self._plan(scans, footers, logged=plan.logged)
                elif not plan.logged and names_no_object(error, self._opener.files):
                    plan = replace(plan, logged=True)
                else:
                    raise

    def _write(self, plan: _Plan) -> tuple[int, tuple[WrittenFile, ...]]:
        sink, directory = self._request.sink, self._opener.directory
        if isinstance(sink, RowsSink):
            # A name of its own: DuckDB takes away the file of a COPY that failed, and may do so late.
            copy = rows_copy(plan.query, plan.columns, directory / f"rows-{uuid4().hex}.csv")
            [[rows]] = self._copy(plan, copy)
            collect_rows(copy, plan.columns, sink)
            return int(rows), ()
        output = directory / "out"
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
        told = self._copy(plan, write_order(plan.query, plan.columns, sink, output))
        written = collect_table(told, sink)
        return sum(file.rows for file in written), written

    def _copy(self, plan: _Plan, copy: Copy | WriteOrder) -> list[list[Any]]:
        """Run the query to its sink; its reads, if they are logged, are kept apart from those of all else."""
        before = [*plan.views, FORGET_READS] if plan.logged else plan.views
        statements = [*before, copy.statement] if isinstance(copy, Copy) else before
        answer = self._ask(
            statements,
            ordered=self._ordered,
            logged=plan.logged,
            write=None if isinstance(copy, Copy) else copy,
            watch=self.looks.watch,
            last=not plan.logged,
        )
        if plan.logged:
            self._log = read_log(self._ask([READS], ordered=self._ordered, logged=True))
        return answer

    def _evaluate(self, statements: Sequence[str]) -> list[list[Any]]:
        try:
            return self._ask(statements)
        except StatementFailed as error:
            raise CannotEvaluate(str(error)) from error

    def _ask_one(self, statement: str) -> list[list[Any]]:
        return self._ask([statement])

    def _ask(
        self,
        statements: Sequence[str],
        *,
        ordered: bool = False,
        logged: bool = False,
        write: WriteOrder | None = None,
        watch: Watch | None = None,
        last: bool = False,
    ) -> list[list[Any]]:
        cpu_seconds, self._cpu_seconds = self._cpu_seconds, None
        return self._worker.execute(
            statements,
            ordered=ordered,
            logged=logged,
            deadline=self._deadline,
            cpu_seconds=cpu_seconds,
            write=write,
            watch=watch,
            last=last,
        )

    def _run_failed(
        self, error: StatementFailed, statement: StatementPlan, started: float, planned: float
    ) -> QueryFailed:
        """The failure with what was read: all that a decided plan reads, else what the log tells."""
        ended = time.monotonic()
        failure = self._explain(error)
        if error.kind in _BREAKING:
            return failure  # the worker that could tell is gone
        if statement.decided:
            records = statement.records()
        else:
            with contextlib.suppress(StatementFailed):
                self._log = read_log(self._ask([READS], ordered=self._ordered, logged=True))
            records = statement.logged_records(self._log)
        return RunFailed(
            failure,
            scans=records,
            explanation=statement.explanation(self._request.scans, records),
            planning_ms=_milliseconds(planned - started),
            execution_ms=_milliseconds(ended - planned),
        )

    def _explain(self, error: StatementFailed) -> QueryFailed:
        """The failure in Athena's words; a worker that cannot trust itself any more is ended."""
        last_read = None
        if self._opener.files:
            with contextlib.suppress(StatementFailed):
                asked = self._ask([LAST_READS], ordered=self._ordered, logged=True)
                paths = [path for (path,) in asked if path in self._opener.files]
                last_read = self._blamed(error, paths) or next(iter(paths), None)
        if error.kind in _BREAKING:
            self._worker.kill()
        return explain(error, self._request.tree, self._opener.files, last_read)

    def _blamed(self, error: StatementFailed, read_last: Sequence[str]) -> str | None:
        """The object that cannot be read, where the error does not name it."""
        found = self._suspects
        if found is None or not names_no_object(error, self._opener.files) or not blames_data(error):
            return None
        return unreadable_object(error.kind, found, read_last, self._ask_one)


def _sweep_later(runs: Path) -> None:
    """Put the directory aside and remove it meanwhile: ten thousand folders take longer than their query."""
    aside = Path(tempfile.mkdtemp(dir=runs.parent, prefix="swept-"))
    runs.rename(aside / runs.name)
    runs.mkdir()
    threading.Thread(
        target=shutil.rmtree, args=(aside,), kwargs={"ignore_errors": True}, name="sweep", daemon=True
    ).start()


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
