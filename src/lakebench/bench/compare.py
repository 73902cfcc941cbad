"""Two benchmark runs side by side: bytes and cost exactly, time only as a ratio with its noise.

Times of two runs are not compared as they stand: another day, another machine. Within a run the layouts take
turns in each round, so a query's time on a layout over its time on the reference layout *in the same round*
is a ratio that a busy machine moves little. That ratio is what is compared, and how far its rounds lie apart
is its noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum

from lakebench.bench.figures import ratio_and_noise
from lakebench.bench.history import SAME
from lakebench.bench.layouts import SOURCE_LAYOUT
from lakebench.bench.run_result import BenchRun, QuerySample
from lakebench.errors import ConfigError

_LEAST_ROUNDS = 2


class Metric(StrEnum):
    """What a gate can hold."""

    BYTES = "bytes"
    COST = "cost"
    TIME = "time"


Gates = dict[Metric, Decimal]
"""By how much (0.25 is 25 %) a metric may grow; one without a gate is shown and never fails."""

DEFAULT_GATES: Gates = {Metric.BYTES: Decimal(0), Metric.COST: Decimal(0)}


class Verdict(StrEnum):
    """What became of a query on a layout."""

    SAME = "same"
    BETTER = "better"
    WORSE = "worse"
    FAILED = "over the gate"
    ADDED = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One query on one layout in one run.

    ``time_ratio`` is the median of its engine times over the reference layout's of the same round, ``noise``
    half of how far those ratios lie apart, over the median; both are None for the reference and where no
    timed round tells, ``noise`` also where only one does.
    """

    scanned_bytes: int
    cost_usd: Decimal
    time_ratio: float | None
    noise: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedQuery:
    """A query on a layout before and after; one of both is None where a run does not have the pair."""

    query: str
    layout: str
    before: Figures | None
    after: Figures | None
    verdict: Verdict
    failed: tuple[Metric, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """All pairs of query and layout, in the order of the new run; ``same_sql`` False names what to doubt."""

    base: str
    new: str
    queries: tuple[ComparedQuery, ...]
    changed_sql: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether a gate was passed, or a pair of the base is gone."""
        return any(one.failed or one.verdict is Verdict.GONE for one in self.queries)

    @property
    def unchanged(self) -> bool:
        """Whether bytes and cost are the same for every pair and no gate was passed."""
        return all(one.verdict is Verdict.SAME for one in self.queries)


def parse_gates(text: str) -> Gates:
    """Read ``bytes:0%,cost:0%,time:25%``; raises ConfigError naming the part that is wrong."""
    gates: Gates = {}
    for part in text.split(","):
        name, separator, amount = part.strip().partition(":")
        if name not in Metric.__members__.values():
            near = get_close_matches(name, list(Metric), n=1)
            hint = f"did you mean {near[0]}?" if near else "the metrics are bytes, cost and time"
            raise ConfigError(f"--fail-on: unknown metric {name!r}", hint=hint)
        try:
            share = Decimal(amount.strip().removesuffix("%")) / 100
        except InvalidOperation:
            share = Decimal(-1)
        if not separator or not amount.strip().endswith("%") or not share.is_finite() or share < 0:
            raise ConfigError(f"--fail-on: {part.strip()!r} is no limit", hint="write bytes:0%,time:25%")
        gates[Metric(name)] = share
    return gates


def compare_runs(base: BenchRun, new: BenchRun, gates: Gates) -> RunComparison:
    """Compare two whole runs of the same suite over the same data.

    Raises ConfigError when a run was broken off, when time has a gate and a run only one timed round, or
    when they were made of another suite, seed, number of rows, region or target: their bytes would differ for
    another reason.
    """
    for run in (base, new):
        if run.finished is None:
            raise ConfigError(f"run {run.run_id} was broken off", hint="finish it with bench run --resume")
        if Metric.TIME in gates and max(sample.number for sample in run.samples) < _LEAST_ROUNDS:
            raise ConfigError(
                f"run {run.run_id} has one timed round: its noise is not known, so time can have no limit",
                hint="measure more rounds: bench run --runs 3",
            )
    for name in SAME:
        if getattr(base, name) != getattr(new, name):
            raise ConfigError(
                f"{base.run_id} and {new.run_id} are not comparable: {name} is {getattr(base, name)} "
                f"and {getattr(new, name)}",
                hint="compare runs of the same suite, rows and seed",
            )
    before, after = _pairs(base), _pairs(new)
    order = [*after, *(pair for pair in before if pair not in after)]
    return RunComparison(
        base=base.run_id,
        new=new.run_id,
        queries=tuple(_compared(pair, before.get(pair), after.get(pair), gates) for pair in order),
        changed_sql=tuple(name for name in base.sql if new.sql.get(name, base.sql[name]) != base.sql[name]),
    )


def _pairs(run: BenchRun) -> dict[tuple[str, str], Figures]:
    by_pair: dict[tuple[str, str], list[QuerySample]] = {}
    for sample in run.samples:
        by_pair.setdefault((sample.query, sample.layout), []).append(sample)
    return {
        (query, layout): _figures(samples, by_pair.get((query, SOURCE_LAYOUT), []))
        for (query, layout), samples in by_pair.items()
    }


def _figures(samples: list[QuerySample], reference: list[QuerySample]) -> Figures:
    is_reference = samples[0].layout == SOURCE_LAYOUT
    ratio, noise = (None, None) if is_reference else ratio_and_noise(samples, reference)
    return Figures(
        scanned_bytes=samples[0].scanned_bytes,  # the runner fails where rounds differ
        cost_usd=samples[0].cost_usd,
        time_ratio=ratio,
        noise=noise,
    )


def _compared(
    pair: tuple[str, str], before: Figures | None, after: Figures | None, gates: Gates
) -> ComparedQuery:
    failed: tuple[Metric, ...] = ()
    if before is None or after is None:
        verdict = Verdict.ADDED if before is None else Verdict.GONE
    else:
        failed = tuple(metric for metric, share in gates.items() if _over(metric, before, after, share))
        verdict = Verdict.FAILED if failed else _direction(before, after)
    return ComparedQuery(
        query=pair[0], layout=pair[1], before=before, after=after, verdict=verdict, failed=failed
    )


def _over(metric: Metric, before: Figures, after: Figures, share: Decimal) -> bool:
    match metric:
        case Metric.BYTES:
            return after.scanned_bytes > before.scanned_bytes * (1 + share)
        case Metric.COST:
            return after.cost_usd > before.cost_usd * (1 + share)
        case Metric.TIME:
            if before.time_ratio is None or after.time_ratio is None:
                return False
            noise = (before.noise or 0.0) + (after.noise or 0.0)
            return after.time_ratio / before.time_ratio > 1 + float(share) + noise


def _direction(before: Figures, after: Figures) -> Verdict:
    then, now = (before.scanned_bytes, before.cost_usd), (after.scanned_bytes, after.cost_usd)
    if then == now:
        return Verdict.SAME
    return Verdict.BETTER if now < then else Verdict.WORSE
