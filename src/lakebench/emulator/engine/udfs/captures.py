"""Patterns of Java's that RE2 cannot say: groups of a match by the ``regex`` library."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import regex

from lakebench.emulator.engine.udfs.raising import raised

_SECONDS = 60.0


def pattern_groups(texts: pa.Array, patterns: pa.Array, modes: pa.Array) -> pa.Array:
    """The groups of each text's match as a list, NULL without one; ``whole`` or ``search`` is the mode."""
    found: list[list[str | None] | None] = []
    for text, pattern, mode in zip(texts.to_pylist(), patterns.to_pylist(), modes.to_pylist(), strict=True):
        if text is None or pattern is None:
            found.append(None)
            continue
        compiled = _compiled(pattern)
        try:
            match = (compiled.fullmatch if mode == "whole" else compiled.search)(text, timeout=_SECONDS)
        except TimeoutError:
            raise raised("HIVE_CURSOR_ERROR", "The pattern takes too long on a line") from None
        found.append(None if match is None else list(match.groups()))
    return pa.array(found, pa.list_(pa.string()))


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> regex.Pattern[str]:
    """Java's defaults: sets within sets, ASCII classes."""
    try:
        return regex.compile(pattern, regex.V1 | regex.ASCII)
    except regex.error as error:
        raise raised("HIVE_CURSOR_ERROR", f"{error.msg} near index {error.pos}: {pattern}") from None
