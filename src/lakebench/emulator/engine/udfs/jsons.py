"""JSON functions and casts (Trino: functions/json)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any

import pyarrow as pa

from lakebench.catalog import DataType, parse_type
from lakebench.emulator.engine.udfs import json_text
from lakebench.emulator.engine.udfs.columns import each
from lakebench.emulator.engine.udfs.json_text import Malformed, Number
from lakebench.emulator.engine.udfs.raising import raised

_ARGUMENT = "INVALID_FUNCTION_ARGUMENT"


def json_parse(texts: pa.Array) -> pa.Array:
    """JSON of a text: members in order, no blanks; INVALID_FUNCTION_ARGUMENT for what is none."""

    def parsed(text: str) -> str:
        try:
            return json_text.write(json_text.read(text), ordered=True)
        except Malformed:
            message = f"Cannot convert value to JSON: '{text}'"
            raise raised(_ARGUMENT, message) from None

    return each(parsed, pa.string(), texts)


def json_extract(texts: pa.Array, paths: pa.Array) -> pa.Array:
    """The JSON at a path; NULL where there is none."""

    def extracted(text: str, path: str) -> str | None:
        steps = json_text.steps_of(path)
        try:
            at = json_text.find(text, steps)
            return None if at is None else json_text.write(json_text.read_at(text, at))
        except Malformed:
            return None

    return each(extracted, pa.string(), texts, paths)


def json_extract_scalar(texts: pa.Array, paths: pa.Array) -> pa.Array:
    """The text of the scalar at a path; NULL for null, arrays and objects."""
    return each(_scalar, pa.string(), texts, paths)


def _scalar(text: str, path: str) -> str | None:
    steps = json_text.steps_of(path)
    try:
        at = json_text.find(text, steps)
        if at is None:
            return None
        if text[at : at + 1] == '"':
            return json_text.string_at(text, at)[0]
        if text[at : at + 1] in "-0123456789":
            return json_text.number_at(text, at)[0]
        return next((word for word in ("true", "false") if text.startswith(word, at)), None)
    except Malformed:
        return None


def json_size(texts: pa.Array, paths: pa.Array) -> pa.Array:
    """Members of the object or array at a path; 0 for a scalar."""

    def size(text: str, path: str) -> int | None:
        steps = json_text.steps_of(path)
        try:
            at = json_text.find(text, steps)
            value = None if at is None else json_text.read_at(text, at)
        except Malformed:
            return None
        return None if at is None else len(value) if isinstance(value, (dict, list)) else 0

    return each(size, pa.int64(), texts, paths)


def is_json_scalar(texts: pa.Array) -> pa.Array:
    """Whether it is neither object nor array; INVALID_FUNCTION_ARGUMENT for what is no JSON."""

    def scalar(text: str) -> bool:
        try:
            return not isinstance(json_text.read(text), (dict, list))
        except Malformed:
            raise raised(_ARGUMENT, f"Invalid JSON value: {text}") from None

    return each(scalar, pa.bool_(), texts)


def _array(text: str) -> list[Any] | None:
    try:
        value = json_text.read(text)
    except Malformed:
        return None
    return value if isinstance(value, list) else None


def json_array_get(texts: pa.Array, indices: pa.Array) -> pa.Array:
    """An element from 0, or from the end; strings come without their quotes, as Trino warns."""

    def got(text: str, index: int) -> str | None:
        items = _array(text)
        if items is None or not -len(items) <= index < len(items) or items[index] is None:
            return None
        value = items[index]
        return value if isinstance(value, str) else json_text.write(value)

    return each(got, pa.string(), texts, indices)


def json_array_contains(texts: pa.Array, kinds: pa.Array, values: pa.Array) -> pa.Array:
    """Whether an element equals a value of this kind: boolean, bigint, double or varchar."""

    def contains(text: str, kind: str, value: str) -> bool | None:
        items = _array(text)
        if items is None:
            return None
        wanted: Any = _WANTED[kind](value)
        return any(type(item) is _HELD[kind] and item == wanted for item in items)

    return each(contains, pa.bool_(), texts, kinds, values)


_WANTED: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda text: text == "true",
    "bigint": int,
    "double": float,
    "varchar": str,
}
_HELD = {"boolean": bool, "bigint": int, "double": Number, "varchar": str}


def json_cast(texts: pa.Array, names: pa.Array) -> pa.Array:
    """JSON as a text that the engine casts to the type named: scalars bare, containers as JSON of texts."""

    def made(text: str, name: str) -> str | None:
        kind = _type_of(name)
        value = json_text.read(text)
        if not kind.fields:
            return _converted(value, kind, text)
        try:
            return None if value is None else json_text.write(_nested(value, kind))
        except _Unfit as error:
            detail = f" {error}" if str(error) else ""
            raise raised("INVALID_CAST_ARGUMENT", f"Cannot cast to {kind}.{detail}\n{text}") from None

    return each(made, pa.string(), texts, names)


@cache
def _type_of(name: str) -> DataType:
    return parse_type(name)


class _Unfit(Exception):
    """JSON that is not what the type asks for."""


def _nested(value: Any, kind: DataType) -> Any:
    if kind.name == "json":
        return value
    if value is None:
        return None
    if kind.name == "array":
        if not isinstance(value, list):
            raise _Unfit(f"Expected a json array, but got {_shown(value)}")
        return [_nested(item, kind.fields[0].type) for item in value]
    if kind.name == "map":
        if not isinstance(value, dict):
            raise _Unfit(f"Expected a json object, but got {_shown(value)}")
        return {
            _key(key, kind.fields[0].type): _nested(item, kind.fields[1].type) for key, item in value.items()
        }
    if kind.name == "row":
        return _row(value, kind)
    return _leaf(value, kind)


def _key(key: str, kind: DataType) -> str:
    return _leaf(key, kind) or ""


def _row(value: Any, kind: DataType) -> dict[str, Any]:
    names = [field.name or f"field{at}" for at, field in enumerate(kind.fields)]
    if isinstance(value, list):
        if len(value) != len(names):
            raise _Unfit(f"Expected {len(names)} elements, but got {len(value)}")
        return {
            name: _nested(item, field.type)
            for name, item, field in zip(names, value, kind.fields, strict=True)
        }
    if not isinstance(value, dict):
        raise _Unfit(f"Expected a json array or object, but got {_shown(value)}")
    exact = {field.name: at for at, field in enumerate(kind.fields) if field.name}
    lower = {name.lower(): at for name, at in exact.items()}
    made: dict[str, Any] = dict.fromkeys(names)
    for key, item in value.items():
        at = exact.get(key, lower.get(key.lower()))
        if at is not None:
            made[names[at]] = _nested(item, kind.fields[at].type)
    return made


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "{" if isinstance(value, dict) else "["
    return value if isinstance(value, str) else json_text.write(value)


def _leaf(value: Any, kind: DataType) -> str | None:
    """A scalar within a container; its errors are those of a text's cast."""
    if isinstance(value, (dict, list)):
        raise _Unfit(f"Unexpected token when cast to {kind}: {_shown(value)}")
    made = _CONVERSIONS[kind.name](value, kind)
    if made is _WRONG:
        shown = value if isinstance(value, str) else json_text.write(value)
        raise _Unfit(f"Cannot cast '{shown}' to {_NAMES.get(kind.name, kind.trino.upper())}")
    return made


