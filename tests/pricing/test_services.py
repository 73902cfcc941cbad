"""What AWS bills beside bytes scanned: cases in tests/cases/pricing/services.json."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from lakebench.errors import PricingError
from lakebench.pricing import CostLine, known_service_prices, read_service_prices, scan_cost

CASES = json.loads((Path(__file__).parents[1] / "cases/pricing/services.json").read_text())
ENTRY = """
[[service]]
service = "s3-get"
region = "moon-1"
currency = "USD"
price = "{price}"
per = {per}
unit = "requests"
effective = 2025-01-01
verified = true
source = "test"
"""


def line(case: dict) -> CostLine:
    prices = known_service_prices()
    match case["line"]:
        case "capacity":
            return prices.capacity(case["dpus"], case["minutes"], "us-east-1")
        case "crawler":
            return prices.crawler(case["dpus"], case["seconds"], "us-east-1")
        case "storage":
            return prices.storage(case["bytes"], Decimal(case["months"]), "us-east-1")
        case service:
            return prices.requests(service, case["count"], "us-east-1")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_line_is_its_quantity_times_its_price(case):
    found = line(case)
    assert (found.quantity, found.cost) == (Decimal(case["quantity"]), Decimal(case["cost"]))


def test_no_price_beside_the_scans_is_called_verified():
    assert not [price for price in known_service_prices().prices if price.verified]
    assert all(price.source for price in known_service_prices().prices)


def test_a_region_without_a_price_is_refused_and_never_given_anothers():
    assert scan_cost(1 << 40, "cn-northwest-1") > 0
    with pytest.raises(
        PricingError, match="no price of s3-get is known for region 'cn-northwest-1'"
    ) as failure:
        known_service_prices().requests("s3-get", 1, "cn-northwest-1")
    assert failure.value.hint == "known regions: us-east-1"


def test_a_service_without_a_price_is_refused():
    with pytest.raises(PricingError, match="no price of s3-delete is known"):
        known_service_prices().requests("s3-delete", 1, "us-east-1")


def test_what_is_billed_is_not_negative_and_a_reservation_has_four_dpus():
    prices = known_service_prices()
    with pytest.raises(ValueError, match="not negative"):
        prices.requests("s3-get", -1, "us-east-1")
    with pytest.raises(ValueError, match="at least 4 DPUs: 3"):
        prices.capacity(3, 60, "us-east-1")


def test_storage_above_the_tier_whose_price_is_known_is_refused():
    prices = known_service_prices()
    assert prices.storage(51_200 << 30, Decimal(1), "us-east-1").cost == Decimal("1177.6")
    with pytest.raises(PricingError, match="no price of s3-storage is known for us-east-1 above 51200 GB"):
        prices.storage((51_200 << 30) + 1, Decimal(1), "us-east-1")


def test_a_reservation_pays_a_minute_at_least_and_its_cost_is_exact():
    prices = known_service_prices()
    assert (
        prices.capacity(4, 0, "us-east-1").cost == prices.capacity(4, 1, "us-east-1").cost == Decimal("0.02")
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no \[\[service\]\] in it"),
        ("not toml", "test: "),
        (ENTRY.format(price="cheap", per=1), "service 1: price is no decimal: 'cheap'"),
        (ENTRY.format(price="-1", per=1), "service 1: not a price"),
        (ENTRY.format(price="1", per=0), "service 1: not a price"),
        (ENTRY.format(price="1", per='"one"'), "service 1: per is missing or not of type int"),
        (ENTRY.format(price="1", per="true"), "service 1: per is missing or not of type int"),
        (ENTRY.format(price="1", per=1) + "vat = 1\n", "service 1: unknown field vat"),
        (ENTRY.format(price="1", per=1) + "up_to = 0\n", "service 1: up_to is not a number of units: 0"),
    ],
)
def test_a_price_file_with_a_mistake_is_refused_and_says_where(text, message):
    with pytest.raises(PricingError, match=message):
        read_service_prices(text, origin="test")


def test_the_price_of_a_day_is_the_one_in_effect_then():
    newer = ENTRY.format(price="2", per=1).replace("2025-01-01", "2026-01-01")
    prices = read_service_prices(ENTRY.format(price="1", per=1) + newer, origin="test")
    assert prices.price("s3-get", "moon-1").price == 2
    assert prices.price("s3-get", "moon-1", on=date(2025, 6, 1)).price == 1
    with pytest.raises(PricingError, match="on 2024-01-01"):
        prices.price("s3-get", "moon-1", on=date(2024, 1, 1))
