"""Patterns over names, as SHOW TABLES, SHOW DATABASES and ListTableMetadata take them.

Patterns of users are never run as regular expressions of their own: some of those take for ever.
"""

from __future__ import annotations

from collections.abc import Iterator

_REPEATED = {"*": (True, True), "+": (False, True), "?": (True, False)}
"""What a sign allows the character before it: to be missing, to come again."""

Step = tuple[str, bool, bool]
"""A character (``.`` is any), whether it may be missing, whether it may come again."""


def matches(pattern: str | None, name: str) -> bool:
    """Whether the whole name fits one of the pattern's alternatives; None fits all.

    ``*`` and ``.*`` stand for any text, ``.`` for any character, ``|`` separates alternatives; all else is
    literal (AWS: show-tables).
    """
    if pattern is None:
        return True
    return any(_fits(list(_wildcards(part.strip())), name) for part in pattern.split("|"))


def _wildcards(pattern: str) -> Iterator[Step]:
    for sign in pattern.replace(".*", "*"):
        yield (".", True, True) if sign == "*" else (sign, False, False)


def matches_regex(pattern: str | None, name: str) -> bool:
    """Whether the whole name fits a regular expression; None fits all.

    Characters, ``.``, ``*``, ``+``, ``?`` behind one of them, and ``|``; all else is literal. Takes time in
    proportion to pattern times name.
    """
    if pattern is None:
        return True
    return any(_fits(list(_steps(part)), name) for part in pattern.split("|"))


def _steps(pattern: str) -> Iterator[Step]:
    at = 0
    while at < len(pattern):
        missing, again = _REPEATED.get(pattern[at + 1 : at + 2], (False, False))
        yield pattern[at], missing, again
        at += 2 if missing or again else 1


def _fits(steps: list[Step], name: str) -> bool:
    """All places of the pattern that the name so far can lead to, character by character."""
    places = _onward({0}, steps)
    for sign in name:
        reached: set[int] = set()
        for place in places:
            if place < len(steps) and steps[place][0] in {".", sign}:
                reached.add(place + 1)
                if steps[place][2]:
                    reached.add(place)
        places = _onward(reached, steps)
    return len(steps) in places


def _onward(places: set[int], steps: list[Step]) -> set[int]:
    """These places and those behind steps that may be missing."""
    found = set(places)
    for place in sorted(places):
        at = place
        while at < len(steps) and steps[at][1]:
            at += 1
            found.add(at)
    return found
