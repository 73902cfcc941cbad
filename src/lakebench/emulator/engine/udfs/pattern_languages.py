"""The three languages of date patterns: Joda-Time's letters, MySQL's ``%`` marks, Teradata's words."""

from __future__ import annotations

from datetime import UTC, datetime

from lakebench.emulator.engine.udfs.patterns import (
    Element,
    Fraction,
    Literal,
    Number,
    Offset,
    PatternError,
    Text,
    TwoDigitYear,
    ZoneName,
    ZoneText,
)

_MYSQL_PIVOT, _TERADATA_PIVOT = 2020, 2050
_YEARS = {"x": "weekyear", "y": "year", "Y": "yearOfEra"}
# Letter -> field and the most digits that are read.
_NUMBERS = {
    "d": ("dayOfMonth", 2),
    "h": ("clockhourOfHalfday", 2),
    "H": ("hourOfDay", 2),
    "k": ("clockhourOfDay", 2),
    "K": ("hourOfHalfday", 2),
    "m": ("minuteOfHour", 2),
    "s": ("secondOfMinute", 2),
    "e": ("dayOfWeek", 1),
    "D": ("dayOfYear", 3),
    "w": ("weekOfWeekyear", 2),
}
_ALWAYS_NUMERIC = set("cCxyYdhHmsSeDFwWkK")


def joda(pattern: str) -> list[Element]:
    """``yyyy-MM-dd'T'HH:mm``: a letter's meaning and width by how often it is repeated."""
    if not pattern:
        raise PatternError("Invalid pattern specification")
    tokens = _joda_tokens(pattern)
    made: list[Element] = []
    for at, token in enumerate(tokens):
        if token.startswith("'"):
            made.append(Literal(token[1:]))
            continue
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        made.append(_joda_element(token[0], len(token), _is_numeric(following)))
    return made


def _is_numeric(token: str) -> bool:
    return token[:1] in _ALWAYS_NUMERIC or (token[:1] == "M" and len(token) <= 2)


def _joda_tokens(pattern: str) -> list[str]:
    """Runs of one letter, and literals with a quote before them."""
    tokens: list[str] = []
    at = 0
    while at < len(pattern):
        start, sign = at, pattern[at]
        if _is_letter(sign):
            while at < len(pattern) and pattern[at] == sign:
                at += 1
            tokens.append(pattern[start:at])
            continue
        text, quoted = "", False
        while at < len(pattern):
            sign = pattern[at]
            if sign == "'" and pattern[at + 1 : at + 2] == "'":
                text, at = text + "'", at + 2
            elif sign == "'":
                quoted, at = not quoted, at + 1
            elif not quoted and _is_letter(sign):
                break
            else:
                text, at = text + sign, at + 1
        tokens.append(f"'{text}")
    return tokens


def _is_letter(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


def _joda_element(letter: str, width: int, numeric_follows: bool) -> Element:
    if letter in _YEARS:
        if width == 2:
            now = datetime.now(UTC).year
            return TwoDigitYear(_YEARS[letter], now - 30, lenient=not numeric_follows)
        return Number(_YEARS[letter], width, width if numeric_follows else 9, signed=letter != "Y")
    if letter == "M":
        return Text("monthOfYear", width < 4) if width >= 3 else Number("monthOfYear", width, 2)
    if letter in _NUMBERS:
        name, most = _NUMBERS[letter]
        return Number(name, width, max(most, width))
    if letter == "S":
        return Fraction(width, width)
    if letter == "C":
        return Number("centuryOfEra", width, width)
    if letter in "GaE":
        return Text({"G": "era", "a": "halfdayOfDay", "E": "dayOfWeek"}[letter], letter == "E" and width < 4)
    if letter in "zZ":
        named = ZoneText(full=width >= 4) if letter == "z" else ZoneName()
        return Offset(colon=width == 2) if letter == "Z" and width < 3 else named
    raise PatternError(f"Illegal pattern component: {letter * width}")


_MYSQL: dict[str, tuple[Element, ...]] = {
    "a": (Text("dayOfWeek", True),),
    "b": (Text("monthOfYear", True),),
    "c": (Number("monthOfYear", 1, 2),),
    "d": (Number("dayOfMonth", 2, 2),),
    "e": (Number("dayOfMonth", 1, 2),),
    "f": (Fraction(6, 9),),
    "H": (Number("hourOfDay", 2, 2),),
    "h": (Number("clockhourOfHalfday", 2, 2),),
    "I": (Number("clockhourOfHalfday", 2, 2),),
    "i": (Number("minuteOfHour", 2, 2),),
    "j": (Number("dayOfYear", 3, 3),),
    "k": (Number("hourOfDay", 1, 2),),
    "l": (Number("clockhourOfHalfday", 1, 2),),
    "M": (Text("monthOfYear", False),),
    "m": (Number("monthOfYear", 2, 2),),
    "p": (Text("halfdayOfDay", False),),
    "S": (Number("secondOfMinute", 2, 2),),
    "s": (Number("secondOfMinute", 2, 2),),
    "v": (Number("weekOfWeekyear", 2, 2),),
    "x": (Number("weekyear", 4, 4, signed=True),),
    "W": (Text("dayOfWeek", False),),
    "Y": (Number("year", 4, 4, signed=True),),
    "y": (TwoDigitYear("year", _MYSQL_PIVOT, lenient=False),),
    "%": (Literal("%"),),
}
_COLON = Literal(":")
_CLOCK = (_COLON, *_MYSQL["i"], _COLON, *_MYSQL["s"])
_MYSQL_ALL = {
    **_MYSQL,
    "r": (*_MYSQL["h"], *_CLOCK, Literal(" "), *_MYSQL["p"]),
    "T": (*_MYSQL["H"], *_CLOCK),
}
_MYSQL_REFUSED = "wUuVXD"


def mysql(pattern: str) -> list[Element]:
    """``%Y-%m-%d``; a mark that is none stands for its letter."""
    if not pattern:
        raise PatternError("Both printing and parsing not supported")
    made: list[Element] = []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign != "%":
            made.append(Literal(sign))
            continue
        if at == len(pattern):
            break
        letter = pattern[at]
        at += 1
        if letter in _MYSQL_REFUSED:
            raise PatternError(f"%{letter} not supported in date format string")
        made.extend(_MYSQL_ALL.get(letter, (Literal(letter),)))
    return made


_TERADATA: tuple[tuple[str, str], ...] = (
    ("yyyy", "year"),
    ("yy", ""),
    ("mm", "monthOfYear"),
    ("dd", "dayOfMonth"),
    ("hh24", "hourOfDay"),
    ("hh", "clockhourOfHalfday"),
    ("mi", "minuteOfHour"),
    ("ss", "secondOfMinute"),
)


def teradata(pattern: str) -> list[Element]:
    """``yyyy-mm-dd hh24:mi:ss`` of ``to_char``, ``to_date`` and ``to_timestamp``."""
    made: list[Element] = []
    at = 0
    while at < len(pattern):
        if pattern[at] in "-/,.;: ":
            made.append(Literal(pattern[at]))
            at += 1
            continue
        word = next((pair for pair in _TERADATA if pattern.startswith(pair[0], at)), None)
        if word is None:
            raise PatternError(f"Failed to tokenize string [{pattern}] at offset [{at}]")
        mark, name = word
        if not name:
            made.append(TwoDigitYear("year", _TERADATA_PIVOT, lenient=False))
        else:
            made.append(Number(name, len(mark) if mark == "yyyy" else 2, 4 if mark == "yyyy" else 2))
        at += len(mark)
    return made
