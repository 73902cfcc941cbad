"""What an execution costs: scanned bytes, rounded as AWS rounds them, times the tariff.

AWS (athena pricing): rounded up to whole megabytes, at least 10 MB a query; DDL and failed queries are
free; cancelled ones pay for what they scanned. Whether a TB is 2^40 or 10^12 bytes, and whether a query
that scanned nothing pays the minimum, AWS does not say: both are switches (facts/athena.md 1.6, 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from lakebench.pricing.tariff import Tariff, TariffTable, known_tariffs


class ByteUnits(Enum):
    """How many bytes a megabyte and a terabyte have."""

    BINARY = (1 << 20, 1 << 40)
    DECIMAL = (10**6, 10**12)

    @property
    def megabyte(self) -> int:
        """Bytes of a megabyte."""
        return self.value[0]

    @property
    def terabyte(self) -> int:
        """Bytes of a terabyte."""
        return self.value[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """The rules of rounding. The defaults fit AWS's own examples best (facts/athena.md 1.6)."""

    units: ByteUnits = ByteUnits.BINARY
    minimum_megabytes: int = 10
    minimum_for_nothing_scanned: bool = True


DEFAULT_BILLING = Billing()


def billed_bytes(scanned: int, *, billable: bool = True, billing: Billing = DEFAULT_BILLING) -> int:
    """Bytes that are charged for ``scanned`` ones; ``billable`` is False for failed queries and DDL.

    Raises ValueError for a negative count.
    """
    if scanned < 0:
        raise ValueError(f"scanned bytes are not negative: {scanned}")
    if not billable or (scanned == 0 and not billing.minimum_for_nothing_scanned):
        return 0
    megabytes = -(-scanned // billing.units.megabyte)
    return max(megabytes, billing.minimum_megabytes) * billing.units.megabyte


def tariff_cost(
    scanned: int, tariff: Tariff, *, billable: bool = True, billing: Billing = DEFAULT_BILLING
) -> Decimal:
    """The exact, unrounded cost of one execution, in the tariff's currency."""
    charged = billed_bytes(scanned, billable=billable, billing=billing)
    return Decimal(charged) * tariff.price_per_tb / Decimal(billing.units.terabyte)


def scan_cost(
    scanned: int,
    region: str,
    *,
    on: date | None = None,
    billable: bool = True,
    billing: Billing = DEFAULT_BILLING,
    tariffs: TariffTable | None = None,
) -> Decimal:
    """What one execution that scanned so many bytes costs in a region, in the tariff's currency.

    Raises PricingError for a region without a tariff.
    """
    tariff = (tariffs or known_tariffs()).tariff(region, on=on)
    return tariff_cost(scanned, tariff, billable=billable, billing=billing)


_SYMBOLS = {"USD": "$", "CNY": "¥"}


def format_cost(amount: Decimal, currency: str = "USD") -> str:
    """Write an amount with two significant digits at least: ``$0.000048``, ``$5.75``, ``$0.00``."""
    places = 2
    if amount and abs(amount) < Decimal("0.01"):
        places = max(2, 1 - amount.adjusted())
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{rounded:f}" if symbol else f"{rounded:f} {currency}"
