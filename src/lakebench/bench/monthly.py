"""What a layout costs in a month at a rate of queries: its scans as billed, its bytes as stored."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from lakebench.bench.figures import RunFigures
from lakebench.errors import PricingError
from lakebench.pricing import ServicePrice, known_service_prices

DAYS = 30
"""Days of a month here."""

DEFAULT_PER_DAY = 100
"""How many times a day the suite is asked where nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutMonth:
    """A layout's month in dollars: all scans, and storage, None where its price is not known."""

    layout: str
    stored_bytes: int
    scan_usd: Decimal
    storage_usd: Decimal | None

    @property
    def total_usd(self) -> Decimal | None:
        """Scans and storage together; None without a price of storage."""
        return None if self.storage_usd is None else self.scan_usd + self.storage_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """All layouts' months when each query of the suite is asked ``per_day`` times a day for 30 days.

    ``storage_price`` is None where no price is known, ``refusal`` then says for what.
    """

    per_day: int
    executions: int
    layouts: tuple[LayoutMonth, ...]
    storage_price: ServicePrice | None
    refusal: str | None


def month_of(figures: RunFigures, per_day: int = DEFAULT_PER_DAY) -> Month:
    """Each query's bill times its executions; storage at the price of S3 Standard in the run's region."""
    run, executions = figures.run, per_day * DAYS
    price: ServicePrice | None = None
    refusal: str | None = None
    months: list[LayoutMonth] = []
    for layout in run.layouts:
        storage: Decimal | None = None
        try:
            line = known_service_prices().storage(layout.stored_bytes, Decimal(1), run.region)
            storage, price = line.cost, line.price
        except PricingError as error:
            refusal = str(error)
        months.append(
            LayoutMonth(
                layout=layout.name,
                stored_bytes=layout.stored_bytes,
                scan_usd=figures.suite_usd(layout.name) * executions,
                storage_usd=storage,
            )
        )
    return Month(
        per_day=per_day,
        executions=executions * len(run.sql),
        layouts=tuple(months),
        storage_price=price,
        refusal=refusal,
    )
