"""Objects as the emulator's rooms see them: named in S3, lying in a file that may be opened in place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lakebench.catalog import S3Uri


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """The current version of an object. ``path`` is its payload file: read only, never named by key."""

    uri: S3Uri
    size: int
    etag: str
    last_modified: datetime
    storage_class: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """How S3 is to encrypt an object at rest: ``AES256``, or ``aws:kms`` with a key.

    Its bytes are plain here; clients are told of it as by S3.
    """

    algorithm: str
    key: str | None = None


class ObjectStore(Protocol):
    """The buckets of one account. Missing buckets raise BucketMissing."""

    def bucket_exists(self, bucket: str) -> bool:
        """Whether the account can use this bucket."""

    def owner_of(self, bucket: str) -> str:
        """The account that owns the bucket; raises BucketMissing."""

    def ensure_bucket(self, bucket: str) -> None:
        """Make the bucket unless it exists."""

    def list(self, prefix: S3Uri) -> Iterator[StoredObject]:
        """Current objects whose key begins with the prefix, in key order (UTF-8 bytes)."""

    def get(self, uri: S3Uri) -> StoredObject | None:
        """One current object, or None."""

    def put_file(
        self,
        uri: S3Uri,
        path: Path,
        *,
        content_type: str = "application/octet-stream",
        encryption: Encryption | None = None,
    ) -> None:
        """Make the file an object without copying it; the file is taken over and gone from its place."""

    def prepare(self, path: Path) -> None:
        """Read and sync a file that will be put, so that putting it is quick."""

    def put_bytes(
        self,
        uri: S3Uri,
        data: bytes,
        *,
        content_type: str = "application/octet-stream",
        encryption: Encryption | None = None,
    ) -> None:
        """Make a small object."""

    def delete(self, uri: S3Uri) -> None:
        """Remove the current object; a missing one is no error."""


class BucketMissing(Exception):
    """The bucket does not exist."""

    def __init__(self, bucket: str) -> None:
        super().__init__(f"The specified bucket does not exist: {bucket}")
        self.bucket = bucket
