"""Frozen dataclasses as JSON and back, every field checked against its declared type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from lakebench.errors import DataError

_HALF = re.compile(r"[\ud800-\udfff]")


def to_plain(value: Any) -> Any:
    """What JSON has for a value: dollars as texts, times as ISO 8601, tuples as lists."""
    if is_dataclass(value):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [to_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: to_plain(each) for name, each in value.items()}
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, datetime) else value


def record_of(kind: type[Any], value: dict[str, Any], where: str) -> Any:
    """The dataclass of a JSON object; DataError names a field that is missing, unknown or of another type."""
    hints = get_type_hints(kind)
    for name in value:
        if name not in hints:
            raise DataError(f"{where}: unknown field {name}")
    for name in hints:
        if name not in value:
            raise DataError(f"{where}: field {name} is missing")
    return kind(**{name: _typed(hint, value[name], f"{where}.{name}") for name, hint in hints.items()})


def _typed(kind: Any, value: Any, where: str) -> Any:
    if get_origin(kind) is UnionType:  # only X | None stands in the schema
        return None if value is None else _typed(get_args(kind)[0], value, where)
    if get_origin(kind) is tuple and isinstance(value, list):
        inner = get_args(kind)[0]
        return tuple(_typed(inner, each, f"{where}[{index}]") for index, each in enumerate(value))
    if get_origin(kind) is Mapping and isinstance(value, dict):
        return {
            _scalar(str, name, where): _typed(get_args(kind)[1], each, f"{where}.{name}")
            for name, each in value.items()
        }
    if is_dataclass(kind) and isinstance(kind, type) and isinstance(value, dict):
        return record_of(kind, value, where)
    return _scalar(kind, value, where)


def _scalar(kind: Any, value: Any, where: str) -> Any:
    try:
        if kind is Decimal and isinstance(value, str) and Decimal(value).is_finite():
            return Decimal(value)
        if kind is datetime and isinstance(value, str):
            return datetime.fromisoformat(value)
    except (InvalidOperation, ValueError) as error:
        raise DataError(f"{where}: {value!r} is no {kind.__name__}") from error
    if kind is float and type(value) in {int, float}:
        return float(value)
    if isinstance(value, str) and _HALF.search(value):
        raise DataError(f"{where}: {value!r} is no text: half of a surrogate pair stands in it")
    if type(value) is kind:
        return value
    raise DataError(f"{where}: {value!r} is no {getattr(kind, '__name__', kind)}")
