"""Functions on texts that DuckDB lacks or has in another meaning (Trino: functions/string)."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa

from lakebench.emulator.engine.udfs.columns import each
from lakebench.emulator.engine.udfs.raising import raised

_ARGUMENT = "INVALID_FUNCTION_ARGUMENT"


def levenshtein(left: pa.Array, right: pa.Array) -> pa.Array:
    """The edit distance in code points."""
    return each(_distance, pa.int64(), left, right)


def _distance(left: str, right: str) -> int:
    if len(left) < len(right):
        left, right = right, left
    if len(right) * len(left) > 1_000_000 and left and right:
        message = (
            f"The combined inputs size exceeded max Levenshtein distance length: {len(left)}, {len(right)}"
        )
        raise raised(_ARGUMENT, message)
    above = list(range(len(right) + 1))
    for row, sign in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right):
            same = above[column] + (sign != other)
            current.append(min(same, above[column + 1] + 1, current[column] + 1))
        above = current
    return above[-1]


def normalize(values: pa.Array, forms: pa.Array) -> pa.Array:
    """A Unicode normal form: NFC, NFD, NFKC or NFKD."""
    return each(lambda value, form: unicodedata.normalize(form, value), pa.string(), values, forms)


_SOUNDEX = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "01230120022455012623010202", strict=True))


def soundex(values: pa.Array) -> pa.Array:
    """The American Soundex code as Apache's codec makes it; other signs than letters are passed over."""
    return each(_soundex, pa.string(), values)


def _soundex(text: str) -> str:
    letters = [sign for sign in text.upper() if sign.isalpha()]
    if not letters:
        return ""
    for sign in letters:
        if sign not in _SOUNDEX:
            raise raised(_ARGUMENT, f"The character is not mapped: {sign} (index={ord(sign) - ord('A')})")
    code, last = letters[0], _SOUNDEX[letters[0]]
    for sign in letters[1:]:
        if sign in "HW":
            continue
        digit = _SOUNDEX[sign]
        if digit not in {"0", last}:
            code += digit
        last = digit
    return (code + "000")[:4]


def luhn_check(values: pa.Array) -> pa.Array:
    """Whether the last digit is the Luhn check digit of the others."""
    return each(_luhn, pa.bool_(), values)


def _luhn(text: str) -> bool:
    if not text:
        return False
    if not re.fullmatch(r"[0-9]+", text):
        raise raised(_ARGUMENT, "Input contains non-digit characters")
    total = 0
    for at, sign in enumerate(reversed(text)):
        digit = int(sign) * (1 + at % 2)
        total += digit - 9 * (digit > 9)
    return total % 10 == 0


def split_pairs(values: pa.Array, entries: pa.Array, pairs: pa.Array, unique: pa.Array) -> pa.Array:
    """Keys and values of ``a=1,b=2``; a key twice is refused where they must be unique."""
    kind = pa.list_(pa.struct([("k", pa.string()), ("v", pa.string())]))
    return each(_pairs, kind, values, entries, pairs, unique)


def _pairs(text: str, entry_mark: str, pair_mark: str, unique: bool) -> list[dict[str, str]]:
    if not entry_mark or not pair_mark:
        raise raised(_ARGUMENT, f"{'entryDelimiter' if not entry_mark else 'keyValueDelimiter'} is empty")
    if entry_mark == pair_mark:
        raise raised(_ARGUMENT, "entryDelimiter and keyValueDelimiter must not be the same")
    entries = text.split(entry_mark)
    if not entries[-1]:
        entries.pop()  # a delimiter at the end opens no entry
    found: dict[str, str] = {}
    made = []
    for entry in entries:
        key, mark, value = entry.partition(pair_mark)
        if not mark or pair_mark in value:
            message = f"Key-value delimiter must appear exactly once in each entry. Bad input: '{entry}'"
            raise raised(_ARGUMENT, message)
        if unique and key in found:
            raise raised(_ARGUMENT, f"Duplicate keys ({key}) are not allowed")
        found[key] = value
        made.append({"k": key, "v": value})
    return made


_UNITS = ("", "K", "M", "B", "T", "Q")


def format_number(values: pa.Array) -> pa.Array:
    """A number with a letter for its thousands, three digits at most: ``1.23M``."""
    return each(_short_number, pa.string(), values)


def _short_number(text: str) -> str:
    value = Decimal(text)
    if not value.is_finite():
        return "NaN" if value.is_nan() else "\u221e" if value > 0 else "-\u221e"
    scaled, unit = abs(value), 0
    while scaled >= 1000 and unit < len(_UNITS) - 1:
        scaled, unit = scaled / 1000, unit + 1
    # Trino asks for the digits of the negated number; the least bigint has no negation.
    digits = 2 if scaled < 10 or value == -(2**63) else 1 if scaled < 100 else 0
    shown = format(scaled.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP), "f")
    plain = shown.rstrip("0").rstrip(".") if digits else shown
    return ("-" if value < 0 else "") + plain + _UNITS[unit]


_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-zA-Z]+)")
_POWERS = {"B": 0, "kB": 1, "MB": 2, "GB": 3, "TB": 4, "PB": 5, "EB": 6, "ZB": 7, "YB": 8}


def parse_data_size(values: pa.Array) -> pa.Array:
    """Bytes of ``2.3MB``, rounded down; units are powers of 1,024."""
    return each(_data_size, pa.decimal128(38, 0), values)


def _data_size(text: str) -> Decimal:
    found = _SIZE.fullmatch(text)
    if found is None or found[2] not in _POWERS:
        raise raised(_ARGUMENT, f"Invalid data size: '{text}'")
    whole, _, fraction = found[1].partition(".")
    size = int(whole + fraction) * 1024 ** _POWERS[found[2]] // 10 ** len(fraction)
    if size >= 10**38:
        raise raised("NUMERIC_VALUE_OUT_OF_RANGE", f"Value out of range: '{text}' ('{size}B')")
    return Decimal(size)


def char2hexint(values: pa.Array) -> pa.Array:
    """The hexadecimal digits of a text's UTF-16 code units, as Teradata shows them."""
    return each(lambda text: text.encode("utf-16-be").hex().upper(), pa.string(), values)


def cast_double(values: pa.Array, kinds: pa.Array) -> pa.Array:
    """A double from a text as Java's Double.parseDouble reads it; INVALID_CAST_ARGUMENT otherwise."""
    return each(_java_double, pa.float64(), values, kinds)


_FLOAT = re.compile(r"[+-]?(?:NaN|Infinity|(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)[fFdD]?)")


def _java_double(text: str, kind: str) -> float:
    bare = text.strip("".join(map(chr, range(33))))
    if not _FLOAT.fullmatch(bare) or not bare.isascii():
        raise raised("INVALID_CAST_ARGUMENT", f"Cannot cast '{text}' to {kind}")
    return float(bare if bare.endswith(("Infinity", "NaN")) else bare.rstrip("fFdD"))
