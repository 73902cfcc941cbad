"""Every legal key is an object, and no key is ever a path."""

import json
from pathlib import Path

import pytest

CASES = json.loads((Path(__file__).parents[1] / "cases" / "moto" / "odd_keys.json").read_text())


@pytest.fixture(scope="module")
def odd(s3):
    s3.create_bucket(Bucket="odd-keys")
    return "odd-keys"


@pytest.mark.parametrize("key", CASES, ids=[ascii(key) for key in CASES])
def test_a_key_round_trips(s3, odd, key):
    body = f"body of {key!r}".encode()
    s3.put_object(Bucket=odd, Key=key, Body=body)
    assert s3.get_object(Bucket=odd, Key=key)["Body"].read() == body
    assert s3.head_object(Bucket=odd, Key=key)["ContentLength"] == len(body)


def test_a_listing_names_every_key(s3, odd):
    listed = s3.list_objects_v2(Bucket=odd)["Contents"]
    assert [one["Key"] for one in listed] == sorted(CASES, key=str.encode)


def test_payload_files_are_named_by_chance(server, s3, odd):
    s3.put_object(Bucket=odd, Key="telltale/name.csv", Body=b"x")
    names = [path.name for path in (server.data_dir / "objects").rglob("*") if path.is_file()]
    assert len(names) >= len(CASES)
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in names)
    assert {
        path.stat().st_mode & 0o777 for path in (server.data_dir / "objects").rglob("*") if path.is_file()
    } == {0o600}
