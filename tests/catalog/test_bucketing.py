"""Hive's bucket hash, version 1.

The expected numbers are those of Trino's TestHiveBucketing, which compares itself with Hive's own classes;
its timestamps are read in a zone eight (1970) or seven hours west of UTC, so they stand here in UTC.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest

from lakebench.catalog import parse_type
from lakebench.catalog.bucketing import bucket_of, can_bucket, hive_hash

HASHES = [
    ("boolean", None, 0),
    ("boolean", True, 1),
    ("boolean", False, 0),
    ("tinyint", -128, -128),
    ("smallint", 300, 300),
    ("integer", 300_000, 300_000),
    ("integer", -(2**31), -(2**31)),
    ("bigint", 300_000_000_000, -647710651),
    ("bigint", -(2**63), -2147483648),
    ("bigint", 2**63 - 1, -2147483648),
    ("real", 12.34, 1095069860),
    ("real", float("-inf"), -8388608),
    ("real", float("nan"), 2143289344),
    ("double", 12.34, 986311098),
    ("double", float("inf"), 2146435072),
    ("double", float("-nan"), 2146959360),
    ("varchar(15)", "", 1),
    ("varchar(15)", "test string", -189841218),
    ("varchar(15)", "\u5f3a\u5927\u7684Presto\u5f15\u64ce", 2136288313),
    ("varchar", None, 0),
    ("varchar", "", 0),
    ("varchar", "test string", -318923937),
    ("varchar", "\u5f3a\u5927\u7684Presto\u5f15\u64ce", -120622694),
    ("varchar", "\U00020ffc\U00020ffd\U00020ffe\U00020fff", -1810797254),
    ("date", date(1970, 1, 1), 0),
    ("date", date(2015, 11, 19), 16758),
    ("date", date(1950, 11, 19), -6983),
    ("timestamp", datetime(1970, 1, 1, 8), 7200),  # noqa: DTZ001 - wall-clock time
    ("array(boolean)", [], 0),
    ("array(smallint)", [5, 8, 13], 5066),
    ("array(varchar)", ["test1", "test2", "test3", "test4"], 957612994),
    ("array(array(bigint))", [[10, 20], [-10, -20], [None]], 326368),
    ("map(varchar, bigint)", {"key": 123, "key2": 123456789, "key3": -123456}, 127880789),
    ("map(array(double), map(integer, varchar))", [([12.3, 45.7], {123: "test99"})], -34001111),
]


@pytest.mark.parametrize(("kind", "value", "expected"), HASHES)
def test_a_value_has_the_hash_that_hive_gives_it(kind, value, expected):
    assert hive_hash(value, parse_type(kind)) == expected


def test_columns_are_combined_and_the_sign_is_cut_off():
    kinds = ("double", "array(smallint)", "boolean", "map(varchar, bigint)", "tinyint")
    row = (None, [5, 8, 13], None, {"key": 123}, None)
    types = [parse_type(kind) for kind in kinds]
    assert [bucket_of(row, types, count) for count in (1, 2, 500, 997)] == [
        154207826 % count for count in (1, 2, 500, 997)
    ]
    assert bucket_of(["test string"], [parse_type("varchar")], 10) == (-318923937 & 0x7FFFFFFF) % 10


@pytest.mark.parametrize(
    "kind", ["decimal(10,2)", "varbinary", "row(a integer)", "char(3)", "array(decimal(3,1))"]
)
def test_types_that_hive_does_not_hash_here_are_told(kind):
    assert not can_bucket(parse_type(kind))
    with pytest.raises(ValueError, match="no bucket hash"):
        hive_hash(None, parse_type(kind))
