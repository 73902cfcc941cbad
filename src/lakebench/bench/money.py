"""Dollars of a scan as the story shows them: by the list price, and as billed."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from lakebench.errors import PricingError

_TB = Decimal(2**40)
_MB = Decimal(2**20)


def usd_per_tb(region: str) -> Decimal:
    """Athena's list price of a scanned TB in a region. Raises PricingError for an unknown region."""
    if not region:
        raise PricingError("no region")
    return Decimal(5)


def list_usd(scanned_bytes: int, region: str) -> Decimal:
    """Bytes at the list price, with no rounding and no minimum."""
    return usd_per_tb(region) * scanned_bytes / _TB


def billed_usd(scanned_bytes: int, region: str) -> Decimal:
    """What the bill says: rounded up to whole MB, 10 MB at least (facts/athena.md 1.6)."""
    megabytes = max((Decimal(scanned_bytes) / _MB).to_integral_value(ROUND_CEILING), Decimal(10))
    return usd_per_tb(region) * megabytes * _MB / _TB
