"""Hints for names that are not known."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches


def nearest(name: str, known: Sequence[str], what: str) -> str:
    """A hint: the nearest known name, and all of them."""
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"{guess}the {what} are {', '.join(known)}"
