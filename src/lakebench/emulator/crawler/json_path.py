"""The JsonPath of a custom JSON classifier: Glue's subset of it (AWS: custom-classifier, JSON).

``$`` the root, ``.name`` and ``['name']`` a child, ``[n]`` an element, ``[*]`` and ``.*`` all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lakebench.errors import ConfigError

_STEP = re.compile(
    r"\.(?P<name>[^.\[\]'\"*\s]+)|\[\s*'(?P<single>[^']+)'\s*\]|\[\s*\"(?P<double>[^\"]+)\"\s*\]"
    r"|\[\s*(?P<number>\d{1,9})\s*\]|(?P<all>\[\s*\*?\s*\]|\.\*)"
)
_MAX_STEPS = 50

Step = str | int | None
"""A key, a position, or None for all members."""


def parse_json_path(path: str) -> tuple[Step, ...]:
    """The steps below the root; raises ConfigError with the place that is not understood."""
    if not path.startswith("$"):
        raise ConfigError(f"JsonPath {path!r} must begin with $")
    steps: list[Step] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None or len(steps) == _MAX_STEPS:
            raise ConfigError(f"JsonPath {path!r} is not understood from {path[at:]!r}")
        at = match.end()
        if match["number"]:
            steps.append(int(match["number"]))
        else:
            steps.append(match["name"] or match["single"] or match["double"])
    return tuple(steps)


def select(value: Any, steps: tuple[Step, ...]) -> Iterator[Any]:
    """The values that the path leads to, in the order of the document."""
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step is None and isinstance(value, list | dict):
        for member in value if isinstance(value, list) else value.values():
            yield from select(member, rest)
        return
    by_key = isinstance(step, str) and isinstance(value, dict) and step in value
    by_position = isinstance(step, int) and isinstance(value, list) and step < len(value)
    if by_key or by_position:
        yield from select(value[step], rest)
