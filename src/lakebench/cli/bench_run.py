"""Runs a suite for ``lakebench bench run`` and prints its figures; loaded only when it runs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from lakebench.bench.guarded import check_consent, guarded
from lakebench.bench.layouts import choose_layouts, layouts_of, usual_layouts
from lakebench.bench.run_file import ResultStore, run_to_json
from lakebench.bench.run_plan import RunName, RunPlan
from lakebench.bench.run_result import BenchRun
from lakebench.bench.suite_file import suite_of
from lakebench.bench.suite_run import BenchPlan, layout_scans, run_suite
from lakebench.cli.demo_story import HasEndpoint, check_json_place, interruptible
from lakebench.cli.report import check_report_place, format_of, write_report
from lakebench.cli.whole_file import write_whole
from lakebench.client import AwsSession, local_session, open_session
from lakebench.config import Target, TargetKind
from lakebench.errors import ConfigError, LakebenchError
from lakebench.report import Language, print_document
from lakebench.report.bench import bench_document
from lakebench.report.progress import watcher_for
from lakebench.report.run_report import report_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchOptions:
    """What the user asked for; ``layouts`` None means the default ones."""

    suite: str
    layouts: tuple[str, ...] | None
    rows: int | None
    scale: float | None
    seed: int
    runs: int
    target: Target
    json_file: Path | None
    report: Path | None
    results: Path
    resume: str | None
    spending_allowed: bool
    keep: bool
    start_server: Callable[[], AbstractContextManager[HasEndpoint]]


def run_bench(options: BenchOptions) -> int:
    """Run, keep and print; the exit code: 0, or 130 when interrupted. Raises LakebenchError, OSError."""
    check_json_place(options.json_file)
    if options.report is not None:
        check_report_place(options.report, "--report")
    store = ResultStore(directory=options.results)
    earlier = None if options.resume is None else store.load(options.resume)
    run = RunName.new(options.target)
    plan = _plan(options, run)
    check_consent(options.target, agreed=options.spending_allowed)
    watch = watcher_for(Console(stderr=True), Language.EN)
    try:
        with (
            interruptible(),
            _session(options) as session,
            guarded(
                session, options.target, run, watch, lambda _: _run_plan(plan), keep=options.keep
            ) as guard,
        ):
            result = run_suite(session, plan, store, watch, earlier=earlier, guard=guard)
    except KeyboardInterrupt:
        kept = plan.run_id in store.run_ids()
        watch.note(
            f"stopped; the same command with --resume {plan.run_id} goes on"
            if kept
            else "stopped before the first query; nothing is kept"
        )
        return 130
    if options.json_file is not None:
        write_whole(options.json_file, run_to_json(result))
    console = Console()
    print_document(bench_document(result), console)
    place = store.directory / f"{result.run_id}.json"
    said = (f"The result is {place}", _report(result, store, options.report))
    console.print("\n".join(said), markup=False, highlight=False, soft_wrap=True)
    return 0


def _run_plan(plan: BenchPlan) -> RunPlan:
    makes = [
        f"database {plan.database} with {len(plan.layouts) * len(plan.suite.tables)} tables",
        f"objects below {plan.place}",
    ]
    if plan.makes_bucket:
        makes.insert(0, f"bucket {plan.bucket}")
    return RunPlan(
        makes=tuple(makes),
        scans=layout_scans(plan),
        unpriced=(
            "more than the minimum of a query, told when the layouts are there",
            "requests and storage of S3",
        ),
    )


def _report(run: BenchRun, store: ResultStore, asked: Path | None) -> str:
    """Write the report, beside the result where nobody asked for a place; says where it is.

    Raises LakebenchError when one that was asked for cannot be written.
    """
    place = asked or store.directory / f"{run.run_id}.html"
    try:
        write_report(report_of(run, store), format_of(asked), place)
    except LakebenchError as error:
        if asked is not None:
            raise
        return f"There is no report: {error}" + (f" ({error.hint})" if error.hint else "")
    return f"The report is {place}"


def _plan(options: BenchOptions, run: RunName) -> BenchPlan:
    suite, on_aws = suite_of(options.suite, scale=options.scale), options.target.kind is TargetKind.AWS
    if on_aws and suite.data is None:
        raise ConfigError(
            f"suite {suite.name} has tables of its own: such suites run on a local server only for now",
            hint="nothing was sent; take --target local",
        )
    names = usual_layouts(suite) if options.layouts is None else options.layouts
    if names == ("all",):
        names = tuple(layouts_of(suite))
    named_bucket = options.target.bucket if on_aws else None
    named = re.sub(r"[^A-Za-z0-9]+", "-", suite.name).strip("-")[:64] or "suite"
    plan = BenchPlan(
        run_id=options.resume or f"{named}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{run.run}",
        suite=suite,
        layouts=choose_layouts(names, suite),
        rows=options.rows,
        scale=options.scale,
        seed=options.seed,
        runs=options.runs,
        bucket=named_bucket or run.name,
        makes_bucket=named_bucket is None,
        prefix=run.prefix if on_aws else "",
        database=run.database,
        commit=_commit(),
    )
    plan.sources()  # a bad number of rows or a missing package is told before a server is started
    return plan


@contextmanager
def _session(options: BenchOptions) -> Iterator[AwsSession]:
    chosen = options.target
    if chosen.kind is TargetKind.AWS:
        yield open_session(chosen)
    elif chosen.endpoint is not None:
        yield local_session(chosen.endpoint, region=chosen.region, allowed_hosts=chosen.allowed_hosts)
    else:
        with options.start_server() as server:
            yield local_session(server.endpoint, region=chosen.region)


def _commit() -> str | None:
    """The commit of the user's repository, None outside of one or without git."""
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return found.stdout.strip() if found.returncode == 0 else None
