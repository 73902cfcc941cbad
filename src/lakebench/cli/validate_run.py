"""Validates for ``lakebench validate``: both sides, the record, the report; loaded only when it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import cast

from rich.console import Console

from lakebench.bench.charges import crawler_least, dpu_hour_price
from lakebench.bench.guarded import check_consent, guarded, unguarded
from lakebench.bench.layouts import choose_layouts, layouts_of, usual_layouts
from lakebench.bench.money import Money
from lakebench.bench.run_plan import Charge, PlannedScan, RunName, RunPlan
from lakebench.bench.spending import SpendingLimit
from lakebench.bench.story import DEFAULT_ROLE
from lakebench.bench.suite_file import suite_of
from lakebench.bench.watch import Watcher
from lakebench.cli.demo_story import HasEndpoint, check_json_place, interruptible
from lakebench.cli.validate import UNEXPLAINED, VALIDATIONS
from lakebench.cli.whole_file import write_whole
from lakebench.client import AwsSession, local_session
from lakebench.client.session import open_session
from lakebench.config import Target, TargetKind
from lakebench.errors import ConfigError
from lakebench.parity.asking import ask_side
from lakebench.parity.comparing import Parity, Verdict, compare_sides
from lakebench.parity.lake import Names
from lakebench.parity.plan import ParityPlan, plan_of_suite
from lakebench.parity.questionnaire import QUESTIONS_SUITE, plan_of_questions
from lakebench.parity.record import Side, Validation, read_validation, validation_to_json
from lakebench.report import Language, print_document, to_markdown
from lakebench.report.parity import parity_document, parity_json
from lakebench.report.progress import watcher_for

_PACKAGES = ("athena-lakebench", "boto3", "duckdb", "pyarrow")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateOptions:
    """What the user asked for; ``target`` is the other side. A recheck needs no ``suite``."""

    suite: str | None
    recheck: Path | None
    only: tuple[str, ...] | None
    layouts: tuple[str, ...] | None
    rows: int
    seed: int
    local: Target
    target: Target
    spending_allowed: bool
    keep: bool
    record: Path | None
    json_file: Path | None
    markdown: Path | None
    start_server: Callable[[], AbstractContextManager[HasEndpoint]]


def run_validation(options: ValidateOptions) -> int:
    """Validate, keep and print; the exit code: 0, 4 for unexplained differences, 130 when interrupted.

    Raises LakebenchError, OSError.
    """
    for place in (options.json_file, options.markdown, options.record):
        check_json_place(place)
    watch = watcher_for(Console(stderr=True), Language.EN)
    try:
        with interruptible():
            validation, plan = _rechecked(options, watch) if options.recheck else _validated(options, watch)
    except KeyboardInterrupt:
        watch.note("stopped; what was made is removed, nothing is recorded")
        return 130
    parity = compare_sides(validation, plan.questions)
    place = _keep(options, validation)
    _tell(options, parity)
    if place is not None:
        Console().print(f"The record is {place}", markup=False, highlight=False, soft_wrap=True)
    return UNEXPLAINED if parity.verdict is Verdict.UNEXPLAINED else 0


def _plan(suite: str, layouts: tuple[str, ...] | None, rows: int, seed: int) -> ParityPlan:
    if suite == QUESTIONS_SUITE:
        return plan_of_questions()
    chosen = suite_of(suite)
    names = usual_layouts(chosen) if layouts is None else layouts
    if names == ("all",):
        names = tuple(layouts_of(chosen))
    return plan_of_suite(chosen, choose_layouts(names, chosen), rows=rows, seed=seed)


def _validated(options: ValidateOptions, watch: Watcher) -> tuple[Validation, ParityPlan]:
    target, run = options.target, RunName.new(options.target)
    if options.suite is None:
        raise AssertionError("a validation has a suite")
    check_consent(target, agreed=options.spending_allowed)
    plan = _plan(options.suite, options.layouts, options.rows, options.seed)
    plan = plan if options.only is None else plan.only(options.only)
    watch.note("The local side:")
    with _local(options) as session:
        local = _local_side(session, plan, run, watch)
    watch.note(f"The other side, {target.kind.value}:")
    other = _other_side(options, plan, local, run, watch)
    validation = Validation(
        validation_id=f"{plan.suite}-{other.asked:%Y%m%dT%H%M%S}-{run.run}",
        suite=plan.suite,
        layouts=plan.layouts,
        rows=plan.rows,
        seed=plan.seed,
        versions={name: version(name) for name in _PACKAGES},
        sql=_sql(plan),
        local=local,
        other=other,
    )
    return validation, plan


def _rechecked(options: ValidateOptions, watch: Watcher) -> tuple[Validation, ParityPlan]:
    """The record with a local side that is asked now."""
    if options.recheck is None:
        raise AssertionError("a recheck has a record")
    kept = read_validation(options.recheck)
    plan = _plan(options.suite or kept.suite, kept.layouts, kept.rows, kept.seed)
    changed = [name for name, sql in _sql(plan).items() if kept.sql.get(name, sql) != sql]
    if plan.suite != kept.suite or changed:
        raise ConfigError(
            f"{options.recheck} is a record of another suite"
            if plan.suite != kept.suite
            else f"{options.recheck}: {changed[0]} is another statement than the suite has now",
            hint="name the suite that it was made with, or validate anew",
        )
    plan = plan.only([ask.name for ask in plan.asks if ask.name in kept.sql])
    with _local(options) as session:
        local = _local_side(session, plan, RunName.new(options.local), watch)
    versions = {name: version(name) for name in _PACKAGES}
    return replace(kept, versions=versions, local=local), plan


def _sql(plan: ParityPlan) -> dict[str, str]:
    made = {f"CTAS {table.table}": table.sql for table in plan.tables if table.seen}
    return made | {ask.name: ask.sql for ask in plan.asks}


@contextmanager
def _local(options: ValidateOptions) -> Iterator[AwsSession]:
    chosen = options.local
    if chosen.endpoint is not None:
        yield local_session(chosen.endpoint, region=chosen.region, allowed_hosts=chosen.allowed_hosts)
    else:
        with options.start_server() as server:
            yield local_session(server.endpoint, region=chosen.region)


def _local_side(session: AwsSession, plan: ParityPlan, run: RunName, watch: Watcher) -> Side:
    with unguarded(session, watch) as guard:
        return ask_side(session, plan, _names(run, role=DEFAULT_ROLE), guard, watch)


def _names(run: RunName, *, role: str | None) -> Names:
    return Names(bucket=run.name, database=run.database, crawler=f"lakebench-crawl-{run.run}", role=role)


def _other_side(
    options: ValidateOptions, plan: ParityPlan, local: Side, run: RunName, watch: Watcher
) -> Side:
    """The other side: on AWS behind the guard, elsewhere without."""
    target = options.target
    names, charges = _names(run, role=DEFAULT_ROLE), cast("tuple[Charge, ...]", ())
    if target.kind is TargetKind.AWS:
        names = replace(
            names,
            bucket=target.bucket or run.name,
            makes_bucket=target.bucket is None,
            prefix=run.prefix,
            role=target.role,
        )
        if target.role is not None and plan.crawls:
            price = dpu_hour_price(target.region)
            names, charges = replace(names, dpu_hour_usd=price), (crawler_least(price),)
    made = RunPlan(
        makes=tuple(_makes(names, plan)),
        scans=tuple(PlannedScan(most=most) for most in _planned_scans(plan, local)),
        charges=charges,
        unpriced=("requests and storage of S3", "requests of Glue"),
    )
    if target.kind is TargetKind.AWS:  # a plan that is over the limit is told before anything is sent
        limit = SpendingLimit(money=Money(target.region), max_usd=target.max_usd)
        limit.check_plan((scan.most or 0 for scan in made.scans), (one.usd for one in charges))
    session = open_session(target)
    with guarded(session, target, run, watch, lambda _: made, keep=options.keep) as guard:
        return ask_side(session, plan, names, guard, watch)


def _makes(names: Names, plan: ParityPlan) -> Iterator[str]:
    if names.makes_bucket:
        yield f"bucket {names.bucket}"
    yield f"database {names.database} with {len(plan.tables)} tables"
    if names.role is not None and plan.crawls:
        yield f"crawler {names.crawler}"
    yield f"objects below {names.root}"


def _planned_scans(plan: ParityPlan, local: Side) -> Iterator[int]:
    """What each query may scan at most: the objects that it reads at home, whole; failed ones are free."""
    most = {ask.name: ask.most_bytes for ask in plan.asks}
    for query in local.queries:
        if query.state not in {"FAILED", "REFUSED"}:
            whole = most.get(query.name, 0) if query.counts is None else query.counts.objects
            yield max(query.scanned_bytes, whole)


def _keep(options: ValidateOptions, validation: Validation) -> Path | None:
    """Write the record: always of a validation, of a recheck where a place is named."""
    place = options.record
    if place is None:
        if options.recheck is not None:
            return None
        VALIDATIONS.mkdir(parents=True, exist_ok=True)
        place = VALIDATIONS / f"{validation.validation_id}.json"
    write_whole(place, validation_to_json(validation))
    return place


def _tell(options: ValidateOptions, parity: Parity) -> None:
    document = parity_document(parity)
    if options.json_file is not None:
        write_whole(options.json_file, parity_json(parity))
    if options.markdown is not None:
        write_whole(options.markdown, to_markdown(document))
    print_document(document, Console())
