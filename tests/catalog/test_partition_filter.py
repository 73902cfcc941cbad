"""GetPartitions' expressions keep the partitions that they name."""

import re
from pathlib import Path

import pytest

from lakebench.catalog import Column, parse_type
from lakebench.catalog.partition_filter import HIVE_NULL, PartitionFilter

KEYS = [
    Column(name=n, type=parse_type(t)) for n, t in (("region", "string"), ("year", "int"), ("day", "date"))
]
PARTITIONS = [
    ("es", "2023", "2023-05-01"),
    ("es", "2024", "2024-01-31"),
    ("fr", "2024", "2024-02-01"),
    (HIVE_NULL, "2024", "2024-02-01"),
    ("x'y", "9", "2024-12-31"),
]


def _cases():
    text = (Path(__file__).parents[1] / "cases/catalog/partition_filters.txt").read_text()
    for line in text.splitlines():
        if line and not line.startswith("#"):
            mark = " !! " if " !! " in line else " =>"
            expression, _, expected = line.partition(mark)
            yield pytest.param(expression, mark.strip(), expected.strip(), id=expression)


@pytest.mark.parametrize(("expression", "mark", "expected"), list(_cases()))
def test_an_expression_keeps_these_partitions(expression, mark, expected):
    if mark == "!!":
        with pytest.raises(ValueError, match=re.escape(expected)):
            PartitionFilter(expression, KEYS)
        return
    keeps = PartitionFilter(expression, KEYS)
    kept = ["/".join(values).replace(HIVE_NULL, "null") for values in PARTITIONS if keeps(values)]
    assert " ".join(kept) == expected


def test_a_value_that_is_none_of_its_keys_type_passes_no_comparison():
    keeps = PartitionFilter("year > 0", KEYS)
    assert not keeps(("es", "unknown", "2024-01-01"))


def test_an_expression_that_is_nested_too_deep_is_refused():
    with pytest.raises(ValueError, match="nested too deep"):
        PartitionFilter("(" * 5000 + "year = 1" + ")" * 5000, KEYS)
