"""Objects of partitions that a query excludes are not opened: cases in tests/cases/engine/pruning.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

CASES = json.loads((Path(__file__).parents[1] / "cases/engine/pruning.json").read_text())
OBJECTS = {"a": b"1\n" * 10, "b": b"2\n" * 20, "n": b"3\n" * 40}
PARTITIONS = {"a": ["2024-01-01", "2023", "1"], "b": ["2024-02-01", "2024", "02"], "n": [None, None, None]}


@pytest.fixture
def days(lake):
    lake.table("p", "text", "id int", OBJECTS, keys="dt string; y string; m int", partitions=PARTITIONS)
    return lake


def opened(outcome) -> list[str]:
    return [read.uri.key.removeprefix("p/") for record in outcome.scans for read in record.objects]


@pytest.mark.parametrize("case", CASES, ids=[case["where"] for case in CASES])
def test_only_objects_of_partitions_that_pass_are_read(days, case):
    assert opened(days.run(f"SELECT count(*) FROM p WHERE {case['where']}")) == case["objects"]


def test_a_condition_outside_a_subquery_prunes_inside_it(days):
    outcome = days.run("WITH w AS (SELECT id, dt FROM p) SELECT count(*) FROM w WHERE dt = '2024-02-01'")
    assert opened(outcome) == ["b"]


def test_each_scan_is_pruned_by_its_own_conditions(days):
    outcome = days.run("SELECT count(*) FROM p x JOIN p z ON x.id < z.id WHERE x.m = 1 AND z.m = 2")
    assert [[read.uri.key for read in record.objects] for record in outcome.scans] == [["p/a"], ["p/b"]]


def test_the_side_of_an_outer_join_that_may_be_null_is_not_pruned_before_it(days):
    sql = "SELECT count(*) FROM p x LEFT JOIN p z ON x.id = z.id AND z.m = 2 WHERE z.dt IS NULL"
    assert days.rows(sql) == [["50"]]


def test_a_partition_value_that_a_cast_refuses_leaves_all_to_the_query(lake):
    lake.table(
        "p", "text", "id int", OBJECTS, keys="k string", partitions={"a": ["1"], "b": ["x"], "n": ["3"]}
    )
    assert lake.rows("SELECT count(*) FROM p WHERE TRY_CAST(k AS integer) = 1") == [["10"]]
    assert opened(lake.run("SELECT count(*) FROM p WHERE TRY_CAST(k AS integer) = 1")) == ["a"]


@pytest.mark.parametrize(
    ("kind", "values", "where", "kept"),
    [
        ("decimal(10,2)", ["1.50", "2"], "k > 1.6", "b"),
        ("boolean", ["true", "FALSE"], "k", "a"),
        ("double", ["1e3", "2"], "k > 5", "a"),
        ("bigint", ["01", "2"], "k = 1", "a"),
        ("tinyint", ["-3", "2"], "k < 0", "a"),
        ("date", ["2024-01-01", "2024-01-02"], "k > DATE '2024-01-01'", "b"),
        ("timestamp", ["2024-01-01 00:00:00", "2024-01-02"], "k > TIMESTAMP '2024-01-01 12:00:00'", "b"),
        ("char(3)", ["abc", "b"], "k = 'abc'", "a"),
    ],
)
def test_partition_keys_of_every_type_prune(lake, kind, values, where, kept):
    partitions = {"a": [values[0]], "b": [values[1]], "n": [None]}
    lake.table("p", "text", "id int", OBJECTS, keys=f"k {kind}", partitions=partitions)
    assert opened(lake.run(f"SELECT count(*) FROM p WHERE {where}")) == [kept]
