"""Answers of two tables must be the same rows; sums of doubles may differ in their last digits."""

import math
from decimal import Decimal

import pytest

from lakebench.bench.measure import check_same_rows
from lakebench.errors import ClientError

SAME = {
    "equal rows": ([("a", 1, None)], [("a", 1, None)]),
    "nothing": ([], []),
    "doubles added in another order": ([(0.1 + 0.2,)], [(0.3,)]),
    "not a number twice": ([(math.nan,)], [(math.nan,)]),
    "decimals": ([(Decimal("1.50"),)], [(Decimal("1.5"),)]),
}
DIFFERENT = {
    "another value": ([("a", 1)], [("a", 2)]),
    "null against empty": ([("",)], [(None,)]),
    "a row missing": ([("a",), ("b",)], [("a",)]),
    "a row more": ([], [("a",)]),
    "another order": ([("a",), ("b",)], [("b",), ("a",)]),
    "a column less": ([("a", 1)], [("a",)]),
    "a cent": ([(1000.01,)], [(1000.02,)]),
    "a number and not a number": ([(1.0,)], [(math.nan,)]),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_answer_passes(name):
    check_same_rows("query", *SAME[name])


@pytest.mark.parametrize("name", DIFFERENT)
def test_another_answer_fails_and_names_the_query_and_the_row(name):
    with pytest.raises(ClientError, match=r"query sales: row \d of the CSV table is") as failed:
        check_same_rows("sales", *DIFFERENT[name])
    assert "do not hold the same data" in failed.value.hint
