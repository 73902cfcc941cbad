"""Runs a suite on every layout: makes the lake, asks in turns, checks the answers, keeps what it measured.

Only ``client`` is spoken to. Layouts take turns within each round, in an order that the seed shuffles;
round 0 warms up. Samples are saved on the way and at an interruption, so a run that is broken off can be
resumed: the same seed makes the same lake again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from types import MappingProxyType

from lakebench.bench.expected import ExpectedRows
from lakebench.bench.guarded import Guard, unguarded
from lakebench.bench.layouts import LayoutSpec
from lakebench.bench.measure import fresh
from lakebench.bench.money import Money
from lakebench.bench.noise import measurement_warnings
from lakebench.bench.run_file import ResultStore
from lakebench.bench.run_plan import PlannedScan
from lakebench.bench.run_result import BenchRun, Environment, QuerySample
from lakebench.bench.scan_plan import planned_scans
from lakebench.bench.suite import Suite
from lakebench.bench.suite_lake import LakePlan, SuiteLake
from lakebench.bench.table_scans import table_scans
from lakebench.bench.watch import Step, Watcher
from lakebench.catalog.s3 import S3Uri
from lakebench.client.athena import QueryRun, result_columns, result_rows, run_query
from lakebench.client.estimate import StatementEstimator
from lakebench.client.execution_scan import execution_scan
from lakebench.client.session import AwsSession
from lakebench.datagen.data_sets import DataSet, row_sources
from lakebench.datagen.source import RowSource
from lakebench.errors import ClientError, ConfigError

SOURCE_ROW_BYTES: Mapping[DataSet | None, int] = MappingProxyType(
    {DataSet.VENTAS: 180, DataSet.LOGS: 450, DataSet.TPCH: 250}
)
"""A line of the uploaded CSV has some 150, 330 and up to 190; plans are on the safe side."""

_PACKAGES = ("athena-lakebench", "boto3", "duckdb", "pyarrow", "numpy", "faker")

_SAVE_SECONDS = 2.0  # a killed run loses no more


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchPlan:
    """What to run: ``runs`` rounds are timed after the warm-up. The database must be new.

    So must the bucket unless ``makes_bucket`` is False; all objects lie in it below ``prefix``.
    ``rows`` or ``scale`` say how much is generated, None: a little.
    """

    run_id: str
    suite: Suite
    layouts: tuple[LayoutSpec, ...]
    rows: int | None
    seed: int
    runs: int
    bucket: str
    database: str
    scale: float | None = None
    commit: str | None = None
    prefix: str = ""
    makes_bucket: bool = True

    @property
    def place(self) -> S3Uri:
        """Where all of its objects lie."""
        return S3Uri(self.bucket, self.prefix)

    def sources(self) -> Mapping[str, RowSource]:
        """The generated tables by the suite's names; raises ConfigError for a bad count or scale."""
        suite = self.suite
        if suite.data is None:
            if self.rows is not None or self.scale is not None:
                raise ConfigError(
                    f"suite {suite.name} has tables of its own, which have the rows that they have",
                    hint="leave --rows and --scale out",
                )
            return {}
        made = row_sources(suite.data, rows=self.rows, scale=self.scale, seed=self.seed)
        if len(made) == 1:
            return {table.name: source for table, source in zip(suite.tables, made.values(), strict=True)}
        return {table.name: made[table.name] for table in suite.tables}


def layout_scans(plan: BenchPlan) -> tuple[PlannedScan, ...]:
    """What is known before anything is there: each CTAS reads its generated source at most once.

    What the queries may scan is asked of the layouts when they are there; until then, each is billed at least
    the minimum of a query.
    """
    written = sum(layout.is_ctas(plan.suite) for layout in plan.layouts)
    asked = (plan.runs + 1) * len(plan.suite.queries) * len(plan.layouts)
    row = SOURCE_ROW_BYTES.get(plan.suite.data, 0)
    known = (PlannedScan(most=one.rows * row, times=written) for one in plan.sources().values())
    return (*known, PlannedScan(most=0, times=asked))


