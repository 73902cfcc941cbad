"""moto's S3 as an ObjectStore: what lies behind a key may be opened in place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

from moto.backends import get_backend
from moto.s3.exceptions import S3ClientError

from lakebench.catalog import S3Uri
from lakebench.emulator.moto.key_codec import Entry, entry_of
from lakebench.emulator.moto.key_store import VERSION, name_of
from lakebench.emulator.moto.keys import Upload
from lakebench.emulator.moto.listing import current_entries
from lakebench.emulator.moto.mount import MotoMount
from lakebench.emulator.storage.objects import BucketMissing, Encryption, StoredObject
from lakebench.emulator.storage.payloads import Payload


class MotoObjectStore:
    """The buckets that one account can use. Thread-safe with the requests that moto answers."""

    def __init__(self, moto: MotoMount, account_id: str, *, partition: str = "aws") -> None:
        self._moto = moto
        self._backend = get_backend("s3")[account_id][partition]

    def bucket_exists(self, bucket: str) -> bool:
        """Whether the account can use this bucket."""
        with self._moto.lock():
            try:
                self._bucket(bucket)
            except BucketMissing:
                return False
            return True

    def owner_of(self, bucket: str) -> str:
        """The account that owns the bucket; raises BucketMissing."""
        with self._moto.lock():
            return str(self._bucket(bucket).account_id)

    def ensure_bucket(self, bucket: str) -> None:
        """Make the bucket unless it exists; its owner is this store's account."""
        with self._moto.lock():
            if not self.bucket_exists(bucket):
                self._backend.create_bucket(bucket, "us-east-1")
                self._moto.s3.note_bucket(bucket)

    def list(self, prefix: S3Uri) -> Iterator[StoredObject]:
        """Current objects whose key begins with the prefix, in key order (UTF-8 bytes).

        The keys are those of the moment of the call. An object that is replaced while the caller reads
        loses its payload's name; who wants to keep the bytes links the file.
        """
        with self._moto.lock():
            self._bucket(prefix.bucket)
            self._moto.s3.shelf.write_changes()
            entries = list(current_entries(self._moto.ledger.state, prefix.bucket, prefix.key))
        return (self._stored(prefix.bucket, entry) for entry in entries)

    def get(self, uri: S3Uri) -> StoredObject | None:
        """One current object, or None."""
        with self._moto.lock():
            self._bucket(uri.bucket)
            self._moto.s3.shelf.write_changes()
            rows = self._moto.ledger.state.get(VERSION, uri.bucket, name_of(uri.key))
            return self._stored(uri.bucket, entry_of(rows[-1])) if rows and rows[-1].file else None

    def put_file(
        self,
        uri: S3Uri,
        path: Path,
        *,
        content_type: str = "application/octet-stream",
        encryption: Encryption | None = None,
    ) -> None:
        """Make the file an object without copying it; the file is taken over and gone from its place."""
        self._require(uri.bucket)
        self._put(uri, self._moto.payloads.adopt(path), content_type, encryption)

    def prepare(self, path: Path) -> None:
        """Read and sync a file that will be put, so that putting it is quick."""
        self._moto.payloads.prepare(path)

    def put_bytes(
        self,
        uri: S3Uri,
        data: bytes,
        *,
        content_type: str = "application/octet-stream",
        encryption: Encryption | None = None,
    ) -> None:
        """Make a small object."""
        self._require(uri.bucket)
        self._put(uri, self._moto.payloads.write(data), content_type, encryption)

    def delete(self, uri: S3Uri) -> None:
        """Remove the current object; a missing one is no error."""
        with self._moto.lock():
            self._bucket(uri.bucket)
            self._backend.delete_object(uri.bucket, uri.key)

    def _put(self, uri: S3Uri, payload: Payload, content_type: str, encryption: Encryption | None) -> None:
        upload = Upload(payload)
        try:
            with self._moto.lock():
                self._bucket(uri.bucket)
                key = self._backend.put_object(
                    uri.bucket,
                    uri.key,
                    upload,
                    encryption=None if encryption is None else encryption.algorithm,
                    kms_key_id=None if encryption is None else encryption.key,
                )
                key.set_metadata({"Content-Type": content_type})
        finally:
            if not upload.taken:
                self._moto.payloads.discard(payload)

    def _bucket(self, name: str) -> Any:
        try:
            return self._backend.get_bucket(name)
        except S3ClientError as error:
            raise BucketMissing(name) from error

    def _require(self, bucket: str) -> None:
        """A file is not taken over for a bucket that is not there."""
        if not self.bucket_exists(bucket):
            raise BucketMissing(bucket)

    def _stored(self, bucket: str, entry: Entry) -> StoredObject:
        return StoredObject(
            uri=S3Uri(bucket, entry.key),
            size=entry.size,
            etag=entry.etag,
            last_modified=entry.modified.replace(tzinfo=UTC),
            storage_class=entry.storage_class,
            path=self._moto.payloads.place(str(entry.file)),
        )
