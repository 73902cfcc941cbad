"""Copies a table for ``lakebench pull`` and ``push``; loaded only when it runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import typer
from rich.console import Console

from lakebench.bench.guarded import guarded
from lakebench.bench.pull import PullResult, pull, pull_plan
from lakebench.bench.push import push, push_place, push_plan
from lakebench.bench.result_place import check_region
from lakebench.bench.run_plan import RunName, RunPlan
from lakebench.bench.sampling import Sample
from lakebench.bench.watch import Watcher
from lakebench.cli.demo_story import interruptible
from lakebench.cli.generate_run import storage_words
from lakebench.client.contents import TableContents, read_contents
from lakebench.client.session import AwsSession, open_session
from lakebench.config import Target
from lakebench.report import Language
from lakebench.report.progress import watcher_for
from lakebench.units import format_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOptions:
    """What the user asked for; ``into`` None is the database's own name."""

    source: Target
    local: Target
    table: tuple[str, str]
    where: str | None
    sample: Sample
    into: str | None
    overwrite: bool
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOptions:
    """What the user asked for; ``into`` None is a database of the run's own."""

    local: Target
    to: Target
    table: tuple[str, str]
    where: str | None
    sample: Sample
    into: str | None
    as_json: bool


def run_pull(options: PullOptions) -> int:
    """Pull and tell; the exit code: 0, or 130 when interrupted. Raises LakebenchError."""
    source, local, run = (
        open_session(options.source),
        open_session(options.local),
        RunName.new(options.source),
    )
    watch = watcher_for(Console(stderr=True), Language.EN)
    found: list[_Found] = []

    def plan() -> RunPlan:
        found.append(_find(source, options.table, options.where, options.sample))
        watch.note(found[0].words)
        bounded = options.sample.max_bytes is not None
        return pull_plan(found[0].taken, source.region, bounded=bounded)

    with _told_interruption(watch, "what was copied whole stays, and the same command goes on"):
        with guarded(source, options.source, run, watch, lambda _: plan(), queries=False):
            result = pull(
                source,
                local,
                found[0].taken,
                watch,
                into=options.into or options.table[0],
                overwrite=options.overwrite,
            )
        _tell_pull(options, found[0], result)
    return 0


def run_push(options: PushOptions) -> int:
    """Push and tell; the exit code: 0, or 130 when interrupted. Raises LakebenchError."""
    local, to, run = open_session(options.local), open_session(options.to), RunName.new(options.to)
    watch = watcher_for(Console(stderr=True), Language.EN)
    found = _find(local, options.table, options.where, options.sample)
    place = push_place(run, found.taken, bucket=options.to.bucket, into=options.into)

    def plan() -> RunPlan:
        if options.to.bucket is not None:
            check_region(to, options.to.bucket)
        return push_plan(found.taken, place, to.region)

    watch.note(found.words)
    with _told_interruption(watch, "nothing of it is left on AWS"):
        with guarded(to, options.to, run, watch, lambda _: plan(), queries=False) as guard:
            table = push(local, to, found.taken, place, guard=guard, watch=watch)
        _tell_push(options, found, f"{table.database}.{table.name}", str(place.objects))
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A table's contents, and what is taken of them."""

    whole: TableContents
    taken: TableContents

    @property
    def words(self) -> str:
        """How much of the table it is."""
        name = f"{self.whole.table.database}.{self.whole.table.name}"
        return (
            f"{name}: {len(self.taken.objects):,} of {len(self.whole.objects):,} objects, "
            f"{format_bytes(self.taken.size)} of {format_bytes(self.whole.size)}"
        )

    @property
    def wire(self) -> Mapping[str, object]:
        """The same as numbers."""
        return {
            "objects": len(self.taken.objects),
            "bytes": self.taken.size,
            "of_objects": len(self.whole.objects),
            "of_bytes": self.whole.size,
            "partitions": len(self.taken.partitions),
        }


def _find(session: AwsSession, table: tuple[str, str], where: str | None, sample: Sample) -> _Found:
    whole = read_contents(session, *table, where=where)
    return _Found(whole=whole, taken=sample.of(whole))


@contextmanager
def _told_interruption(watch: Watcher, left: str) -> Iterator[None]:
    try:
        with interruptible():
            yield
    except KeyboardInterrupt:
        watch.note(f"stopped; {left}")
        raise typer.Exit(130) from None


def _tell_pull(options: PullOptions, found: _Found, result: PullResult) -> None:
    name = f"{result.database}.{result.table}"
    if options.as_json:
        typer.echo(json.dumps({"table": name, **found.wire, "copied": result.copied}, indent=2))
        return
    there = result.objects - result.copied
    earlier = f", {there:,} of them were there" if there else ""
    parts = f", {result.partitions:,} partitions" if result.partitions else ""
    typer.echo(
        f"{name} is in the local lake: {result.objects:,} objects{earlier}{parts}, "
        f"{format_bytes(result.size)}"
    )


def _tell_push(options: PushOptions, found: _Found, name: str, place: str) -> None:
    if options.as_json:
        typer.echo(json.dumps({"table": name, "location": place, **found.wire}, indent=2))
        return
    typer.echo(f"{name} is on AWS: {len(found.taken.objects):,} objects below {place}")
    typer.echo(storage_words(found.taken.size, options.to.region))
