"""Which of Java's regular expressions RE2 matches alike; all others go to a library with Java's meaning.

Trino's engine for them is Joni with Java's syntax. RE2 differs from it beyond ASCII (there ``\\w`` is
Unicode's), before a last newline (``$``) and around empty matches; it has no look-around, no back
references and no possessives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_ESCAPED = frozenset("dDwWsSbB")
_SIGNS = frozenset("tnrf")
_QUANTIFIER = re.compile(r"[*+?]|\{(\d+)(,(\d*))?\}")
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\[\\&]|&(?!&)|\\[^a-zA-Z0-9]|\\[dDwWsStnrf]|\[:[a-z]+:\])*\]")
_MOST_REPEATS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What is known of a pattern that RE2 takes: groups, and where the two engines may still differ."""

    groups: int
    unsure_groups: bool
    may_be_empty: bool
    beyond_ascii: bool
    at_end: bool


class _Foreign(Exception):
    """A part that RE2 lacks or reads otherwise."""


class _Reader:
    """Recursive descent; each part gives the length of its shortest match."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = 0
        self.optional = self.beyond_ascii = self.at_end = False

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def alternation(self) -> int:
        shortest = self.sequence()
        while self.peek() == "|":
            self.optional = True
            self.at += 1
            shortest = min(shortest, self.sequence())
        return shortest

    def sequence(self) -> int:
        total = 0
        while self.peek() not in {"", "|", ")"}:
            width, group = self.atom()
            total += self.repeated(width, group)
        return total

    def repeated(self, width: int, group: bool) -> int:
        found = _QUANTIFIER.match(self.text, self.at)
        if found is None:
            if self.peek() == "{":
                raise _Foreign
            return width
        self.at = found.end()
        least = int(found[1]) if found[1] else 1 if found[0] == "+" else 0
        if max(least, int(found[3] or 0)) > _MOST_REPEATS:
            raise _Foreign
        self.optional = self.optional or (group and least == 0)
        if self.peek() == "?":
            self.at += 1
        if self.peek() in {"+", "*", "{"} and self.peek():
            raise _Foreign
        return width * least

    def atom(self) -> tuple[int, bool]:
        sign = self.peek()
        if sign == "(":
            return self.group(), True
        if sign == "[":
            return self.character_class(), False
        self.at += 1
        if sign == "\\":
            return self.escape(), False
        if sign in "*+?{}":
            raise _Foreign
        if sign == "$":
            self.at_end = True
        return (0 if sign in "^$" else 1), False

    def escape(self) -> int:
        sign = self.peek()
        self.at += 1
        if not sign or (sign.isalnum() and sign not in _ESCAPED | _SIGNS):
            raise _Foreign
        if sign in _ESCAPED:
            self.beyond_ascii = True
        return 0 if sign in "bB" else 1

    def character_class(self) -> int:
        found = _CLASS.match(self.text, self.at)
        if found is None:
            raise _Foreign
        if "\\" in found[0] or "[:" in found[0]:
            self.beyond_ascii = True
        self.at = found.end()
        return 1

    def group(self) -> int:
        self.at += 1
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self.peek() == "?":
            raise _Foreign
        else:
            self.groups += 1
        width = self.alternation()
        if self.peek() != ")":
            raise _Foreign
        self.at += 1
        return width


@lru_cache(maxsize=256)
def plain(pattern: str) -> Plain | None:
    """What is known of a pattern that RE2 takes and reads as Java does, else None."""
    folded = pattern.startswith("(?i)")
    if folded and not pattern.isascii():
        return None
    reader = _Reader(pattern.removeprefix("(?i)"))
    try:
        shortest = reader.alternation()
    except (_Foreign, RecursionError):
        return None
    if reader.at < len(reader.text):
        return None
    return Plain(
        groups=reader.groups,
        unsure_groups=reader.optional,
        may_be_empty=shortest == 0,
        beyond_ascii=reader.beyond_ascii or folded,
        at_end=reader.at_end,
    )
