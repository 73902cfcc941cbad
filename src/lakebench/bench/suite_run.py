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
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

from lakebench.bench.guarded import Guard, unguarded
from lakebench.bench.layouts import SOURCE_LAYOUT, LayoutSpec
from lakebench.bench.local_layouts import LocalParquet
from lakebench.bench.measure import fresh
from lakebench.bench.money import Money
from lakebench.bench.noise import measurement_warnings
from lakebench.bench.resources import ResourceKind
from lakebench.bench.run_file import ResultStore
from lakebench.bench.run_plan import PlannedScan
from lakebench.bench.run_result import BenchRun, Environment, Layout, QuerySample
from lakebench.bench.scan_plan import planned_scans
from lakebench.bench.suites import Suite
from lakebench.bench.table_scans import table_scans
from lakebench.bench.watch import Advance, Step, Watcher
from lakebench.catalog.s3 import S3Uri
from lakebench.client import glue, s3
from lakebench.client.athena import QueryContext, QueryRun, result_columns, result_rows, run_query
from lakebench.client.estimate import StatementEstimator
from lakebench.client.execution_scan import execution_scan
from lakebench.client.session import AwsSession
from lakebench.datagen import VentasGenerator
from lakebench.errors import ClientError, ConfigError

SOURCE_ROW_BYTES = 180
"""A line of the uploaded CSV has some 150; plans are on the safe side."""

_PACKAGES = ("athena-lakebench", "boto3", "duckdb", "pyarrow", "numpy", "faker")

_SAVE_SECONDS = 2.0  # a killed run loses no more


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchPlan:
    """What to run: ``runs`` rounds are timed after the warm-up. The database must be new.

    So must the bucket unless ``makes_bucket`` is False; all objects lie in it below ``prefix``.
    """

    run_id: str
    suite: Suite
    layouts: tuple[LayoutSpec, ...]
    rows: int
    seed: int
    runs: int
    bucket: str
    database: str
    commit: str | None = None
    prefix: str = ""
    makes_bucket: bool = True

    @property
    def place(self) -> S3Uri:
        """Where all of its objects lie."""
        return S3Uri(self.bucket, self.prefix)


def layout_scans(plan: BenchPlan) -> tuple[PlannedScan, ...]:
    """What is known before anything is there: each CTAS reads the source at most once.

    What the queries may scan is asked of the layouts when they are there; until then, each is billed at least
    the minimum of a query.
    """
    written = sum(layout.local is None for layout in plan.layouts) - 1
    asked = (plan.runs + 1) * len(plan.suite.queries) * len(plan.layouts)
    source = PlannedScan(most=plan.rows * SOURCE_ROW_BYTES, times=written)
    return (source, PlannedScan(most=0, times=asked))


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
    run = _begin(session, plan)
    if earlier is not None:
        _check_same_plan(earlier, run)
        _check_layouts(earlier, plan)
        run = replace(run, started=earlier.started, samples=earlier.samples)
    generator = VentasGenerator(rows=plan.rows, seed=plan.seed)
    with nullcontext(guard) if guard is not None else unguarded(session, watch) as block:
        lake = _Lake(session, plan, watch, block)
        lake.make(generator)
        return _Runner(session, plan, store, lake, block).measure(run, watch)


