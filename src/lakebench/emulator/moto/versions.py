"""Deletion as S3 does it in buckets with versions, in the place of moto's ``S3Backend.delete_object``.

AWS: DeletingObjectVersions, AddingObjectstoVersionSuspendedBuckets. moto drops all versions of a key once
versioning is suspended, and makes no marker for a key that is not there.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.s3 import models
from moto.s3.exceptions import AccessDeniedByLock, MethodNotAllowed
from moto.s3.notifications import S3NotificationEvent, send_event

from lakebench.emulator.moto.keys import StoredKey

SUSPENDED = "Suspended"


def delete_object(
    backend: Any, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
) -> tuple[bool, dict[str, Any]]:
    """Remove an object, hide it below a marker, or remove one version for good.

    Answers whether something was there, and what the answer's headers tell.
    """
    bucket = backend.get_bucket(bucket_name)
    if isinstance(bucket, models.FakeTableStorageBucket):
        raise MethodNotAllowed
    versions = list(bucket.keys.getlist(key_name, None) or ())
    if version_id is not None:
        return _remove_version(bucket, key_name, versions, version_id, bypass=bypass)
    if bucket.versioning_status is None:
        if not versions:
            return False, {}
        bucket.keys.pop(key_name)
        send_event(backend.account_id, S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT, bucket, versions[-1])
        return True, {}
    marker = models.FakeDeleteMarker(key=versions[-1] if versions else SimpleNamespace(name=key_name))
    if bucket.versioning_status == SUSPENDED:
        marker._version_id = "null"  # noqa: SLF001 (moto's own member)
        versions = [one for one in versions if one.version_id != "null"]
    bucket.keys.setlist(key_name, [*versions, marker])
    return True, {"version-id": marker.version_id, "delete-marker": "true"}


def _remove_version(
    bucket: Any, key_name: str, versions: list[Any], version_id: str, *, bypass: bool
) -> tuple[bool, dict[str, Any]]:
    told: dict[str, Any] = {} if bucket.versioning_status is None else {"version-id": version_id}
    found = next((one for one in versions if one.version_id == version_id), None)
    if found is None:
        return False, told
    if isinstance(found, StoredKey):
        if found.is_locked(governance_bypass=bypass):
            raise AccessDeniedByLock
    else:
        told["delete-marker"] = "true"
    bucket.keys.setlist(key_name, [one for one in versions if one is not found])
    return True, told
