"""ISO 8601 texts as Joda-Time's parsers take them: calendar, ordinal and week dates, times, offsets."""

from __future__ import annotations

import re

from lakebench.emulator.engine.udfs.patterns import Found, PatternError

_DATE = (
    r"(?P<year>[+-]?\d{1,9})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?|-(?P<ordinal>\d{3}))?"
    r"|(?P<weekyear>[+-]?\d{1,9})-W(?P<week>\d{1,2})(?:-(?P<weekday>\d))?"
)
_TIME = (
    r"(?P<hour>\d{1,2})(?:[.,](?P<hours>\d+)|:(?P<minute>\d{1,2})"
    r"(?:[.,](?P<minutes>\d+)|:(?P<second>\d{1,2})(?:[.,](?P<digits>\d+))?)?)?"
)
_MOMENT = re.compile(rf"(?:{_DATE})?(?:T(?:{_TIME})?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII)
_DAY = re.compile(_DATE, re.ASCII)
_FIELDS = {
    "year": "year",
    "month": "monthOfYear",
    "day": "dayOfMonth",
    "ordinal": "dayOfYear",
    "weekyear": "weekyear",
    "week": "weekOfWeekyear",
    "weekday": "dayOfWeek",
    "hour": "hourOfDay",
    "minute": "minuteOfHour",
    "second": "secondOfMinute",
}


def read_iso_date(text: str) -> Found:
    """The fields of a date; raises PatternError with Joda-Time's complaint."""
    return _found(text, _DAY)


def read_iso_moment(text: str) -> Found:
    """The fields and the zone of a date and time; raises PatternError."""
    return _found(text, _MOMENT)


def _found(text: str, pattern: re.Pattern[str]) -> Found:
    match = pattern.fullmatch(text)
    if match is None or not text:
        raise PatternError(f'Invalid format: "{text}"' + _malformed(text, pattern))
    parts = match.groupdict()
    found = Found()
    for name, field in _FIELDS.items():
        if parts.get(name):
            found.fields.append((field, int(parts[name])))
    if parts.get("hours") or parts.get("minutes"):
        raise NotImplementedError("A fraction of an hour or minute is not supported yet")
    if parts.get("digits"):
        found.fields.append(("millisOfSecond", int(parts["digits"][:3].ljust(3, "0"))))
    zone = parts.get("zone")
    if zone:
        signs = zone.replace(":", "")
        found.zone = "UTC" if zone == "Z" else f"{signs[:3]}:{signs[3:] or '00'}"
    return found


def _malformed(text: str, pattern: re.Pattern[str]) -> str:
    match = pattern.match(text)
    at = match.end() if match is not None else 0
    if at == 0:
        return ""
    return " is too short" if at >= len(text) else f' is malformed at "{text[at:]}"'
