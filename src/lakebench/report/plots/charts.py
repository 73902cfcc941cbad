"""The kinds of chart: bars with their labels above, dots on two or one logarithmic scale, lines over runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakebench.report.plots.svg import ACCENT, GRID, INK, MUTED, PLAIN, SERIES, figure_to_svg
from lakebench.report.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 5.6  # inches of 72 SVG units: 403, near a phone's width, so that text keeps its size there
_MARKERS = "osD^vP*X"
_LONGEST = 44


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar from zero; ``text`` is its figure in words."""

    label: str
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """A series of points or of a line's corners; ``xs`` and ``ys`` go together."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An axis: its title, where it may have marks, and how a mark is written."""

    title: str
    marks: Sequence[float]
    write: Callable[[float], str]


def bars(rows: Sequence[Bar], *, prefix: str, label: str) -> str:
    """Bars from zero on one scale, each below its label and figure; the least stands out."""
    height = 0.5 * len(rows)
    figure, axes = _figure(height)
    most = max((row.value for row in rows), default=0) or 1
    least = min(row.value for row in rows)
    for at, row in enumerate(rows):
        base = len(rows) - 1 - at
        is_least = row.value == least and len(rows) > 1
        axes.barh(base, most, height=0.24, color=GRID)
        axes.barh(base, row.value, height=0.24, color=ACCENT if is_least else PLAIN)
        weight = "bold" if is_least else "normal"
        axes.text(0, base + 0.18, shortened(row.label), va="bottom", color=INK, fontweight=weight)
        axes.text(most, base + 0.18, row.text, va="bottom", ha="right", color=INK, fontweight=weight)
    axes.set_xlim(0, most)
    axes.set_ylim(-0.3, len(rows) - 0.3)
    axes.set_axis_off()
    figure.subplots_adjust(left=0.0, right=1.0, bottom=0.0, top=1.0)
    return figure_to_svg(figure, prefix=prefix, label=label)


def scatter(series: Sequence[Dots], x: Scale, y: Scale, *, prefix: str, label: str) -> str:
    """Points on two logarithmic scales, with the series' names below."""
    figure, axes = _plot_with_legend(series)
    for number, one in enumerate(series):
        axes.plot(one.xs, one.ys, **_look(number), linestyle="none", alpha=0.85)
    _logarithmic(axes.xaxis, axes.set_xscale, axes.set_xlim, x, [value for one in series for value in one.xs])
    _logarithmic(axes.yaxis, axes.set_yscale, axes.set_ylim, y, [value for one in series for value in one.ys])
    axes.set_xlabel(x.title)
    axes.set_title(y.title, loc="left", fontsize="medium", color=MUTED)
    axes.grid(visible=True, linewidth=0.6)
    _legend(figure, series)
    return figure_to_svg(figure, prefix=prefix, label=label)


