"""What scanned bytes cost: cases in tests/cases/pricing/costs.json."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from lakebench.errors import PricingError
from lakebench.pricing import (
    Billing,
    ByteUnits,
    billed_bytes,
    format_cost,
    known_tariffs,
    load_tariffs,
    read_tariffs,
    scan_cost,
)

CASES = json.loads((Path(__file__).parents[1] / "cases/pricing/costs.json").read_text())
ENTRY = """
[[tariff]]
region = "moon-1"
currency = "USD"
price_per_tb = "{price}"
effective = {day}
verified = true
source = "test"
"""


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_cost_follows_the_tariff(case):
    billing = Billing(
        units=ByteUnits[case.get("units", "BINARY")],
        minimum_for_nothing_scanned=case.get("minimum_for_nothing_scanned", True),
    )
    cost = scan_cost(case["scanned"], case["region"], billable=case.get("billable", True), billing=billing)
    assert cost == Decimal(case["cost"])


def test_a_megabyte_that_is_begun_is_billed_whole():
    assert billed_bytes((11 << 20) + 1) == 12 << 20
    assert billed_bytes(11 << 20) == 11 << 20
    assert billed_bytes(1) == 10 << 20


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        billed_bytes(-1)


def test_an_unknown_region_is_refused_naming_the_known_ones():
    with pytest.raises(PricingError, match="no Athena tariff is known for region 'mars-1'") as failure:
        scan_cost(1, "mars-1")
    assert "us-east-1" in (failure.value.hint or "")


def test_only_prices_that_were_read_from_aws_are_verified():
    verified = {tariff.region for tariff in known_tariffs().tariffs if tariff.verified}
    assert verified == {"us-east-1", "ap-southeast-1", "cn-northwest-1"}


def test_the_newest_tariff_that_has_taken_effect_counts():
    table = read_tariffs(
        ENTRY.format(price="5", day="2020-01-01") + ENTRY.format(price="4", day="2025-01-01"), origin="test"
    )
    assert table.tariff("moon-1").price_per_tb == 4
    assert table.tariff("moon-1", on=date(2024, 12, 31)).price_per_tb == 5
    assert scan_cost(1 << 40, "moon-1", on=date(2024, 1, 1), tariffs=table) == 5
    with pytest.raises(PricingError, match="the oldest is of 2020-01-01"):
        table.tariff("moon-1", on=date(2019, 1, 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no \\[\\[tariff\\]\\] in it"),
        ("not toml", "test: "),
        (ENTRY.format(price="cheap", day="2020-01-01"), "tariff 1: price_per_tb is no decimal: 'cheap'"),
        (ENTRY.format(price="-1", day="2020-01-01"), "tariff 1: price_per_tb is not a price"),
        (ENTRY.format(price="NaN", day="2020-01-01"), "tariff 1: price_per_tb is not a price"),
        (ENTRY.format(price="5", day='"soon"'), "tariff 1: effective is missing or not of type date"),
        (ENTRY.format(price="5", day="2020-01-01") + "vat = 1\n", "tariff 1: unknown field vat"),
    ],
)
def test_a_tariff_file_with_a_mistake_is_refused_and_says_where(text, message):
    with pytest.raises(PricingError, match=message):
        read_tariffs(text, origin="test")


def test_a_tariff_file_that_is_missing_is_refused(tmp_path):
    with pytest.raises(PricingError, match="cannot read the tariff file"):
        load_tariffs(tmp_path / "none.toml")


def test_a_file_of_ones_own_adds_regions_and_stands_in_for_those_it_has(tmp_path, monkeypatch):
    own = tmp_path / "tariffs.toml"
    own.write_text(
        ENTRY.format(price="4.00", day="2026-01-01").replace("moon-1", "eu-west-1")
        + ENTRY.format(price="6.00", day="2020-01-01").replace("moon-1", "us-east-1")
    )
    monkeypatch.setenv("LAKEBENCH_TARIFFS", str(own))
    assert known_tariffs().tariff("eu-west-1").price_per_tb == 4
    assert known_tariffs().tariff("us-east-1").price_per_tb == 6
    assert known_tariffs().tariff("sa-east-1").price_per_tb == 9
    monkeypatch.delenv("LAKEBENCH_TARIFFS")
    with pytest.raises(PricingError, match="eu-west-1") as refused:
        known_tariffs().tariff("eu-west-1")
    assert "LAKEBENCH_TARIFFS" in refused.value.hint


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("0.000047683715820312", "$0.000048"),
        ("0.0123", "$0.01"),
        ("5.754", "$5.75"),
        ("1234.5", "$1234.50"),
        ("0.00999", "$0.0100"),
    ],
)
def test_amounts_are_written_with_two_digits_that_count(amount, text):
    assert format_cost(Decimal(amount)) == text


def test_an_amount_in_another_currency_says_which():
    assert format_cost(Decimal("34.34"), "CNY") == "¥34.34"
    assert format_cost(Decimal("34.34"), "EUR") == "34.34 EUR"
