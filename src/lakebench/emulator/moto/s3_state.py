# mypy: allow-subclassing-any
# moto ships no types, and its buckets are what the index has to mirror.
"""moto's buckets and multipart uploads in the index: written when they change, made again at start.

A bucket is one row with all that moto keeps of it but its keys; an upload is a row, and so is each part.
"""

from __future__ import annotations

from typing import Any

from moto.s3 import models

from lakebench.emulator.moto.key_codec import MOTO_S3, decode_key, encode_key
from lakebench.emulator.moto.key_store import VERSION, KeyShelf, KeyStore
from lakebench.emulator.moto.keys import StoredKey, StoredMultipart
from lakebench.emulator.storage.ledger import Ledger, Unit
from lakebench.emulator.storage.payloads import Payload
from lakebench.emulator.storage.state import Row

BUCKET, UPLOAD, PART = "s3.bucket", "s3.upload", "s3.part"
"""Kinds of rows. A bucket's scope is its account and partition; of uploads and parts it is the bucket."""

_BUCKET_DERIVED = {"name", "account_id", "region_name", "partition", "keys", "multiparts"}
_UPLOAD_DERIVED = {"id", "account_id", "region_name", "parts", "partlist", "noted"}


class S3State:
    """What changed among buckets and uploads in this unit of work, and how it is written and made again."""

    def __init__(self, ledger: Ledger, key_class: type[StoredKey], multipart_class: type[Any]) -> None:
        self._ledger = ledger
        self._multipart_class = multipart_class
        self._buckets: set[str] = set()
        self._uploads: set[tuple[str, str]] = set()
        self._parts: set[tuple[str, str, int]] = set()
        self.shelf = KeyShelf(ledger, key_class)
        ledger.settlers.append(self.settle)
        ledger.finishers.append(self._clear)
        ledger.forgetters.append(self.forget)

    def note_bucket(self, name: str) -> None:
        """This bucket may have changed."""
        self._buckets.add(name)

    def note_all(self) -> None:
        """Any bucket may have changed."""
        self._buckets.update(models.s3_backends.bucket_accounts)

    def note_upload(self, bucket: str, upload_id: str) -> None:
        """This upload has begun or ended."""
        self._uploads.add((bucket, upload_id))

    def note_part(self, bucket: str, upload_id: str, number: int) -> None:
        """This part has come."""
        self._parts.add((bucket, upload_id, number))

    def settle(self) -> None:
        """Write what was noted."""
        for bucket, upload_id, number in self._parts:
            upload = self._upload(bucket, upload_id)
            if upload is not None and number in upload.parts:
                self._write_part(bucket, upload, number)
        for bucket, upload_id in self._uploads:
            self._write_upload(bucket, upload_id)
        for name in self._buckets:
            self._write_bucket(name)

    def forget(self, _failed: Unit | None = None) -> None:
        """Make noted buckets and uploads again from their rows."""
        touched = self._buckets | {one[0] for one in self._uploads} | {one[0] for one in self._parts}
        self._clear()
        for name in touched:
            self._remove_from_moto(name)
            for row in self._ledger.state.all(BUCKET):
                if row.name == name.encode():
                    self._restore_bucket(row)

    def restore(self) -> None:
        """Make all buckets and uploads again, in the order of their creation; moto has none."""
        for row in self._ledger.state.all(BUCKET):
            self._restore_bucket(row)
        for _, _, backend in models.s3_backends.iter_backends():
            by_age = sorted(backend.buckets.items(), key=lambda one: one[1].creation_date)
            backend.buckets = dict(by_age)

    def reset(self) -> None:
        """Take all buckets out of moto; rows and payloads are the caller's."""
        for name in list(models.s3_backends.bucket_accounts):
            self._remove_from_moto(name)

    def _clear(self) -> None:
        self._buckets.clear()
        self._uploads.clear()
        self._parts.clear()

    def _write_bucket(self, name: str) -> None:
        state = self._ledger.state
        bucket = find_bucket(name)
        if bucket is None:
            self._remove_rows(name)
            return
        members = {key: value for key, value in vars(bucket).items() if key not in _BUCKET_DERIVED}
        tags = _tagger(bucket).tags.get(bucket.arn)
        value = MOTO_S3.encode({"region": bucket.region_name, "members": members, "tags": tags})
        scope = f"{bucket.account_id}/{bucket.partition}"
        rows = state.get(BUCKET, scope, name.encode())
        if not rows or rows[0].value != value:
            state.put(BUCKET, scope, name.encode(), 0, value=value)

    def _remove_rows(self, name: str) -> None:
        """The bucket is gone, and with it what was still being uploaded to it."""
        state = self._ledger.state
        for kind in (VERSION, PART):
            for row in state.all(kind, name):
                if row.file is not None:
                    self._discard(row)
        for kind in (VERSION, UPLOAD, PART):
            state.remove_scope(kind, name)
        for row in state.all(BUCKET):
            if row.name == name.encode():
                state.remove(BUCKET, row.scope, row.name)

    def _discard(self, row: Row) -> None:
        path = self._ledger.payloads.place(str(row.file))
        self._ledger.discard(Payload(path=path, size=0))

    def _write_upload(self, bucket: str, upload_id: str) -> None:
        state, name = self._ledger.state, upload_id.encode()
        upload = self._upload(bucket, upload_id)
        if upload is None:
            state.remove(UPLOAD, bucket, name)
            state.remove(PART, bucket, name)
            return
        members = {key: value for key, value in vars(upload).items() if key not in _UPLOAD_DERIVED}
        state.put(UPLOAD, bucket, name, 0, value=MOTO_S3.encode(members))

    def _write_part(self, bucket: str, upload: Any, number: int) -> None:
        part = upload.parts[number]
        value = encode_key(part, None, self.shelf.trees)
        self._ledger.state.put(PART, bucket, upload.id.encode(), number, value=value, file=part.payload.name)

    def _upload(self, bucket: str, upload_id: str) -> Any:
        found = find_bucket(bucket)
        return None if found is None else found.multiparts.get(upload_id)

    def _restore_bucket(self, row: Row) -> None:
        account, partition = row.scope.split("/")
        document = MOTO_S3.decode(row.value)
        name = row.name.decode()
        bucket = models.FakeBucket(name, account, document["region"])
        vars(bucket).update(document["members"])
        models.s3_backends[account][partition].buckets[name] = bucket
        if document["tags"]:
            _tagger(bucket).tags[bucket.arn] = document["tags"]
        for upload in self._ledger.state.all(UPLOAD, name):
            self._restore_upload(bucket, upload)
        self._clear()

    def _restore_upload(self, bucket: Any, row: Row) -> None:
        upload = object.__new__(self._multipart_class)
        vars(upload).update(MOTO_S3.decode(row.value))
        upload.id = row.name.decode()
        backend = models.s3_backends[bucket.account_id][bucket.partition]
        upload.account_id, upload.region_name = backend.account_id, backend.region_name
        upload.parts, upload.partlist = {}, []
        for part in self._ledger.state.get(PART, bucket.name, row.name):
            defaults = self.shelf.defaults(bucket, "") | {"bucket_name": None, "name": part.part}
            key, _ = decode_key(part, self.shelf.key_class, defaults, self._ledger.payloads)
            upload.parts[part.part] = key
            upload.partlist.append(part.part)
        bucket.multiparts[upload.id] = upload

    def _remove_from_moto(self, name: str) -> None:
        bucket = find_bucket(name)
        models.s3_backends.bucket_accounts.pop(name, None)
        if bucket is not None:
            _tagger(bucket).tags.pop(bucket.arn, None)
            models.s3_backends[bucket.account_id][bucket.partition].buckets.pop(name, None)


