"""What a run measured of each query on each layout: bytes and cost exactly, times over its timed rounds.

A result file says what its fields mean, not that they fit together: ``figures_of`` checks that, so that no
reader of figures draws a number out of a file that contradicts itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from statistics import median

from lakebench.bench.layouts import SOURCE_LAYOUT
from lakebench.bench.run_result import BenchRun, Layout, QuerySample, TableScan
from lakebench.errors import ConfigError, DataError
from lakebench.pricing import DEFAULT_BILLING

Pair = tuple[str, str]
"""A query and a layout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFigures:
    """A query on a layout. ``cost_usd`` is as billed, ``list_usd`` is bytes times the price per TB.

    Times are engine times in ms of the ``rounds`` timed rounds: their median, the fastest and the slowest,
    and the median of what the caller waited; ``warm_up_ms`` is round 0's, None where it is the only one and
    stands for all. ``time_ratio`` is the median of the times over the reference layout's of the same round,
    ``noise`` half of how far those ratios lie apart, over the median; both are None for the reference and
    where no round tells, ``noise`` also where only one does. ``scans`` is empty where nothing explains them.
    """

    query: str
    layout: str
    scanned_bytes: int
    cost_usd: Decimal
    list_usd: Decimal
    rows: int
    objects: int | None
    row_groups: int | None
    rounds: int
    engine_ms: float
    fastest_ms: float
    slowest_ms: float
    wall_ms: float
    warm_up_ms: float | None
    time_ratio: float | None
    noise: float | None
    scans: tuple[TableScan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """All pairs of a whole run, by query and layout, in the order of the run."""

    run: BenchRun
    pairs: Mapping[Pair, PairFigures]

    def of_query(self, query: str) -> tuple[PairFigures, ...]:
        """A query on every layout, in the run's order of layouts."""
        return tuple(self.pairs[query, layout.name] for layout in self.run.layouts)

    def of_layout(self, layout: str) -> tuple[PairFigures, ...]:
        """Every query on a layout."""
        return tuple(self.pairs[query, layout] for query in self.run.sql)

    def suite_bytes(self, layout: str) -> int:
        """Bytes that all queries, each asked once, scan on a layout."""
        return sum(each.scanned_bytes for each in self.of_layout(layout))

    def suite_usd(self, layout: str) -> Decimal:
        """What all queries, each asked once, are billed on a layout."""
        return sum((each.cost_usd for each in self.of_layout(layout)), Decimal(0))


def figures_of(run: BenchRun) -> RunFigures:
    """The figures of a whole run.

    Raises ConfigError for a run that was broken off, DataError for one that does not fit together: a query
    not measured on every layout, layouts of one query that differ in rows, rounds that differ in bytes.
    """
    if run.finished is None:
        raise ConfigError(
            f"run {run.run_id} was broken off: not everything is measured",
            hint=f"finish it with bench run --resume {run.run_id}",
        )
    by_pair: dict[Pair, list[QuerySample]] = {}
    for sample in run.samples:
        by_pair.setdefault((sample.query, sample.layout), []).append(sample)
    expected = [(query, layout.name) for query in run.sql for layout in run.layouts]
    _check(run, by_pair, expected)
    return RunFigures(
        run=run,
        pairs={
            (query, layout): _figures(run, by_pair[query, layout], by_pair.get((query, SOURCE_LAYOUT), []))
            for query, layout in expected
        },
    )


def round_ratios(samples: Sequence[QuerySample], reference: Sequence[QuerySample]) -> Iterator[float]:
    """Engine times over the reference's, of each timed round in which both ran.

    Athena tells whole milliseconds, and 0 has no ratio.
    """
    of_round = {sample.number: sample.engine_ms for sample in reference}
    for sample in samples:
        beside = of_round.get(sample.number)
        if sample.number > 0 and beside and sample.engine_ms:
            yield sample.engine_ms / beside


def ratio_and_noise(
    samples: Sequence[QuerySample], reference: Sequence[QuerySample]
) -> tuple[float | None, float | None]:
    """The median ratio, and half of how far the ratios lie apart over it; None where nothing tells."""
    ratios = list(round_ratios(samples, reference))
    middle = median(ratios) if ratios else None
    noise = (max(ratios) - min(ratios)) / 2 / middle if middle and len(ratios) > 1 else None
    return middle, noise


def source_first(layouts: Sequence[Layout]) -> Layout | None:
    """The layout that the others are held against, None in a run without it."""
    return next((layout for layout in layouts if layout.name == SOURCE_LAYOUT), None)


def _check(run: BenchRun, by_pair: Mapping[Pair, list[QuerySample]], expected: Sequence[Pair]) -> None:
    if not expected:
        raise _contradiction(run, "it has no query or no layout")
    if len(set(expected)) != len(expected):
        raise _contradiction(run, "a layout is listed twice")
    for query, layout in expected:
        if (query, layout) not in by_pair:
            raise _contradiction(run, f"query {query} was not measured on layout {layout}")
    for query, layout in by_pair.keys() - set(expected):
        raise _contradiction(run, f"it measures query {query} on layout {layout}, and lists no such pair")
    for samples in by_pair.values():
        _check_pair(run, samples)
    for query in run.sql:
        digests = {sample.result_digest for sample in run.samples if sample.query == query}
        if len(digests) > 1:
            raise _contradiction(run, f"query {query} gave other rows on another layout")
    if any(min(layout.stored_bytes, layout.objects) < 0 for layout in run.layouts):
        raise _contradiction(run, "a layout stores a negative number of bytes or objects")


def _check_pair(run: BenchRun, samples: Sequence[QuerySample]) -> None:
    first = samples[0]
    where = f"query {first.query} on layout {first.layout}"
    if len({sample.number for sample in samples}) != len(samples):
        raise _contradiction(run, f"{where}: a round is there twice")
    if any(
        (sample.scanned_bytes, sample.cost_usd) != (first.scanned_bytes, first.cost_usd) for sample in samples
    ):
        raise _contradiction(run, f"{where}: its rounds differ in bytes or cost")
    for sample in samples:
        amounts = (
            sample.scanned_bytes,
            sample.engine_ms,
            sample.wall_ms,
            sample.rows,
            float(sample.cost_usd),
        )
        if not all(isfinite(amount) and amount >= 0 for amount in amounts):
            raise _contradiction(run, f"{where}: a figure is negative or no number")


def _contradiction(run: BenchRun, what: str) -> DataError:
    return DataError(
        f"run {run.run_id} contradicts itself: {what}",
        hint="its file is damaged or was edited; run the benchmark again",
    )


def _figures(run: BenchRun, samples: list[QuerySample], reference: list[QuerySample]) -> PairFigures:
    first = samples[0]
    timed = [each for each in samples if each.number > 0] or samples
    cold = [each.engine_ms for each in samples if each.number == 0 and timed is not samples]
    times = [each.engine_ms for each in timed]
    is_reference = first.layout == SOURCE_LAYOUT
    ratio, noise = (None, None) if is_reference else ratio_and_noise(samples, reference)
    return PairFigures(
        query=first.query,
        layout=first.layout,
        scanned_bytes=first.scanned_bytes,
        cost_usd=first.cost_usd,
        list_usd=run.usd_per_tb * first.scanned_bytes / DEFAULT_BILLING.units.terabyte,
        rows=first.rows,
        objects=first.objects,
        row_groups=first.row_groups,
        rounds=len(timed),
        engine_ms=float(median(times)),
        fastest_ms=min(times),
        slowest_ms=max(times),
        wall_ms=float(median(each.wall_ms for each in timed)),
        warm_up_ms=cold[0] if cold else None,
        time_ratio=ratio,
        noise=noise,
        scans=first.scans,
    )
