"""What a suite scans at a scale that was not run, by the bytes a row and a row group of three that were.

Two scales make the model and the third, larger one checks it. No figure comes without that measured error,
and a pair of query and layout is refused where the three scales do not show by which rule it grows:

- text, and Avro: bytes are ``a`` a row and a constant;
- scans that explain row groups and read all groups of the objects they open: bytes are ``a`` a row and
  ``b`` a row group. How many groups the rows make is known within bounds: none has more rows than the
  fullest seen, and each object has at most one that is not full;
- those that leave row groups out read a number of full groups between the one seen (a look-up by key) and
  the same share of all (a range): both bounds are given;
- columnar formats whose row groups nothing explains are projected where no condition could leave any out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lakebench.bench.figures import PairFigures, RunFigures
from lakebench.bench.run_result import Layout, TableScan
from lakebench.pricing import DEFAULT_BILLING, billed_bytes

DEFAULT_MAX_ERROR = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From least to most; the same where the rule leaves no room."""

    least: float
    most: float

    def error_of(self, measured: int) -> float:
        """How far a measured figure lies outside, over it; 0 inside. A figure of 0 is met or missed whole."""
        if self.least <= measured <= self.most:
            return 0.0
        missed = self.least - measured if measured < self.least else measured - self.most
        return missed / measured if measured else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The model's figure at the held-out scale, what was measured there, and the share it is off."""

    predicted: Span
    measured: int

    @property
    def error(self) -> float:
        """0.012 is 1.2 % off."""
        return self.predicted.error_of(self.measured)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """One figure at the asked scale: bytes, and dollars where it is a scan's; or why there is none.

    ``check`` is None only where the runs show no rule at all; ``scanned_bytes`` is None where it is refused.
    """

    check: Check | None
    scanned_bytes: Span | None
    least_usd: Decimal | None
    most_usd: Decimal | None
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    """A pair at one scale: rows of the data, bytes, and groups and objects as its scans explain them."""

    rows: int
    size: int
    kept: int
    groups: int
    objects: int
    partitions: tuple[tuple[int, int | None], ...]
    scans: tuple[TableScan, ...]


def project_pair(
    scales: Sequence[RunFigures], query: str, layout: Layout, rows: int, max_error: float, *, filters: bool
) -> Projected:
    """A query on a layout at ``rows`` rows; ``scales`` are three from small to large, the last one checks.

    ``filters`` says that the statement could leave row groups out.
    """
    points = [_point(figures, figures.pairs[query, layout.name]) for figures in scales]
    rule = _rule_of(points, layout, filters=filters)
    if isinstance(rule, str):
        return _refused(None, rule)
    check = Check(predicted=rule.at(points[-1].rows), measured=points[-1].size)
    if check.error > max_error:
        return _refused(check, f"{check.error:.2%} off at {points[-1].rows:,} rows")
    span = rule.at(rows)
    price = scales[-1].run.usd_per_tb
    return Projected(
        check=check,
        scanned_bytes=span,
        least_usd=_billed(span.least, price),
        most_usd=_billed(span.most, price),
        refusal=None,
    )


def project_storage(scales: Sequence[RunFigures], name: str, rows: int, max_error: float) -> Projected:
    """What a layout stores at ``rows`` rows, by the same rule as a scan of all of it."""
    points = []
    for figures in scales:
        layout = next(one for one in figures.run.layouts if one.name == name)
        groups = layout.row_groups or 0
        points.append(
            _Point(
                rows=figures.run.rows,
                size=layout.stored_bytes,
                kept=groups,
                groups=groups,
                objects=layout.objects,
                partitions=(),
                scans=(),
            )
        )
    rule = _whole(points)
    check = Check(predicted=rule.at(points[-1].rows), measured=points[-1].size)
    if check.error > max_error:
        return _refused(check, f"{check.error:.2%} off at {points[-1].rows:,} rows")
    return Projected(check=check, scanned_bytes=rule.at(rows), least_usd=None, most_usd=None, refusal=None)


def _refused(check: Check | None, why: str) -> Projected:
    return Projected(check=check, scanned_bytes=None, least_usd=None, most_usd=None, refusal=why)


def _billed(size: float, usd_per_tb: Decimal) -> Decimal:
    return usd_per_tb * billed_bytes(round(size)) / DEFAULT_BILLING.units.terabyte