def run_suite(
    session: AwsSession,
    plan: BenchPlan,
    store: ResultStore,
    watch: Watcher,
    *,
    earlier: BenchRun | None = None,
    guard: Guard | None = None,
) -> BenchRun:
    """Run the suite and return what is in the store; ``earlier`` is the run to go on with.

    ``guard`` is the block that it runs in; without one it makes its own, at home.

    Raises ConfigError if that was another run, ClientError when a query fails, when two layouts give
    different rows or two runs scan different bytes. What was made is removed, the samples so far are kept.
    """
    sources = plan.sources()
    run = _begin(session, plan, rows=sum(source.rows for source in sources.values()))
    if earlier is not None:
        _check_same_plan(earlier, run)
        _check_layouts(earlier, plan)
    with nullcontext(guard) if guard is not None else unguarded(session, watch) as block:
        lake_plan = LakePlan(
            suite=plan.suite,
            layouts=plan.layouts,
            sources=sources,
            place=plan.place,
            makes_bucket=plan.makes_bucket,
            database=plan.database,
        )
        lake = SuiteLake(session, lake_plan, watch, block)
        lake.make()
        run = replace(run, rows=lake.rows)
        if earlier is not None:
            _check_same("rows", earlier, run)  # not all tables tell before how many they have
            run = replace(run, started=earlier.started, samples=earlier.samples)
        return _Runner(session, plan, store, lake, block).measure(run, watch)


def _begin(session: AwsSession, plan: BenchPlan, *, rows: int) -> BenchRun:
    return BenchRun(
        run_id=plan.run_id,
        suite=plan.suite.name,
        seed=plan.seed,
        rows=rows,
        target=session.kind.value,
        region=session.region,
        usd_per_tb=Money(session.region).tariff.price_per_tb,
        started=datetime.now(UTC),
        finished=None,
        environment=_environment(plan.commit),
        layouts=(),
        sql=dict(plan.suite.queries),
        samples=(),
        warnings=(),
    )


def _check_same_plan(earlier: BenchRun, run: BenchRun) -> None:
    for name in ("suite", "seed", "target", "region", "sql", "environment"):
        _check_same(name, earlier, run)
    if earlier.finished is not None:
        raise ConfigError(f"run {earlier.run_id} is finished", hint="start a new run")


def _check_same(name: str, earlier: BenchRun, run: BenchRun) -> None:
    if getattr(earlier, name) != getattr(run, name):
        raise ConfigError(
            f"run {earlier.run_id} cannot be resumed: its {name} was another",
            hint="start a new run; its samples would not be comparable",
        )


def _check_layouts(earlier: BenchRun, plan: BenchPlan) -> None:
    missing = {each.layout for each in earlier.samples} - {each.name for each in plan.layouts}
    if missing:
        raise ConfigError(
            f"run {earlier.run_id} cannot be resumed without its layout {min(missing)}",
            hint="name the layouts that it began with",
        )


