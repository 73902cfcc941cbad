"""The small seeded pools that every row points into: customers, sellers, days, prices.

Faker makes about 1,800 values a second and numpy draws millions (facts/ecosystem.md 6), so Faker fills a
few hundred first names and surnames, and everything else is drawn once per run from the fixed catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from lakebench.datagen.catalogue import (
    CHANNELS,
    CITIES,
    MONTH_WEIGHTS,
    PRICE_RISE,
    PRODUCTS,
    SEASONS,
    WEEKDAY_WEIGHTS,
    YEARS,
)
from lakebench.datagen.picking import Floats, GroupPicker, Ints, Picker, cumulative, zipf

_POOLS = 0x706F6F6C  # keeps the pools' random stream apart from the blocks'
_CUSTOMERS = 4_000
_FIRST_NAMES = 160
_SURNAMES = 220
_FIRST_CUSTOMER_ID = 10_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """Everything a block of rows is drawn from; the same for all blocks of one seed.

    ``day_*`` have one entry a day of YEARS; ``prices`` is cents by product and year; ``products`` picks by
    month (row 0 is January), ``channels`` by year; ``sellers_by_city`` gives the first seller of each city,
    ``sellers_in_city`` how many it has.
    """

    customer_ids: Any
    customer_names: Any
    customer_city: Ints
    customers: Picker
    sellers: Any
    sellers_by_city: Ints
    sellers_in_city: Ints
    day_texts: Any
    day_month: Ints
    day_year: Ints
    days: Picker
    prices: Ints
    products: GroupPicker
    channels: GroupPicker


def build_pools(seed: int) -> Pools:
    """Build the pools of one seed; a few tenths of a second, most of it Faker's start."""
    rng = np.random.default_rng([_POOLS, seed])
    first, last = _names(seed)
    city_weights = cumulative(np.array([city.weight for city in CITIES], dtype=np.float64))
    day_texts, day_month, day_year, day_weights = _days()
    sellers_in_city = np.array([1 + city.weight // 25 for city in CITIES], dtype=np.int64)
    popularity = zipf(len(PRODUCTS), 1.05)[rng.permutation(len(PRODUCTS))]
    return Pools(
        customer_ids=pa.array(np.arange(_FIRST_CUSTOMER_ID, _FIRST_CUSTOMER_ID + _CUSTOMERS)),
        customer_names=pa.array(_full_names(rng, first, last, _CUSTOMERS)),
        customer_city=Picker(city_weights).pick(rng.random(_CUSTOMERS)),
        customers=Picker(cumulative(zipf(_CUSTOMERS, 0.7)[rng.permutation(_CUSTOMERS)])),
        sellers=pa.array(_full_names(rng, first, last, int(sellers_in_city.sum()))),
        sellers_by_city=np.cumsum(sellers_in_city) - sellers_in_city,
        sellers_in_city=sellers_in_city,
        day_texts=day_texts,
        day_month=day_month,
        day_year=day_year,
        days=Picker(day_weights),
        prices=_prices(),
        products=GroupPicker(_product_weights(popularity)),
        channels=GroupPicker(_channel_weights()),
    )


def _names(seed: int) -> tuple[list[str], list[str]]:
    from faker import Faker  # 0.2 s to import, and an extra package

    faker = Faker("es_ES")
    faker.seed_instance(seed)
    first = [faker.first_name() for _ in range(_FIRST_NAMES)]
    last = [faker.last_name() for _ in range(_SURNAMES)]
    return first, last


def _full_names(rng: np.random.Generator, first: list[str], last: list[str], count: int) -> list[str]:
    names = rng.integers(0, len(first), count)
    surnames = rng.integers(0, len(last), (2, count))
    return [
        f"{first[name]} {last[one]} {last[two]}"
        for name, one, two in zip(names, surnames[0], surnames[1], strict=True)
    ]


def _days() -> tuple[Any, Ints, Ints, Floats]:
    first, last = YEARS
    days = np.arange(f"{first}-01-01", f"{last + 1}-01-01", dtype="datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64) % 12
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970 - first
    weekdays = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    growth = 1.0 + 0.12 * np.arange(len(days)) / 365.25
    weights = np.array(MONTH_WEIGHTS)[months] * np.array(WEEKDAY_WEIGHTS)[weekdays] * growth
    return pa.array(np.datetime_as_string(days).tolist()), months, years, cumulative(weights)


def _prices() -> Ints:
    base = np.array([product.cents for product in PRODUCTS], dtype=np.float64)
    rise = (1.0 + PRICE_RISE) ** np.arange(YEARS[1] - YEARS[0] + 1)
    return np.rint(base[:, None] * rise[None, :]).astype(np.int64)


def _product_weights(popularity: Floats) -> Floats:
    season = np.ones((12, len(PRODUCTS)))
    for column, product in enumerate(PRODUCTS):
        for month, factor in SEASONS.get(product.category, {}).items():
            season[month - 1, column] = factor
    return cumulative(season * popularity[None, :])


def _channel_weights() -> Floats:
    years = YEARS[1] - YEARS[0] + 1
    step = np.arange(years)[:, None] / (years - 1)
    first = np.array([channel.shares[0] for channel in CHANNELS])
    last = np.array([channel.shares[1] for channel in CHANNELS])
    return cumulative(first[None, :] * (1 - step) + last[None, :] * step)