def lines(series: Sequence[Dots], names: Sequence[str], y: Scale, *, prefix: str, label: str) -> str:
    """A line a series over runs at even distances; ``names`` are the runs'."""
    figure, axes = _plot_with_legend(series)
    for number, one in enumerate(series):
        axes.plot(one.xs, one.ys, **{**_look(number), "markersize": 5}, linewidth=1.6)
    _logarithmic(axes.yaxis, axes.set_yscale, axes.set_ylim, y, [value for one in series for value in one.ys])
    step = -(-len(names) // 4)
    shown = [at for at in range(len(names)) if (len(names) - 1 - at) % step == 0]
    axes.set_xticks(shown, [names[at] for at in shown])
    axes.get_xticklabels()[-1].set_horizontalalignment("right")  # or it leaves the drawing
    axes.set_xlim(-0.3, len(names) - 0.7)
    axes.set_title(y.title, loc="left", fontsize="medium", color=MUTED)
    axes.grid(visible=True, axis="y", linewidth=0.6)
    _legend(figure, series)
    return figure_to_svg(figure, prefix=prefix, label=label)


def dumbbells(
    rows: Sequence[tuple[str, Sequence[float], str]],
    kinds: Sequence[str],
    x: Scale,
    *,
    prefix: str,
    label: str,
) -> str:
    """Each row's values on one logarithmic scale, joined by a line; ``kinds`` names the values in order."""
    figure, axes = _figure(0.46 * len(rows) + 0.9)
    for at, (name, values, text) in enumerate(rows):
        base = len(rows) - 1 - at
        drawn = [value for value in values if value > 0]
        axes.plot([min(drawn), max(drawn)], [base, base], color=GRID, linewidth=3, zorder=1)
        for number, value in enumerate(values):
            if value > 0:
                axes.plot([value], [base], **_look(number), zorder=2)
        axes.annotate(
            shortened(name),
            (0, base),
            (0, 7),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="bottom",
            color=INK,
        )
        axes.annotate(
            text,
            (1, base),
            (0, 7),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="bottom",
            ha="right",
            color=MUTED,
            fontsize=11,
        )
    _logarithmic(
        axes.xaxis,
        axes.set_xscale,
        axes.set_xlim,
        x,
        [value for _, values, _ in rows for value in values if value > 0],
    )
    axes.set_ylim(-0.5, len(rows) - 0.1)
    axes.yaxis.set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.grid(visible=True, axis="x", linewidth=0.6)
    height = float(figure.get_size_inches()[1])
    figure.subplots_adjust(left=0.02, right=0.98, bottom=0.62 / height, top=1.0)
    _legend(figure, [Dots(label=kind, xs=(), ys=()) for kind in kinds])
    return figure_to_svg(figure, prefix=prefix, label=label)


def shortened(label: str) -> str:
    """A label that has room; the tables have it whole."""
    shown = visible(label).replace("\n", " ")
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _figure(height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, height))
    return figure, figure.subplots()


def _look(number: int) -> dict[str, Any]:
    turn = number // len(SERIES)
    marker = _MARKERS[(number + turn) % len(_MARKERS)]
    return {"color": SERIES[number % len(SERIES)], "marker": marker, "markersize": 7, "markeredgewidth": 0}


def _columns(series: Sequence[Dots]) -> int:
    longest = max((len(shortened(one.label)) for one in series), default=0)
    return 1 if longest > 28 else 2 if longest > 15 else 3


def _plot_with_legend(series: Sequence[Dots]) -> tuple[Figure, Axes]:
    lines_of_names = -(-len(series) // _columns(series))
    below = 0.62 + 0.24 * lines_of_names
    height = 3.4 + below
    figure, axes = _figure(height)
    figure.subplots_adjust(left=0.135, right=0.98, bottom=below / height, top=1 - 0.3 / height)
    return figure, axes


def _legend(figure: Figure, series: Sequence[Dots]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="none", **_look(number), label=shortened(one.label))
        for number, one in enumerate(series)
    ]
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.0, 0.0),
        ncols=_columns(series),
        frameon=False,
        handletextpad=0.1,
        columnspacing=1.0,
        borderaxespad=0.1,
    )


def _logarithmic(axis: Any, set_scale: Any, set_limits: Any, scale: Scale, values: Sequence[float]) -> None:
    """Marks that lie in sight, two of them at least where there are any around."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    set_scale("log")
    low, high = min(values) / 1.5, max(values) * 1.5
    below = [mark for mark in scale.marks if mark <= low]
    above = [mark for mark in scale.marks if mark >= high]
    inside = [mark for mark in scale.marks if low < mark < high]
    if len(inside) < 2 and below:
        low = below[-1] / 1.1
    if len(inside) < 2 and above:
        high = above[0] * 1.1
    set_limits(low, high)
    axis.set_major_locator(FixedLocator([mark for mark in scale.marks if low <= mark <= high]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: scale.write(value)))