def _converted(value: Any, kind: DataType, text: str) -> str | None:
    if value is None:
        return None
    wrong = isinstance(value, (dict, list))
    made = _WRONG if wrong else _CONVERSIONS[kind.name](value, kind)
    if made is not _WRONG:
        return made
    raise raised(
        "INVALID_CAST_ARGUMENT", f"Cannot cast '{text}' to {_NAMES.get(kind.name, kind.trino.upper())}"
    )


_NAMES = {"integer": "INT"}
_WRONG = "\0"
_RANGES = {"tinyint": 2**7, "smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def _whole(value: Any, kind: DataType) -> str:
    if isinstance(value, bool):
        return str(int(value))
    limit = _RANGES[kind.name]
    if isinstance(value, str):
        digits = value[1:] if value[:1] in {"+", "-"} else value
        number = int(value) if digits.isascii() and digits.isdigit() else limit
    elif isinstance(value, Number):
        try:
            number = int(Decimal(float(value)).to_integral_value(ROUND_HALF_UP))
        except (InvalidOperation, OverflowError, ValueError):
            number = limit
        if not -limit <= number < limit:
            raise raised(
                "NUMERIC_VALUE_OUT_OF_RANGE", f"Out of range for {kind}: {json_text.java_double(value)}"
            )
    else:
        number = value
    return str(number) if -limit <= number < limit else _WRONG


def _float(value: Any, _: DataType) -> str:
    if isinstance(value, bool):
        return str(float(value))
    if isinstance(value, str):
        return value if value in _SPECIAL or _is_number(value) else _WRONG
    return value.text if isinstance(value, Number) else str(value)


_SPECIAL = {"NaN", "Infinity", "-Infinity", "+Infinity"}


def _is_number(text: str) -> bool:
    bare = text.strip()
    try:
        float(bare)
    except ValueError:
        return False
    return bare.isascii() and bare[-1:].isdigit() and "_" not in bare


def _decimal(value: Any, kind: DataType) -> str:
    precision, scale = kind.parameters
    shown = (
        str(int(value))
        if isinstance(value, bool)
        else value.text
        if isinstance(value, Number)
        else str(value)
    )
    try:
        exact = Decimal(shown)
    except InvalidOperation:
        return _WRONG
    if not exact.is_finite() or "_" in shown:
        return _WRONG
    sign, digits, exponent = exact.as_tuple()
    shift = int(exponent) + scale
    units = int("".join(map(str, digits)) or "0")
    units = units * 10**shift if shift >= 0 else _half_up(units, 10**-shift)
    if units >= 10**precision:
        raise raised("NUMERIC_VALUE_OUT_OF_RANGE", f"Cannot cast input json to DECIMAL({precision},{scale})")
    padded = str(units).rjust(scale + 1, "0")
    text = f"{padded[:-scale]}.{padded[-scale:]}" if scale else padded
    return f"-{text}" if sign else text


def _half_up(units: int, by: int) -> int:
    return (2 * units + by) // (2 * by)


def _boolean(value: Any, _: DataType) -> str:
    if isinstance(value, str):
        return value.lower() if value.lower() in {"true", "false"} else _WRONG
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return _WRONG
    return "true" if value else "false"


def _varchar(value: Any, kind: DataType) -> str:
    if isinstance(value, str):
        text = value
    elif isinstance(value, Number):
        text = _sql_double(value)
    else:
        text = json_text.write(value)
    return text if not kind.parameters or len(text) <= kind.parameters[0] else _WRONG


def _sql_double(value: float) -> str:
    """A double as Trino's cast to varchar writes it: ``1.289E2``, ``0E0``."""
    if value == 0:
        return "-0E0" if str(float(value)).startswith("-") else "0E0"
    shown = json_text.java_double(value)
    if "E" in shown or shown[-1] in "Ny":
        return shown
    return json_text.scientific(value)


_CONVERSIONS: Mapping[str, Callable[[Any, DataType], str]] = dict.fromkeys(_RANGES, _whole) | {
    "real": _float,
    "double": _float,
    "decimal": _decimal,
    "boolean": _boolean,
    "varchar": _varchar,
}


def converted_or_none(value: Any, kind: DataType) -> str | None:
    """A scalar as a text that the engine casts to the type; None for what does not go into it."""
    try:
        made = _CONVERSIONS[kind.name](value, kind)
    except ValueError:
        return None
    return None if made is _WRONG else made
