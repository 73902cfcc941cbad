"""Streams are cut into parts, and what fails is told in words."""

import socket

import pytest

from lakebench.catalog.s3 import S3Uri
from lakebench.client import local_session
from lakebench.client.call import CallFailed
from lakebench.client.s3 import PART_BYTES, _parts, ensure_bucket, upload_stream
from lakebench.errors import ClientError


def test_parts_are_full_but_the_last_and_hold_all_bytes_in_order():
    chunks = [bytes([number]) * 3_000_000 for number in range(10)]
    parts = list(_parts(iter(chunks)))
    assert [len(part) for part in parts] == [PART_BYTES] * 3 + [30_000_000 - 3 * PART_BYTES]
    assert b"".join(parts) == b"".join(chunks)


@pytest.mark.parametrize("sizes", [[], [0], [PART_BYTES], [PART_BYTES * 2], [PART_BYTES * 2 + 1]])
def test_no_part_is_empty(sizes):
    parts = list(_parts(bytes(size) for size in sizes))
    assert all(parts)
    assert sum(map(len, parts)) == sum(sizes)


def test_a_small_stream_is_one_put_and_tells_its_progress(recorder):
    moved = []
    stored = upload_stream(
        local_session(recorder.endpoint), S3Uri("lake", "a.csv"), [b"ab", b"c"], moved.append
    )
    assert stored.size == 3
    assert moved == [3]
    assert [method for method, _, _ in recorder.requests] == ["PUT"]


def test_an_error_names_the_call_the_place_and_awss_words(recorder):
    recorder.status = 403
    recorder.body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    with pytest.raises(CallFailed) as failed:
        upload_stream(local_session(recorder.endpoint), S3Uri("lake", "raw/a.csv"), [b"x"])
    assert str(failed.value) == "s3:PutObject on s3://lake/raw/a.csv failed: AccessDenied: Access Denied"
    assert failed.value.hint == "the credentials need the IAM action s3:PutObject"


def test_a_bucket_that_may_not_be_seen_is_not_made(recorder):
    recorder.status = 403
    with pytest.raises(CallFailed, match="s3:HeadBucket on lake"):
        ensure_bucket(local_session(recorder.endpoint), "lake")
    assert [method for method, _, _ in recorder.requests] == ["HEAD"]


def test_a_server_that_is_gone_is_told_with_a_hint():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    session = local_session(f"http://127.0.0.1:{port}")
    with pytest.raises(ClientError) as failed:
        ensure_bucket(session, "lake")
    assert "Could not connect" in str(failed.value)
    assert "lakebench serve" in failed.value.hint
