"""Regular expressions with Java's meaning (Trino: functions/regexp), each within a limit of time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import regex

from lakebench.emulator.engine.udfs.columns import each
from lakebench.emulator.engine.udfs.java_regex import compiled, expanded
from lakebench.emulator.engine.udfs.raising import raised
from lakebench.emulator.engine.udfs.timed import timed


def _matches(text: str, pattern: str, start: int = 0) -> Iterator[regex.Match[str]]:
    return timed(pattern).finditer(text, start)


def _search(text: str, pattern: str) -> regex.Match[str] | None:
    return timed(pattern).search(text)


def _check_group(pattern: str, group: int) -> None:
    groups = compiled(pattern).groups
    if group < 0:
        raise raised("INVALID_FUNCTION_ARGUMENT", "Group cannot be negative")
    if group > groups:
        message = f"Pattern has {groups} groups. Cannot access group {group}"
        raise raised("INVALID_FUNCTION_ARGUMENT", message)


def regexp_like(texts: pa.Array, patterns: pa.Array) -> pa.Array:
    """Whether the pattern matches somewhere."""
    return each(lambda text, pattern: _search(text, pattern) is not None, pa.bool_(), texts, patterns)


def regexp_extract(texts: pa.Array, patterns: pa.Array, groups: pa.Array) -> pa.Array:
    """A group of the first match; NULL without a match, or where the group took no part."""

    def extract(text: str, pattern: str, group: int) -> str | None:
        _check_group(pattern, group)
        found = _search(text, pattern)
        return None if found is None else found.group(group)

    return each(extract, pa.string(), texts, patterns, groups)


def regexp_extract_all(texts: pa.Array, patterns: pa.Array, groups: pa.Array) -> pa.Array:
    """A group of every match."""

    def extract(text: str, pattern: str, group: int) -> list[str | None]:
        _check_group(pattern, group)
        return [found.group(group) for found in _matches(text, pattern)]

    return each(extract, pa.list_(pa.string()), texts, patterns, groups)


def regexp_replace(texts: pa.Array, patterns: pa.Array, replacements: pa.Array) -> pa.Array:
    """Every match replaced; ``$1`` and ``${name}`` stand for groups."""

    def replaced(text: str, pattern: str, replacement: str) -> str:
        known, pieces, at = compiled(pattern), [], 0
        for found in _matches(text, pattern):
            pieces += [text[at : found.start()], expanded(replacement, known, found)]
            at = found.end()
        return "".join([*pieces, text[at:]])

    return each(replaced, pa.string(), texts, patterns, replacements)


def regexp_pieces(texts: pa.Array, patterns: pa.Array) -> pa.Array:
    """The text before each match with the match's groups, then the rest without groups."""

    def pieces(text: str, pattern: str) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        at = 0
        for found in _matches(text, pattern):
            made.append({"t": text[at : found.start()], "g": list(found.groups())})
            at = found.end()
        return [*made, {"t": text[at:], "g": None}]

    kind = pa.list_(pa.struct([("t", pa.string()), ("g", pa.list_(pa.string()))]))
    return each(pieces, kind, texts, patterns)


def regexp_split(texts: pa.Array, patterns: pa.Array) -> pa.Array:
    """The texts between the matches."""

    def split(text: str, pattern: str) -> list[str]:
        made, at = [], 0
        for found in _matches(text, pattern):
            made.append(text[at : found.start()])
            at = found.end()
        return [*made, text[at:]]

    return each(split, pa.list_(pa.string()), texts, patterns)


def regexp_count(texts: pa.Array, patterns: pa.Array) -> pa.Array:
    """How many matches there are."""
    return each(lambda text, pattern: sum(1 for _ in _matches(text, pattern)), pa.int64(), texts, patterns)


def regexp_position(texts: pa.Array, patterns: pa.Array, starts: pa.Array, turns: pa.Array) -> pa.Array:
    """Where the n-th match at or after a place begins, from 1; -1 without one."""

    def position(text: str, pattern: str, start: int, turn: int) -> int:
        if start < 1:
            raise raised("INVALID_FUNCTION_ARGUMENT", "start position cannot be smaller than 1")
        if turn < 1:
            raise raised("INVALID_FUNCTION_ARGUMENT", "occurrence cannot be smaller than 1")
        if start > len(text):
            return -1
        for at, found in enumerate(_matches(text, pattern, start - 1), 1):
            if at == turn:
                return int(found.start()) + 1
        return -1

    return each(position, pa.int64(), texts, patterns, starts, turns)
