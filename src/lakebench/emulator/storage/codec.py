"""Values as JSON and back: what the state store keeps of the rooms' values.

Plain values are JSON's own. Anything else is an object of one member, its tag: ``{"!S3Uri": [...]}``. Only
classes that were named to the codec are ever made again, so that a file from elsewhere makes nothing else.
Members that a later version adds take their defaults, members that it dropped are passed over.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any

_SCALARS = (str, int, float, bool, type(None))


_TEXTS: tuple[tuple[type, str, Callable[[Any], str]], ...] = (
    (str, "", str),  # an enum or another kind of text that nobody named
    (bytes, "bytes", lambda value: base64.b64encode(value).decode()),
    (datetime, "time", datetime.isoformat),
    (date, "date", date.isoformat),
    (Decimal, "decimal", str),
)


class NotEncodable(TypeError):
    """A value of a class that the codec was not told of."""


class Codec:
    """Encodes values of named classes: dataclasses by their fields, enums by value, others by ``__dict__``.

    ``mappings`` are dict-like classes that are made again from a plain dict; ``left_out`` are members of
    ``__dict__`` that are not kept.
    """

    def __init__(
        self,
        classes: Iterable[type] = (),
        *,
        mappings: Mapping[type, Callable[[dict[str, Any]], Any]] = MappingProxyType({}),
        left_out: Iterable[str] = (),
    ) -> None:
        self._left_out = frozenset(left_out)
        self._by_name = {one.__name__: one for one in classes}
        self._mappings = {one.__name__: (one, make) for one, make in mappings.items()}

    def encode(self, value: Any) -> bytes:
        """The value as JSON; raises NotEncodable."""
        return json.dumps(self.tree(value), ensure_ascii=True, separators=(",", ":")).encode()

    def decode(self, data: bytes) -> Any:
        """The value again; raises ValueError for what is not of this codec."""
        return self.value(json.loads(data))

    def tree(self, value: Any) -> Any:
        """The value in JSON's terms."""
        kind = type(value)
        if kind in _SCALARS:
            return value
        if kind is list:
            return [self.tree(one) for one in value]
        if isinstance(value, dict) and kind.__name__ not in self._mappings:
            return self._dict_tree(value)
        return self._tagged(kind, value)

    def value(self, tree: Any) -> Any:
        """The value of a tree."""
        if isinstance(tree, list):
            return [self.value(one) for one in tree]
        if not isinstance(tree, dict):
            return tree
        if len(tree) == 1:
            tag, inner = next(iter(tree.items()))
            if tag.startswith("!"):
                return self._untagged(tag[1:], inner)
        return {key: self.value(one) for key, one in tree.items()}

    def _dict_tree(self, value: Mapping[Any, Any]) -> Any:
        plain = all(type(key) is str and not key.startswith("!") for key in value)
        if plain:
            return {key: self.tree(one) for key, one in value.items()}
        return {"!dict": [[self.tree(key), self.tree(one)] for key, one in value.items()]}

    def _tagged(self, kind: type, value: Any) -> Any:
        name = kind.__name__
        if name in self._mappings:
            return {f"!{name}": {key: self.tree(one) for key, one in value.items()}}
        if name in self._by_name:
            return {f"!{name}": self._members(value)}
        for base, tag, text in _TEXTS:
            if isinstance(value, base):
                return {f"!{tag}": text(value)} if tag else text(value)
        if isinstance(value, tuple):
            return {"!tuple": [self.tree(one) for one in value]}
        if isinstance(value, set | frozenset):
            return {f"!{name}": sorted((self.tree(one) for one in value), key=json.dumps)}
        if isinstance(value, Mapping):
            return self._dict_tree(value)
        if isinstance(value, Sequence):
            return [self.tree(one) for one in value]
        raise NotEncodable(f"{kind.__module__}.{name}")

    def _members(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return value.value
        if dataclasses.is_dataclass(value):
            fields = dataclasses.fields(value)
            return {one.name: self.tree(getattr(value, one.name)) for one in fields if one.init}
        return {key: self.tree(one) for key, one in vars(value).items() if key not in self._left_out}

    def _untagged(self, tag: str, inner: Any) -> Any:
        plain = _PLAIN.get(tag)
        if plain is not None:
            return plain(self, inner)
        if tag in self._mappings:
            make = self._mappings[tag][1]
            return make({key: self.value(one) for key, one in inner.items()})
        made = self._by_name.get(tag)
        if made is None:
            raise ValueError(f"a value of an unknown kind: {tag}")
        if issubclass(made, Enum):
            return made(inner)
        members = {key: self.value(one) for key, one in inner.items()}
        if dataclasses.is_dataclass(made):
            known = {one.name for one in dataclasses.fields(made) if one.init}
            return made(**{key: one for key, one in members.items() if key in known})
        instance = object.__new__(made)
        vars(instance).update(members)
        return instance


_PLAIN: Mapping[str, Callable[[Codec, Any], Any]] = {
    "bytes": lambda _, inner: base64.b64decode(inner),
    "time": lambda _, inner: datetime.fromisoformat(inner),
    "date": lambda _, inner: date.fromisoformat(inner),
    "decimal": lambda _, inner: Decimal(inner),
    "tuple": lambda codec, inner: tuple(codec.value(inner)),
    "set": lambda codec, inner: set(codec.value(inner)),
    "frozenset": lambda codec, inner: frozenset(codec.value(inner)),
    "dict": lambda codec, inner: {codec.value(key): codec.value(one) for key, one in inner},
}
