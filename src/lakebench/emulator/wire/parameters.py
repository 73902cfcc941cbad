"""A request's parameters against botocore's model: types first, then constraints in AWS's own words.

botocore's validator serves senders: it leaves upper bounds, enumerations and patterns to the service, so
the service's side is here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from lakebench.emulator.wire.provider import Wire

_SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"  # Java's way to write all characters beyond the first plane
_CLASSES = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str),
    "blob": (str,),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}


class NotTheModelsType(Exception):
    """A value's JSON type is not the model's; AWS answers SerializationException."""


def read_parameters(shape: Any, wire: Wire) -> tuple[Wire, list[str]]:
    """The parameters that the model knows, and the constraints that they break.

    Members that are null count as absent, unknown ones are passed over, timestamps become aware datetimes
    and blobs bytes. Raises NotTheModelsType.
    """
    if shape is None:
        return {}, []
    return _read_structure(shape, wire, ""), list(_violations(shape, wire, ""))


def _read(shape: Any, value: Any, path: str) -> Any:
    if not _is_of(_CLASSES[shape.type_name], value):
        raise NotTheModelsType(f"{_json_type(value)} can not be converted to {_named(shape)} at '{path}'")
    match shape.type_name:
        case "structure":
            return _read_structure(shape, value, path)
        case "list":
            return [
                _read(shape.member, one, _item(path, n)) for n, one in enumerate(value, 1) if one is not None
            ]
        case "map":
            items = value.items()
            return {key: _read(shape.value, one, f"{path}.{key}") for key, one in items if one is not None}
        case "timestamp":
            return _timestamp(value, path)
        case "blob":
            try:
                return base64.b64decode(value, validate=True)
            except binascii.Error as error:
                raise NotTheModelsType(f"Invalid base64 at '{path}'") from error
    return value


def _is_of(classes: tuple[type, ...], value: Any) -> bool:
    """Whether JSON's value is of the model's type; true and false are no numbers."""
    return isinstance(value, classes) and (bool in classes or not isinstance(value, bool))


def _read_structure(shape: Any, wire: Wire, path: str) -> Wire:
    members = shape.members
    return {
        name: _read(members[name], value, _member(path, name))
        for name, value in wire.items()
        if name in members and value is not None
    }


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            yield from _structure_violations(shape, value, path)
        case "list":
            yield from _out_of_bounds(shape, len(value), path, "length ")
            for number, one in enumerate(value, 1):
                yield from _violations_if_given(shape.member, one, _item(path, number))
        case "map":
            yield from _out_of_bounds(shape, len(value), path, "length ")
            for key, one in value.items():
                yield from _violations_if_given(shape.value, one, f"{path}.{key}.member")
        case "string":
            yield from _text_violations(shape, value, path)
        case "integer" | "long" | "float" | "double":
            yield from _out_of_bounds(shape, value, path, "value ")


def _structure_violations(shape: Any, value: Wire, path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _violation(_member(path, name), "Member must not be null")
    for name, member in shape.members.items():
        yield from _violations_if_given(member, value.get(name), _member(path, name))


def _violations_if_given(shape: Any, value: Any, path: str) -> Iterator[str]:
    return iter(()) if value is None else _violations(shape, value, path)


def _text_violations(shape: Any, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield _violation(path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    yield from _out_of_bounds(shape, len(value), path, "length ")
    pattern = shape.metadata.get("pattern")
    if pattern and (compiled := _compile(pattern)) and not compiled.fullmatch(value):
        yield _violation(path, f"Member must satisfy regular expression pattern: {pattern}")


def _out_of_bounds(shape: Any, size: float, path: str, what: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield _violation(path, f"Member must have {what}greater than or equal to {low}")
    if high is not None and size > high:
        yield _violation(path, f"Member must have {what}less than or equal to {high}")


def _violation(path: str, rule: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: {rule}"


@cache
def _compile(pattern: str) -> re.Pattern[str] | None:
    """A Java pattern in Python; None where the two languages differ too much, and it is not checked."""
    try:
        return re.compile(pattern.replace(_SURROGATES, "\\U00010000-\\U0010FFFF"))
    except re.error:
        return None


def _timestamp(value: float | str, path: str) -> datetime:
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).astimezone(UTC)
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotTheModelsType(f"Invalid timestamp at '{path}'") from error


def _member(path: str, name: str) -> str:
    """AWS names members in lower camel case: ``resultConfiguration.outputLocation``."""
    own = name[:1].lower() + name[1:]
    return f"{path}.{own}" if path else own


def _item(path: str, number: int) -> str:
    return f"{path}.{number}.member"


def _named(shape: Any) -> str:
    names = {"string": "a String", "integer": "an Integer", "long": "a Long", "boolean": "a Boolean"}
    return names.get(shape.type_name, f"a {shape.type_name}")


def _json_type(value: Any) -> str:
    match value:
        case bool():
            return "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            return "STRING_VALUE"
        case int() | float():
            return "NUMBER_VALUE"
        case list():
            return "Start of list"
    return "Start of structure or map"
