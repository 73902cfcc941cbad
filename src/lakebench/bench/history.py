"""The runs of a store over time: their heads, which of them can be held beside one another, and why not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from lakebench.bench.figures import RunFigures, figures_of, source_first
from lakebench.bench.run_file import SCHEMA, ResultStore, read_run
from lakebench.bench.run_result import BenchRun
from lakebench.errors import ConfigError, DataError

SAME = ("suite", "seed", "rows", "region", "target")
"""What two runs must share for their bytes to be comparable."""

LATEST = "latest"
"""The name of the newest finished run of a store."""

_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHead:
    """What a result file says of its run, read without its samples."""

    path: Path
    run_id: str
    suite: str
    seed: int
    rows: int
    region: str
    target: str
    started: datetime
    finished: bool
    layouts: tuple[str, ...]
    queries: tuple[str, ...]
    sql: Mapping[str, str]


class LeftOut(StrEnum):
    """Why a run of the store has no point in a history."""

    UNREADABLE = "unreadable"
    BROKEN_OFF = "broken off"
    OTHER_DATA = "another suite, number of rows, seed, region or target"
    OTHER_QUERIES = "other queries"
    OLDER = "older than the newest hundred"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPoint:
    """One run: by layout the bytes and dollars of all queries asked once, and their time beside csv's.

    ``time_ratios`` are sums of the queries' median engine times over the reference layout's in the same run;
    empty where that took no time.
    """

    run_id: str
    started: datetime
    commit: str | None
    version: str | None
    scanned_bytes: Mapping[str, int]
    cost_usd: Mapping[str, Decimal]
    time_ratios: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Comparable runs from old to new, and by reason the ids of those that are no part of it."""

    points: tuple[HistoryPoint, ...]
    left_out: Mapping[LeftOut, tuple[str, ...]]


def read_heads(store: ResultStore) -> tuple[tuple[RunHead, ...], Mapping[Path, str]]:
    """All heads of a store from old to new, and what is wrong with each file that has none."""
    heads: list[RunHead] = []
    broken: dict[Path, str] = {}
    for path in sorted(store.directory.glob("*.json")):
        try:
            heads.append(_head(path))
        except DataError as error:
            broken[path] = str(error)
    return tuple(sorted(heads, key=lambda head: (head.started, head.run_id))), broken


def find_run(text: str, store: ResultStore) -> tuple[BenchRun, Path]:
    """A run and its file: by path, by the id of a kept run, or ``latest`` for the newest finished one.

    Raises DataError when there is none, or its file cannot be read.
    """
    path = Path(text)
    if path.is_file():
        return read_run(path), path
    if text != LATEST:
        if path.name != text:
            raise DataError(f"no result file {text}", hint=f"runs are kept in {store.directory}")
        return store.load(text), store.directory / f"{text}.json"
    heads, broken = read_heads(store)
    finished = [head for head in heads if head.finished]
    if not finished:
        unread = f", and {len(broken)} that cannot be read" if broken else ""
        begun = f" ({len(heads)} broken off{unread})" if heads or broken else ""
        raise DataError(
            f"no finished run in {store.directory}{begun}",
            hint="make one with `lakebench bench run`, or name the folder with --results",
        )
    return read_run(finished[-1].path), finished[-1].path


def history_of(figures: RunFigures, store: ResultStore) -> History:
    """The given run among all comparable ones of the store; it has a point even if it is not kept there."""
    run = figures.run
    left_out: dict[LeftOut, list[str]] = {}
    points = [_point(figures)]
    heads, broken = read_heads(store)
    if broken:
        left_out[LeftOut.UNREADABLE] = [path.stem for path in broken]
    comparable = []
    for head in heads:
        if head.run_id == run.run_id:
            continue
        reason = _reason(head, run)
        if reason is None:
            comparable.append(head)
        else:
            left_out.setdefault(reason, []).append(head.run_id)
    for head in comparable[:-_SHOWN]:
        left_out.setdefault(LeftOut.OLDER, []).append(head.run_id)
    for head in comparable[-_SHOWN:]:
        try:
            points.append(_point(figures_of(read_run(head.path))))
        except (DataError, ConfigError):
            left_out.setdefault(LeftOut.UNREADABLE, []).append(head.run_id)
    return History(
        points=tuple(sorted(points, key=lambda point: (point.started, point.run_id))),
        left_out={reason: tuple(ids) for reason, ids in left_out.items()},
    )


def _reason(head: RunHead, run: BenchRun) -> LeftOut | None:
    if not head.finished:
        return LeftOut.BROKEN_OFF
    if any(getattr(head, name) != getattr(run, name) for name in SAME):
        return LeftOut.OTHER_DATA
    return None if head.sql == run.sql else LeftOut.OTHER_QUERIES


def _point(figures: RunFigures) -> HistoryPoint:
    run = figures.run
    names = [layout.name for layout in run.layouts]
    times = {name: sum(each.engine_ms for each in figures.of_layout(name)) for name in names}
    source = source_first(run.layouts)
    reference = 0.0 if source is None else times[source.name]
    return HistoryPoint(
        run_id=run.run_id,
        started=run.started,
        commit=run.environment.commit,
        version=run.environment.versions.get("athena-lakebench"),
        scanned_bytes={name: figures.suite_bytes(name) for name in names},
        cost_usd={name: figures.suite_usd(name) for name in names},
        time_ratios={name: times[name] / reference for name in names} if reference else {},
    )


def _head(path: Path) -> RunHead:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # UnicodeDecodeError is a ValueError
        raise DataError(f"{path}: cannot be read: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise DataError(f"{path}: not a benchmark result: its schema is not {SCHEMA}")
    try:
        started = datetime.fromisoformat(document["started"])
        return RunHead(
            path=path,
            run_id=str(document["run_id"]),
            suite=document["suite"],
            seed=document["seed"],
            rows=document["rows"],
            region=document["region"],
            target=document["target"],
            started=started if started.tzinfo else started.replace(tzinfo=UTC),
            finished=document["finished"] is not None,
            layouts=tuple(_names(document["layouts"])),
            queries=tuple(document["sql"]),
            sql=dict(document["sql"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: not a whole benchmark result: {error!r}") from error


def _names(layouts: list[dict[str, str]]) -> Iterator[str]:
    for layout in layouts:
        yield layout["name"]
