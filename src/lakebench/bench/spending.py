"""A small spending limit for aws: nothing starts that is planned to cost more, and the sum is watched."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from lakebench.bench.money import Money
from lakebench.errors import ClientError, ConfigError


class SpendingLimit:
    """Adds up what queries are billed; without ``max_usd`` (local) it only adds."""

    def __init__(self, *, money: Money, max_usd: Decimal | None) -> None:
        self._money = money
        self._max = max_usd
        self.spent = Decimal(0)

    def check_plan(self, scans: Iterable[int]) -> Decimal:
        """What the planned scans (bytes each) would be billed; ConfigError if that is over the limit."""
        planned = sum((self._money.billed_usd(scanned) for scanned in scans), Decimal(0))
        if self._max is not None and planned > self._max:
            raise ConfigError(
                f"the story would be billed {planned:.6f} USD for queries, over --max-usd {self._max}",
                hint="take fewer --rows or a larger --max-usd; no query was run",
            )
        return planned

    def spend(self, scanned_bytes: int) -> None:
        """Add a query that has run; ClientError as soon as the sum is over the limit."""
        self.spent += self._money.billed_usd(scanned_bytes)
        if self._max is not None and self.spent > self._max:
            raise ClientError(
                f"stopped: queries so far are billed {self.spent:.6f} USD, over --max-usd {self._max}"
            )
