"""Fields of a date and time as Joda-Time names them: their ranges, reading one, and setting several in order.

Trino's ``date_parse`` and ``parse_datetime`` put what they read together as Joda-Time does: larger fields
first, each within what stands already, from 1970-01-01; a month or day without a year is of 2000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakebench.emulator.engine.udfs import iso_calendar
from lakebench.emulator.engine.udfs.iso_calendar import MILLIS_OF_DAY

# In the order of setting: by the length of what a field counts within, then by its own.
_ORDER = (
    *("era", "centuryOfEra", "year", "yearOfEra", "weekyear", "monthOfYear", "weekOfWeekyear", "dayOfYear"),
    *("dayOfMonth", "dayOfWeek", "halfdayOfDay", "hourOfDay", "clockhourOfDay", "hourOfHalfday"),
    *("clockhourOfHalfday", "minuteOfHour", "secondOfMinute", "millisOfSecond"),
)
_RANK = {name: at for at, name in enumerate(_ORDER)}
_OF_A_YEAR = {"monthOfYear", "weekOfWeekyear", "dayOfYear", "dayOfMonth", "dayOfWeek"}
_DEFAULT_YEAR = 2000
_HOUR, _MINUTE, _SECOND = 3_600_000, 60_000, 1000
# Field of the day -> (its unit in milliseconds, what it counts within, lowest and highest value).
_CLOCK = {
    "halfdayOfDay": (12 * _HOUR, MILLIS_OF_DAY, 0, 1),
    "hourOfDay": (_HOUR, MILLIS_OF_DAY, 0, 23),
    "clockhourOfDay": (_HOUR, MILLIS_OF_DAY, 1, 24),
    "hourOfHalfday": (_HOUR, 12 * _HOUR, 0, 11),
    "clockhourOfHalfday": (_HOUR, 12 * _HOUR, 1, 12),
    "minuteOfHour": (_MINUTE, _HOUR, 0, 59),
    "secondOfMinute": (_SECOND, _MINUTE, 0, 59),
    "millisOfSecond": (1, _SECOND, 0, 999),
}


class OutOfRange(ValueError):
    """A field's value that its surroundings have not; the text is Joda-Time's."""


@dataclass(slots=True)
class Moment:
    """A clock's state: the day's number and the milliseconds since its midnight."""

    day: int = 0
    millis: int = 0

    def get(self, name: str) -> int:
        """The value of a field."""
        if name in _CLOCK:
            unit, around, low, high = _CLOCK[name]
            value = self.millis % around // unit
            return high if low == 1 and value == 0 else value
        year, month, day = iso_calendar.civil(self.day)
        if name in {"weekyear", "weekOfWeekyear"}:
            return iso_calendar.iso_week(self.day)[name == "weekOfWeekyear"]
        era_year = year if year > 0 else 1 - year
        return {
            "era": int(year > 0),
            "centuryOfEra": era_year // 100,
            "year": year,
            "yearOfEra": era_year,
            "monthOfYear": month,
            "dayOfYear": self.day - iso_calendar.day_number(year, 1, 1) + 1,
            "dayOfMonth": day,
            "dayOfWeek": iso_calendar.day_of_week(self.day),
        }[name]

    def set(self, name: str, value: int, *, floor: bool) -> None:
        """Set a field, and what is below it to its least if ``floor``."""
        if name in _CLOCK:
            unit, around, low, high = _CLOCK[name]
            _check(name, value, low, high)
            value = 0 if low == 1 and value == high else value
            base = self.millis - self.millis % around
            rest = 0 if floor else self.millis % unit
            self.millis = base + value * unit + rest
            return
        self._set_day(name, value, floor)
        if floor:
            self.millis = 0

    def _set_day(self, name: str, value: int, floor: bool) -> None:
        year, month, day = iso_calendar.civil(self.day)
        if name in {"year", "yearOfEra", "era", "centuryOfEra"}:
            wanted = {
                "year": value,
                "yearOfEra": value if year > 0 else 1 - value,
                "era": year if (year > 0) == bool(value) else 1 - year,
                "centuryOfEra": value * 100 + year % 100,
            }[name]
            self._put(wanted, 1 if floor else month, 1 if floor else day)
        elif name == "monthOfYear":
            _check(name, value, 1, 12)
            self._put(year, value, 1 if floor else day)
        elif name == "dayOfMonth":
            _check(name, value, 1, iso_calendar.days_of_month(year, month))
            self._put(year, month, value)
        elif name == "dayOfYear":
            _check(name, value, 1, 365 + iso_calendar.is_leap(year))
            self.day = iso_calendar.day_number(year, 1, 1) + value - 1
        elif name == "dayOfWeek":
            _check(name, value, 1, 7)
            self.day += value - iso_calendar.day_of_week(self.day)
        else:
            self._set_week(name, value, floor)

    def _set_week(self, name: str, value: int, floor: bool) -> None:
        week_year, week = iso_calendar.iso_week(self.day)
        weekday = 1 if floor else iso_calendar.day_of_week(self.day)
        if name == "weekyear":
            week_year, week = value, 1 if floor else min(week, iso_calendar.weeks_of(value))
        else:
            _check(name, value, 1, iso_calendar.weeks_of(week_year))
            week = value
        self.day = iso_calendar.week_year_start(week_year) + (week - 1) * 7 + weekday - 1

    def _put(self, year: int, month: int, day: int) -> None:
        self.day = iso_calendar.day_number(year, month, min(day, iso_calendar.days_of_month(year, month)))


def _check(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise OutOfRange(f"Value {value} for {name} must be in the range [{low},{high}]")


def together(found: Sequence[tuple[str, int]]) -> Moment:
    """The moment that these fields make; raises OutOfRange."""
    ordered = sorted(found, key=lambda pair: _RANK[pair[0]])
    if ordered and ordered[0][0] in _OF_A_YEAR:
        ordered.insert(0, ("year", _DEFAULT_YEAR))
    moment = Moment()
    for name, value in ordered:
        moment.set(name, value, floor=True)
    for at, (name, value) in enumerate(ordered):
        moment.set(name, value, floor=at == len(ordered) - 1)
    return moment
