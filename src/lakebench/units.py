"""Bytes and durations as the Athena console writes them.

The console's KB, MB and GB are powers of 1024: an object of 3,921,495 bytes is shown as 3.74 MB
(measured, facts/athena.md 1.1).
"""

from __future__ import annotations

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


def format_milliseconds(milliseconds: float) -> str:
    """Write a duration as the Athena console does: ``183 ms``, ``1.25 sec``, ``2 min 4 sec``."""
    if round(milliseconds) < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = round(milliseconds / 1000, 2)
    if seconds < 60:
        return f"{seconds:.2f} sec"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} sec"
