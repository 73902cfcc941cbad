"""Nothing planned over the limit starts, and the running sum stops at it."""

from decimal import Decimal

import pytest

from lakebench.bench.money import Money
from lakebench.bench.spending import SpendingLimit
from lakebench.bench.story import StoryPlan, planned_usd
from lakebench.errors import ClientError, ConfigError, PricingError

MINIMUM = Decimal(5) * 10 / 2**20  # 10 MB at 5 USD per TB


def _limit(max_usd):
    return SpendingLimit(money=Money("us-east-1"), max_usd=max_usd)


def test_small_scans_are_planned_at_the_minimum_of_ten_megabytes():
    assert _limit(None).check_plan([341_350, 0]) == 2 * MINIMUM


def test_a_plan_over_the_limit_is_refused_before_it_starts():
    with pytest.raises(ConfigError, match="over --max-usd"):
        _limit(MINIMUM).check_plan([1, 1])
    assert _limit(2 * MINIMUM).check_plan([1, 1]) == 2 * MINIMUM


def test_the_sum_is_stopped_as_soon_as_it_is_over_the_limit():
    limit = _limit(2 * MINIMUM)
    limit.spend(1)
    limit.spend(1)
    with pytest.raises(ClientError, match="stopped: so far"):
        limit.spend(1)


def test_without_a_limit_the_sum_only_grows():
    limit = _limit(None)
    for _ in range(100):
        limit.spend(2**40)
    assert limit.spent == 500


def test_the_list_price_has_no_minimum_and_the_bill_has():
    money = Money("us-east-1")
    assert money.list_usd(2**40) == money.billed_usd(2**40) == 5
    assert money.list_usd(2**20) == Decimal(5) / 2**20
    assert money.billed_usd(2**20) == MINIMUM


@pytest.mark.parametrize(
    ("region", "says"), [("mars-1", "no Athena tariff"), ("cn-northwest-1", "billed in CNY")]
)
def test_a_region_without_a_price_in_dollars_is_refused(region, says):
    with pytest.raises(PricingError, match=says):
        Money(region)


def test_a_whole_story_is_planned_as_full_scans_of_every_run():
    plan = StoryPlan(bucket="b", database="d", crawler="c", rows=2_000, max_runs=1)
    assert planned_usd(plan, "us-east-1") == 11 * MINIMUM
