"""Waiting for AWS: ask at once, then at growing intervals."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """The first question comes at once, the next after ``first`` seconds, each wait ``growth`` times longer.

    No wait is longer than ``longest``. A local query is seen within milliseconds, and AWS is asked about
    once a second, well under its limits for GetQueryExecution.
    """

    first: float = 0.005
    growth: float = 1.5
    longest: float = 1.0

    def turns(self) -> Iterator[None]:
        """Yield once for each question to ask, sleeping in between; endless."""
        wait = self.first
        while True:
            yield
            time.sleep(wait)
            wait = min(wait * self.growth, self.longest)
