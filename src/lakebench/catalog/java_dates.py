"""Date patterns of Java (DateTimeFormatter, SimpleDateFormat) as tables say them in their properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PARTS = {
    "y": "year",
    "u": "year",
    "M": "month",
    "L": "month",
    "d": "day",
    "H": "hour",
    "m": "minute",
    "s": "second",
}
_STRPTIME = {
    "y": "%Y",
    "u": "%Y",
    "M": "%m",
    "d": "%d",
    "H": "%H",
    "h": "%I",
    "m": "%M",
    "s": "%S",
    "a": "%p",
}
_ZONES = frozenset("XxZz")


class UnknownPattern(ValueError):
    """A letter that is not known, or none at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePattern:
    """A pattern taken apart: ``(letter, count)`` for a field, ``("", text)`` for text."""

    text: str
    parts: tuple[tuple[str, int | str], ...]

    @classmethod
    def of(cls, text: str) -> DatePattern:
        """Read it; raises UnknownPattern."""
        pattern = cls(text=text, parts=tuple(_parts(text)))
        for letter, _ in pattern.parts:
            if letter and letter not in "yuMLdHhmsSaED" and letter not in _ZONES:
                raise UnknownPattern(f"the letter {letter!r} in {text!r} is not supported")
        return pattern

    @property
    def letters(self) -> frozenset[str]:
        """The fields' letters."""
        return frozenset(letter for letter, _ in self.parts if letter)

    def format(self, moment: datetime) -> str:
        """The text of a moment of UTC."""
        return "".join(
            str(count) if not letter else _formatted(moment, letter, int(count))
            for letter, count in self.parts
        )

    def parse(self, text: str) -> datetime:
        """The moment, without a zone; parts that the pattern has not are the least. Raises ValueError."""
        match = re.fullmatch("".join(self._regexps()), text)
        if match is None:
            raise ValueError(f"Text '{text}' could not be parsed with '{self.text}'")
        found = {"year": 1970, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}
        for at, (letter, count) in enumerate(self.parts):
            if letter in _PARTS:
                found[_PARTS[letter]] = _number(match[f"p{at}"], letter, int(count))
        return datetime(**found)  # type: ignore[arg-type]  # noqa: DTZ001 - the pattern says no zone

    def _regexps(self) -> Iterator[str]:
        for at, (letter, count) in enumerate(self.parts):
            if not letter:
                yield re.escape(str(count))
                continue
            if letter in "ML" and int(count) >= 3:
                body = "|".join(_MONTHS if int(count) > 3 else (name[:3] for name in _MONTHS))
            elif letter in _PARTS or letter == "S":
                body = rf"\d{{{count}}}" if int(count) > 1 else r"\d{1,4}" if letter in "yu" else r"\d{1,2}"
            else:
                raise ValueError(f"the letter {letter!r} in {self.text!r} cannot be read")
            yield f"(?P<p{at}>{body})"

    @property
    def strptime(self) -> str:
        """The form for the engine's strptime(); raises UnknownPattern for what that cannot say."""
        out = []
        for letter, count in self.parts:
            if not letter:
                out.append(str(count).replace("%", "%%"))
            elif letter == "M" and int(count) >= 3:
                out.append("%b" if count == 3 else "%B")
            elif letter in _STRPTIME:
                out.append(_STRPTIME[letter])
            elif letter == "S":
                out.append("%g" if int(count) <= 3 else "%f" if int(count) <= 6 else "%n")
            elif letter in _ZONES:
                out.append("%z")
            else:
                raise UnknownPattern(f"the letter {letter!r} in {self.text!r} is not supported")
        return "".join(out)


def _parts(text: str) -> Iterator[tuple[str, int | str]]:
    for match in re.finditer(r"''|'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'", text):
        if match[2] is not None:
            yield match[2], len(match[0])
        elif match[1] is not None:
            yield "", match[1].replace("''", "'")
        elif match[0] == "'":
            raise UnknownPattern(f"a quote in {text!r} is not closed")
        else:
            yield "", "'" if match[0] == "''" else match[0]


def _formatted(moment: datetime, letter: str, count: int) -> str:
    if letter in "yu":
        return f"{moment.year % 100:02d}" if count == 2 else f"{moment.year:0{count}d}"
    if letter in "ML" and count >= 3:
        name = _MONTHS[moment.month - 1]
        return name if count > 3 else name[:3]
    if letter in _PARTS:
        return f"{getattr(moment, _PARTS[letter]):0{count}d}"
    day = _DAYS[moment.weekday()]
    others = {
        "h": f"{(moment.hour + 11) % 12 + 1:0{count}d}",
        "a": "AM" if moment.hour < 12 else "PM",
        "S": f"{moment.microsecond:06d}000"[:count],
        "E": day if count > 3 else day[:3],
        "D": f"{moment.timetuple().tm_yday:0{count}d}",
        "X": "Z",
    }
    return others.get(letter, "+0000")


def _number(text: str, letter: str, count: int) -> int:
    if letter in "ML" and count >= 3:
        return next(at for at, name in enumerate(_MONTHS, start=1) if name.startswith(text))
    return int(text) + (2000 if letter in "yu" and count == 2 else 0)
