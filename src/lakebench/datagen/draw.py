"""Draws one block of sales with numpy: indices into the pools, then columns by index."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lakebench.datagen.catalogue import CHANNELS, CITIES, DISCOUNTS, PAYMENTS, PRODUCTS, SALE_MONTHS
from lakebench.datagen.pools import Floats, Ints, Pools, cumulative, pick

_FIRST_ID = 1_000_001
_ANONYMOUS = 0.3  # share of shop sales without a customer card
_NO_PAYMENT = 0.015
_NO_DISCOUNT = 0.02

Flags = npt.NDArray[np.bool_]


def draw_block(pools: Pools, *, seed: int, block: int, start: int, count: int, rows: int) -> Any:
    """Draw rows ``start`` to ``start + count`` of ``rows`` as an Arrow table; ``ventas`` has the rules."""
    rng = np.random.default_rng([seed, block])
    numbers = np.arange(start, start + count, dtype=np.int64)
    day = pick(pools.day_weights, (numbers + rng.random(count)) / rows)
    month, year = pools.day_month[day], pools.day_year[day]
    customer = pick(pools.customer_weights, rng.random(count))
    city = pools.customer_city[customer]
    product = _by_group(pools.product_weights, month, rng.random(count))
    channel = _by_group(pools.channel_weights, year, rng.random(count))
    quantity = _quantities(rng, channel)
    discount = _discounts(rng, channel, month)
    payment = _by_group(cumulative(np.array([one.payments for one in CHANNELS])), channel, rng.random(count))
    seller = pools.sellers_by_city[city] + np.floor(rng.random(count) * pools.sellers_in_city[city]).astype(
        np.int64
    )
    anonymous = (channel == _SHOP) & (rng.random(count) < _ANONYMOUS)
    unsold = ~_HAS_SELLER[channel]
    unpaid = rng.random(count) < _NO_PAYMENT
    undiscounted = rng.random(count) < _NO_DISCOUNT
    cents = pools.prices[product, year]
    total = (quantity * cents * (100 - np.where(undiscounted, 0, discount)) + 50) // 100
    return pa.table(
        {
            "id_venta": pa.array(numbers + _FIRST_ID),
            "fecha": _take(pools.day_texts, day),
            "id_cliente": _take(pools.customer_ids, customer, anonymous),
            "cliente": _take(pools.customer_names, customer, anonymous),
            "producto": _take(_PRODUCT_NAMES, product),
            "categoria": _take(_CATEGORIES, product),
            "pais": _take(_COUNTRIES, city),
            "region": _take(_REGIONS, city),
            "ciudad": _take(_CITY_NAMES, city),
            "vendedor": _take(pools.sellers, seller, unsold),
            "canal": _take(_CHANNEL_NAMES, channel),
            "metodo_pago": _take(_PAYMENT_NAMES, payment, unpaid),
            "cantidad": pa.array(quantity),
            "precio_unitario": _money(cents),
            "descuento": _take(_DISCOUNT_TEXTS, np.searchsorted(_DISCOUNT_STEPS, discount), undiscounted),
            "total": _money(total),
        }
    )


_PRODUCT_NAMES = pa.array([product.name for product in PRODUCTS])
_CATEGORIES = pa.array([product.category for product in PRODUCTS])
_CITY_NAMES = pa.array([city.name for city in CITIES])
_REGIONS = pa.array([city.region for city in CITIES])
_COUNTRIES = pa.array([city.country for city in CITIES])
_CHANNEL_NAMES = pa.array([channel.name for channel in CHANNELS])
_PAYMENT_NAMES = pa.array(list(PAYMENTS))
_DISCOUNT_TEXTS = pa.array([f"{step / 100:.2f}" for step in DISCOUNTS])
_DISCOUNT_STEPS = np.array(DISCOUNTS, dtype=np.int64)
_HAS_SELLER = np.array([channel.has_seller for channel in CHANNELS])
_BULK = np.array([channel.bulk for channel in CHANNELS], dtype=np.int64)
_SHOP = next(index for index, channel in enumerate(CHANNELS) if channel.name == "Tienda")


def _by_group(shares: Floats, group: Ints, uniform: Floats) -> Ints:
    """Pick from row ``group`` of cumulative ``shares``: one search over the rows laid end to end."""
    width = shares.shape[1]
    laid = (shares + np.arange(len(shares))[:, None]).ravel()
    index: Ints = pick(laid, uniform + group) - group * width
    return np.clip(index, 0, width - 1)  # rounding at a row's edge must not leave the row


def _quantities(rng: np.random.Generator, channel: Ints) -> Ints:
    """Mostly one or two pieces; wholesale buys several boxes of eight."""
    uniform = rng.random(len(channel))
    pieces = 1 + np.floor(np.log1p(-uniform) / np.log(0.42)).astype(np.int64)
    quantity: Ints = np.minimum(pieces, 12) * _BULK[channel]
    return quantity


def _discounts(rng: np.random.Generator, channel: Ints, month: Ints) -> Ints:
    """Per cent by the channel's weights; in the months of sales one step more for six rows in ten."""
    steps = _by_group(
        cumulative(np.array([one.discounts for one in CHANNELS])), channel, rng.random(len(channel))
    )
    on_sale: Flags = np.isin(month + 1, SALE_MONTHS) & (rng.random(len(channel)) < 0.6)
    return _DISCOUNT_STEPS[np.minimum(steps + on_sale, len(DISCOUNTS) - 1)]


def _take(values: Any, index: Ints, null: Flags | None = None) -> Any:
    return values.take(pa.array(index, mask=null))


def _money(cents: Ints) -> Any:
    """Cents as decimal(12,2), so that CSV always writes two digits: 128-bit integers, little-endian."""
    words = np.zeros((len(cents), 2), dtype="<i8")
    words[:, 0] = cents
    return pa.Array.from_buffers(pa.decimal128(12, 2), len(cents), [None, pa.py_buffer(words)])
