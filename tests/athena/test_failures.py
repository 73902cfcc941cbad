"""AthenaError's category and number, as measured."""

from __future__ import annotations

import pytest

from lakebench.emulator.athena.failures import SYSTEM, USER, Failure
from lakebench.errors import QueryFailed


@pytest.mark.parametrize(
    ("message", "category", "number"),
    [
        ("ParseException line 1:0 cannot recognize input near 'ALTER'", SYSTEM, 1003),
        ("Execution Error, return code 1. cannot find field z from [0:a]", SYSTEM, 1003),
        ("SemanticException [Error 10006]: Partition not found {dt=1}", USER, 1006),
        ("SemanticException [Error 10001]: Table not found t", USER, 1301),
        ("SemanticException [Error 10072]: Database does not exist: d", USER, 1301),
        ("Execution Error, return code 1. Database d already exists", USER, 1006),
        ("Execution Error, return code 1. anything else", USER, 1003),
    ],
)
def test_what_hive_says_has_a_category_and_a_number(message: str, category: int, number: int) -> None:
    failure = Failure.of(QueryFailed("FAILED", message))
    assert (failure.category, failure.error_type, failure.retryable) == (category, number, False)