class _Runner:
    """Asks every query of every layout, round after round."""

    def __init__(
        self, session: AwsSession, plan: BenchPlan, store: ResultStore, lake: SuiteLake, guard: Guard
    ) -> None:
        self._session = session
        self._plan = plan
        self._store = store
        self._lake = lake
        self._names = {layout.name: lake.names(layout) for layout in plan.layouts}
        self._guard = guard
        self._money = Money(session.region)

    def measure(self, run: BenchRun, watch: Watcher) -> BenchRun:
        turns = list(turns_of(self._plan))
        done = {(each.number, each.query, each.layout) for each in run.samples}
        if self._guard.on_aws:
            self._guard.check(self._planned([turn for turn in turns if turn not in done]))
        saved = time.monotonic()
        self._store.save(run)
        try:
            with watch.step(Step.MEASURE, len(turns)) as advance:
                for number, query, layout in turns:
                    if (number, query, layout) not in done:
                        sample = self._sample(number, query, layout)
                        check_agrees(sample, run.samples)
                        run = replace(run, samples=(*run.samples, sample))
                    if time.monotonic() - saved > _SAVE_SECONDS:
                        self._store.save(run)
                        saved = time.monotonic()
                    advance(1)
        finally:
            self._store.save(run)
        layouts = tuple(self._lake.layout(spec, run.samples) for spec in self._plan.layouts)
        run = replace(
            run, layouts=layouts, finished=datetime.now(UTC), warnings=measurement_warnings(run.samples)
        )
        self._store.save(run)
        return run

    def _planned(self, turns: Sequence[tuple[int, str, str]]) -> Iterator[PlannedScan]:
        """What the queries to come may scan, by listings and footers of the layouts as they lie there."""
        estimator = StatementEstimator(self._session)
        for (query, layout), times in Counter((query, layout) for _, query, layout in turns).items():
            yield from planned_scans(
                estimator, self._sql(query, layout), database=self._plan.database, times=times
            )

    def _sql(self, query: str, layout: str) -> str:
        return self._plan.suite.statement(query, self._names[layout])

    def _sample(self, number: int, query: str, layout: str) -> QuerySample:
        try:
            run = fresh(run_query(self._session, self._sql(query, layout), self._lake.context))
        except ClientError as error:
            raise ClientError(
                f"query {query} on layout {layout}: {error.message}", hint=error.hint
            ) from error
        self._guard.spend(run)
        count, digest = self._answer(run, query, layout)
        document = execution_scan(self._session, run.execution_id)
        scans = () if document is None else table_scans(document)
        figures = run.statistics
        return QuerySample(
            query=query,
            layout=layout,
            number=number,
            execution_id=run.execution_id,
            scanned_bytes=figures.scanned_bytes,
            cost_usd=self._money.billed_usd(figures.scanned_bytes),
            engine_ms=float(figures.engine_ms),
            queue_ms=float(figures.queue_ms),
            planning_ms=float(figures.planning_ms),
            service_ms=float(figures.service_ms),
            wall_ms=round(run.wall_ms, 3),
            rows=count,
            result_digest=digest,
            objects=None if document is None else sum(scan.objects.kept for scan in scans),
            row_groups=None if document is None else sum(scan.row_groups.kept for scan in scans),
            scans=scans,
        )

    def _answer(self, run: QueryRun, query: str, layout: str) -> tuple[int, str]:
        """Rows and their digest; columns count by name, for partition keys stand last in a table."""
        names = [column.name for column in result_columns(self._session, run.execution_id)]
        order = sorted(range(len(names)), key=names.__getitem__)
        digest, count = hashlib.sha256(repr(sorted(names)).encode()), 0
        check = ExpectedRows(f"query {query} on layout {layout}", self._plan.suite.expected.get(query))
        for row in result_rows(self._session, run.execution_id):
            digest.update(repr([row[index] for index in order]).encode())
            check.row(count, row)
            count += 1
        check.end(count)
        return count, digest.hexdigest()


def turns_of(plan: BenchPlan) -> Iterator[tuple[int, str, str]]:
    """Round, query and layout of every execution in order: each round has all of them, shuffled by seed."""
    for number in range(plan.runs + 1):
        pairs = [(query, layout.name) for query in plan.suite.queries for layout in plan.layouts]
        random.Random(f"{plan.seed}/{number}").shuffle(pairs)  # noqa: S311 (an order, no secret)
        for query, layout in pairs:
            yield number, query, layout


def check_agrees(sample: QuerySample, earlier: tuple[QuerySample, ...]) -> None:
    """Raise ClientError if an earlier sample of the query gave other rows, or of the layout other bytes."""
    for other in earlier:
        if other.query != sample.query:
            continue
        if other.result_digest != sample.result_digest:
            raise ClientError(
                f"query {sample.query}: layout {sample.layout} gives other rows than layout {other.layout}"
                f" ({sample.rows} and {other.rows})",
                hint="a benchmark with wrong answers means nothing; compare the two tables",
            )
        if other.layout == sample.layout and other.scanned_bytes != sample.scanned_bytes:
            raise ClientError(
                f"query {sample.query} on layout {sample.layout}: two runs scanned different bytes,"
                f" {other.scanned_bytes} and {sample.scanned_bytes}"
            )


def _environment(commit: str | None) -> Environment:
    return Environment(
        versions={"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        machine=platform.machine(),
        system=platform.system(),
        cores=os.cpu_count() or 1,
        commit=commit,
    )
