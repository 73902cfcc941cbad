"""Validates for ``lakebench validate``: both sides, the record, the report; loaded only when it runs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import cast

from rich.console import Console

from lakebench.bench.aws_guard import Clearance, clear
from lakebench.bench.journal import JOURNALS, Journal, NoJournal, RunJournal
from lakebench.bench.layouts import DEFAULT_LAYOUTS, LAYOUTS, choose_layouts
from lakebench.bench.money import Money
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
from lakebench.pricing import format_cost
from lakebench.report import Language, print_document, to_markdown
from lakebench.report.parity import parity_document, parity_json
from lakebench.report.progress import watcher_for
from lakebench.units import format_bytes

_PACKAGES = ("athena-lakebench", "boto3", "duckdb", "pyarrow")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateOptions:
    """What the user asked for; ``other`` is None for a recheck, ``suite`` None for that of its record."""

    suite: str | None
    recheck: Path | None
    only: tuple[str, ...] | None
    layouts: tuple[str, ...] | None
    rows: int
    seed: int
    local: Target
    other: Target | None
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
    names = DEFAULT_LAYOUTS if layouts is None else layouts
    if names == ("all",):
        names = tuple(each.name for each in LAYOUTS)
    return plan_of_suite(suite_of(suite), choose_layouts(names), rows=rows, seed=seed)


def _validated(options: ValidateOptions, watch: Watcher) -> tuple[Validation, ParityPlan]:
    target, run = options.other, secrets.token_hex(4)
    if options.suite is None or target is None:
        raise AssertionError("a validation has a suite and another side")
    if target.kind is TargetKind.AWS:
        _check_allowed(options, target)
    plan = _plan(options.suite, options.layouts, options.rows, options.seed)
    plan = plan if options.only is None else plan.only(options.only)
    watch.note("The local side:")
    with _local(options) as session:
        local = _local_side(session, plan, run, watch)
    watch.note(f"The other side, {target.kind.value}:")
    other = _OtherSide(options=options, target=target, run=run, watch=watch).ask(plan, local)
    validation = Validation(
        validation_id=f"{plan.suite}-{other.asked:%Y%m%dT%H%M%S}-{run}",
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
        local = _local_side(session, plan, secrets.token_hex(4), watch)
    versions = {name: version(name) for name in _PACKAGES}
    return replace(kept, versions=versions, local=local), plan


def _sql(plan: ParityPlan) -> dict[str, str]:
    made = {f"CTAS {table.table}": table.sql for table in plan.tables if table.seen}
    return made | {ask.name: ask.sql for ask in plan.asks}


def _check_allowed(options: ValidateOptions, target: Target) -> None:
    needed = {"--aws": options.spending_allowed or None, "--max-usd": target.max_usd}
    if missing := [flag for flag, value in needed.items() if value is None]:
        raise ConfigError(
            f"a validation makes things in your account and costs money; it needs {' and '.join(missing)}",
            hint="nothing was sent; --max-usd 0.01 is enough for athena-questions",
        )


@contextmanager
def _local(options: ValidateOptions) -> Iterator[AwsSession]:
    chosen = options.local
    if chosen.endpoint is not None:
        yield local_session(chosen.endpoint, region=chosen.region, allowed_hosts=chosen.allowed_hosts)
    else:
        with options.start_server() as server:
            yield local_session(server.endpoint, region=chosen.region)


def _local_side(session: AwsSession, plan: ParityPlan, run: str, watch: Watcher) -> Side:
    names = Names(run=run, bucket=f"lakebench-{run}", database=f"lakebench_{run}", role=DEFAULT_ROLE)
    limit = SpendingLimit(money=Money(session.region), max_usd=None)
    return ask_side(session, plan, names, watch, journal=NoJournal(), limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OtherSide:
    """The other side of one run: on AWS behind the guard, elsewhere without."""

    options: ValidateOptions
    target: Target
    run: str
    watch: Watcher

    def ask(self, plan: ParityPlan, local: Side) -> Side:
        target, on_aws = self.target, self.target.kind is TargetKind.AWS
        limit = SpendingLimit(money=Money(target.region), max_usd=target.max_usd if on_aws else None)
        planned = limit.check_plan(_planned_scans(plan, local))
        session = open_session(target)
        names, journal = self._names(), cast("Journal", NoJournal())
        if on_aws:
            clearance = self._cleared(session)
            names = replace(names, workgroup=clearance.workgroup, own_cutoff_bytes=clearance.own_cutoff_bytes)
            self._announce(names, clearance, planned)
            journal = RunJournal(
                JOURNALS,
                run=self.run,
                account=clearance.account,
                region=session.region,
                profile=target.profile,
            )
        keep = self.options.keep
        return ask_side(session, plan, names, self.watch, journal=journal, limit=limit, keep=keep)

    def _names(self) -> Names:
        target, run = self.target, self.run
        return Names(
            run=run,
            bucket=target.bucket or f"lakebench-{run}",
            makes_bucket=target.bucket is None,
            database=f"lakebench_{run}",
            prefix=f"lakebench-{run}/",
            workgroup=target.workgroup,
            role=target.role if target.kind is TargetKind.AWS else DEFAULT_ROLE,
            tags={"lakebench-run": run},
        )

    def _cleared(self, session: AwsSession) -> Clearance:
        target = self.target
        return clear(
            session,
            run=self.run,
            workgroup=target.workgroup,
            max_usd=target.max_usd or Decimal(0),
            denied_accounts=target.denied_accounts,
        )

    def _announce(self, names: Names, clearance: Clearance, planned: Decimal) -> None:
        target, watch = self.target, self.watch
        made = [f"database {names.database}"]
        if names.makes_bucket:
            made.insert(0, f"bucket {names.bucket}")
        if names.role is not None:
            made.append(f"crawler {names.crawler}")
        if clearance.own_cutoff_bytes is not None:
            made.append(f"workgroup {names.workgroup}, since {clearance.why}")
        watch.note(
            f"AWS account {clearance.account}, {target.region}, workgroup {names.workgroup} "
            f"(a query is cancelled at {format_bytes(clearance.cutoff_bytes)})"
        )
        watch.note(f"To be made: {', '.join(made)}; objects below {names.root}")
        watch.note(
            f"Queries are planned to be billed {format_cost(planned)} at most, and stop at {target.max_usd} "
            "USD; Glue and S3 come on top"
        )


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
