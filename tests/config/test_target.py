"""Settings come from variables and flags, flags win, and a wrong word names the nearest right one."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from lakebench.config import Target, TargetKind, parse_target_kind, read_target, variables_of
from lakebench.errors import ConfigError

CASES = json.loads(
    Path(__file__).parents[1].joinpath("cases/config/refused.json").read_text(encoding="utf-8")
)


def test_without_settings_the_target_is_local():
    assert read_target() == Target(kind=TargetKind.LOCAL)


def test_variables_are_read_by_their_prefix_and_others_are_left_alone():
    environ = {
        "LAKEBENCH_TARGET": "aws",
        "LAKEBENCH_REGION": "eu-west-1",
        "LAKEBENCH_PORT": "1",
        "AWS_REGION": "x",
    }
    assert variables_of(environ) == {"target": "aws", "region": "eu-west-1"}


def test_an_empty_variable_is_no_answer():
    assert variables_of({"LAKEBENCH_REGION": "  "}) == {}


def test_a_flag_wins_over_a_variable_and_a_missing_flag_does_not():
    variables = {"region": "eu-west-1", "bucket": "from-variable"}
    target = read_target(variables, {"region": "sa-east-1", "bucket": None})
    assert (target.region, target.bucket) == ("sa-east-1", "from-variable")


def test_amounts_and_hosts_are_read_into_values():
    target = read_target({"max_usd": "0.10", "allowed_hosts": "lake.internal, other"})
    assert target.max_usd == Decimal("0.10")
    assert target.allowed_hosts == ("lake.internal", "other")


@pytest.mark.parametrize("text", ["local", "LOCAL", " aws "])
def test_targets_are_read_whatever_their_case(text):
    assert parse_target_kind(text).value == text.strip().lower()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_bad_setting_is_refused_in_words(case):
    with pytest.raises(ConfigError) as refused:
        read_target(case["settings"])
    assert case["message"] in str(refused.value)
    assert case["hint"] in (refused.value.hint or "")
