"""Moments of things that take time: the wall's for their start, and from there on by a clock nobody sets.

The wall's clock may be set in mid-query (NTP, a laptop that wakes): no duration may be negative for that, nor
an hour too long.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def _wall() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopwatch:
    """Started at ``started``, a moment of UTC."""

    started: datetime = field(default_factory=_wall)
    _counted: float = field(default_factory=time.monotonic, repr=False)

    def now(self) -> datetime:
        """The start's moment and what has passed since, whatever the wall's clock says now."""
        return self.started + timedelta(seconds=time.monotonic() - self._counted)
