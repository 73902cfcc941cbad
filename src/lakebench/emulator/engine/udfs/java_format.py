"""Java's format strings, which Trino's ``format`` takes (java.util.Formatter, English locale)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa

from lakebench.emulator.engine.udfs.raising import raised

_SPECIFIER = re.compile(
    r"%(?:(?P<index>\d+)\$|(?P<again><))?(?P<flags>[-#+ 0,(]*)(?P<width>\d+)?(?:\.(?P<precision>\d+))?"
    r"(?P<date>[tT])?(?P<conversion>[a-zA-Z%])"
)
MAX_PADDING = 10_000_000
"""Characters of a width or precision: more would only fill the worker's memory."""

_JAVA_NAMES = {
    "i": "java.lang.Long",
    "f": "java.lang.Double",
    "r": "java.lang.Float",
    "n": "java.math.BigDecimal",
    "b": "java.lang.Boolean",
    "s": "java.lang.String",
    "D": "java.time.LocalDate",
    "T": "java.time.LocalDateTime",
    "M": "java.time.LocalTime",
    "Z": "java.time.ZonedDateTime",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A value as text with its kind: i(nteger), f (double), r(eal), n (decimal), b(oolean), s(tring),
    D(ate), T(imestamp), M (time), Z (timestamp with zone).
    """

    kind: str
    text: str | None


class _FormatError(Exception):
    """What Java says of a format, without the word Exception."""


def java_format(formats: pa.Array, kinds: pa.Array, arguments: pa.Array) -> pa.Array:
    """Each format with its arguments; ``kinds`` has a letter an argument."""
    rows = zip(formats.to_pylist(), kinds.to_pylist(), arguments.to_pylist(), strict=True)
    return pa.array(
        [None if form is None else _formatted(form, kind, texts) for form, kind, texts in rows], pa.string()
    )


def _formatted(form: str, kinds: str, texts: Sequence[str | None]) -> str:
    arguments = [Argument(kind=kind, text=text) for kind, text in zip(kinds, texts, strict=True)]
    try:
        return _text(form, arguments)
    except _FormatError as error:
        message = f"Invalid format string: {form} ({error})"
        raise raised("INVALID_FUNCTION_ARGUMENT", message) from None


def _text(form: str, arguments: Sequence[Argument]) -> str:
    pieces: list[str] = []
    at, ordinary, last = 0, 0, -1
    while at < len(form):
        mark = form.find("%", at)
        if mark < 0:
            pieces.append(form[at:])
            break
        pieces.append(form[at:mark])
        found = _SPECIFIER.match(form, mark)
        if found is None:
            raise _FormatError(f"UnknownFormatConversion: Conversion = '{form[mark + 1 : mark + 2] or '%'}'")
        at = found.end()
        _check_sizes(found)
        conversion = found["conversion"]
        if conversion in "n%" and not found["date"]:
            pieces.append(_sign(found))
            continue
        if found["again"]:
            chosen = last
        elif found["index"] and int(found["index"]):
            chosen = int(found["index"]) - 1
        else:
            chosen, ordinary = ordinary, ordinary + 1
        if not 0 <= chosen < len(arguments):
            raise _FormatError(f"MissingFormatArgument: Format specifier '{found[0]}'")
        last = chosen
        pieces.append(_converted(found, arguments[chosen]))
    return "".join(pieces)


def _check_sizes(found: re.Match[str]) -> None:
    """Java's sizes are ints; numerals of thousands of digits are never read as a number."""
    if len((found["index"] or "").lstrip("0")) > 9:
        raise _FormatError(f"MissingFormatArgument: Format specifier '{found[0][:99]}'")
    for name in ("width", "precision"):
        digits = (found[name] or "0").lstrip("0")
        if len(digits) > 9 or int(digits or 0) > MAX_PADDING:
            raise raised("EXCEEDED_LOCAL_MEMORY_LIMIT", "Query exhausted resources at this scale factor")


def _sign(found: re.Match[str]) -> str:
    """``%%`` takes a width, ``%n`` takes nothing."""
    if found["conversion"] == "n":
        if found["width"]:
            raise _FormatError(f"IllegalFormatWidth: {found['width']}")
        if found["flags"]:
            raise _FormatError(f"IllegalFormatFlags: Flags = '{found['flags']}'")
        return "\n"
    return _justified("%", found)


def _converted(found: re.Match[str], argument: Argument) -> str:
    flags, conversion = found["flags"], found["conversion"]
    repeated = next((flag for flag in flags if flags.count(flag) > 1), None)
    if repeated:
        raise _FormatError(f"DuplicateFormatFlags: Flags = '{repeated}'")
    if ("-" in flags or "0" in flags) and not found["width"]:
        raise _FormatError(f"MissingFormatWidth: {found[0]}")
    if ("-" in flags and "0" in flags) or ("+" in flags and " " in flags):
        raise _FormatError(f"IllegalFormatFlags: Flags = '{_sorted(flags)}'")
    lower = conversion.lower()
    if found["date"]:
        text = _when(found, argument)
    elif lower in "bhs" and conversion != "t":
        text = _general(found, argument)
    elif conversion in "cC":
        text = _character(found, argument)
    elif conversion in "doxX":
        text = _integral(found, argument)
    elif conversion in "eEfgGaA":
        text = _floating(found, argument)
    else:
        raise _FormatError(f"UnknownFormatConversion: Conversion = '{conversion}'")
    upper = conversion.isupper() if not found["date"] else found["date"] == "T"
    return _justified(text.upper() if upper else text, found)


def _sorted(flags: str) -> str:
    return "".join(flag for flag in "-#+ 0,(<" if flag in flags)


def _justified(text: str, found: re.Match[str]) -> str:
    width = int(found["width"] or 0)
    return text.ljust(width) if "-" in found["flags"] else text.rjust(width)


def _wrong(found: re.Match[str], argument: Argument) -> _FormatError:
    conversion = found["conversion"]
    return _FormatError(f"IllegalFormatConversion: {conversion} != {_JAVA_NAMES[argument.kind]}")


def _general(found: re.Match[str], argument: Argument) -> str:
    flags, lower = found["flags"].replace("-", ""), found["conversion"].lower()
    if flags:
        flag = "#" if "#" in flags else flags[0]
        raise _FormatError(
            f"FormatFlagsConversionMismatch: Conversion = {found['conversion']}, Flags = {flag}"
        )
    if lower == "b":
        text = str(argument.text is not None and (argument.kind != "b" or argument.text == "true")).lower()
    elif argument.text is None:
        text = "null"
    elif lower == "h":
        if argument.kind not in "si":
            raise raised(
                "NOT_SUPPORTED", f"format with %h of {_JAVA_NAMES[argument.kind]} is not supported yet"
            )
        text = format(_hash_code(argument), "x")
    else:
        text = _plain(argument)
    return text[: int(found["precision"])] if found["precision"] else text


def _hash_code(argument: Argument) -> int:
    if argument.kind == "i":
        value = int(argument.text or 0) & 0xFFFFFFFFFFFFFFFF
        return (value ^ (value >> 32)) & 0xFFFFFFFF
    code = 0
    units = (argument.text or "").encode("utf-16-be")
    for at in range(0, len(units), 2):
        code = (code * 31 + int.from_bytes(units[at : at + 2], "big")) & 0xFFFFFFFF
    return code


def _plain(argument: Argument) -> str:
    """What the Java value's toString gives."""
    text = argument.text or ""
    if argument.kind == "T":
        return _iso(text).replace(" ", "T")
    if argument.kind == "M":
        return _short_clock(text)
    if argument.kind == "Z":
        clock, _, zone = text.rpartition(" ")
        offset = _moment(argument).strftime("%z")
        shown = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
        named = f"[{zone}]" if zone[0].isalpha() else ""
        return _iso(clock).replace(" ", "T") + shown + named
    return text


def _iso(clock: str) -> str:
    day, _, rest = clock.partition(" ")
    return f"{day} {_short_clock(rest)}"


def _short_clock(clock: str) -> str:
    """Java leaves out seconds and fractions that are zero, and writes fractions in threes."""
    whole, _, fraction = clock.partition(".")
    digits = fraction.rstrip("0")
    if digits:
        return f"{whole}.{digits.ljust(-(-len(digits) // 3) * 3, '0')}"
    return whole.removesuffix(":00")


def _character(found: re.Match[str], argument: Argument) -> str:
    if found["precision"]:
        raise _FormatError(f"IllegalFormatPrecision: {found['precision']}")
    if argument.text is None:
        return "null"
    if argument.kind != "i":
        raise _wrong(found, argument)
    raise _FormatError("IllegalFormatConversion: c != java.lang.Long")


def _integral(found: re.Match[str], argument: Argument) -> str:
    flags, conversion = found["flags"], found["conversion"]
    if found["precision"]:
        raise _FormatError(f"IllegalFormatPrecision: {found['precision']}")
    if argument.text is None:
        return "null"
    if argument.kind != "i":
        raise _wrong(found, argument)
    value = int(argument.text)
    if conversion == "d":
        if "#" in flags:
            raise _FormatError("FormatFlagsConversionMismatch: Conversion = d, Flags = #")
        return _signed(str(abs(value)), value < 0, found)
    for flag in "(+, ":
        if flag in flags:
            raise _FormatError(f"FormatFlagsConversionMismatch: Conversion = {conversion}, Flags = {flag}")
    digits = format(value & 0xFFFFFFFFFFFFFFFF, "o" if conversion == "o" else "x")
    lead = ("0" if conversion == "o" else "0x") if "#" in flags else ""
    if "0" in flags:
        digits = digits.rjust(int(found["width"]) - len(lead), "0")
    return lead + digits


def _signed(digits: str, negative: bool, found: re.Match[str]) -> str:
    """Digits with grouping, sign and zeros in front."""
    flags = found["flags"]
    if "," in flags:
        whole, point, fraction = digits.partition(".")
        digits = f"{int(whole):,}{point}{fraction}"
    lead = (
        ("(" if "(" in flags else "-") if negative else "+" if "+" in flags else " " if " " in flags else ""
    )
    tail = ")" if negative and "(" in flags else ""
    if "0" in flags:
        digits = digits.rjust(int(found["width"]) - len(lead) - len(tail), "0")
    return lead + digits + tail


def _floating(found: re.Match[str], argument: Argument) -> str:
    conversion = found["conversion"].lower()
    if argument.text is None:
        return "null"
    if argument.kind not in "frn" or (conversion == "a" and argument.kind == "n"):
        raise _wrong(found, argument)
    if conversion == "a":
        raise raised("NOT_SUPPORTED", "format with %a is not supported yet")
    value = Decimal(argument.text)
    if not value.is_finite():
        text = "NaN" if value.is_nan() else "Infinity"
        lead = (
            ("(" if "(" in found["flags"] else "-")
            if value.is_signed()
            else "+"
            if "+" in found["flags"]
            else ""
        )
        return lead + text + (")" if lead == "(" else "")
    if "#" in found["flags"]:
        raise raised("NOT_SUPPORTED", "format with the flag # of a number is not supported yet")
    digits = int(found["precision"]) if found["precision"] else 6
    negative = argument.text.startswith("-")
    size = abs(value)
    if conversion == "g":
        digits = digits or 1
        rounded = _significant(size, digits)
        if rounded == 0 or Decimal("0.0001") <= rounded < Decimal(10) ** digits:
            places = max(0, digits - (rounded.adjusted() + 1 if rounded else 1))
            return _signed(_fixed(size, places), negative, found)
        digits, conversion = digits - 1, "e"
    text = _fixed(size, digits) if conversion == "f" else _scientific(size, digits)
    return _signed(text, negative, found)


def _fixed(size: Decimal, digits: int) -> str:
    return format(_rounded(size, digits), "f")


def _rounded(size: Decimal, digits: int) -> Decimal:
    unit = Decimal(1).scaleb(-digits)
    scaled = (size / unit) if size.adjusted() + digits < 27 else None
    if scaled is None:
        whole, _, fraction = format(size, "f").partition(".")
        return Decimal(f"{whole}.{fraction[:digits].ljust(digits, '0')}" if digits else whole)
    return scaled.quantize(Decimal(1), ROUND_HALF_UP) * unit


def _significant(size: Decimal, digits: int) -> Decimal:
    return size if not size else size.quantize(Decimal(1).scaleb(size.adjusted() + 1 - digits), ROUND_HALF_UP)


def _scientific(size: Decimal, digits: int) -> str:
    rounded = _significant(size, digits + 1)
    exponent = rounded.adjusted() if rounded else 0
    mantissa = format(rounded.scaleb(-exponent) if rounded else Decimal(0), f".{digits}f")
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _moment(argument: Argument) -> datetime | date | time:
    text = argument.text or ""
    if argument.kind == "D":
        return date.fromisoformat(text)
    if argument.kind == "M":
        return time.fromisoformat(text)
    if argument.kind == "Z":
        clock, _, zone = text.rpartition(" ")
        if zone[0] in "+-":
            return datetime.fromisoformat(clock + zone)
        return datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone))
    return datetime.fromisoformat(text)


