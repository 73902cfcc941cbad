"""The seed's story from its first byte to its table of figures, through ``client`` alone.

Generate -> bucket -> upload to raw/ -> crawler -> query the CSV table -> the seed's CTAS into curated/ ->
the same queries on Parquet -> check that the answers agree. The same calls run on the local server and on
AWS; nothing here knows which it is.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version

from lakebench.bench.guarded import Guard, unguarded
from lakebench.bench.measure import check_same_rows, fetch_rows, measure
from lakebench.bench.money import Money
from lakebench.bench.queries import STORY_QUERIES, ctas_statement
from lakebench.bench.resources import ResourceKind
from lakebench.bench.result import LayoutSummary, Measurement, QueryComparison, StoryResult
from lakebench.bench.run_plan import PlannedScan
from lakebench.bench.spending import SpendingLimit
from lakebench.bench.watch import Advance, Step, Watcher
from lakebench.catalog.s3 import S3Uri
from lakebench.client import glue, s3
from lakebench.client.athena import QueryContext, Row
from lakebench.client.session import AwsSession
from lakebench.datagen import DEFAULT_ROWS, DEFAULT_SEED, VentasGenerator
from lakebench.errors import ClientError

RAW_TABLE = "raw_data"
CURATED_TABLE = "ventas_parquet"
CSV_NAME = "ventas.csv"
DEFAULT_ROLE = "arn:aws:iam::123456789012:role/lakebench-crawler"

_ROW_BYTES = 180  # a line of the CSV has some 150; plans are on the safe side
_PACKAGES = ("athena-lakebench", "boto3", "pyarrow", "numpy", "faker")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPlan:
    """What to play and under which names.

    All objects lie in ``bucket`` below ``prefix`` (empty, or ending in a slash). ``max_runs`` is how often
    a query is repeated at most. ``max_usd`` is the most that queries may be billed, None for no limit.
    ``keep`` leaves bucket, tables and crawler where they are. ``makes_bucket`` False needs a bucket that is
    there.
    """

    bucket: str
    database: str
    crawler: str
    rows: int = DEFAULT_ROWS
    seed: int = DEFAULT_SEED
    prefix: str = ""
    role: str = DEFAULT_ROLE
    max_runs: int = 4
    max_usd: Decimal | None = None
    keep: bool = True
    makes_bucket: bool = True

    @property
    def raw(self) -> S3Uri:
        """Where the crawled CSV lies; the table is named after the folder."""
        return S3Uri(self.bucket, f"{self.prefix}raw/{RAW_TABLE}/")

    @property
    def curated(self) -> S3Uri:
        """Where CTAS writes Parquet."""
        return S3Uri(self.bucket, f"{self.prefix}curated/")

    @property
    def results(self) -> S3Uri:
        """Where Athena writes query results."""
        return S3Uri(self.bucket, f"{self.prefix}results/")


def play(session: AwsSession, plan: StoryPlan, watch: Watcher, guard: Guard | None = None) -> StoryResult:
    """Play the whole story and return its figures; ``guard`` is the block that it runs in.

    Raises ConfigError for a bad plan, ClientError when a call fails or the two tables answer differently.
    Without a guard, what was made is removed at the end unless ``plan.keep``, also after an error or Ctrl-C.
    """
    planned_usd(plan, session.region)
    generator = VentasGenerator(rows=plan.rows, seed=plan.seed)
    if guard is not None:
        return _Player(session, plan, watch, guard).play(generator)
    with unguarded(session, watch, keep=plan.keep) as own:
        return _Player(session, plan, watch, own).play(generator)


def planned_usd(plan: StoryPlan, region: str) -> Decimal:
    """What the story's queries would be billed at most, every one a full scan of the CSV; makes no request.

    Raises ConfigError if that is over ``plan.max_usd``, PricingError for a region without a price in dollars.
    """
    limit = SpendingLimit(money=Money(region), max_usd=plan.max_usd)
    scan = planned_scan(plan)
    return limit.check_plan(scan.bounds(0))


def planned_scan(plan: StoryPlan) -> PlannedScan:
    """All queries of the story, each at most a full scan of the CSV."""
    times = 1 + 2 * plan.max_runs * len(STORY_QUERIES)
    return PlannedScan(most=plan.rows * _ROW_BYTES, times=times)


class _Player:
    """Holds what every step of one story needs."""

    def __init__(self, session: AwsSession, plan: StoryPlan, watch: Watcher, guard: Guard) -> None:
        self._session = session
        self._plan = plan
        self._watch = watch
        self._guard = guard
        self._money = Money(session.region)
        self._context = QueryContext(database=plan.database, output=plan.results, workgroup=guard.workgroup)

    def play(self, generator: VentasGenerator) -> StoryResult:
        plan, started = self._plan, datetime.now(UTC)
        upload_ms = self._upload(generator)
        crawl_ms = self._crawl()
        csv_answers = self._query(Step.QUERY_CSV, RAW_TABLE)
        ctas_sql, ctas = self._transform()
        parquet_answers = self._query(Step.QUERY_PARQUET, CURATED_TABLE)
        return StoryResult(
            rows=plan.rows,
            seed=plan.seed,
            target=self._session.kind.value,
            region=self._session.region,
            bucket=plan.bucket,
            database=plan.database,
            started=started,
            tariff=self._money.tariff,
            csv=self._layout(RAW_TABLE, plan.raw),
            parquet=self._layout(CURATED_TABLE, plan.curated),
            queries=tuple(_compare(csv_answers, parquet_answers)),
            ctas_sql=ctas_sql,
            ctas=ctas,
            upload_ms=upload_ms,
            crawl_ms=crawl_ms,
            environment=_environment(),
        )

    def _upload(self, generator: VentasGenerator) -> float:
        session, plan = self._session, self._plan
        if s3.bucket_exists(session, plan.bucket):
            self._refuse_used_places()
        elif plan.makes_bucket:
            with self._making(ResourceKind.BUCKET, plan.bucket):
                s3.create_bucket(session, plan.bucket, self._guard.tags)
        else:
            raise ClientError(
                f"there is no bucket {plan.bucket}", hint="make it, or leave it out: the run makes its own"
            )
        for place in (plan.raw, plan.curated, plan.results):
            with self._making(ResourceKind.OBJECTS, str(place)):
                pass  # whatever comes to lie there from here on
        begun = time.monotonic()
        with self._watch.step(Step.UPLOAD, plan.rows) as advance:
            s3.upload_stream(session, plan.raw.child(CSV_NAME), _blocks(generator, advance))
        return _since(begun)

    def _making(self, kind: ResourceKind, name: str) -> AbstractContextManager[None]:
        return self._guard.making(kind, name)

    def _refuse_used_places(self) -> None:
        """An existing bucket is taken only if the story's places in it are empty: nothing is overwritten."""
        for place in (self._plan.raw, self._plan.curated):
            if next(s3.list_objects(self._session, place), None) is not None:
                raise ClientError(
                    f"{place} holds objects already; the story would mix with them",
                    hint="name another bucket, or empty that place",
                )

    def _crawl(self) -> float:
        session, plan = self._session, self._plan
        if glue.database_exists(session, plan.database):
            taken = set(glue.list_table_names(session, plan.database)) & {RAW_TABLE, CURATED_TABLE}
            if taken:
                raise ClientError(
                    f"database {plan.database} has a table {min(taken)} already; it would be overwritten",
                    hint="name another database, or drop the table",
                )
        else:
            with self._making(ResourceKind.DATABASE, plan.database):
                glue.create_database(session, plan.database, self._guard.tags)
        for table in (RAW_TABLE, CURATED_TABLE):
            with self._making(ResourceKind.TABLE, f"{plan.database}.{table}"):
                pass  # the crawler and CTAS make them
        spec = glue.CrawlerSpec(
            name=plan.crawler, database=plan.database, path=plan.raw, role=plan.role, tags=self._guard.tags
        )
        with self._watch.step(Step.CRAWL):
            with self._making(ResourceKind.CRAWLER, spec.name):
                glue.create_crawler(session, spec)
            return glue.run_crawler(session, spec.name).milliseconds

    def _query(self, step: Step, table: str) -> list[tuple[Measurement, tuple[Row, ...]]]:
        answers = []
        with self._watch.step(step, len(STORY_QUERIES)) as advance:
            for query in STORY_QUERIES:
                measurement, run = measure(
                    self._session,
                    query.sql(table),
                    self._context,
                    money=self._money,
                    guard=self._guard,
                    max_runs=self._plan.max_runs,
                )
                answers.append((measurement, fetch_rows(self._session, run)))
                advance(1)
        return answers

    def _transform(self) -> tuple[str, Measurement]:
        sql = ctas_statement(source=RAW_TABLE, table=CURATED_TABLE, external_location=str(self._plan.curated))
        with self._watch.step(Step.CTAS):
            measurement, _ = measure(self._session, sql, self._context, money=self._money, guard=self._guard)
        return sql, measurement

    def _layout(self, table: str, location: S3Uri) -> LayoutSummary:
        entry = glue.get_table(self._session, self._plan.database, table)
        objects = list(s3.list_objects(self._session, location))
        return LayoutSummary(
            table=table,
            location=location,
            columns=entry.columns,
            objects=tuple(stored.place for stored in objects),
            stored_bytes=sum(stored.size for stored in objects),
        )


def _blocks(generator: VentasGenerator, advance: Advance) -> Iterator[bytes]:
    for number in range(generator.block_count):
        yield generator.csv_block(number)
        advance(generator.rows_in(number))


def _compare(
    csv_answers: list[tuple[Measurement, tuple[Row, ...]]],
    parquet_answers: list[tuple[Measurement, tuple[Row, ...]]],
) -> Iterator[QueryComparison]:
    for query, (csv, csv_rows), (parquet, parquet_rows) in zip(
        STORY_QUERIES, csv_answers, parquet_answers, strict=True
    ):
        check_same_rows(query.name, csv_rows, parquet_rows)
        yield QueryComparison(query=query, rows=len(csv_rows), csv=csv, parquet=parquet)


def _environment() -> dict[str, str]:
    names = {package: version(package) for package in _PACKAGES}
    return {"python": platform.python_version(), "machine": platform.machine(), **names}


def _since(begun: float) -> float:
    return round((time.monotonic() - begun) * 1000, 3)