def _point(figures: RunFigures, pair: PairFigures) -> _Point:
    return _Point(
        rows=figures.run.rows,
        size=pair.scanned_bytes,
        kept=sum(scan.row_groups.kept for scan in pair.scans),
        groups=sum(scan.row_groups.total or 0 for scan in pair.scans),
        objects=sum(scan.objects.kept for scan in pair.scans),
        partitions=tuple(
            (scan.partitions.kept, scan.partitions.total)
            for scan in pair.scans
            if scan.partitions is not None
        ),
        scans=pair.scans,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linear:
    """Bytes a row and bytes a group; groups at a scale are bounded by those seen."""

    a_row: float
    a_group: float
    seen: _Point

    def at(self, rows: int) -> Span:
        few, many = _groups_at(self.seen, rows)
        sizes = [self.a_row * rows + self.a_group * count for count in (few, many)]
        return Span(least=max(0.0, min(sizes)), most=max(0.0, *sizes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pruned:
    """Bytes of a kept group; between as many groups as seen and the same share of all."""

    a_group: float
    seen: _Point

    def at(self, rows: int) -> Span:
        _, many = _groups_at(self.seen, rows)
        share = self.seen.kept / self.seen.groups
        return Span(
            least=self.a_group * self.seen.kept, most=self.a_group * max(self.seen.kept, share * many)
        )


def _rule_of(points: Sequence[_Point], layout: Layout, *, filters: bool) -> _Linear | _Pruned | str:
    """The rule by which bytes grow, or why the scales show none."""
    middle, last = points[-2], points[-1]
    if any(_partition_shares(point) != _partition_shares(last) for point in points):
        return "it opens another share of the partitions at each scale"
    if not last.groups:
        if filters and layout.data_format not in _ROW_FORMATS:
            return f"nothing explains which parts of {layout.data_format} its condition leaves out"
        return _whole(points)
    if any(len(point.scans) != len(last.scans) for point in points):
        return "it scans another number of tables at each scale"
    if all(point.kept == point.groups for point in points):
        if filters and any(_may_still_split(at, points) for at in range(len(last.scans))):
            return (
                "no file has two row groups yet, so the runs do not show which ones its condition leaves out"
            )
        return _whole(points)
    return _pruned_rule(middle, last)


def _pruned_rule(middle: _Point, last: _Point) -> _Pruned | str:
    pruned = [
        scan
        for scan, later in zip(middle.scans, last.scans, strict=True)
        if later.row_groups.kept < (later.row_groups.total or 0)
    ]
    if any((scan.row_groups.total or 0) <= scan.objects.kept for scan in pruned):
        return f"no file has two row groups at {middle.rows:,} rows, so the bytes of a full one are not known"
    if not middle.kept:
        return f"all row groups are left out at {middle.rows:,} rows, so the bytes of one are not known"
    return _Pruned(a_group=middle.size / middle.kept, seen=middle)


def _may_still_split(at: int, points: Sequence[_Point]) -> bool:
    """Whether a scan grows with the data, and its files have one row group each as yet."""
    last = points[-1].scans[at]
    grows = len({point.scans[at].scanned_bytes for point in points}) > 1
    return grows and (last.row_groups.total or 0) <= last.objects.kept


_ROW_FORMATS = frozenset({"csv", "json", "avro"})


def _partition_shares(point: _Point) -> tuple[tuple[int, int | None] | None, ...]:
    """What each scan opens of its partitions; None where it opens all, however many there are."""
    return tuple(None if kept == total else (kept, total) for kept, total in point.partitions)


def _whole(points: Sequence[_Point]) -> _Linear:
    """The line through the two smaller scales: over rows and groups where both tell, else over rows."""
    first, second = points[0], points[1]
    one, two = (first.groups, second.groups) if second.groups else (1, 1)
    determinant = first.rows * two - second.rows * one
    if abs(determinant) > _COLLINEAR * second.rows * two:
        a_row = (first.size * two - second.size * one) / determinant
        a_group = (first.rows * second.size - second.rows * first.size) / determinant
        if a_row >= 0 and a_group >= 0:
            return _Linear(a_row=a_row, a_group=a_group, seen=second)
    return _Linear(a_row=second.size / second.rows, a_group=0.0, seen=second)


_COLLINEAR = 0.05  # rows and groups that grow alike say nothing of either alone


def _groups_at(seen: _Point, rows: int) -> tuple[float, float]:
    """The fewest and the most row groups of so many rows; 1 and 1 for a format without."""
    if not seen.groups:
        return 1.0, 1.0
    times = rows / seen.rows
    fewest = max(seen.objects, (seen.groups - seen.objects) * times)
    return float(fewest), seen.groups * times + seen.objects
