"""Runs a crawl for ``lakebench crawl``; loaded only when it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

import typer
from rich.console import Console
from rich.markup import escape

from lakebench.bench.charges import crawler_least, dpu_hour_price
from lakebench.bench.guarded import Guard, guarded
from lakebench.bench.resources import ResourceKind
from lakebench.bench.run_plan import RunName, RunPlan
from lakebench.catalog.s3 import S3Uri
from lakebench.cli.crawl_advice import advice
from lakebench.cli.crawl_words import Finding, crawl_json, print_crawl
from lakebench.cli.demo_story import interruptible
from lakebench.client.crawl import CrawlOutcome, FoundTable, crawl_prefix, crawler_of
from lakebench.client.glue import CrawlerSpec, create_crawler
from lakebench.client.peek import first_lines, first_values
from lakebench.client.session import AwsSession, open_session
from lakebench.config import Target, TargetKind
from lakebench.errors import ConfigError
from lakebench.report import Language
from lakebench.report.progress import watcher_for

_LOCAL_ROLE = "arn:aws:iam::123456789012:role/lakebench-crawl"
_LONGEST_SECONDS = 1800.0
_WORTH_TELLING_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOptions:
    """What the user asked for; ``dpu_hour_usd`` None is the price that is known."""

    path: S3Uri
    target: Target
    dry_run: bool
    table_prefix: str
    as_json: bool
    dpu_hour_usd: str | None
    keep: bool

    @property
    def database(self) -> str:
        """Where the tables go, or would go."""
        return (self.target.database or "default").lower()


def run_crawl(options: CrawlOptions) -> int:
    """Crawl and print; the exit code: 0, or 130 when interrupted.

    Raises LakebenchError, and after the findings when the run cost more than the limit.
    """
    target = options.target
    on_aws = target.kind is TargetKind.AWS
    price = _price(options) if on_aws else Decimal(0)
    session, run = open_session(target), RunName.new(target)
    spec = _spec(options, run, tags=run.tags if on_aws else {})
    watch = watcher_for(Console(stderr=True), Language.EN)
    try:
        with (
            interruptible(),
            guarded(
                session,
                target,
                run,
                watch,
                lambda _: _run_plan(options, spec, price),
                keep=options.keep,
                queries=False,
            ) as guard,
        ):
            _make(session, guard, options, spec)
            outcome = _crawl(session, options, spec, price)
            cost = outcome.dpu_hours * price if on_aws else None
            _print(options, outcome, [_finding(session, found) for found in outcome.tables], cost)
            guard.charge(cost or Decimal(0))
    except KeyboardInterrupt:
        watch.note("stopped; the crawler is stopped and removed")
        return 130
    return 0


def _price(options: CrawlOptions) -> Decimal:
    if options.dpu_hour_usd is None:
        return dpu_hour_price(options.target.region)
    try:
        price = Decimal(options.dpu_hour_usd.removeprefix("$"))
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price <= 0:
        raise ConfigError(
            f"--dpu-hour-usd is not an amount in dollars: {options.dpu_hour_usd!r}", hint="write 0.44"
        )
    return price


def _spec(options: CrawlOptions, run: RunName, tags: Mapping[str, str]) -> CrawlerSpec:
    spec = crawler_of(
        options.path,
        database=options.database,
        role=options.target.role or _LOCAL_ROLE,
        table_prefix=options.table_prefix,
        tags=tags,
    )
    return replace(spec, name=run.name, database=run.database) if options.dry_run else spec


def _run_plan(options: CrawlOptions, spec: CrawlerSpec, price: Decimal) -> RunPlan:
    makes = [f"crawler {spec.name}, removed at the end", f"tables in database {spec.database}"]
    if options.dry_run:
        makes[1] += ", removed at the end"
    return RunPlan(
        makes=tuple(makes),
        charges=(crawler_least(price),),
        unpriced=(
            "what the crawler takes beyond that: AWS tells its DPUs only afterwards, and it is stopped when "
            "one of them would have cost the limit",
            "requests of Glue and S3",
        ),
    )


def _make(session: AwsSession, guard: Guard, options: CrawlOptions, spec: CrawlerSpec) -> None:
    if options.dry_run:
        with guard.making(ResourceKind.DATABASE, spec.database):
            pass  # the crawler makes it
    with guard.making(ResourceKind.CRAWLER, spec.name, own_name=options.dry_run):
        create_crawler(session, spec)


def _crawl(session: AwsSession, options: CrawlOptions, spec: CrawlerSpec, price: Decimal) -> CrawlOutcome:
    seconds = _LONGEST_SECONDS
    if options.target.max_usd is not None and price:
        seconds = float(options.target.max_usd / price * 3600)
    with _progress(f"Crawling {options.path}") as told:
        return crawl_prefix(session, spec, database=options.database, seconds=seconds, told=told)


@contextmanager
def _progress(line: str) -> Iterator[Callable[[str], None]]:
    """A spinner with the crawler's state on a terminal; elsewhere a line, once a crawl takes its time."""
    console = Console(stderr=True)
    begun = time.monotonic()
    if console.is_terminal:
        with console.status(escape(line)) as status:
            yield lambda state: status.update(f"{escape(line)}: {state}, {time.monotonic() - begun:.0f} s")
        return
    said = False

    def told(_: str) -> None:
        nonlocal said
        if not said and time.monotonic() - begun > _WORTH_TELLING_SECONDS:
            console.print(f"{line} ...", highlight=False, markup=False, soft_wrap=True)
            said = True

    yield told


def _finding(session: AwsSession, found: FoundTable) -> Finding:
    lines = first_lines(session, found.table)
    values = first_values(found.table, lines)
    return found, values, advice(found, lines, values)


def _print(
    options: CrawlOptions, outcome: CrawlOutcome, findings: list[Finding], cost: Decimal | None
) -> None:
    if options.as_json:
        typer.echo(crawl_json(outcome, findings, cost))
    else:
        print_crawl(str(options.path), outcome, findings, cost)
