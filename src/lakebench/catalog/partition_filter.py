"""Partition filters: the expression of GetPartitions, over the values of partition keys.

The grammar is what AWS documents: comparisons, AND, OR, NOT, BETWEEN, IN, LIKE and IS NULL, on keys of the
types string, date, timestamp, the integers and decimal (AWS: GetPartitions, Expression). Values compare by
the type of the key. Hive's default partition, and a value that is none of its key's type, are NULL, and
compare as SQL's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lakebench.catalog.table import Column

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|(?P<number>[+-]?\d+(?:\.\d+)?)"
    r"|(?P<sign><=|>=|<>|!=|=|<|>|\(|\)|,)|(?P<name>`[^`]+`|[A-Za-z_][\w.]*))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda held, wanted: held == wanted,
    "<>": lambda held, wanted: held != wanted,
    "!=": lambda held, wanted: held != wanted,
    "<": lambda held, wanted: held < wanted,
    "<=": lambda held, wanted: held <= wanted,
    ">": lambda held, wanted: held > wanted,
    ">=": lambda held, wanted: held >= wanted,
}
_INTEGERS = {"tinyint", "smallint", "integer", "bigint"}
_MAX_DEPTH = 200

Condition = Callable[[Sequence[str]], bool | None]
"""Whether it holds for a partition's values; None where SQL says NULL."""


class PartitionFilter:
    """Says of a partition's values whether an expression holds; raises ValueError for one it cannot read."""

    def __init__(self, text: str, keys: Sequence[Column]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0
        self._keys = {key.name.lower(): (index, key.type.name) for index, key in enumerate(keys)}
        self._holds = self._either()
        if self._at < len(self._tokens):
            raise ValueError(f"unexpected {self._tokens[self._at]}")

    def __call__(self, values: Sequence[str]) -> bool:
        """Whether a partition with these values passes."""
        return self._holds(values) is True

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._take("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda values: _any([part(values) for part in parts])

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._take("AND"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda values: _not(_any([_not(p(values)) for p in parts]))

    def _one(self) -> Condition:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ValueError("it is nested too deep")
        try:
            if self._take("NOT"):
                inner = self._one()
                return lambda values: _not(inner(values))
            if self._take("("):
                inner = self._either()
                self._need(")")
                return inner
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Condition:
        index, kind = self._key()
        negated = self._take("NOT")
        if self._take("IS"):
            negated = self._take("NOT")
            self._need("NULL")
            return _maybe(negated, lambda values: values[index] == HIVE_NULL)
        if self._take("BETWEEN"):
            low = self._value(kind)
            self._need("AND")
            high = self._value(kind)
            return _maybe(negated, _on(index, kind, lambda held: low <= held <= high))
        if self._take("IN"):
            return _maybe(negated, self._membership(index, kind))
        if self._take("LIKE"):
            pattern = _like(self._text())
            return _maybe(negated, _on(index, "varchar", lambda held: pattern.fullmatch(held) is not None))
        sign = self._next()
        if negated or sign not in _COMPARE:
            raise ValueError(f"{sign} is no comparison")
        compare, wanted = _COMPARE[sign], self._value(kind)
        return _on(index, kind, lambda held: compare(held, wanted))

    def _membership(self, index: int, kind: str) -> Condition:
        self._need("(")
        wanted = {self._value(kind)}
        while self._take(","):
            wanted.add(self._value(kind))
        self._need(")")
        return _on(index, kind, lambda held: held in wanted)

    def _key(self) -> tuple[int, str]:
        name = self._next().strip("`").lower()
        if name not in self._keys:
            raise ValueError(f"{name} is no partition key")
        return self._keys[name]

    def _value(self, kind: str) -> Any:
        if self._peek().upper() in {"DATE", "TIMESTAMP"}:
            self._next()
        token = self._next()
        if token[:1] not in "'\"+-" and not token[:1].isdigit():
            raise ValueError(f"{token} is no value")
        return typed(kind, _unquoted(token))

    def _text(self) -> str:
        token = self._next()
        if token[:1] not in "'\"":
            raise ValueError(f"{token} is no text")
        return _unquoted(token)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise ValueError("it ends early")
        self._at += 1
        return token

    def _take(self, wanted: str) -> bool:
        if self._peek().upper() != wanted:
            return False
        self._at += 1
        return True

    def _need(self, wanted: str) -> None:
        if not self._take(wanted):
            raise ValueError(f"{wanted} is missing before {self._peek() or 'the end'}")


def typed(kind: str, text: str) -> Any:
    """A partition's text as a value of its key's type; raises ValueError for what is none."""
    if kind in _INTEGERS:
        return int(text)
    if kind in {"decimal", "double", "real"}:
        try:
            return Decimal(text)
        except InvalidOperation:
            raise ValueError(f"{text} is no number") from None
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "timestamp":
        return datetime.fromisoformat(text).replace(tzinfo=None)
    return text


def _any(told: Sequence[bool | None]) -> bool | None:
    if True in told:
        return True
    return None if None in told else False


def _not(told: bool | None) -> bool | None:
    return None if told is None else not told


def _on(index: int, kind: str, holds: Callable[[Any], bool]) -> Condition:
    def condition(values: Sequence[str]) -> bool | None:
        if values[index] == HIVE_NULL:
            return None
        try:
            return holds(typed(kind, values[index]))
        except ValueError:
            return None

    return condition


def _maybe(negated: bool, condition: Condition) -> Condition:
    return (lambda values: _not(condition(values))) if negated else condition


def _like(text: str) -> re.Pattern[str]:
    signs = {"%": ".*", "_": "."}
    return re.compile("".join(signs.get(one, re.escape(one)) for one in text), re.DOTALL)


def _unquoted(token: str) -> str:
    mark = token[:1]
    return token[1:-1].replace(mark * 2, mark) if mark in "'\"" else token


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None:
            raise ValueError(f"cannot read {stripped[at : at + 20].strip()}")
        found.append(match.group().strip())
        at = match.end()
    return found
