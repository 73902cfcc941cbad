"""Listings as a table: keys, what is asked, and what ListObjects and ListObjectsV2 must answer.

Keys are ordered by their UTF-8 bytes; a common prefix counts as one line (AWS: API_ListObjectsV2).
"""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

TABLE = json.loads((Path(__file__).parents[1] / "cases" / "moto" / "listings.json").read_text())
NAMES = {"delimiter": "Delimiter", "prefix": "Prefix", "max_keys": "MaxKeys"}


@pytest.fixture(scope="module")
def filled(s3):
    """Buckets by the name of their set of keys."""
    for name, keys in TABLE["keys"].items():
        s3.create_bucket(Bucket=f"listing-{name}")
        for key in keys:
            s3.put_object(Bucket=f"listing-{name}", Key=key, Body=b"x")


def _arguments(case, after):
    given = {NAMES[name]: case[name] for name in NAMES if name in case}
    if "after" in case:
        given[after] = case["after"]
    return {"Bucket": f"listing-{case['keys']}", **given}


def _lines(answer):
    return {
        "keys": [one["Key"] for one in answer.get("Contents", [])],
        "prefixes": [one["Prefix"] for one in answer.get("CommonPrefixes", [])],
        "truncated": answer["IsTruncated"],
    }


def _name(case):
    return " ".join(f"{name}={value!a}" for name, value in case.items() if name != "expect")


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("case", TABLE["listings"], ids=_name)
def test_a_page_holds_what_was_asked(s3, filled, case, version):
    if version == "v1":
        answer = s3.list_objects(**_arguments(case, "Marker"))
    else:
        answer = s3.list_objects_v2(**_arguments(case, "StartAfter"))
        assert answer["KeyCount"] == len(case["expect"]["keys"]) + len(case["expect"]["prefixes"])
    assert _lines(answer) == case["expect"]


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2", "list_object_versions"])
@pytest.mark.parametrize("options", [{}, {"Delimiter": "/"}, {"Prefix": "a"}, {"Delimiter": "1"}], ids=str)
@pytest.mark.parametrize("keys", ["many", "deep", "odd", "bytes", "slash"])
def test_pages_together_are_the_whole(s3, filled, operation, options, keys):
    whole = getattr(s3, operation)(Bucket=f"listing-{keys}", **options)
    pages = s3.get_paginator(operation).paginate(
        Bucket=f"listing-{keys}", **options, PaginationConfig={"PageSize": 2}
    )
    contents, prefixes = [], []
    for page in pages:
        contents += [one["Key"] for one in page.get("Contents", page.get("Versions", []))]
        prefixes += [one["Prefix"] for one in page.get("CommonPrefixes", [])]
    assert contents == [one["Key"] for one in whole.get("Contents", whole.get("Versions", []))]
    assert prefixes == [one["Prefix"] for one in whole.get("CommonPrefixes", [])]


def test_a_folder_of_many_keys_is_one_line(s3):
    s3.create_bucket(Bucket="wide")
    for number in range(150):
        s3.put_object(Bucket="wide", Key=f"a/{number}", Body=b"")
    s3.put_object(Bucket="wide", Key="b", Body=b"")
    assert _lines(s3.list_objects_v2(Bucket="wide", Delimiter="/")) == {
        "keys": ["b"],
        "prefixes": ["a/"],
        "truncated": False,
    }


def test_a_listing_tells_the_facts_of_each_object(s3, filled):
    [first, *_] = s3.list_objects_v2(Bucket="listing-plain", FetchOwner=True)["Contents"]
    head = s3.head_object(Bucket="listing-plain", Key=first["Key"])
    assert (first["Size"], first["ETag"], first["LastModified"]) == (
        head["ContentLength"],
        head["ETag"],
        head["LastModified"],
    )
    assert (first["StorageClass"], sorted(first["Owner"])) == ("STANDARD", ["DisplayName", "ID"])


@pytest.mark.parametrize("text", ["-1", "no", "99999999999"])
def test_a_number_of_keys_that_is_none_is_refused(server, text):
    import urllib.request

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server.endpoint}/listing-plain?list-type=2&max-keys={text}")
    assert refused.value.code == 400
    assert b"<Code>InvalidArgument</Code>" in refused.value.read()


def test_a_token_that_is_none_is_refused(s3, filled):
    with pytest.raises(ClientError, match="InvalidArgument"):
        s3.list_objects_v2(Bucket="listing-plain", ContinuationToken="nothing")


def test_a_page_holds_a_thousand_at_most(s3, filled):
    assert s3.list_objects_v2(Bucket="listing-plain", MaxKeys=5000)["MaxKeys"] == 1000
