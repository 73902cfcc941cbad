"""Dollars of a scan as the story shows them: by the list price, and as billed."""

from __future__ import annotations

from decimal import Decimal

from lakebench.errors import PricingError
from lakebench.pricing import DEFAULT_BILLING, Tariff, known_tariffs, tariff_cost


class Money:
    """Prices of one region in dollars; PricingError for a region that is unknown or billed otherwise."""

    def __init__(self, region: str) -> None:
        self.tariff: Tariff = known_tariffs().tariff(region)
        if self.tariff.currency != "USD":
            raise PricingError(
                f"the story's figures are in dollars, and {region} is billed in {self.tariff.currency}",
                hint="choose a region billed in dollars",
            )

    def list_usd(self, scanned_bytes: int) -> Decimal:
        """Bytes at the list price per TB, with no rounding and no minimum."""
        return self.tariff.price_per_tb * scanned_bytes / DEFAULT_BILLING.units.terabyte

    def billed_usd(self, scanned_bytes: int) -> Decimal:
        """What the bill says: rounded up to whole MB, 10 MB at least (facts/athena.md 1.6)."""
        return tariff_cost(scanned_bytes, self.tariff)
