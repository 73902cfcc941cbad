"""ListMultipartUploads by the page: moto answers all uploads at once, and lets them have begun in 2010.

AWS: API_ListMultipartUploads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

from moto.s3.models import OWNER

from lakebench.emulator.moto.key_store import name_of
from lakebench.emulator.wire.checksums import default_type
from lakebench.emulator.wire.http import Request, Response, s3_error

_MOST = 1000
_WHO = f"<ID>{OWNER}</ID><DisplayName>webfile</DisplayName>"


class _Line(NamedTuple):
    """An upload, or a common prefix of several; ``name`` is the key or the prefix."""

    name: str
    upload: Any


def answer_upload_listing(request: Request, bucket: Any) -> Response:
    """The page of uploads under way that the request asks for."""
    query = {name: values[0] for name, values in request.query.items()}
    text = query.get("max-uploads") or str(_MOST)
    if not text.isdecimal() or not text.isascii():
        message = "Provided max-uploads not an integer or within integer range"
        return s3_error(
            request, 400, "InvalidArgument", message, ArgumentName="max-uploads", ArgumentValue=text
        )
    limit = min(int(text), _MOST)
    lines = list(_after(_lines(bucket.multiparts.values(), query), query))
    body = _document(bucket.name, query, lines[:limit], limit, more=len(lines) > limit > 0)
    data = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode("utf-8", "surrogateescape")
    headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(data)))]
    return Response(status=200, headers=headers, body=[data])


def _lines(uploads: Iterable[Any], query: Mapping[str, str]) -> Iterator[_Line]:
    """Uploads by key, and of a key by the time of their beginning; those below a prefix are one line."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    last = None
    for upload in sorted(uploads, key=lambda one: (name_of(one.key_name), one.initiated, one.id)):
        key = upload.key_name
        if not key.startswith(prefix):
            continue
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        if cut < 0:
            yield _Line(key, upload)
        elif key[: cut + len(delimiter)] != last:
            last = key[: cut + len(delimiter)]
            yield _Line(last, None)


def _after(lines: Iterable[_Line], query: Mapping[str, str]) -> Iterator[_Line]:
    """What follows the markers; an upload's id counts only beside its key."""
    key, upload_id = query.get("key-marker", ""), query.get("upload-id-marker", "")
    passed = not upload_id
    for line in lines:
        if name_of(line.name) > name_of(key):
            yield line
        elif line.name == key and line.upload is not None and not passed:
            passed = line.upload.id == upload_id
        elif line.name == key and line.upload is not None and upload_id:
            yield line


def _document(bucket: str, query: Mapping[str, str], page: list[_Line], limit: int, *, more: bool) -> str:
    url = query.get("encoding-type") == "url"

    def coded(text: str) -> str:
        return quote(text, safe="/", errors="surrogateescape") if url else escape(text)

    facts = [
        f"<Bucket>{escape(bucket)}</Bucket><KeyMarker>{coded(query.get('key-marker', ''))}</KeyMarker>",
        f"<UploadIdMarker>{escape(query.get('upload-id-marker', ''))}</UploadIdMarker>",
        f"<Prefix>{coded(query.get('prefix', ''))}</Prefix><MaxUploads>{limit}</MaxUploads>",
        f"<IsTruncated>{str(more).lower()}</IsTruncated>",
    ]
    if query.get("delimiter"):
        facts.append(f"<Delimiter>{coded(query['delimiter'])}</Delimiter>")
    if url:
        facts.append("<EncodingType>url</EncodingType>")
    if more:
        last = page[-1]
        facts.append(f"<NextKeyMarker>{coded(last.name)}</NextKeyMarker>")
        facts.append(
            f"<NextUploadIdMarker>{'' if last.upload is None else last.upload.id}</NextUploadIdMarker>"
        )
    uploads = [_upload(line.upload, coded(line.name)) for line in page if line.upload is not None]
    prefixes = [
        f"<CommonPrefixes><Prefix>{coded(line.name)}</Prefix></CommonPrefixes>"
        for line in page
        if line.upload is None
    ]
    name = "ListMultipartUploadsResult"
    inner = "".join((*facts, *uploads, *prefixes))
    return f'<{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</{name}>'


def _upload(upload: Any, key: str) -> str:
    checksum = ""
    algorithm = upload.metadata.get("x-amz-checksum-algorithm")
    if algorithm:
        kind = upload.metadata.get("x-amz-checksum-type") or default_type(algorithm)
        checksum = f"<ChecksumAlgorithm>{algorithm}</ChecksumAlgorithm><ChecksumType>{kind}</ChecksumType>"
    return (
        f"<Upload><Key>{key}</Key><UploadId>{upload.id}</UploadId><Initiator>{_WHO}</Initiator>"
        f"<Owner>{_WHO}</Owner><StorageClass>{upload.storage or 'STANDARD'}</StorageClass>"
        f"<Initiated>{upload.initiated:%Y-%m-%dT%H:%M:%S.000Z}</Initiated>{checksum}</Upload>"
    )
