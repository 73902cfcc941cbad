"""Dates and times to and from texts by patterns (Trino: functions/datetime)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa

from lakebench.emulator.engine.udfs.fields import Moment, OutOfRange, together
from lakebench.emulator.engine.udfs.iso8601 import read_iso_date, read_iso_moment
from lakebench.emulator.engine.udfs.iso_calendar import MILLIS_OF_DAY
from lakebench.emulator.engine.udfs.pattern_languages import joda, mysql, teradata
from lakebench.emulator.engine.udfs.patterns import Element, Found, PatternError, Shown, read, show
from lakebench.emulator.engine.udfs.raising import raised

_MICROS_OF_DAY = MILLIS_OF_DAY * 1000
_ZONED = pa.struct([("c", pa.timestamp("us")), ("z", pa.string())])
_Language = Callable[[str], list[Element]]


class _Patterns:
    """Patterns read once a call."""

    def __init__(self, language: _Language) -> None:
        self._language = language
        self._known: dict[str, list[Element]] = {}

    def of(self, pattern: str) -> list[Element]:
        found = self._known.get(pattern)
        if found is None:
            found = self._known[pattern] = self._language(pattern)
        return found


def _mapped(make: Callable[..., Any], columns: Iterable[pa.Array]) -> list[Any]:
    """A value a row, NULL where an argument is; equal rows are made once."""
    known: dict[tuple[Any, ...], Any] = {}
    values: list[Any] = []
    for row in zip(*(column.to_pylist() for column in columns), strict=True):
        if None in row:
            values.append(None)
            continue
        if row not in known:
            try:
                known[row] = make(*row)
            except (PatternError, OutOfRange) as error:
                raise raised("INVALID_FUNCTION_ARGUMENT", str(error)) from error
            except NotImplementedError as error:
                raise raised("NOT_SUPPORTED", str(error)) from error
        values.append(known[row])
    return values


def _moment(micros: int) -> Moment:
    return Moment(day=micros // _MICROS_OF_DAY, millis=micros % _MICROS_OF_DAY // 1000)


def _micros(moment: Moment) -> int:
    return moment.day * _MICROS_OF_DAY + moment.millis * 1000


def _formatted(language: _Language, clocks: pa.Array, formats: pa.Array) -> pa.Array:
    patterns = _Patterns(language)

    def make(micros: int, pattern: str) -> str:
        return show(patterns.of(pattern), Shown(moment=_moment(micros)))

    return pa.array(_mapped(make, [clocks.cast(pa.int64()), formats]), pa.string())


def format_mysql(clocks: pa.Array, formats: pa.Array) -> pa.Array:
    """``date_format``."""
    return _formatted(mysql, clocks, formats)


def format_teradata(clocks: pa.Array, formats: pa.Array) -> pa.Array:
    """``to_char``."""
    return _formatted(teradata, clocks, formats)


def format_joda(clocks: pa.Array, zones: pa.Array, minutes: pa.Array, formats: pa.Array) -> pa.Array:
    """``format_datetime``: what a clock shows, its zone's name and minutes from UTC."""
    patterns = _Patterns(joda)

    def make(micros: int, zone: str, offset: int, pattern: str) -> str:
        return show(patterns.of(pattern), Shown(moment=_moment(micros), zone=zone, minutes=offset))

    return pa.array(_mapped(make, [clocks.cast(pa.int64()), zones, minutes, formats]), pa.string())


def _together(text: str, found: Found) -> Moment:
    try:
        return together(found.fields)
    except OutOfRange as error:
        raise PatternError(f'Cannot parse "{text}": {error}') from error


def _parsed(language: _Language, texts: pa.Array, formats: pa.Array) -> pa.Array:
    patterns = _Patterns(language)

    def make(text: str, pattern: str) -> int:
        return _micros(_together(text, read(patterns.of(pattern), text)))

    return pa.array(_mapped(make, [texts, formats]), pa.int64()).cast(pa.timestamp("us"))


def parse_mysql(texts: pa.Array, formats: pa.Array) -> pa.Array:
    """``date_parse``."""
    return _parsed(mysql, texts, formats)


def parse_teradata(texts: pa.Array, formats: pa.Array) -> pa.Array:
    """``to_timestamp`` and ``to_date``."""
    return _parsed(teradata, texts, formats)


def _zoned(values: list[tuple[int, str] | None]) -> pa.Array:
    rows = [None if value is None else {"c": value[0], "z": value[1]} for value in values]
    plain = pa.array(rows, pa.struct([("c", pa.int64()), ("z", pa.string())]))
    return plain.cast(_ZONED)


def parse_joda(texts: pa.Array, formats: pa.Array) -> pa.Array:
    """``parse_datetime``: what the clock shows and the zone, UTC where the text has none."""
    patterns = _Patterns(joda)

    def make(text: str, pattern: str) -> tuple[int, str]:
        found = read(patterns.of(pattern), text)
        return _micros(_together(text, found)), found.zone or "UTC"

    return _zoned(_mapped(make, [texts, formats]))


def from_iso8601(texts: pa.Array) -> pa.Array:
    """``from_iso8601_timestamp``: what the clock shows to the millisecond, and the zone."""

    def make(text: str) -> tuple[int, str]:
        found = read_iso_moment(text)
        return _micros(_together(text, found)), found.zone or "UTC"

    return _zoned(_mapped(make, [texts]))


def from_iso8601_date(texts: pa.Array) -> pa.Array:
    """``from_iso8601_date``."""

    def make(text: str) -> int:
        return _together(text, read_iso_date(text)).day

    return pa.array(_mapped(make, [texts]), pa.int32()).cast(pa.date32())
