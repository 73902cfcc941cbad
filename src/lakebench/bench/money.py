"""Dollars of a scan as the story shows them: by the list price, and as billed."""

from __future__ import annotations

from decimal import Decimal

from lakebench.pricing import scan_cost, scan_tariff


def usd_per_tb(region: str) -> Decimal:
    """Athena's list price of a scanned TB in a region. Raises PricingError for an unknown region."""
    return scan_tariff(region).usd_per_tb