def _begin(session: AwsSession, plan: BenchPlan) -> BenchRun:
    return BenchRun(
        run_id=plan.run_id,
        suite=plan.suite.name,
        seed=plan.seed,
        rows=plan.rows,
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
    for name in ("suite", "seed", "rows", "target", "region", "sql", "environment"):
        if getattr(earlier, name) != getattr(run, name):
            raise ConfigError(
                f"run {earlier.run_id} cannot be resumed: its {name} was another",
                hint="start a new run; its samples would not be comparable",
            )
    if earlier.finished is not None:
        raise ConfigError(f"run {earlier.run_id} is finished", hint="start a new run")


def _check_layouts(earlier: BenchRun, plan: BenchPlan) -> None:
    missing = {each.layout for each in earlier.samples} - {each.name for each in plan.layouts}
    if missing:
        raise ConfigError(
            f"run {earlier.run_id} cannot be resumed without its layout {min(missing)}",
            hint="name the layouts that it began with",
        )


class _Lake:
    """The tables of a run: the uploaded source, and each layout by its CTAS."""

    def __init__(self, session: AwsSession, plan: BenchPlan, watch: Watcher, guard: Guard) -> None:
        self._session = session
        self._plan = plan
        self._watch = watch
        self._guard = guard
        output = plan.place.child("results/")
        self.context = QueryContext(database=plan.database, output=output, workgroup=guard.workgroup)

    def make(self, generator: VentasGenerator) -> None:
        session, plan = self._session, self._plan
        self._make_bucket()
        if glue.database_exists(session, plan.database):
            raise ClientError(
                f"database {plan.database} is there already", hint="a run makes its own database"
            )
        with self._making(ResourceKind.DATABASE, plan.database):
            glue.create_database(session, plan.database, self._guard.tags)
        with self._watch.step(Step.UPLOAD, plan.rows) as advance:
            s3.upload_stream(session, self.place(SOURCE_LAYOUT).child("0.csv"), _blocks(generator, advance))
        with self._watch.step(Step.LAYOUTS, len(plan.layouts)) as advance:
            for layout in plan.layouts:
                with self._making(ResourceKind.TABLE, f"{plan.database}.{layout.name}"):
                    if layout.local is not None:
                        self._upload(generator, layout.name, layout.local)
                    self._guard.spend(run_query(session, self._statement(layout), self.context))
                advance(1)

    def _make_bucket(self) -> None:
        session, plan = self._session, self._plan
        if s3.bucket_exists(session, plan.bucket):
            if plan.makes_bucket:
                raise ClientError(f"bucket {plan.bucket} is there already", hint="a run makes its own bucket")
        elif plan.makes_bucket:
            with self._making(ResourceKind.BUCKET, plan.bucket):
                s3.create_bucket(session, plan.bucket, self._guard.tags)
        else:
            raise ClientError(
                f"there is no bucket {plan.bucket}", hint="make it, or leave it out: the run makes its own"
            )
        with self._making(ResourceKind.OBJECTS, str(plan.place)):
            pass  # whatever comes to lie there from here on

    def _upload(self, generator: VentasGenerator, name: str, written: LocalParquet) -> None:
        for number in range(written.file_count(generator)):
            chunks = written.chunks(generator, number, lambda _: None)
            s3.upload_stream(self._session, self.place(name).child(f"{number:05d}.parquet"), chunks)

    def _making(self, kind: ResourceKind, name: str) -> AbstractContextManager[None]:
        return self._guard.making(kind, name)

    def place(self, layout: str) -> S3Uri:
        return self._plan.place.child(f"lake/{layout}/")

    def layout(self, spec: LayoutSpec, samples: tuple[QuerySample, ...]) -> Layout:
        """What lies in S3; the row groups are those of the widest scan."""
        objects = list(s3.list_objects(self._session, self.place(spec.name)))
        scans = [scan for sample in samples if sample.layout == spec.name for scan in sample.scans]
        groups = max((scan.row_groups.total or 0 for scan in scans), default=0)
        return Layout(
            name=spec.name,
            data_format="csv" if spec.data_format == "TEXTFILE" else spec.data_format.lower(),
            stored_bytes=sum(each.size for each in objects),
            objects=len(objects),
            row_groups=groups or None,
        )

    def _statement(self, layout: LayoutSpec) -> str:
        columns, place = self._plan.suite.columns, str(self.place(layout.name))
        typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        if layout.local is not None:
            return f"CREATE EXTERNAL TABLE {layout.name} ({typed})\nSTORED AS PARQUET\nLOCATION '{place}'"
        if layout.name != SOURCE_LAYOUT:
            return layout.ctas(source=SOURCE_LAYOUT, columns=list(columns), location=place)
        return (
            f"CREATE EXTERNAL TABLE {SOURCE_LAYOUT} ({typed})\n"
            f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ','\nLOCATION '{place}'\n"
            "TBLPROPERTIES ('skip.header.line.count' = '1')"
        )


class _Runner:
    """Asks every query of every layout, round after round."""

    def __init__(
        self, session: AwsSession, plan: BenchPlan, store: ResultStore, lake: _Lake, guard: Guard
    ) -> None:
        self._session = session
        self._plan = plan
        self._store = store
        self._lake = lake
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
        return self._plan.suite.queries[query].replace("{table}", f'"{layout}"')

    def _sample(self, number: int, query: str, layout: str) -> QuerySample:
        run = fresh(run_query(self._session, self._sql(query, layout), self._lake.context))
        self._guard.spend(run)
        count, digest = self._answer(run)
        expected = self._plan.suite.expected_rows.get(query, count)
        if count != expected:
            raise ClientError(f"query {query} on layout {layout} gives {count} rows, not {expected}")
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

    def _answer(self, run: QueryRun) -> tuple[int, str]:
        """Rows and their digest; columns count by name, for partition keys stand last in a table."""
        names = [column.name for column in result_columns(self._session, run.execution_id)]
        order = sorted(range(len(names)), key=names.__getitem__)
        digest, count = hashlib.sha256(repr(sorted(names)).encode()), 0
        for row in result_rows(self._session, run.execution_id):
            digest.update(repr([row[index] for index in order]).encode())
            count += 1
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


def _blocks(generator: VentasGenerator, advance: Advance) -> Iterator[bytes]:
    for number in range(generator.block_count):
        yield generator.csv_block(number)
        advance(generator.rows_in(number))


def _environment(commit: str | None) -> Environment:
    return Environment(
        versions={"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        machine=platform.machine(),
        system=platform.system(),
        cores=os.cpu_count() or 1,
        commit=commit,
    )
