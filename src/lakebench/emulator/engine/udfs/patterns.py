"""Patterns of dates: Joda-Time's, MySQL's and Teradata's become one list of elements that print and read.

Joda-Time is what Trino formats and parses with (Trino: functions/datetime; Joda-Time: DateTimeFormat);
letters, widths, leniency and the texts of its complaints are as there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from lakebench.emulator.engine.udfs.fields import Moment

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TEXTS = {
    "monthOfYear": dict(enumerate(_MONTHS, 1)),
    "dayOfWeek": dict(enumerate(_DAYS, 1)),
    "halfdayOfDay": {0: "AM", 1: "PM"},
    "era": {0: "BC", 1: "AD"},
}
_NAMED_ZONES = {
    "UT": "UTC",
    "UTC": "UTC",
    "GMT": "UTC",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
}


class PatternError(ValueError):
    """A pattern that cannot be; the text is for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is printed: the clock's moment, the zone's name and its minutes from UTC."""

    moment: Moment
    zone: str = "UTC"
    minutes: int = 0


@dataclass(slots=True)
class Found:
    """What has been read: fields in their order, and the zone."""

    fields: list[tuple[str, int]] = field(default_factory=list)
    zone: str | None = None


class Element(Protocol):
    """A piece of a pattern; ``read`` gives where it ends, or None if it cannot be read there."""

    def show(self, shown: Shown) -> str:
        """The text of it."""
        ...

    def read(self, text: str, at: int, found: Found) -> int | None:
        """Where it ends in the text; None if it is not there."""
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands for itself, in either case."""

    text: str

    def show(self, shown: Shown) -> str:
        """The text of it."""
        del shown
        return self.text

    def read(self, text: str, at: int, found: Found) -> int | None:
        """Where it ends in the text."""
        del found
        end = at + len(self.text)
        return end if text[at:end].lower() == self.text.lower() else None


@dataclass(frozen=True, slots=True)
class Number:
    """A number of at least ``least`` digits when shown, and of at most ``most`` when read."""

    name: str
    least: int
    most: int
    signed: bool = False

    def show(self, shown: Shown) -> str:
        """The text of it."""
        value = shown.moment.get(self.name)
        digits = str(abs(value)).rjust(self.least, "0")
        return f"-{digits}" if value < 0 else digits

    def read(self, text: str, at: int, found: Found) -> int | None:
        """Where it ends in the text."""
        start = at + (self.signed and text[at : at + 1] in {"-", "+"} and at < len(text))
        end = start
        while end < len(text) and end - start < self.most and text[end] in "0123456789":
            end += 1
        if end == start:
            return None
        value = int(text[start:end])
        found.fields.append((self.name, -value if text[at] == "-" and start > at else value))
        return end


@dataclass(frozen=True, slots=True)
class TwoDigitYear:
    """Two digits of a year within fifty of the pivot; a lenient one takes other years as they are."""

    name: str
    pivot: int
    lenient: bool

    def show(self, shown: Shown) -> str:
        """The text of it."""
        value = shown.moment.get(self.name)
        return f"{abs(value) % 100:02}"

    def read(self, text: str, at: int, found: Found) -> int | None:
        """Where it ends in the text."""
        end = at
        if self.lenient:
            whole: list[tuple[str, int]] = []
            other = Found(fields=whole)
            stop = Number(self.name, 1, len(text), signed=True).read(text, at, other)
            if stop is None:
                return None
            if stop - at != 2 or not text[at:stop].isdigit():
                found.fields.append(whole[0])
                return stop
        end = at + 2
        if len(text) < end or any(sign not in "0123456789" for sign in text[at:end]):
            return None
        low = self.pivot - 50
        value = int(text[at:end])
        found.fields.append((self.name, value + low + (100 if value < low % 100 else 0) - low % 100))
        return end


@dataclass(frozen=True, slots=True)
class Text:
    """A name of a month, weekday, half day or era; either length is read, in its own or one case."""

    name: str
    short: bool

    def show(self, shown: Shown) -> str:
        """The text of it."""
        text = _TEXTS[self.name][shown.moment.get(self.name)]
        return text[:3] if self.short else text

    def read(self, text: str, at: int, found: Found) -> int | None:
        """Where it ends in the text."""
        best: tuple[int, int] | None = None
        for value, full in _TEXTS[self.name].items():
            for name in (full, full[:3]):
                part = text[at : at + len(name)]
                if part in {name, name.lower(), name.upper()} and (best is None or len(name) > best[0]):
                    best = len(name), value
        if best is None:
            return None
        found.fields.append((self.name, best[1]))
        return at + best[0]


