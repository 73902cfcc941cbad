"""moto's S3 as the engine and the crawlers see it."""

import itertools
import threading

import pytest
from moto.backends import get_backend

from lakebench.catalog import S3Uri
from lakebench.emulator.moto.objects import MotoObjectStore
from lakebench.emulator.storage.objects import BucketMissing

_numbers = itertools.count()


@pytest.fixture
def store(mount):
    return MotoObjectStore(mount, "123456789012")


@pytest.fixture
def bucket(mount):
    name = f"store-{next(_numbers)}"
    with mount.lock():
        get_backend("s3")["123456789012"]["aws"].create_bucket(name, "us-east-1")
    return name


def test_a_small_object_has_its_bytes_in_a_file(store, bucket):
    uri = S3Uri(bucket, "a/b.csv")
    store.put_bytes(uri, b"hello", content_type="text/csv")
    found = store.get(uri)
    assert (found.uri, found.size, found.storage_class) == (uri, 5, "STANDARD")
    assert found.etag == "5d41402abc4b2a76b9719d911017c592"
    assert found.path.read_bytes() == b"hello"
    assert found.last_modified.tzinfo is not None


def test_a_file_is_taken_over_without_a_copy(mount, store, bucket):
    source = mount.payloads.write(b"x" * 1000).path
    inode = source.stat().st_ino
    store.put_file(S3Uri(bucket, "k"), source)
    assert not source.exists()
    assert store.get(S3Uri(bucket, "k")).path.stat().st_ino == inode


def test_a_missing_bucket_is_named_and_takes_no_file(mount, store):
    source = mount.payloads.write(b"x").path
    uri = S3Uri("no-such-bucket", "k")
    for call in (
        lambda: store.put_file(uri, source),
        lambda: store.put_bytes(uri, b"x"),
        lambda: store.get(uri),
        lambda: store.list(uri),
        lambda: store.delete(uri),
    ):
        with pytest.raises(BucketMissing, match="no-such-bucket"):
            call()
    assert source.exists()
    assert not store.bucket_exists("no-such-bucket")


def test_deleting_frees_the_file_and_a_missing_object_is_no_error(store, bucket):
    uri = S3Uri(bucket, "k")
    store.put_bytes(uri, b"x")
    path = store.get(uri).path
    store.delete(uri)
    store.delete(uri)
    assert not path.exists()
    assert store.get(uri) is None


def test_a_listing_is_in_the_order_of_utf_8_bytes(store, bucket):
    keys = ["b", "a/2", "a/10", "a", "a-b", "Z", "é", "\uffff", "\U00010000"]
    for key in keys:
        store.put_bytes(S3Uri(bucket, key), b"")
    assert [one.uri.key for one in store.list(S3Uri(bucket, ""))] == sorted(keys, key=str.encode)
    assert [one.uri.key for one in store.list(S3Uri(bucket, "a/"))] == ["a/10", "a/2"]


def test_an_object_under_a_delete_marker_is_not_listed(store, bucket):
    backend = get_backend("s3")["123456789012"]["aws"]
    backend.put_bucket_versioning(bucket, "Enabled")
    store.put_bytes(S3Uri(bucket, "k"), b"x")
    store.delete(S3Uri(bucket, "k"))
    assert list(store.list(S3Uri(bucket, ""))) == []
    assert store.get(S3Uri(bucket, "k")) is None


def test_a_reader_keeps_the_old_bytes_of_a_replaced_object(store, bucket):
    uri = S3Uri(bucket, "k")
    store.put_bytes(uri, b"old")
    with store.get(uri).path.open("rb") as reading:
        store.put_bytes(uri, b"new")
        assert reading.read() == b"old"
    assert store.get(uri).path.read_bytes() == b"new"


def test_threads_that_put_at_once_lose_nothing(store, bucket):
    def put(thread):
        for number in range(50):
            store.put_bytes(S3Uri(bucket, f"{thread}/{number}"), f"{thread}.{number}".encode())
            store.put_bytes(S3Uri(bucket, "contended"), f"{thread}.{number}".encode())

    threads = [threading.Thread(target=put, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = {one.uri.key: one.path.read_bytes().decode() for one in store.list(S3Uri(bucket, ""))}
    assert len(listed) == 401
    assert all(text == key.replace("/", ".") for key, text in listed.items() if key != "contended")