_DATE_PARTS = {
    "Y": "%Y",
    "y": "%y",
    "m": "%m",
    "d": "%d",
    "B": "%B",
    "b": "%b",
    "h": "%b",
    "A": "%A",
    "a": "%a",
    "j": "%j",
    "F": "%Y-%m-%d",
    "D": "%m/%d/%y",
    "e": "e",
    "C": "C",
}
_CLOCK_PARTS = {
    "H": "%H",
    "I": "%I",
    "M": "%M",
    "S": "%S",
    "T": "%H:%M:%S",
    "R": "%H:%M",
    "r": "%I:%M:%S %p",
    "k": "k",
    "l": "l",
    "L": "L",
    "N": "N",
    "p": "p",
}
_BOTH_PARTS = {"c": "%a %b %d %H:%M:%S %Z %Y", "z": "%z", "Z": "%Z", "s": "s", "Q": "Q"}


def _when(found: re.Match[str], argument: Argument) -> str:
    """``%tX`` of a date, a time or a timestamp."""
    letter = found["conversion"]
    form = {**_DATE_PARTS, **_CLOCK_PARTS, **_BOTH_PARTS}.get(letter)
    if form is None:
        raise _FormatError(f"UnknownFormatConversion: Conversion = 't{letter}'")
    if argument.text is None:
        return "null"
    if argument.kind not in "DTMZ":
        raise _wrong(found, argument)
    lacking = (
        (letter in _DATE_PARTS and argument.kind == "M")
        or (letter in _CLOCK_PARTS and argument.kind == "D")
        or (letter in _BOTH_PARTS and argument.kind != "Z")
    )
    if lacking:
        raise raised("INVALID_FUNCTION_ARGUMENT", f"Unsupported field for {found[0]}")
    moment = _moment(argument)
    if form.startswith("%"):
        return moment.strftime(form)
    return _number_of(letter, moment)


def _number_of(letter: str, moment: datetime | date | time) -> str:
    if isinstance(moment, datetime) and letter in "sQ":
        milliseconds = round(moment.timestamp() * 1000)
        return str(milliseconds // 1000 if letter == "s" else milliseconds)
    if isinstance(moment, date) and letter in "eC":
        return str(moment.day) if letter == "e" else f"{moment.year // 100:02d}"
    return _clock_number(letter, moment) if isinstance(moment, (datetime, time)) else ""


def _clock_number(letter: str, moment: datetime | time) -> str:
    if letter in "kl":
        return str(moment.hour if letter == "k" else (moment.hour + 11) % 12 + 1)
    if letter == "p":
        return "am" if moment.hour < 12 else "pm"
    return f"{moment.microsecond // 1000:03d}" if letter == "L" else f"{moment.microsecond * 1000:09d}"
