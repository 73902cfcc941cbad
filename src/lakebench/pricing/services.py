"""What AWS bills beside the bytes scanned: a line each, never mixed into the cost of a scan.

The prices are dated data in ``services.toml`` beside this file (facts/athena.md 1.6 says how sure each is).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from typing import Any

from lakebench.errors import PricingError

_GIGABYTE = 1 << 30
_CAPACITY_LEAST_DPUS = 4
_CAPACITY_LEAST_MINUTES = 1
LEAST_CRAWL_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePrice:
    """The price of ``per`` units of a service in a region; ``verified`` means read from AWS.

    ``up_to`` is how many units of a month the price holds for (a first tier); None is without end.
    """

    service: str
    region: str
    currency: str
    price: Decimal
    per: int
    unit: str
    effective: date
    verified: bool
    source: str
    up_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """One line of a bill: so many units of a service, their exact cost, and the price behind it."""

    quantity: Decimal
    cost: Decimal
    price: ServicePrice


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePrices:
    """All prices known, of all services, regions and dates."""

    prices: tuple[ServicePrice, ...]

    def price(self, service: str, region: str, *, on: date | None = None) -> ServicePrice:
        """The newest price in effect; raises PricingError for a service or region without one."""
        of_service = [price for price in self.prices if price.service == service]
        found = [
            price for price in of_service if price.region == region and (on is None or price.effective <= on)
        ]
        if not found:
            regions = ", ".join(sorted({price.region for price in of_service})) or "none"
            day = f" on {on}" if on else ""
            raise PricingError(
                f"no price of {service} is known for region {region!r}{day}", hint=f"known regions: {regions}"
            )
        return max(found, key=lambda price: price.effective)

    def capacity(self, dpus: int, minutes: int, region: str, *, on: date | None = None) -> CostLine:
        """A capacity reservation: its queries pay nothing for bytes.

        Billed by the minute; at least 4 DPUs and one minute (AWS Big Data Blog: Amazon Athena adds 1-minute
        reservations and new capacity control features). Raises ValueError for fewer DPUs.
        """
        if dpus < _CAPACITY_LEAST_DPUS:
            raise ValueError(f"a capacity reservation has at least {_CAPACITY_LEAST_DPUS} DPUs: {dpus}")
        billed = max(_counted(minutes), _CAPACITY_LEAST_MINUTES)
        return _line(self.price("athena-capacity", region, on=on), Decimal(dpus * billed), among=60)

    def crawler(self, dpus: int, seconds: int, region: str, *, on: date | None = None) -> CostLine:
        """One run of a crawler: by the second, at least ten minutes."""
        billed = max(_counted(seconds), LEAST_CRAWL_SECONDS)
        price = self.price("glue-crawler", region, on=on)
        return _line(price, Decimal(_counted(dpus) * billed), among=3600)

    def requests(self, service: str, count: int, region: str, *, on: date | None = None) -> CostLine:
        """Requests of ``s3-get``, ``s3-list-put`` or ``glue-catalog-requests``, without a free tier."""
        return _line(self.price(service, region, on=on), Decimal(_counted(count)))

    def storage(self, stored: int, months: Decimal, region: str, *, on: date | None = None) -> CostLine:
        """Bytes kept in S3 Standard for so many months; a GB has 2^30 bytes.

        Raises PricingError for more than the tier whose price is known.
        """
        price = self.price("s3-storage", region, on=on)
        if price.up_to is not None and _counted(stored) > price.up_to * _GIGABYTE:
            raise PricingError(f"no price of s3-storage is known for {region} above {price.up_to} GB a month")
        return _line(price, _counted(stored) * months, among=_GIGABYTE)

    def transfer(self, sent: int, region: str, *, on: date | None = None) -> CostLine:
        """Bytes that leave the region for the internet; a GB has 2^30 bytes, no free tier.

        Raises PricingError for more than the tier whose price is known.
        """
        price = self.price("transfer-out", region, on=on)
        if price.up_to is not None and _counted(sent) > price.up_to * _GIGABYTE:
            raise PricingError(
                f"no price of transfer-out is known for {region} above {price.up_to} GB a month"
            )
        return _line(price, Decimal(_counted(sent)), among=_GIGABYTE)


def _line(price: ServicePrice, parts: Decimal, *, among: int = 1) -> CostLine:
    """So many parts of a unit that has ``among`` of them; divided once, so that the cost stays exact."""
    return CostLine(quantity=parts / among, cost=parts * price.price / (price.per * among), price=price)


def known_service_prices() -> ServicePrices:
    """The prices that come with the package."""
    text = (files("lakebench.pricing") / "services.toml").read_text(encoding="utf-8")
    return read_service_prices(text, origin="services.toml")


def read_service_prices(text: str, *, origin: str) -> ServicePrices:
    """Read TOML with one ``[[service]]`` a price; raises PricingError that says where a mistake is."""
    try:
        entries = tomllib.loads(text).get("service", [])
    except tomllib.TOMLDecodeError as error:
        raise PricingError(f"{origin}: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise PricingError(f"{origin}: no [[service]] in it")
    return ServicePrices(
        prices=tuple(_entry(entry, f"{origin}: service {at}") for at, entry in enumerate(entries, start=1))
    )


_FIELDS: Mapping[str, type] = {
    "service": str,
    "region": str,
    "currency": str,
    "price": str,
    "per": int,
    "unit": str,
    "effective": date,
    "verified": bool,
    "source": str,
}


def _entry(entry: Any, place: str) -> ServicePrice:
    if not isinstance(entry, dict):
        raise PricingError(f"{place}: not a table")
    for name, kind in _FIELDS.items():
        found = entry.get(name)
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            raise PricingError(f"{place}: {name} is missing or not of type {kind.__name__}")
    if unknown := sorted(entry.keys() - _FIELDS.keys() - {"up_to"}):
        raise PricingError(f"{place}: unknown field {unknown[0]}")
    if "up_to" in entry and (type(entry["up_to"]) is not int or entry["up_to"] < 1):
        raise PricingError(f"{place}: up_to is not a number of units: {entry['up_to']!r}")
    try:
        price = Decimal(entry["price"])
    except InvalidOperation as error:
        raise PricingError(f"{place}: price is no decimal: {entry['price']!r}") from error
    if not price.is_finite() or price < 0 or entry["per"] < 1:
        raise PricingError(f"{place}: not a price: {price} for {entry['per']}")
    return ServicePrice(**{**entry, "price": price})


def _counted(number: int) -> int:
    if number < 0:
        raise ValueError(f"what is billed is not negative: {number}")
    return number
