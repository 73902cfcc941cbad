"""Payloads: written while streaming, never half there, never copied where a link will do."""

import hashlib
import os
import resource

import pytest

from lakebench.emulator.storage.payloads import PayloadStore


@pytest.fixture
def store(tmp_path):
    for name in ("objects", "tmp"):
        (tmp_path / name).mkdir()
    return PayloadStore(objects=tmp_path / "objects", tmp=tmp_path / "tmp")


def _files(tmp_path, name="objects"):
    return [path for path in (tmp_path / name).rglob("*") if path.is_file()]


def test_blocks_become_one_private_file(store, tmp_path):
    with store.receive() as writer:
        for block in (b"ab", b"", b"c" * 100_000):
            writer.write(block)
        payload = writer.finish(checksums={"CRC32": "x"})
    body = b"ab" + b"c" * 100_000
    assert payload.path.read_bytes() == body
    assert (payload.size, payload.md5) == (len(body), hashlib.md5(body).hexdigest())
    assert payload.path.stat().st_mode & 0o777 == 0o600
    assert _files(tmp_path, "tmp") == []


def test_an_upload_that_is_not_finished_leaves_nothing(store, tmp_path):
    with store.receive() as writer:
        writer.write(b"half")
    assert _files(tmp_path) == _files(tmp_path, "tmp") == []


def test_a_shared_payload_outlives_its_source(store):
    source = store.write(b"bytes")
    copy = store.share(source)
    assert copy.path.stat().st_ino == source.path.stat().st_ino
    store.discard(source)
    store.discard(source)
    assert copy.path.read_bytes() == b"bytes"


def test_an_adopted_file_moves(store, tmp_path):
    file = tmp_path / "result.csv"
    file.write_bytes(b"id\n1\n")
    file.chmod(0o644)
    payload = store.adopt(file)
    assert not file.exists()
    assert (payload.size, payload.md5) == (5, hashlib.md5(b"id\n1\n").hexdigest())
    assert payload.path.stat().st_mode & 0o777 == 0o600


def test_parts_are_joined_in_order(store):
    parts = [os.urandom(3_000_000), b"", os.urandom(10)]
    joined = store.join([store.write(part) for part in parts])
    assert joined.path.read_bytes() == b"".join(parts)
    assert (joined.size, joined.md5) == (3_000_010, None)


def test_a_range_is_taken_out(store):
    body = os.urandom(2_500_000)
    source = store.write(body)
    with source.path.open("rb") as file:
        taken = store.extract(file.fileno(), 1000, 2_000_000)
    assert taken.path.read_bytes() == body[1000:2_001_000]


def test_joining_needs_no_memory(store, tmp_path):
    part = store.write(b"x" * (32 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    joined = store.join([part] * 8)
    assert joined.size == 256 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16_000


def test_a_prepared_file_is_adopted_without_being_read_again(store, tmp_path):
    made = tmp_path / "tmp" / "result"
    made.write_bytes(b"rows")
    store.prepare(made)
    payload = store.adopt(made)
    assert (payload.md5, payload.path.read_bytes()) == (hashlib.md5(b"rows").hexdigest(), b"rows")
    assert not made.exists()
