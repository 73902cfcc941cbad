"""``DATE '..'``, ``TIME '..'`` and ``TIMESTAMP '..'``: read and checked when the text is resolved.

A literal has as many digits of its second as it shows (Trino: language/types, TestTimestamp), and a zone
makes it zoned. What cannot be read is INVALID_LITERAL at its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lakebench.catalog import DataType

_DATE = r"(?P<year>[+-]?\d{4,})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<digits>\d+))?)?"
_OFFSET = r"(?P<zone>[+-]\d\d:\d\d)"
_PATTERNS = {
    "date": re.compile(_DATE),
    "time": re.compile(rf"{_CLOCK}(?:\s*{_OFFSET})?"),
    "timestamp": re.compile(rf"{_DATE}(?:\s+{_CLOCK})?(?:\s*(?P<zone>[A-Za-z+-][\w/+:-]*))?"),
}
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MAX_OFFSET = 14 * 60
_BLANKS = " \t\n\r\v\f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a literal says: ``date`` and ``clock`` in DuckDB's spelling, the second's digits, the zone."""

    date: str
    clock: str
    digits: str
    zone: str | None

    @property
    def fraction(self) -> int:
        """Picoseconds beyond the microseconds."""
        return int(self.digits[6:12].ljust(6, "0"))


def read(kind: str, text: str) -> Moment | None:
    """The moment that a literal of this kind (date, time, timestamp) names; None if it names none."""
    found = _PATTERNS[kind].fullmatch(text.strip(_BLANKS))
    if found is None:
        return None
    parts = found.groupdict()
    numbers = {name: int(parts.get(name) or 0) for name in ("hour", "minute", "second")}
    if numbers["hour"] > 23 or numbers["minute"] > 59 or numbers["second"] > 59:
        return None
    if kind != "time" and not _is_day(int(parts["year"]), int(parts["month"]), int(parts["day"])):
        return None
    zone = parts.get("zone")
    if zone is not None and re.fullmatch(_OFFSET, zone) and abs(minutes_of(zone)) > _MAX_OFFSET:
        return None
    digits = parts.get("digits") or ""
    clock = f"{numbers['hour']:02}:{numbers['minute']:02}:{numbers['second']:02}"
    date = "" if kind == "time" else _shown(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    return Moment(date=date, clock=f"{clock}.{digits[:6]}" if digits else clock, digits=digits, zone=zone)


def _is_day(year: int, month: int, day: int) -> bool:
    if not 1 <= month <= 12:
        return False
    leap = month == 2 and (year % 4 == 0) and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _MONTH_DAYS[month - 1] + leap


def _shown(year: int, month: int, day: int) -> str:
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{month:02}-{day:02}"


def minutes_of(offset: str) -> int:
    """``-05:30`` is -330."""
    size = int(offset[1:3]) * 60 + int(offset[4:6])
    return -size if offset[0] == "-" else size


def literal_text(moment: Moment, data_type: DataType) -> str:
    """A literal in DuckDB's words, in the form that its type has there (``duckdb_type``)."""
    fine = bool(data_type.parameters) and data_type.parameters[0] > 6
    fraction = f", 'f': {moment.fraction}::BIGINT" if fine else ""
    if data_type.name == "date":
        return f"DATE '{moment.date}'"
    if data_type.name == "time":
        return f"{{'t': TIME '{moment.clock}'{fraction}}}" if fine else f"TIME '{moment.clock}'"
    if data_type.name == "time with time zone":
        return f"{{'c': TIME '{moment.clock}'{fraction}, 'o': {minutes_of(moment.zone or '+00:00')}}}"
    stamp = f"TIMESTAMP '{moment.date} {moment.clock}'"
    if data_type.name == "timestamp":
        return f"{{'t': {stamp}{fraction}}}" if fine else stamp
    zoned = f"lb_in_zone({stamp}, '{moment.zone}')"
    return f"lb_fine_zoned({zoned}, {moment.fraction}::BIGINT)" if fine else zoned
