"""Draws one block of sales with numpy: indices into the pools, then columns by index."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from lakebench.datagen.catalogue import CHANNELS, CITIES, DISCOUNTS, PAYMENTS, PRODUCTS, SALE_MONTHS
from lakebench.datagen.picking import BELOW_ONE, Flags, GroupPicker, Ints, cumulative, take
from lakebench.datagen.pools import Pools

_FIRST_ID = 1_000_001
_ANONYMOUS = 0.3  # share of shop sales without a customer card
_NO_PAYMENT = 0.015
_NO_DISCOUNT = 0.02


def draw_block(pools: Pools, *, seed: int, block: int, start: int, count: int, rows: int) -> Any:
    """Draw rows ``start`` to ``start + count`` of ``rows`` as an Arrow table; ``ventas`` has the rules."""
    rng = np.random.default_rng([seed, block])
    numbers = np.arange(start, start + count, dtype=np.int64)
    day = pools.days.pick(np.minimum((numbers + rng.random(count)) / rows, BELOW_ONE))
    month, year = pools.day_month[day], pools.day_year[day]
    customer = pools.customers.pick(rng.random(count))
    city = pools.customer_city[customer]
    product = pools.products.pick(month, rng.random(count))
    channel = pools.channels.pick(year, rng.random(count))
    quantity = _quantities(rng, channel)
    discount = _discounts(rng, channel, month)  # indices into DISCOUNTS
    payment = _PAYMENT_SHARES.pick(channel, rng.random(count))
    seller = pools.sellers_by_city[city] + np.floor(rng.random(count) * pools.sellers_in_city[city]).astype(
        np.int64
    )
    anonymous = (channel == _SHOP) & (rng.random(count) < _ANONYMOUS)
    unsold = ~_HAS_SELLER[channel]
    unpaid = rng.random(count) < _NO_PAYMENT
    undiscounted = rng.random(count) < _NO_DISCOUNT
    cents = pools.prices[product, year]
    total = (quantity * cents * (100 - np.where(undiscounted, 0, _DISCOUNT_STEPS[discount])) + 50) // 100
    return pa.table(
        {
            "id_venta": pa.array(numbers + _FIRST_ID),
            "fecha": take(pools.day_texts, day),
            "id_cliente": take(pools.customer_ids, customer, anonymous),
            "cliente": take(pools.customer_names, customer, anonymous),
            "producto": take(_PRODUCT_NAMES, product),
            "categoria": take(_CATEGORIES, product),
            "pais": take(_COUNTRIES, city),
            "region": take(_REGIONS, city),
            "ciudad": take(_CITY_NAMES, city),
            "vendedor": take(pools.sellers, seller, unsold),
            "canal": take(_CHANNEL_NAMES, channel),
            "metodo_pago": take(_PAYMENT_NAMES, payment, unpaid),
            "cantidad": pa.array(quantity),
            "precio_unitario": _money(cents),
            "descuento": take(_DISCOUNT_TEXTS, discount, undiscounted),
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
_PAYMENT_SHARES = GroupPicker(cumulative(np.array([one.payments for one in CHANNELS])))
_DISCOUNT_SHARES = GroupPicker(cumulative(np.array([one.discounts for one in CHANNELS])))
_HAS_SELLER = np.array([channel.has_seller for channel in CHANNELS])
_IN_SALE = np.isin(np.arange(1, 13), SALE_MONTHS)
_BULK = np.array([channel.bulk for channel in CHANNELS], dtype=np.int64)
_SHOP = next(index for index, channel in enumerate(CHANNELS) if channel.name == "Tienda")


def _quantities(rng: np.random.Generator, channel: Ints) -> Ints:
    """Mostly one or two pieces; wholesale buys several boxes of eight."""
    uniform = rng.random(len(channel))
    pieces = 1 + np.floor(np.log1p(-uniform) / np.log(0.42)).astype(np.int64)
    quantity: Ints = np.minimum(pieces, 12) * _BULK[channel]
    return quantity


def _discounts(rng: np.random.Generator, channel: Ints, month: Ints) -> Ints:
    """Steps by the channel's weights; in the months of sales one more for six rows in ten."""
    steps = _DISCOUNT_SHARES.pick(channel, rng.random(len(channel)))
    on_sale: Flags = _IN_SALE[month] & (rng.random(len(channel)) < 0.6)
    return np.minimum(steps + on_sale, len(DISCOUNTS) - 1)


def _money(cents: Ints) -> Any:
    """Cents as decimal(12,2), so that CSV always writes two digits: 128-bit integers, little-endian."""
    words = np.zeros((len(cents), 2), dtype="<i8")
    words[:, 0] = cents
    return pa.Array.from_buffers(pa.decimal128(12, 2), len(cents), [None, pa.py_buffer(words)])
