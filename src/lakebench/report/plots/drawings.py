"""Which charts a report of a run has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lakebench.bench.figures import RunFigures
from lakebench.bench.history import History
from lakebench.bench.monthly import Month
from lakebench.pricing import format_cost
from lakebench.report.plots.charts import Bar, Dots, Scale, bars, dumbbells, lines, scatter
from lakebench.report.plots.svg import drawing_settings
from lakebench.report.run_report import RunReport
from lakebench.report.run_words import RunWords
from lakebench.units import format_bytes, format_milliseconds

_BYTES = tuple(float(step * 1024**power) for power in range(6) for step in (1, 10, 100))
_TIMES = tuple(10.0**power for power in range(8))
_DOLLARS = tuple(10.0**power for power in range(-6, 9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart: its heading, which may be empty, and the ``<svg>`` element."""

    title: str
    svg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawings:
    """The charts by section; ``queries`` may be fewer than a run has; ``undrawn_points`` are 0 somewhere."""

    layouts: tuple[Drawing, ...]
    queries: tuple[Drawing, ...]
    times: tuple[Drawing, ...]
    undrawn_points: int
    month: tuple[Drawing, ...]
    history: tuple[Drawing, ...]


def draw(report: RunReport, *, most_queries: int) -> Drawings:
    """Draw the charts of a report, at most so many panels of queries.

    Raises ConfigError where the plotting library is missing.
    """
    figures, words = report.figures, report.words
    with drawing_settings(report.run.run_id):
        times, undrawn = _times(figures, words)
        return Drawings(
            layouts=(_layouts(figures, words),),
            queries=tuple(
                _query(number, query, figures, words)
                for number, query in enumerate(list(report.run.sql)[:most_queries])
            ),
            times=times,
            undrawn_points=undrawn,
            month=_month(report.month, words),
            history=_history(report.history, [layout.name for layout in report.run.layouts], words),
        )


def _layouts(figures: RunFigures, words: RunWords) -> Drawing:
    sums = [(layout.name, figures.suite_bytes(layout.name)) for layout in figures.run.layouts]
    title = f"{words.scanned}: {words.all_queries.lower()}"
    return Drawing(
        title=title, svg=bars([_bar(name, size) for name, size in sums], prefix="layouts", label=title)
    )


def _query(number: int, query: str, figures: RunFigures, words: RunWords) -> Drawing:
    rows = [_bar(pair.layout, pair.scanned_bytes) for pair in figures.of_query(query)]
    return Drawing(title=query, svg=bars(rows, prefix=f"query{number}", label=f"{words.scanned}: {query}"))


def _bar(label: str, size: int) -> Bar:
    return Bar(label=label, value=float(size), text=format_bytes(size))


def _times(figures: RunFigures, words: RunWords) -> tuple[tuple[Drawing, ...], int]:
    series, undrawn = [], 0
    for layout in figures.run.layouts:
        pairs = figures.of_layout(layout.name)
        drawn = [pair for pair in pairs if pair.scanned_bytes > 0 and pair.engine_ms > 0]
        undrawn += len(pairs) - len(drawn)
        series.append(
            Dots(
                label=layout.name,
                xs=[float(pair.scanned_bytes) for pair in drawn],
                ys=[pair.engine_ms for pair in drawn],
            )
        )
    if not any(one.xs for one in series):
        return (), undrawn
    svg = scatter(
        series,
        Scale(title=words.scanned, marks=_BYTES, write=_size),
        Scale(title=words.engine_time, marks=_TIMES, write=_duration),
        prefix="times",
        label=words.bytes_and_time,
    )
    return (Drawing(title="", svg=svg),), undrawn


def _month(month: Month, words: RunWords) -> tuple[Drawing, ...]:
    scans = [
        Bar(label=each.layout, value=float(each.scan_usd), text=format_cost(each.scan_usd))
        for each in month.layouts
    ]
    drawings = [
        Drawing(title=words.scans_a_month, svg=bars(scans, prefix="month", label=words.scans_a_month))
    ]
    rows = []
    for each in month.layouts:
        if each.storage_usd is not None and each.scan_usd > 0 and each.storage_usd > 0:
            text = f"{format_cost(each.scan_usd)} / {format_cost(each.storage_usd)}"
            rows.append((each.layout, (float(each.scan_usd), float(each.storage_usd)), text))
    if rows:
        svg = dumbbells(
            rows,
            (words.scans_a_month, words.storage_a_month),
            Scale(title="", marks=_DOLLARS, write=_dollars),
            prefix="storage",
            label=words.storage_against_scans,
        )
        drawings.append(Drawing(title=words.storage_against_scans, svg=svg))
    return tuple(drawings)


def _history(history: History, layouts: Sequence[str], words: RunWords) -> tuple[Drawing, ...]:
    points = history.points
    if len(points) < 2:
        return ()
    series = []
    for name in layouts:
        found = [(float(at), float(point.scanned_bytes.get(name, 0))) for at, point in enumerate(points)]
        drawn = [(at, size) for at, size in found if size > 0]
        series.append(Dots(label=name, xs=[at for at, _ in drawn], ys=[size for _, size in drawn]))
    if not any(one.xs for one in series):
        return ()
    svg = lines(
        series,
        [f"{point.started:%m-%d %H:%M}" for point in points],
        Scale(title=f"{words.scanned}: {words.all_queries.lower()}", marks=_BYTES, write=_size),
        prefix="history",
        label=words.history,
    )
    return (Drawing(title="", svg=svg),)


def _size(value: float) -> str:
    """A mark of a scale: ``10 MB``, without the digits that are always zero."""
    number, unit = format_bytes(round(value)).split(" ")
    return f"{number.removesuffix('.00')} {unit}"


def _duration(value: float) -> str:
    if value < 1000:
        return f"{value:.0f} ms"
    return f"{value / 1000:.0f} s" if value < 10**6 else format_milliseconds(value)


def _dollars(value: float) -> str:
    return f"${Decimal(str(value)).normalize():f}"
