"""Matching that has an end: backtracking can be exponential, so each value has a limit of time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import regex

from lakebench.emulator.engine.udfs.java_regex import compiled
from lakebench.emulator.engine.udfs.raising import OutOfTime, out_of_time

SECONDS = 10.0
"""The longest that one value may take, of the process's CPU time."""

_PATTERNS = 256
_REMEMBERED = 64


class TimedPattern:
    """A compiled pattern; raises OutOfTime for a text that takes too long.

    Such a text is remembered: the engine evaluates a constant when it learns the types, when it plans and
    when it runs, and each would take its time again. Who was told so gives the worker up.
    """

    def __init__(self, pattern: regex.Pattern[str], seconds: float = SECONDS) -> None:
        self.pattern = pattern
        self.seconds = seconds
        self._slow: set[str] = set()

    def search(self, text: str) -> regex.Match[str] | None:
        """The first match."""
        self._check(text)
        try:
            return self.pattern.search(text, timeout=self.seconds)
        except TimeoutError:
            raise self._given_up(text) from None

    def finditer(self, text: str, start: int = 0) -> Iterator[regex.Match[str]]:
        """Every match at or after a place."""
        self._check(text)
        try:
            yield from self.pattern.finditer(text, start, timeout=self.seconds)
        except TimeoutError:
            raise self._given_up(text) from None

    def _check(self, text: str) -> None:
        if text in self._slow:
            raise self._given_up(text)

    def _given_up(self, text: str) -> OutOfTime:
        if len(self._slow) < _REMEMBERED:
            self._slow.add(text)
        return out_of_time(f"A regular expression took longer than {self.seconds:g} seconds on one value")


@lru_cache(maxsize=_PATTERNS)
def timed(pattern: str) -> TimedPattern:
    """The pattern of Java's; raises what ``compiled`` raises."""
    return TimedPattern(compiled(pattern))
