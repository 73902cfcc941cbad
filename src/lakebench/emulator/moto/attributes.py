"""GetObjectAttributes, answered from the object's row: moto tells nothing of parts.

AWS: API_GetObjectAttributes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from lakebench.emulator.moto.object_checksums import checksum_headers
from lakebench.emulator.storage.state import Row
from lakebench.emulator.wire.http import Request, Response, s3_error

_MOST = 1000


def answer_attributes(request: Request, row: Row) -> Response:
    """The attributes that the request's headers name."""
    document = json.loads(row.value)
    wanted = {one.strip() for one in (request.header("x-amz-object-attributes") or "").split(",")}
    limit, marker = (
        request.header("x-amz-max-parts") or str(_MOST),
        request.header("x-amz-part-number-marker"),
    )
    if not limit.isdecimal() or not (marker or "0").isdecimal():
        text = "The part number marker and the maximum of parts are numbers"
        return s3_error(request, 400, "InvalidArgument", text)
    parts: dict[str, Callable[[], str]] = {
        "ETag": lambda: f"<ETag>{document['etag']}</ETag>",
        "Checksum": lambda: _checksum(row),
        "ObjectParts": lambda: _parts(document["members"], min(int(limit), _MOST), int(marker or 0)),
        "StorageClass": lambda: (
            f"<StorageClass>{document['members'].get('_storage_class', 'STANDARD')}</StorageClass>"
        ),
        "ObjectSize": lambda: f"<ObjectSize>{document['size']}</ObjectSize>",
    }
    inner = "".join(tell() for name, tell in parts.items() if name in wanted)
    name = "GetObjectAttributesResponse"
    data = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</{name}>'
    ).encode()
    modified = datetime.fromisoformat(document["modified"]).replace(tzinfo=UTC)
    headers = [
        ("Content-Type", "application/xml"),
        ("Content-Length", str(len(data))),
        ("Last-Modified", format_datetime(modified, usegmt=True)),
    ]
    version = document.get("version") or "null"
    if version != "null":
        headers.append(("x-amz-version-id", version))
    return Response(status=200, headers=headers, body=[data])


def _checksum(row: Row) -> str:
    """The checksum without the number of parts that the header has behind it, and its type."""
    headers = checksum_headers(row)
    if not headers:
        return ""
    (name, text), (_, kind) = headers
    tag = f"Checksum{name.rpartition('-')[2].upper()}"
    return f"<Checksum><{tag}>{text.partition('-')[0]}</{tag}><ChecksumType>{kind}</ChecksumType></Checksum>"


def _parts(members: dict[str, Any], limit: int, marker: int) -> str:
    """How many parts there are, and a page of them where they have checksums of their own."""
    sizes = members.get("part_sizes", {}).get("!tuple", [])
    if not sizes:
        return ""
    sums = members.get("part_checksums", {}).get("!tuple", [])
    tag = f"Checksum{members.get('checksum_algorithm')}"
    listed = [
        f"<Part><PartNumber>{number}</PartNumber><Size>{size}</Size><{tag}>{text}</{tag}></Part>"
        for number, (size, text) in enumerate(zip(sizes, sums, strict=False), 1)
    ]
    page = listed[marker : marker + limit]
    truncated = len(listed) > marker + len(page)
    page_facts = (
        f"<PartNumberMarker>{marker}</PartNumberMarker><MaxParts>{limit}</MaxParts>"
        f"<NextPartNumberMarker>{marker + len(page)}</NextPartNumberMarker>"
        f"<IsTruncated>{str(truncated).lower()}</IsTruncated>"
    )
    count = f"<PartsCount>{len(sizes)}</PartsCount>"
    return f"<ObjectParts>{count}{page_facts if listed else ''}{''.join(page)}</ObjectParts>"
