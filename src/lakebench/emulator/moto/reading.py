"""GET and HEAD of an object, answered from its row: what engines and data frames do a thousand times.

What the row does not tell by itself is moto's to answer (archived and locked objects, policies, anonymous
clients, headers that the request overrides, refusals); the answers are the same (tests/moto/test_reading.py).
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from lakebench.emulator.moto.keys import PayloadView
from lakebench.emulator.moto.object_checksums import checksum_headers
from lakebench.emulator.storage.payloads import Payload, PayloadStore
from lakebench.emulator.storage.state import Row
from lakebench.emulator.wire.http import Request, Response

_PARAMETERS = frozenset({"x-id", "versionId"})
_SIGNING = "X-Amz-"
_TOLD = frozenset(
    {
        *("_metadata", "_is_versioned", "_version_id", "acl", "encryption", "part_sizes", "part_checksums"),
        *("checksum_algorithm", "checksum_value", "checksum_type", "checksum_parts"),
    }
)
"""Members of a key that differ from a fresh one's, and whose headers are known here."""
_ENCRYPTED = frozenset({None, "AES256"})
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_TYPE = {"content-type": "binary/octet-stream"}


def answer_reading(request: Request, row: Row, bucket: Any, payloads: PayloadStore) -> Response | None:
    """The object of the row, or the range of it that is asked for; None leaves the request to moto."""
    if not _is_plain(request, bucket):
        return None
    document = json.loads(row.value)
    members = document["members"]
    if not _TOLD.issuperset(members) or members.get("encryption") not in _ENCRYPTED:
        return None
    size = document["size"]
    asked = _asked(request.header("Range"), size)
    if asked is not None and asked[0] >= asked[1]:
        return None
    start, end = asked or (0, size)
    headers = _headers(document, members, request.method)
    if asked is not None:
        headers.append(("Content-Range", f"bytes {start}-{end - 1}/{size}"))
    if end - start == size and (request.header("x-amz-checksum-mode") or "").upper() == "ENABLED":
        headers += checksum_headers(row)
    headers.append(("Content-Length", str(end - start)))
    status = 200 if asked is None else 206
    if request.method == "HEAD":
        return Response(status=status, headers=headers)
    payload = Payload(path=payloads.place(str(row.file)), size=size)
    return Response(status=status, headers=headers, body=PayloadView(payload)[start:end])


def _is_plain(request: Request, bucket: Any) -> bool:
    """Whether nobody's rights and none of the bucket's settings have a say in the answer."""
    query = request.query
    signed = request.header("Authorization") is not None or "X-Amz-Signature" in query
    return (
        signed
        and all(name in _PARAMETERS or name.startswith(_SIGNING) for name in query)
        and not (bucket.policy or bucket.logging or request.header("Origin"))
    )


def _asked(header: str | None, size: int) -> tuple[int, int] | None:
    """The range of a header as start and end, not before the start where it can be satisfied.

    None is for all of the object: what is no range, or more than one, S3 passes over (AWS: API_GetObject).
    """
    found = _RANGE.fullmatch(header or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    return start, end


def _headers(document: dict[str, Any], members: dict[str, Any], method: str) -> list[tuple[str, str]]:
    modified = datetime.fromisoformat(document["modified"]).replace(tzinfo=UTC)
    headers = [
        ("ETag", f'"{document["etag"]}"'),
        ("Last-Modified", format_datetime(modified, usegmt=True)),
        ("Accept-Ranges", "bytes"),
    ]
    version = document.get("version") or "null"
    if members.get("_is_versioned") or (version != "null" and method == "GET"):
        headers.append(("x-amz-version-id", version))
    if members.get("encryption"):
        headers.append(("x-amz-server-side-encryption", members["encryption"]))
    if members.get("checksum_algorithm"):
        headers.append(("x-amz-sdk-checksum-algorithm", members["checksum_algorithm"]))
    if document.get("tags"):
        headers.append(("x-amz-tagging-count", str(len(document["tags"]))))
    metadata = members.get("_metadata", {}).get("!LowercaseDict", _TYPE)
    return headers + list(metadata.items())