class Uploads(models.MultipartDict):
    """moto's ``bucket.multiparts``, which tells what begins and ends."""

    def __init__(self, state: S3State, bucket: str) -> None:
        super().__init__()
        self._state = state
        self._bucket = bucket

    def __setitem__(self, upload_id: str, upload: StoredMultipart) -> None:
        super().__setitem__(upload_id, upload)
        state, bucket = self._state, self._bucket
        upload.noted = lambda number: state.note_part(bucket, upload_id, number)
        state.note_upload(bucket, upload_id)

    def __delitem__(self, upload_id: str) -> None:
        super().__delitem__(upload_id)
        self._state.note_upload(self._bucket, upload_id)


class StoredBucket(models.FakeBucket):
    """A bucket whose keys rest in the index."""

    state: S3State  # set on the class that install() derives

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = KeyStore(self.state.shelf, self)
        self.multiparts = Uploads(self.state, self.name)
        self.state.note_bucket(self.name)


def find_bucket(name: str) -> Any:
    """moto's bucket of this name, or None."""
    place = models.s3_backends.bucket_accounts.get(name)
    if place is None:
        return None
    partition, account_id = place
    return models.s3_backends[account_id][partition].buckets.get(name)


def _tagger(bucket: Any) -> Any:
    return models.s3_backends[bucket.account_id][bucket.partition].tagger
