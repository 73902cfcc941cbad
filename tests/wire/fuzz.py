"""Requests made from a service model: right ones, and each kind of wrong one; seeded, so a run repeats."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ODD_TEXTS = (
    "",
    " ",
    "x" * 300,
    "y" * 70_000,
    "../../etc/passwd",
    "s3://bucket/ñ/\U0001f986",
    "\x00\x01\x1b[31m",
    "\u202eabc\ufeff",
    "\ud800",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
    "NaN",
    "123456789012",
    "null",
)
ODD_NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**30, 0.5, -0.0, 1e308)
ODD_VALUES = (
    None,
    True,
    False,
    0,
    1.5,
    "text",
    "",
    [],
    {},
    [None],
    [[]],
    {"a": None},
    {"": {}},
    "\U0001f986",
)
NOT_DOCUMENTS = (
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"7",
    b"{",
    b'{"a":',
    b'{"a":1}}',
    b"\xff\xfe{}",
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b"\x1f\x8b\x08\x00",
    b'{"a":NaN}',
    b'{"a":1e999}',
    b'{"\\ud800":1}',
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: the operation, its body, and what is odd about it."""

    operation: str
    body: bytes
    what: str


class Fuzzer:
    """Makes ``each`` requests for every operation of a service model."""

    def __init__(self, model: Any, seed: int, each: int) -> None:
        self._model = model
        self._random = random.Random(seed)
        self._each = each

    def requests(self) -> Iterator[Sent]:
        """All of them, operations in the order of their names."""
        for name in self._model.operation_names:
            shape = self._model.operation_model(name).input_shape
            for at in range(self._each):
                yield self._one(name, shape, at)

    def _one(self, name: str, shape: Any, at: int) -> Sent:
        if at == 0:
            return Sent(name, b"{}", "empty")
        if at == 1:
            return Sent(name, self._random.choice(NOT_DOCUMENTS), "no document")
        value = self._value(shape, 0) if shape is not None else {}
        what = "as the model says"
        if at >= 5 and value:
            what = self._random.choice(("missing", "another type", "odd text", "unknown member", "null"))
            value = self._spoilt(value, what)
        return Sent(name, json.dumps(value).encode("utf-8", "surrogatepass"), what)

    def _value(self, shape: Any, depth: int) -> Any:
        match shape.type_name:
            case "structure":
                wanted = [
                    (member, inner)
                    for member, inner in shape.members.items()
                    if member in shape.required_members or (depth < 4 and self._random.random() < 0.4)
                ]
                return {member: self._value(inner, depth + 1) for member, inner in wanted if depth < 12}
            case "list":
                count = max(shape.metadata.get("min", 0), 1 if depth < 6 else 0)
                return [self._value(shape.member, depth + 1) for _ in range(count)] if depth < 12 else []
            case "map":
                return {"key": self._value(shape.value, depth + 1)} if depth < 6 else {}
            case "string":
                return self._text(shape)
            case "integer" | "long":
                return max(shape.metadata.get("min", 0), 1)
            case "float" | "double":
                return 1.5
            case "boolean":
                return self._random.random() < 0.5
            case "timestamp":
                return 1_700_000_000
            case "blob":
                return base64.b64encode(b"blob").decode()
        raise AssertionError(shape.type_name)

    def _text(self, shape: Any) -> str:
        if shape.enum:
            return str(self._random.choice(shape.enum))
        low = shape.metadata.get("min", 1)
        common = ("fuzz", "primary", "default", "AwsDataCatalog", "s3://fuzz/x/", "SELECT 1", "1" * 12)
        text = self._random.choice(common)
        return text if len(text) >= low else text + "x" * (low - len(text))

    def _spoilt(self, value: Any, what: str) -> Any:
        """A deep copy with one place made wrong."""
        copy = json.loads(json.dumps(value))
        places = list(_places(copy))
        holder, key = self._random.choice(places)
        match what:
            case "missing":
                if isinstance(holder, dict):
                    del holder[key]
                else:
                    holder.pop(key)
            case "another type":
                holder[key] = self._random.choice(ODD_VALUES)
            case "odd text":
                old = holder[key]
                odd = ODD_NUMBERS if isinstance(old, int | float) else ODD_TEXTS
                holder[key] = self._random.choice(odd)
            case "unknown member":
                target = holder if isinstance(holder, dict) else copy
                target["Unheard-of"] = self._random.choice(ODD_VALUES)
            case "null":
                holder[key] = None
        return copy


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place within a document, as holder and key."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