@dataclass(frozen=True, slots=True)
class Fraction:
    """Digits of the second; milliseconds are what there is."""

    least: int
    most: int

    def show(self, shown: Shown) -> str:
        """The text of it."""
        digits = f"{shown.moment.get('millisOfSecond'):03}".ljust(self.most, "0")[: self.most]
        while len(digits) > self.least and digits[-1] == "0":
            digits = digits[:-1]
        return digits

    def read(self, text: str, at: int, found: Found) -> int | None:
        """Where it ends in the text."""
        end = at
        while end < len(text) and end - at < self.most and text[end] in "0123456789":
            end += 1
        if end == at:
            return None
        found.fields.append(("millisOfSecond", int(text[at:end][:3].ljust(3, "0"))))
        return end


@dataclass(frozen=True, slots=True)
class Offset:
    """A zone's hours and minutes from UTC, ``+0530`` or ``+05:30``."""

    colon: bool

    def show(self, shown: Shown) -> str:
        """The text of it."""
        mark = ":" if self.colon else ""
        size = abs(shown.minutes)
        return f"{'-' if shown.minutes < 0 else '+'}{size // 60:02}{mark}{size % 60:02}"

    def read(self, text: str, at: int, found: Found) -> int | None:
        """Where it ends in the text."""
        if text[at : at + 1] == "Z":
            found.zone = "UTC"
            return at + 1
        if text[at : at + 1] not in {"+", "-"} or not _digits(text, at + 1):
            return None
        hours, end = text[at + 1 : at + 3], at + 3
        minutes = "00"
        if text[end : end + 1] == ":" and _digits(text, end + 1):
            minutes, end = text[end + 1 : end + 3], end + 3
        elif _digits(text, end):
            minutes, end = text[end : end + 2], end + 2
        if int(hours) > 23 or int(minutes) > 59:
            return None
        found.zone = f"{text[at]}{hours}:{minutes}"
        return end


def _digits(text: str, at: int) -> bool:
    part = text[at : at + 2]
    return len(part) == 2 and all(sign in "0123456789" for sign in part)


@dataclass(frozen=True, slots=True)
class ZoneName:
    """A zone's name as it is in the database of zones; what stands there is told apart by the engine."""

    def show(self, shown: Shown) -> str:
        """The text of it."""
        return shown.zone

    def read(self, text: str, at: int, found: Found) -> int | None:
        """Where it ends in the text."""
        end = at
        while end < len(text) and (text[end].isalnum() or text[end] in "/_+-:"):
            end += 1
        if end == at:
            return None
        found.zone = text[at:end]
        return end


@dataclass(frozen=True, slots=True)
class ZoneText:
    """A zone's name in words; only those of UTC and of offsets are known to be shown."""

    full: bool

    def show(self, shown: Shown) -> str:
        """The text of it."""
        if shown.zone == "UTC":
            return "Coordinated Universal Time" if self.full else "UTC"
        if shown.zone[:1] in "+-":
            return Offset(colon=True).show(shown)
        raise NotImplementedError(f"The name of the zone {shown.zone} in words is not supported yet")

    def read(self, text: str, at: int, found: Found) -> int | None:
        """Where it ends in the text."""
        for name in sorted(_NAMED_ZONES, key=len, reverse=True):
            if text.startswith(name, at):
                found.zone = _NAMED_ZONES[name]
                return at + len(name)
        return None


def show(elements: list[Element], shown: Shown) -> str:
    """A moment printed by a pattern."""
    return "".join(element.show(shown) for element in elements)


def read(elements: list[Element], text: str) -> Found:
    """The fields that a text has by a pattern; raises PatternError with Joda-Time's complaint."""
    found, at = Found(), 0
    for element in elements:
        end = element.read(text, at, found)
        if end is None:
            raise PatternError(_complaint(text, at))
        at = end
    if at < len(text):
        raise PatternError(_complaint(text, at))
    return found


def _complaint(text: str, at: int) -> str:
    sample = text if len(text) <= at + 35 else text[: at + 32] + "..."
    if at <= 0:
        return f'Invalid format: "{sample}"'
    if at >= len(text):
        return f'Invalid format: "{sample}" is too short'
    return f'Invalid format: "{sample}" is malformed at "{sample[at:]}"'
