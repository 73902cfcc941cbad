"""Dates, times and intervals added, subtracted, multiplied and divided.

An interval of days is milliseconds and moves the instant; an interval of months moves the calendar of the
value's zone and stops at the month's last day (Trino: functions/datetime, TestDateTimeOperators).
"""

from __future__ import annotations

from lakebench.catalog import DataType
from lakebench.sql import fractions, types, zones
from lakebench.sql.fractions import let, made, part

MACROS = r"""
lb_month_count(i) AS datepart('year', i) * 12 + datepart('month', i)
lb_whole_ms(us) AS to_milliseconds(lb_floor_unit(us + 500, 1000) // 1000)
lb_times_ms(i, x) AS to_milliseconds(CAST(trunc(lb_interval_ms(i) * CAST(x AS DOUBLE)) AS BIGINT))
lb_times_months(i, x) AS to_months(CAST(trunc(lb_month_count(i) * CAST(x AS DOUBLE)) AS INTEGER))
lb_span_divisor(x) AS CASE WHEN lb_argument(CAST(x AS DOUBLE) <> 0 AND NOT isnan(CAST(x AS DOUBLE)), \
'Cannot divide by double value ' || CAST(CAST(x AS DOUBLE) AS VARCHAR)) THEN CAST(x AS DOUBLE) END
lb_span_factor(x) AS CASE WHEN lb_argument(NOT isnan(CAST(x AS DOUBLE)), \
'Cannot multiply by double value NaN') THEN CAST(x AS DOUBLE) END
lb_divided_ms(i, x) AS to_milliseconds(CAST(trunc(lb_interval_ms(i) / lb_span_divisor(x)) AS BIGINT))
lb_divided_months(i, x) AS to_months(CAST(trunc(lb_month_count(i) / lb_span_divisor(x)) AS INTEGER))
"""


def moved(text: str, given: DataType, span: str, sign: str, kind: DataType | None) -> str:
    """``text sign span`` for a date, time or timestamp; ``kind`` is the interval's type."""
    if given.name == "date":
        if kind == types.DAY_TO_SECOND:
            return f"lb_date_plus({text}, {span if sign == '+' else f'-({span})'})"
        return f"CAST({text} {sign} {span} AS DATE)"
    if given.name == "timestamp" and not types.is_fine(given):
        return f"({text} {sign} {span})"
    if given.name == "time" and not types.is_fine(given):
        return f"CAST({text} {sign} {span} AS TIME)"
    moment = part(given)
    if zones.is_zoned(given) and kind == types.YEAR_TO_MONTH:
        clock = "lb_local({'t': lb_w.t, 'z': lb_w.z})"
        return let(text, made(given, f"(lb_in_zone({clock} {sign} {span}, lb_w.z)).t", "lb_w.f"))
    later = f"{moment} {sign} {span}"
    if given.name in {"time", "time with time zone"}:
        later = f"CAST({later} AS TIME)"
    return let(text, made(given, later, "lb_w.f"))


def difference(texts: tuple[str, str], given: tuple[DataType | None, DataType | None]) -> str:
    """``left - right`` of two moments, as an interval of milliseconds."""
    if all(types.is_named(side, "date") for side in given):
        return f"to_days(CAST({texts[0]} - {texts[1]} AS INTEGER))"
    micros = [_micros(text, side) for text, side in zip(texts, given, strict=True)]
    return f"lb_whole_ms({micros[0]} - {micros[1]})"


def _micros(text: str, given: DataType | None) -> str:
    value = fractions.coarse(text, given) if given is not None else text
    if zones.is_zoned(given):
        return f"epoch_us({zones.instant(value, given)})"
    return f"epoch_us(CAST({value} AS TIMESTAMP))"


def multiplied(span: str, kind: DataType, number: str, given: DataType | None) -> str:
    """An interval times a number: whole milliseconds or months, cut off."""
    months = kind == types.YEAR_TO_MONTH
    if types.is_integer(given):
        amount = f"lb_month_count({span})" if months else f"lb_interval_ms({span})"
        whole = f"{amount} * CAST({number} AS BIGINT)"
        return f"to_months(CAST({whole} AS INTEGER))" if months else f"to_milliseconds({whole})"
    return f"lb_times_{'months' if months else 'ms'}({span}, lb_span_factor({number}))"


def divided(span: str, kind: DataType, number: str) -> str:
    """An interval divided by a number, cut off; zero is INVALID_FUNCTION_ARGUMENT."""
    return f"lb_divided_{'months' if kind == types.YEAR_TO_MONTH else 'ms'}({span}, {number})"
