"""Places in S3: a bucket and a key or prefix."""

from __future__ import annotations

from dataclasses import dataclass

_SCHEMES = ("s3://", "s3a://", "s3n://")


@dataclass(frozen=True, slots=True)
class S3Uri:
    """A bucket and a key or prefix; the key has no leading slash, and may be empty."""

    bucket: str
    key: str = ""

    @classmethod
    def parse(cls, text: str) -> S3Uri:
        """Read ``s3://bucket/key``; ``s3a`` and ``s3n`` are taken as well. Raises ValueError otherwise."""
        for scheme in _SCHEMES:
            if text.startswith(scheme):
                bucket, _, key = text.removeprefix(scheme).partition("/")
                if not bucket:
                    break
                return cls(bucket, key)
        raise ValueError(f"not an S3 path: {text!r} (write s3://bucket/prefix/)")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def as_prefix(self) -> S3Uri:
        """The same place ending in a slash, so that ``lake/raw`` does not also match ``lake/raw2``."""
        if not self.key or self.key.endswith("/"):
            return self
        return S3Uri(self.bucket, self.key + "/")

    def child(self, name: str) -> S3Uri:
        """The key ``name`` below this prefix."""
        return S3Uri(self.bucket, self.as_prefix.key + name)


ARCHIVE_CLASSES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Storage classes whose objects Athena passes over (AWS: other-notable-limitations)."""


def holds_data(below: str) -> bool:
    """Whether Athena reads an object at this key below a table's location.

    Names that begin with ``_`` or ``.`` are skipped, also of a folder on the way, as the engine's own listing
    skips ``_temporary/`` and ``_delta_log/``; so are folder markers (facts/athena.md 1.1).
    """
    hidden = any(part.startswith(("_", ".")) for part in below.split("/"))
    return bool(below) and not below.endswith("/") and not hidden
