"""Tariffs: what a TB of scanned data costs in a region, since when, and how sure that is.

The figures are dated data in ``athena.toml`` beside this file, never constants in code.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import Any

from lakebench.errors import PricingError

TARIFFS = "LAKEBENCH_TARIFFS"
"""The variable that names a file of one's own tariffs, in the form of ``athena.toml``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Athena's price of data scanned in one region.

    ``price_per_tb`` is in ``currency``; ``verified`` is False for a figure that nobody read from AWS: show
    it only together with that fact (facts/athena.md 1.6).
    """

    region: str
    currency: str
    price_per_tb: Decimal
    effective: date
    verified: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffTable:
    """All tariffs known, of all regions and dates."""

    tariffs: tuple[Tariff, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that have a tariff, by name."""
        return tuple(sorted({tariff.region for tariff in self.tariffs}))

    def tariff(self, region: str, *, on: date | None = None) -> Tariff:
        """The tariff of a region on a day; the newest one without a day.

        Raises PricingError that names the known regions, or the first day that has a tariff.
        """
        of_region = sorted(
            (tariff for tariff in self.tariffs if tariff.region == region), key=lambda t: t.effective
        )
        if not of_region:
            raise PricingError(
                f"no Athena tariff is known for region {region!r}",
                hint=f"known regions: {', '.join(self.regions)}; {TARIFFS} names a file with your own",
            )
        current = [tariff for tariff in of_region if on is None or tariff.effective <= on]
        if not current:
            raise PricingError(
                f"no Athena tariff is known for {region} on {on}: the oldest is of {of_region[0].effective}"
            )
        return current[-1]


def known_tariffs() -> TariffTable:
    """The tariffs that come with the package, under those of the file that LAKEBENCH_TARIFFS names.

    A region that the file has is priced by the file alone. Raises PricingError for a file that cannot be
    read or understood.
    """
    text = (files("lakebench.pricing") / "athena.toml").read_text(encoding="utf-8")
    shipped = read_tariffs(text, origin="athena.toml")
    own = os.environ.get(TARIFFS)
    if not own:
        return shipped
    table = load_tariffs(Path(own))
    others = (tariff for tariff in shipped.tariffs if tariff.region not in table.regions)
    return TariffTable(tariffs=(*table.tariffs, *others))


def load_tariffs(path: Path) -> TariffTable:
    """Tariffs of a file of one's own; raises PricingError for a file that cannot be read or understood."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PricingError(f"cannot read the tariff file {path}: {error}") from error
    return read_tariffs(text, origin=str(path))


def read_tariffs(text: str, *, origin: str) -> TariffTable:
    """Read TOML with one ``[[tariff]]`` a region and date; ``origin`` names it in errors."""
    try:
        entries = tomllib.loads(text).get("tariff", [])
    except tomllib.TOMLDecodeError as error:
        raise PricingError(f"{origin}: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise PricingError(f"{origin}: no [[tariff]] in it")
    return TariffTable(
        tariffs=tuple(
            _read_entry(entry, f"{origin}: tariff {at}") for at, entry in enumerate(entries, start=1)
        )
    )


_FIELDS = {
    "region": str,
    "currency": str,
    "price_per_tb": str,
    "effective": date,
    "verified": bool,
    "source": str,
}


def _read_entry(entry: Any, place: str) -> Tariff:
    if not isinstance(entry, dict):
        raise PricingError(f"{place}: not a table")
    for name, kind in _FIELDS.items():
        if not isinstance(entry.get(name), kind):
            raise PricingError(f"{place}: {name} is missing or not of type {kind.__name__}")
    if unknown := sorted(entry.keys() - _FIELDS.keys()):
        raise PricingError(f"{place}: unknown field {unknown[0]}")
    try:
        price = Decimal(entry["price_per_tb"])
    except InvalidOperation as error:
        raise PricingError(f"{place}: price_per_tb is no decimal: {entry['price_per_tb']!r}") from error
    if not price.is_finite() or price < 0:
        raise PricingError(f"{place}: price_per_tb is not a price: {price}")
    return Tariff(**{**entry, "price_per_tb": price})
