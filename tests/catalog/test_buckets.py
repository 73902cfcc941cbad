"""Which bucket a row and an object belong to; hashes are those of Trino's TestHiveBucketing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from lakebench.catalog import parse_type
from lakebench.catalog.bucketing import hive_hash
from lakebench.catalog.buckets import (
    NotBuckets,
    bucket_of_name,
    bucket_of_row,
    buckets_of_names,
    hive_hash2,
)

HASHES = json.loads((Path(__file__).parents[1] / "cases/catalog/bucket_hashes.json").read_text())


@pytest.mark.parametrize("case", HASHES, ids=[f"{case['type']} {case['value']}" for case in HASHES])
def test_a_value_has_hives_hash(case):
    value = date.fromisoformat(case["value"]) if case["type"] == "date" else case["value"]
    data_type = parse_type(case["type"])
    assert (hive_hash(value, data_type), hive_hash2(value, data_type)) == (case["v1"], case["v2"])


@pytest.mark.parametrize(("version", "buckets"), [(1, {3, 4, 5}), (2, {0, 1, 5, 6})])
def test_several_columns_make_one_bucket(version, buckets):
    """TestHiveBucketing.testBucketFilterFromDiscreteSets."""
    types = [parse_type("int"), parse_type("tinyint")]
    found = {bucket_of_row([a, b], types, 8, version=version) for a in (1, 10) for b in (5, 6)}
    assert found == buckets


@pytest.mark.parametrize(
    ("name", "bucket"),
    [
        ("000003_0", 3),
        ("000012_0.snappy", 12),
        ("20191031_215021_00001_3f42d_bucket-00007", 7),
        ("20191031_215021_00001_3f42d_bucket-00007.gz", 7),
        ("bucket_00002", 2),
        ("part-00001.parquet", None),
        ("data.csv", None),
    ],
)
def test_names_tell_buckets(name, bucket):
    """The patterns of Trino's BackgroundHiveSplitLoader."""
    assert bucket_of_name(name) == bucket


def test_objects_without_bucket_names_are_buckets_in_the_order_of_their_names():
    assert buckets_of_names(["b", "a", "c"], 3, table="db.t", partition="<UNPARTITIONED>") == [1, 0, 2]


def test_objects_without_bucket_names_must_be_one_a_bucket():
    with pytest.raises(NotBuckets) as error:
        buckets_of_names(["a", "b"], 3, table="db.t", partition="d=1")
    assert str(error.value) == (
        "Hive table 'db.t' is corrupt. File 'a' does not match the standard naming pattern, and the number of "
        "files in the directory (2) does not match the declared bucket count (3) for partition: d=1"
    )


def test_a_bucket_number_beyond_the_count_is_refused():
    with pytest.raises(NotBuckets, match=r"The highest bucket number in the directory \(5\) exceeds"):
        buckets_of_names(["000005_0"], 3, table="db.t", partition="<UNPARTITIONED>")
