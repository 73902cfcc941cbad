"""``cron(minutes hours day-of-month month day-of-week year)`` as AWS's schedules have it, in UTC.

Lists, ranges, steps and names; ``?`` for the one of the two day fields that says nothing; ``L`` the last day,
``5L`` the last Thursday, ``3W`` the weekday nearest to the 3rd, ``2#1`` the first Monday (AWS: glue,
time-based schedules). Days of the week count from Sunday, 1.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from lakebench.errors import ConfigError

_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: i for i, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: i for i, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_LAST_YEAR = 2199
_FIELDS = 6

DayTest = Callable[[date], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """When a schedule fires."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    day: DayTest
    months: frozenset[int]
    years: frozenset[int]

    def next_after(self, moment: datetime) -> datetime | None:
        """The first moment after this one, None when there is none any more. Times are UTC."""
        moment = moment.astimezone(UTC)
        day = moment.date()
        while day.year <= _LAST_YEAR:
            if day.year not in self.years:
                day = date(day.year + 1, 1, 1)
            elif day.month not in self.months:
                day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
            else:
                found = self._first_on(day, moment) if self.day(day) else None
                if found is not None:
                    return found
                day += timedelta(days=1)
        return None

    def _first_on(self, day: date, moment: datetime) -> datetime | None:
        for hour in self.hours:
            for minute in self.minutes:
                at = datetime.combine(day, time(hour, minute), UTC)
                if at > moment:
                    return at
        return None


def parse_cron(expression: str) -> Cron:
    """Read a schedule; raises ConfigError naming the field at fault."""
    match = re.fullmatch(r"cron\((.*)\)", expression.strip())
    fields = match[1].upper().split() if match else []
    if len(fields) != _FIELDS:
        raise ConfigError(f"Schedule must be cron(...) of six fields, not {expression!r}")
    minutes, hours, of_month, months, of_week, years = fields
    if (of_month == "?") == (of_week == "?"):
        raise ConfigError(
            f"Schedule {expression!r} must have a ? for exactly one of day-of-month and day-of-week"
        )
    return Cron(
        minutes=tuple(sorted(_numbers("minutes", minutes, 0, 59))),
        hours=tuple(sorted(_numbers("hours", hours, 0, 23))),
        day=_day_of_month(of_month) if of_week == "?" else _day_of_week(of_week),
        months=_numbers("month", months, 1, 12, _MONTHS),
        years=_numbers("year", years, 1970, _LAST_YEAR),
    )


def _numbers(
    field: str, text: str, low: int, high: int, names: Mapping[str, int] | None = None
) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        else:
            start = _number(field, first, low, high, names)
            end = _number(field, last, low, high, names) if dash else high if slash else start
        width = _number(field, step, 1, high, None) if slash else 1
        if start > end:
            raise ConfigError(f"Schedule: {field} {part!r} ends before it begins")
        found.update(range(start, end + 1, width))
    return frozenset(found)


def _number(field: str, text: str, low: int, high: int, names: Mapping[str, int] | None) -> int:
    value = (names or {}).get(text, int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1)
    if not low <= value <= high:
        raise ConfigError(f"Schedule: {field} {text!r} is not between {low} and {high}")
    return value


def _last_day(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _day_of_month(text: str) -> DayTest:
    if text == "L":
        return lambda day: day.day == _last_day(day)
    if weekday := re.fullmatch(r"([0-9]{1,2}|L)W", text):
        wanted = 31 if weekday[1] == "L" else _number("day-of-month", weekday[1], 1, 31, None)
        return lambda day: day == _nearest_weekday(day, wanted)
    days = _numbers("day-of-month", text, 1, 31)
    return lambda day: day.day in days


def _nearest_weekday(day: date, wanted: int) -> date:
    """The working day nearest to a day of the month, in the same month."""
    there = day.replace(day=min(wanted, _last_day(day)))
    if there.weekday() == calendar.SATURDAY:
        return there - timedelta(days=1) if there.day > 1 else there + timedelta(days=2)
    if there.weekday() == calendar.SUNDAY:
        return there + timedelta(days=1) if there.day < _last_day(there) else there - timedelta(days=2)
    return there


def _day_of_week(text: str) -> DayTest:
    if text == "L":
        return lambda day: _weekday(day) == _DAYS["SAT"]
    if last := re.fullmatch(r"(\w+)L", text):
        wanted = _number("day-of-week", last[1], 1, 7, _DAYS)
        return lambda day: _weekday(day) == wanted and day.day > _last_day(day) - 7
    if nth := re.fullmatch(r"(\w+)#([1-5])", text):
        wanted, count = _number("day-of-week", nth[1], 1, 7, _DAYS), int(nth[2])
        return lambda day: _weekday(day) == wanted and (day.day - 1) // 7 + 1 == count
    days = _numbers("day-of-week", text, 1, 7, _DAYS)
    return lambda day: _weekday(day) in days


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1
