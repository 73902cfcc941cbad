"""JSON texts as Jackson reads and writes them: strict, compact, doubles in Java's spelling."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from functools import cache
from json.decoder import JSONDecodeError
from json.decoder import scanstring as _scanstring  # type: ignore[attr-defined]  # the scanner of the decoder
from typing import Any

from lakebench.emulator.engine.udfs.raising import raised

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BLANK = re.compile(r"[ \t\n\r]*")
_CONTROL = re.compile(r"\\u00[0-9a-f]{2}")


class Malformed(ValueError):
    """A text that is no JSON."""


class Number(float):
    """A number with a point or an exponent, with the text that it was read from."""

    text: str

    def __new__(cls, text: str) -> Number:
        """Read a number."""
        made = super().__new__(cls, text)
        made.text = text
        return made


def _refuse(word: str) -> Any:
    raise Malformed(word)


_DECODER = json.JSONDecoder(parse_float=Number, parse_constant=_refuse)


def read(text: str) -> Any:
    """The value of a whole text; Malformed if it is none."""
    try:
        value, end = _DECODER.raw_decode(text, blank(text, 0))
    except (JSONDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None
    if blank(text, end) != len(text):
        raise Malformed("trailing text")
    return value


def read_at(text: str, at: int) -> Any:
    """The value that begins at a place, whatever follows it."""
    try:
        return _DECODER.raw_decode(text, at)[0]
    except (JSONDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None


def blank(text: str, at: int) -> int:
    """The place after blanks."""
    found = _BLANK.match(text, at)
    return found.end() if found is not None else at


def string_at(text: str, at: int) -> tuple[str, int]:
    """The string whose first quote is at a place, and the place after it."""
    try:
        value, end = _scanstring(text, at + 1, True)
    except JSONDecodeError as error:
        raise Malformed(str(error)) from None
    return value, end


def number_at(text: str, at: int) -> tuple[str, int]:
    """The text of the number at a place, and the place after it."""
    found = _NUMBER.match(text, at)
    if found is None:
        raise Malformed(text[at : at + 20])
    return found[0], found.end()


def java_double(value: float) -> str:
    """Java's text of a double: ``1.0E7``, ``0.001``, ``NaN``, ``Infinity``."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return float.__repr__(value)
    return scientific(value)


def scientific(value: float) -> str:
    """The digits of a finite double with an exponent: ``1.5E-4``."""
    digits = float.__repr__(abs(value)).partition("e")[0].replace(".", "").strip("0")
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{_exponent(value)}"


def _exponent(value: float) -> int:
    text = float.__repr__(abs(value))
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    if whole.strip("0"):
        return len(whole.lstrip("0")) - 1 + int(exponent or 0)
    return -(len(fraction) - len(fraction.lstrip("0"))) - 1 + int(exponent or 0)


def quoted(text: str) -> str:
    """A string with Jackson's escapes."""
    made = json.dumps(text, ensure_ascii=False)
    return _CONTROL.sub(lambda found: "\\u" + found[0][2:].upper(), made) if "\\u00" in made else made


def write(value: Any, *, ordered: bool = False, exact: bool = False) -> str:
    """Compact JSON; ``ordered`` sorts the members, ``exact`` keeps the texts of numbers."""
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Number):
        return value.text if exact else _spelt(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join([write(item, ordered=ordered, exact=exact) for item in value]) + "]"
    members = sorted(value.items()) if ordered else value.items()
    return (
        "{"
        + ",".join([f"{quoted(key)}:{write(item, ordered=ordered, exact=exact)}" for key, item in members])
        + "}"
    )


def _spelt(value: Number) -> str:
    """A double's spelling if that is the number; the number's own if a double would change it."""
    text = java_double(value)
    if text[-1] in "Ny" or (len(value.text) > 16 and Decimal(text) != Decimal(value.text)):
        return value.text
    return text


Steps = tuple[str, ...]
_STEP = re.compile(r'\.((?:[^\W]|:)+)|\[((?:\w)+)\]|\["((?:[^"\\]|\\["\\])*)"\]')


@cache
def steps_of(path: str) -> Steps:
    """The names and indices of a path (Trino's JsonPathTokenizer); INVALID_FUNCTION_ARGUMENT otherwise."""
    steps, at = [], 1
    while path.startswith("$") and at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            break
        name = next(group for group in found.groups() if group is not None)
        steps.append(re.sub(r"\\(.)", r"\1", name))
        at = found.end()
    if not path.startswith("$") or at < len(path):
        raise raised("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON path: '{path}'")
    return tuple(steps)


def find(text: str, steps: Steps) -> int | None:
    """Where the value lies that a path leads to, None if nowhere; what follows it is not looked at."""
    at = blank(text, 0)
    for step in steps:
        opened = text[at : at + 1]
        inner = blank(text, at + 1)
        if opened == "{":
            found = _member(text, inner, step)
        elif opened == "[":
            found = _item(text, inner, int(step) if step.isascii() and step.isdigit() else -1)
        else:
            skip(text, at)
            return None
        if found is None:
            return None
        at = found
    return at


def _member(text: str, at: int, name: str) -> int | None:
    while text[at : at + 1] == '"':
        key, at = string_at(text, at)
        at = blank(text, at)
        if text[at : at + 1] != ":":
            raise Malformed(text[at : at + 20])
        at = blank(text, at + 1)
        if key == name:
            return at
        at = blank(text, skip(text, at))
        if text[at : at + 1] == "}":
            return None
        if text[at : at + 1] != ",":
            raise Malformed(text[at : at + 20])
        at = blank(text, at + 1)
    if text[at : at + 1] == "}":
        return None
    raise Malformed(text[at : at + 20])


def _item(text: str, at: int, index: int) -> int | None:
    if text[at : at + 1] == "]":
        return None
    place = 0
    while True:
        if place == index:
            return at
        at = blank(text, skip(text, at))
        if text[at : at + 1] == "]":
            return None
        if text[at : at + 1] != ",":
            raise Malformed(text[at : at + 20])
        at = blank(text, at + 1)
        place += 1


def skip(text: str, at: int) -> int:
    """The place after the value at a place."""
    try:
        return _DECODER.raw_decode(text, at)[1]
    except (JSONDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None
