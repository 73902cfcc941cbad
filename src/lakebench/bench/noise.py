"""What may be wrong with the times of a run; bytes have no noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import median

from lakebench.bench.run_result import MeasurementWarning, QuerySample

_TOO_SHORT_MS = 5.0  # Athena's times are whole milliseconds: below, one of them is a fifth
_OUTLIER = 3.0
_COLD = 3.0
_NOISY = 0.25


def measurement_warnings(samples: Sequence[QuerySample]) -> tuple[MeasurementWarning, ...]:
    """Too short, cold first run, outliers and noise, by query and layout."""
    ordered = sorted(samples, key=lambda each: (each.query, each.layout, each.number))
    found: list[MeasurementWarning] = []
    for (query, layout), group in groupby(ordered, key=lambda each: (each.query, each.layout)):
        times = [(each.number, each.engine_ms) for each in group]
        for kind, message in _of_times(times):
            found.append(MeasurementWarning(kind=kind, query=query, layout=layout, message=message))
    return tuple(found)


def _of_times(times: Sequence[tuple[int, float]]) -> Iterator[tuple[str, str]]:
    """``times`` are engine times in ms by number; number 0 is the warm-up."""
    timed = [taken for number, taken in times if number > 0]
    if not timed:
        return
    middle = median(timed)
    if middle < _TOO_SHORT_MS:
        yield "too_short", f"runs take {middle:g} ms: too short to compare their times"
        return
    cold = [taken for number, taken in times if number == 0]
    if cold and cold[0] > _COLD * middle:
        yield "cold_first_run", f"the warm-up took {cold[0]:g} ms, later runs {middle:g} ms"
    if max(timed) > _OUTLIER * middle:
        yield "outlier", f"one run took {max(timed):g} ms, the median is {middle:g} ms"
    spread = median(abs(taken - middle) for taken in timed) / middle
    if spread > _NOISY:
        yield "noisy", f"half of the runs are more than {spread:.0%} off their median: the machine is busy"
