"""A version of an object as a row of the index: what listings tell, and what else moto keeps of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.s3 import models
from moto.utilities.utils import CaseInsensitiveDict, LowercaseDict

from lakebench.emulator.moto.keys import CompletedUpload, StoredKey
from lakebench.emulator.storage.codec import Codec
from lakebench.emulator.storage.payloads import Payload, PayloadStore
from lakebench.emulator.storage.state import Row

MOTO_S3 = Codec(
    (
        models.CorsRule,
        models.FakeAcl,
        models.FakeBucketInventoryConfiguration,
        models.FakeGrant,
        models.FakeGrantee,
        models.LifeCycleNoncurrentVersionTransition,
        models.LifecycleAndFilter,
        models.LifecycleFilter,
        models.LifecycleRule,
        models.LifecycleTransition,
        models.Notification,
        models.NotificationConfiguration,
        models.PublicAccessBlock,
    ),
    mappings={LowercaseDict: LowercaseDict, CaseInsensitiveDict: CaseInsensitiveDict},
)
"""moto's values of S3 in the index."""

_DERIVED = {
    # Told by the row, or of this process only.
    *("_payload", "contentsize", "lock", "multipart", "disposed", "_max_buffer_size", "row_part"),
    *("name", "bucket_name", "account_id", "region_name", "partition", "_etag", "last_modified"),
    *("_transitions", "_time_progressed", "_tick", "model_name"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """The facts of a version that listings tell; ``marker`` is a delete marker, which has no bytes."""

    key: str
    version_id: str
    modified: datetime
    etag: str
    size: int
    storage_class: str
    checksum_algorithm: str | None
    checksum_type: str | None
    file: str | None

    @property
    def marker(self) -> bool:
        """Whether this says that the object is deleted."""
        return self.file is None


def entry_of(row: Row) -> Entry:
    """The facts of a row."""
    document = json.loads(row.value.decode())  # of bytes, the encoding would be guessed for each row
    members = document.get("members", {})
    return Entry(
        key=row.name.decode("utf-8", "surrogateescape"),
        version_id=document.get("version") or "null",
        modified=datetime.fromisoformat(document["modified"]),
        etag=document.get("etag", ""),
        size=document.get("size", 0),
        storage_class=members.get("_storage_class", "STANDARD"),
        checksum_algorithm=members.get("checksum_algorithm"),
        checksum_type=members.get("checksum_type"),
        file=row.file,
    )


def encode_key(key: StoredKey, tags: Mapping[str, Any] | None, defaults: Mapping[str, Any]) -> bytes:
    """The row's value; members that are as ``defaults`` (trees, by name) are left out."""
    payload = key.payload
    members = {}
    for name, value in vars(key).items():
        if name not in _DERIVED:
            tree = MOTO_S3.tree(value)
            if name not in defaults or defaults[name] != tree:
                members[name] = tree
    document: dict[str, Any] = {
        "size": payload.size,
        "etag": key.etag.strip('"'),
        "modified": key.last_modified.isoformat(),
        "version": vars(key)["_version_id"],
    }
    if payload.md5 is not None and payload.md5 != document["etag"]:
        document["md5"] = payload.md5
    if payload.checksums:
        document["checksums"] = dict(payload.checksums)
    if isinstance(key.multipart, CompletedUpload):
        document["upload"] = key.multipart.id
    if tags:
        document["tags"] = dict(tags)
    return _json({**document, "members": members})


def decode_key(
    row: Row, cls: type[StoredKey], defaults: Mapping[str, Any], payloads: PayloadStore
) -> tuple[StoredKey, dict[str, Any]]:
    """The key again, and its tags. ``defaults`` are values by name."""
    document = json.loads(row.value)
    md5 = document.get("md5") or (None if "-" in document["etag"] else document["etag"])
    payload = Payload(
        path=payloads.place(str(row.file)),
        size=document["size"],
        md5=md5,
        checksums=document.get("checksums", {}),
    )
    upload = document.get("upload")
    members = {
        **defaults,
        **MOTO_S3.value(document["members"]),
        "_etag": document["etag"],
        "last_modified": datetime.fromisoformat(document["modified"]),
        "multipart": None if upload is None else CompletedUpload(upload),
    }
    return cls.at_rest(members, payload), document.get("tags", {})


def encode_marker(marker: Any) -> bytes:
    """A delete marker as a row's value."""
    return _json({"modified": marker.last_modified.isoformat(), "version": marker.version_id})


def decode_marker(row: Row, below: Any) -> Any:
    """The delete marker again; ``below`` is the version that it hides."""
    document = json.loads(row.value)
    marker = object.__new__(models.FakeDeleteMarker)
    marker.key = below
    marker.name = row.name.decode("utf-8", "surrogateescape")
    marker.last_modified = datetime.fromisoformat(document["modified"])
    marker._version_id = document["version"]
    return marker


def default_trees(key: StoredKey) -> dict[str, Any]:
    """What a fresh key's members are, in JSON's terms."""
    return {name: MOTO_S3.tree(value) for name, value in vars(key).items() if name not in _DERIVED}


def _json(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
