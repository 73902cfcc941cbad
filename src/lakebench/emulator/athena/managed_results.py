"""Managed query results: Athena keeps them itself, for a day (AWS: managed-results).

Their objects lie in a bucket that belongs to no customer. GetQueryExecution names no output location,
GetQueryResults reads them, and they are never reused.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lakebench.catalog import S3Uri
from lakebench.emulator.storage.objects import ObjectStore

OWNER = "000000000000"
"""The account whose bucket it is."""
BUCKET = "athena-managed-query-results"
KEPT = timedelta(hours=24)


def managed_prefix(owner: ObjectStore, tenant: str, workgroup: str) -> S3Uri:
    """Where a workgroup's results go; ``owner`` are the buckets of OWNER, ``tenant`` is account and region.

    What is older than a day goes: the bucket stays as small as a day's results.
    """
    owner.ensure_bucket(BUCKET)
    prefix = S3Uri(BUCKET, f"{tenant}/{workgroup}/")
    for stored in owner.list(prefix):
        if has_expired(stored.last_modified):
            owner.delete(stored.uri)
    return prefix


def has_expired(made: datetime | None) -> bool:
    """Whether a result of this moment is no longer given."""
    return made is not None and datetime.now(UTC) - made > KEPT
