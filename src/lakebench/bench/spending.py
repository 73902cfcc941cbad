"""A small spending limit for aws: nothing starts that is planned to cost more, and the sum is watched."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from lakebench.bench.money import Money
from lakebench.errors import ClientError, ConfigError, PricingError


class SpendingLimit:
    """Adds up what queries are billed, and other charges; without ``max_usd`` (local) it only adds.

    ``money`` None is for runs without queries, in regions whose tariff nobody has to know.
    """

    def __init__(self, *, money: Money | None, max_usd: Decimal | None) -> None:
        self._money = money
        self._max = max_usd
        self.spent = Decimal(0)

    def check_plan(self, scans: Iterable[int], charges: Iterable[Decimal] = ()) -> Decimal:
        """The dollars of ``planned``; ConfigError if that is over what is left of the limit."""
        planned = self.planned(scans, charges)
        if self._max is not None and self.spent + planned > self._max:
            after = f" after {self.spent:.6f} USD that are spent" if self.spent else ""
            raise ConfigError(
                f"this would be billed {planned:.6f} USD{after}, over --max-usd {self._max}",
                hint="ask for less, or give a larger --max-usd; "
                + ("no further query was run" if self.spent else "no query was run"),
            )
        return planned

    def planned(self, scans: Iterable[int], charges: Iterable[Decimal] = ()) -> Decimal:
        """What the planned scans (bytes each) would be billed, with charges in dollars."""
        return sum((self._billed_usd(scanned) for scanned in scans), sum(charges, Decimal(0)))

    def spend(self, scanned_bytes: int) -> None:
        """Add a query that has run; ClientError as soon as the sum is over the limit."""
        self.charge(self._billed_usd(scanned_bytes))

    def charge(self, usd: Decimal) -> None:
        """Add what else is billed; ClientError as soon as the sum is over the limit."""
        self.spent += usd
        if self._max is not None and self.spent > self._max:
            raise ClientError(f"stopped: so far {self.spent:.6f} USD are billed, over --max-usd {self._max}")

    def _billed_usd(self, scanned_bytes: int) -> Decimal:
        if self._money is None:
            raise PricingError("a run that was planned without queries has one")
        return self._money.billed_usd(scanned_bytes)
