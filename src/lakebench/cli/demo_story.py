"""Plays the story for ``lakebench demo``, and says where things lie; loaded only when it runs."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Protocol

from rich.console import Console

from lakebench.bench.charges import crawler_price
from lakebench.bench.export import export_layouts
from lakebench.bench.guarded import check_consent, guarded
from lakebench.bench.result import StoryResult
from lakebench.bench.run_plan import RunName, RunPlan
from lakebench.bench.story import StoryPlan, planned_scan, planned_usd, play
from lakebench.bench.watch import Watcher
from lakebench.cli.whole_file import write_whole
from lakebench.client import AwsSession, local_session, open_session
from lakebench.config import Target, TargetKind
from lakebench.datagen import DEFAULT_ROWS, DEFAULT_SEED
from lakebench.errors import ConfigError
from lakebench.report import Language, print_document, story_document, story_to_json, to_markdown
from lakebench.report.progress import watcher_for
from lakebench.report.words import words_of

_LOCAL_RUNS = 4  # the first one warms up; on aws every run costs, so there it is one


class HasEndpoint(Protocol):
    """A running server."""

    @property
    def endpoint(self) -> str:
        """Its URL."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What the user asked for; None means the default. ``keep`` is the folder to leave things in."""

    target: Target
    rows: int | None
    seed: int | None
    keep: Path | None
    json_file: Path | None
    language: Language
    spending_allowed: bool
    start_server: Callable[[], AbstractContextManager[HasEndpoint]]


def run_demo(options: DemoOptions) -> int:
    """Play, print and keep; the exit code: 0, or 130 when interrupted. Raises LakebenchError, OSError."""
    _check_places(options.keep, options.json_file)
    run = RunName.new(options.target)
    plan = _plan(options, run)
    planned_usd(plan, options.target.region)
    console = Console()
    watch = watcher_for(Console(stderr=True), options.language)
    try:
        with (
            interruptible(),
            _session(options) as session,
            guarded(
                session, options.target, run, watch, lambda _: _run_plan(plan, session), keep=plan.keep
            ) as guard,
        ):
            result = play(session, plan, watch, guard)
            if options.keep is not None:
                _keep(session, result, options.keep, options.language, watch)
    except KeyboardInterrupt:
        watch.note(f"stopped; {_what_is_left(options)}")
        return 130
    if options.json_file is not None:
        write_whole(options.json_file, story_to_json(result))
    print_document(story_document(result, options.language), console)
    console.print()
    for line in _places(options, plan):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return 0


def _plan(options: DemoOptions, run: RunName) -> StoryPlan:
    chosen = options.target
    rows = DEFAULT_ROWS if options.rows is None else options.rows
    seed = DEFAULT_SEED if options.seed is None else options.seed
    if chosen.kind is TargetKind.LOCAL:
        return StoryPlan(
            bucket=chosen.bucket or "lakebench-demo",
            database=chosen.database or "lakebench_demo",
            crawler="lakebench-demo",
            rows=rows,
            seed=seed,
            max_runs=_LOCAL_RUNS,
            keep=options.keep is not None,
        )
    check_consent(chosen, agreed=options.spending_allowed, needs_role=True)
    return StoryPlan(
        bucket=chosen.bucket or run.name,
        makes_bucket=chosen.bucket is None,
        database=run.database,
        crawler=run.name,
        rows=rows,
        seed=seed,
        prefix=run.prefix,
        role=chosen.role or "",
        max_runs=1,
        max_usd=chosen.max_usd,
        keep=options.keep is not None,
    )


@contextmanager
def _session(options: DemoOptions) -> Iterator[AwsSession]:
    """The session to play on; a local target without an endpoint gets a server of its own."""
    chosen = options.target
    if chosen.kind is TargetKind.AWS:
        yield open_session(chosen)
    elif chosen.endpoint is not None:
        yield local_session(chosen.endpoint, region=chosen.region, allowed_hosts=chosen.allowed_hosts)
    else:
        with options.start_server() as server:
            yield local_session(server.endpoint, region=chosen.region)


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM ends the story as Ctrl-C does, so that the server and what was made go with it."""

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _run_plan(plan: StoryPlan, session: AwsSession) -> RunPlan:
    makes = [f"database {plan.database}", f"crawler {plan.crawler}"]
    if plan.makes_bucket:
        makes.insert(0, f"bucket {plan.bucket}")
    makes.append(f"objects below s3://{plan.bucket}/{plan.prefix}")
    return RunPlan(
        makes=tuple(makes),
        scans=(planned_scan(plan),),
        unpriced=(crawler_price(session.region), "requests and storage of Glue and S3"),
    )


def _check_places(out: Path | None, json_file: Path | None) -> None:
    """Refuse places that cannot be written before any work is done."""
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out} is there already and not empty", hint="move it away, or name another --out")
    check_json_place(json_file)


def check_json_place(json_file: Path | None) -> None:
    """Refuse a file that cannot be written; None is no file. Raises ConfigError."""
    if json_file is not None:
        if json_file.is_dir():
            raise ConfigError(f"--json {json_file} is a folder", hint="name a file")
        if not os.access(json_file.absolute().parent, os.W_OK):
            raise ConfigError(f"--json {json_file}: its folder does not exist or cannot be written")


def _keep(session: AwsSession, result: StoryResult, out: Path, language: Language, watch: Watcher) -> None:
    """Write the reports, and copy a local lake's objects; on aws they stay where they are."""
    out.mkdir(parents=True, exist_ok=True)
    if session.kind is TargetKind.LOCAL:
        export_layouts(session, result, out, watch)
    write_whole(out / "report.md", to_markdown(story_document(result, language)))
    write_whole(out / "report.json", story_to_json(result))


def _places(options: DemoOptions, plan: StoryPlan) -> Iterator[str]:
    """Where the lake and the report lie, and what is gone."""
    words = words_of(options.language)
    folder, chosen = options.keep, options.target
    if folder is None:
        yield words.lake_is_gone
    else:
        if chosen.kind is TargetKind.AWS or chosen.endpoint is not None:
            place = f"s3://{plan.bucket}/{plan.prefix}"
            yield words.lake_is_at.format(
                place=place, database=plan.database, target=chosen.endpoint or "AWS"
            )
        if chosen.kind is TargetKind.LOCAL:
            yield words.files_are_at.format(raw=folder / "raw", curated=folder / "curated")
        yield words.report_is_at.format(markdown=folder / "report.md", json=folder / "report.json")
    if options.json_file is not None:
        yield words.json_is_at.format(path=options.json_file)


def _what_is_left(options: DemoOptions) -> str:
    if options.target.kind is TargetKind.LOCAL and options.target.endpoint is None:
        return "the server and its lake are gone"
    if options.keep is not None:
        return "what was made until then is left in place (--keep)"
    return "what was made is removed"
