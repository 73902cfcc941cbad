"""Bytes and durations as the Athena console writes them.

The console's KB, MB and GB are powers of 1024: an object of 3,921,495 bytes is shown as 3.74 MB
(measured, facts/athena.md 1.1).
"""

from __future__ import annotations

import re
from decimal import Decimal

_STEP = 1024
_NAMES = ("KB", "MB", "GB", "TB", "PB", "EB")


def format_bytes(count: int) -> str:
    """Write a byte count as the Athena console does: ``341350`` becomes ``333.35 KB``."""
    if count < 0:
        raise ValueError(f"a byte count is not negative: {count}")
    if count < _STEP:
        return f"{count} B"
    power = 1
    while power < len(_NAMES) and round(count / _STEP**power, 2) >= _STEP:
        power += 1
    return f"{count / _STEP**power:.2f} {_NAMES[power - 1]}"


def parse_bytes(text: str) -> int:
    """Read a byte count: ``10485760``, ``10 MB``, ``1.5GB``; units are powers of 1024, as the console's.

    Raises ValueError.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(B|[KMGTPE]B)?\s*", text, re.IGNORECASE)
    if found is None:
        raise ValueError(f"not a number of bytes: {text!r}; write 10485760, 10MB or 1.5GB")
    unit = (found[2] or "B").upper()
    power = 0 if unit == "B" else _NAMES.index(unit) + 1
    return int(Decimal(found[1]) * _STEP**power)


def format_milliseconds(milliseconds: float) -> str:
    """Write a duration as the Athena console does: ``183 ms``, ``1.25 sec``, ``2 min 4 sec``."""
    if round(milliseconds) < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = round(milliseconds / 1000, 2)
    if seconds < 60:
        return f"{seconds:.2f} sec"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} sec"
