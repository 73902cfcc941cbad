"""Three stored runs at three scales, made into a projection of the suite at a scale that was not run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import sqlglot
from sqlglot import exp

from lakebench.bench.figures import figures_of
from lakebench.bench.history import RunHead, read_heads
from lakebench.bench.projection import DEFAULT_MAX_ERROR, Projected, project_pair, project_storage
from lakebench.bench.run_file import ResultStore, read_run
from lakebench.bench.run_result import BenchRun
from lakebench.errors import ConfigError, DataError

_SCALES = 3
_TABLE = re.compile(r"\{\w+\}")
_APART = 2
"""Each scale has at least so many times the rows of the one before: else the check checks little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectedPair:
    """A query on a layout."""

    query: str
    layout: str
    projected: Projected


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """The suite at ``rows`` rows, by ``runs`` from small to large, the last of which was held out."""

    rows: int
    max_error: float
    runs: tuple[BenchRun, ...]
    queries: tuple[ProjectedPair, ...]
    storage: tuple[tuple[str, Projected], ...]

    @property
    def worst_error(self) -> float | None:
        """The largest error at the held-out scale among the scans that are not refused; None without any."""
        errors = [
            one.projected.check.error
            for one in self.queries
            if one.projected.check is not None and one.projected.refusal is None
        ]
        return max(errors, default=None)


def project_runs(runs: Sequence[BenchRun], rows: int, max_error: float = DEFAULT_MAX_ERROR) -> Projection:
    """Project three runs of one suite, seed, set of layouts and set of versions.

    Raises ConfigError when they do not fit together, DataError when one contradicts itself.
    """
    ordered = sorted(runs, key=lambda run: run.rows)
    _check_together(ordered)
    _check_scales(ordered, rows)
    scales = [figures_of(run) for run in ordered]
    largest = ordered[-1]
    return Projection(
        rows=rows,
        max_error=max_error,
        runs=tuple(ordered),
        queries=tuple(
            ProjectedPair(
                query=query,
                layout=layout.name,
                projected=project_pair(scales, query, layout, rows, max_error, filters=may_filter(sql)),
            )
            for query, sql in largest.sql.items()
            for layout in largest.layouts
        ),
        storage=tuple(
            (layout.name, project_storage(scales, layout.name, rows, max_error)) for layout in largest.layouts
        ),
    )


def with_other_scales(runs: Sequence[BenchRun], store: ResultStore) -> tuple[BenchRun, ...]:
    """The runs, and of the store the newest comparable ones of other scales until there are three.

    The largest scales are taken. Raises ConfigError that names the runs to make when there are too few.
    """
    if len(runs) > _SCALES:
        raise ConfigError(
            f"a projection takes three runs, not {len(runs)}", hint="two to fit, the largest to check"
        )
    chosen = list(runs)
    heads, _ = read_heads(store)
    for head in sorted(heads, key=lambda head: (head.rows, head.started), reverse=True):
        if len(chosen) == _SCALES:
            break
        if head.rows not in {run.rows for run in chosen} and _could_join(head, chosen[0]):
            found = _readable(head)
            if found is not None and _difference(chosen[0], found) is None:
                chosen.append(found)
    if len({run.rows for run in chosen}) < _SCALES:
        raise _too_few(chosen)
    return tuple(chosen)


def may_filter(sql: str) -> bool:
    """Whether a statement has a condition by which row groups can be left out; unsure is yes."""
    try:
        tree = sqlglot.parse_one(_TABLE.sub('"t"', sql), dialect="trino")
    except sqlglot.errors.SqlglotError:
        return True
    cut_short = tree.find(exp.Limit, exp.Fetch) is not None and tree.find(exp.Order) is None
    return cut_short or tree.find(exp.Where) is not None


def _could_join(head: RunHead, run: BenchRun) -> bool:
    same = ("suite", "seed", "region", "target", "sql")
    return head.finished and all(getattr(head, name) == getattr(run, name) for name in same)


def _readable(head: RunHead) -> BenchRun | None:
    try:
        run = read_run(head.path)
        figures_of(run)
    except (DataError, ConfigError):
        return None
    return run


def _difference(run: BenchRun, other: BenchRun) -> str | None:
    """What keeps two runs from being one suite at two scales."""
    for name in ("suite", "seed", "region", "target", "usd_per_tb"):
        if getattr(run, name) != getattr(other, name):
            return f"{name} is {getattr(run, name)} and {getattr(other, name)}"
    for name in sorted(run.sql.keys() | other.sql.keys()):
        if run.sql.get(name) != other.sql.get(name):
            return f"query {name} is not the same statement"
    layouts, others = ({layout.name for layout in each.layouts} for each in (run, other))
    if layouts != others:
        return f"layout {min(layouts ^ others)} is in one of them only"
    versions, theirs = run.environment.versions, other.environment.versions
    for name in sorted(versions.keys() | theirs.keys()):
        if versions.get(name) != theirs.get(name):
            return f"{name} is {versions.get(name) or 'absent'} and {theirs.get(name) or 'absent'}"
    return None


def _check_together(ordered: Sequence[BenchRun]) -> None:
    if len(ordered) != _SCALES:
        raise ConfigError(f"a projection takes three runs, not {len(ordered)}")
    largest = ordered[-1]
    for run in ordered[:-1]:
        difference = _difference(run, largest)
        if difference is not None:
            raise ConfigError(
                f"{run.run_id} and {largest.run_id} do not fit together: {difference}",
                hint="a projection needs one suite, seed, set of layouts and version at three scales",
            )


def _check_scales(ordered: Sequence[BenchRun], rows: int) -> None:
    for smaller, larger in pairwise(ordered):
        if larger.rows < _APART * smaller.rows:
            raise ConfigError(
                f"{smaller.run_id} has {smaller.rows:,} rows and {larger.run_id} {larger.rows:,}: too near",
                hint="each scale needs at least twice the rows of the one before; 1x, 3x and 10x do well",
            )
    if rows <= ordered[-1].rows:
        raise ConfigError(
            f"--rows {rows:,} is not beyond the largest run, of {ordered[-1].rows:,} rows",
            hint=f"it is measured: lakebench report {ordered[-1].run_id}",
        )


def _too_few(chosen: Sequence[BenchRun]) -> ConfigError:
    """Says which scales are missing; TPC-H's are told as ``--scale``, all others as ``--rows``."""
    first = min(chosen, key=lambda run: run.rows)
    have = sorted({run.rows for run in chosen})
    layouts = ",".join(layout.name for layout in first.layouts)
    wanted = [first.rows * times for times in (3, 10)]
    missing = [rows for rows in wanted if not any(rows / 2 < each < rows * 2 for each in have)]
    scales = " and ".join(f"{rows:,}" for rows in have)
    asked = " and ".join(f"--rows {rows}" for rows in missing[: _SCALES - len(have)])
    if first.suite == "tpch":
        asked = "a third or three times the --scale, and ten times it"
    return ConfigError(
        f"a projection needs runs at three scales of rows; there is {scales}, and no other that fits",
        hint=f"two scales fit, the third checks; run the same suite ({first.suite}) with {asked}"
        f" and --seed {first.seed} --layouts {layouts} --runs 1",
    )
