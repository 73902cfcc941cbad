"""Buckets as directories of numbered files: the second implementation of ObjectStore."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lakebench.catalog import S3Uri
from lakebench.emulator.storage.objects import BucketMissing, Encryption, StoredObject


class DirectoryObjects:
    """Objects lie in files of one directory; keys are kept in memory."""

    def __init__(self, root: Path, *buckets: str) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._buckets: dict[str, dict[str, StoredObject]] = {bucket: {} for bucket in buckets}
        self.listed: list[S3Uri] = []

    def bucket_exists(self, bucket: str) -> bool:
        return bucket in self._buckets

    def owner_of(self, bucket: str) -> str:
        self._bucket(bucket)
        return "123456789012"

    def list(self, prefix: S3Uri) -> Iterator[StoredObject]:
        self.listed.append(prefix)
        with self._lock:
            keys = self._bucket(prefix.bucket)
            found = [keys[key] for key in sorted(keys, key=str.encode) if key.startswith(prefix.key)]
        return iter(found)

    def get(self, uri: S3Uri) -> StoredObject | None:
        return self._bucket(uri.bucket).get(uri.key)

    def put_file(
        self,
        uri: S3Uri,
        path: Path,
        *,
        content_type: str = "application/octet-stream",
        encryption: Encryption | None = None,
    ) -> None:
        self._bucket(uri.bucket)
        self._add(uri, path.replace(self._root / str(next(self._numbers))), "STANDARD")

    def prepare(self, path: Path) -> None:
        assert path.exists()

    def put_bytes(
        self,
        uri: S3Uri,
        data: bytes,
        *,
        content_type: str = "application/octet-stream",
        encryption: Encryption | None = None,
        storage_class: str = "STANDARD",
    ) -> None:
        self._bucket(uri.bucket)
        path = self._root / str(next(self._numbers))
        path.write_bytes(data)
        self._add(uri, path, storage_class)

    def delete(self, uri: S3Uri) -> None:
        self._bucket(uri.bucket).pop(uri.key, None)

    def drop_bucket(self, bucket: str) -> None:
        del self._buckets[bucket]

    def keys(self, bucket: str) -> list[str]:
        return sorted(self._bucket(bucket))

    def read(self, bucket: str, key: str) -> bytes:
        return self._bucket(bucket)[key].path.read_bytes()

    def _bucket(self, bucket: str) -> dict[str, StoredObject]:
        if bucket not in self._buckets:
            raise BucketMissing(bucket)
        return self._buckets[bucket]

    def _add(self, uri: S3Uri, path: Path, storage_class: str) -> None:
        stored = StoredObject(
            uri=uri,
            size=path.stat().st_size,
            etag="0",
            last_modified=datetime.now(UTC),
            storage_class=storage_class,
            path=path,
        )
        with self._lock:
            self._bucket(uri.bucket)[uri.key] = stored
