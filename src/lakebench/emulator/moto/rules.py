"""S3's rules that moto does not keep: conditions, limits, parts of an object, listings by the page.

They are looked at within the request's unit of work, so nothing changes between condition and write.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote

from lakebench.emulator.moto.attributes import answer_attributes
from lakebench.emulator.moto.bulk_deletion import look_at_deletion
from lakebench.emulator.moto.key_codec import Entry, entry_of
from lakebench.emulator.moto.key_store import VERSION, name_of
from lakebench.emulator.moto.listings import answer_listing, is_listing
from lakebench.emulator.moto.object_checksums import check_completion, tell_checksum, tell_completed
from lakebench.emulator.moto.parts import Span, apply_span, span_of
from lakebench.emulator.moto.place import Place, place_of
from lakebench.emulator.moto.preconditions import (
    check_deleting,
    check_reading,
    check_source,
    check_writing,
)
from lakebench.emulator.moto.reading import answer_reading
from lakebench.emulator.moto.s3_state import find_bucket
from lakebench.emulator.moto.upload_listing import answer_upload_listing
from lakebench.emulator.storage.ledger import Ledger
from lakebench.emulator.storage.state import Row
from lakebench.emulator.wire.http import Request, Response, s3_error

MAX_KEY = 1024  # bytes in UTF-8 (AWS: object-keys)
MAX_PARTS = 10_000  # AWS: qfacts
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_COPIED_RANGE = re.compile(r"bytes=(\d+)-(\d+)")
_SUBRESOURCES = {"acl", "tagging", "legal-hold", "retention", "attributes", "torrent", "restore", "select"}

After = Callable[[Response], Response]


class S3Rules:
    """Looks at requests to S3 before moto does, and at moto's answers."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def look(self, request: Request) -> Response | After | None:
        """An answer of our own, or what is to be done to moto's; None leaves the request to moto."""
        place = place_of(request)
        if len(name_of(place.key)) > MAX_KEY:
            return self._too_long(request, place)
        bucket = find_bucket(place.bucket) if place.bucket else None
        if bucket is None:
            return None
        if not place.key:
            return self._bucket(request, bucket)
        return self._key(request, place, bucket)

    def _key(self, request: Request, place: Place, bucket: Any) -> Response | After | None:
        if request.method in {"PUT", "POST"} and _has_unprintable_metadata(request):
            text = "Metadata values may not contain control characters"
            return s3_error(request, 400, "InvalidArgument", text)
        if "uploadId" in request.query:
            return self._upload(request, place, bucket)
        if request.method == "GET" and "attributes" in request.query:
            return self._attributes(request, place)
        if _SUBRESOURCES & request.query.keys():
            return None
        if request.method in {"GET", "HEAD"} and "versionId" in request.query:
            return self._version(request, place, bucket)
        return self._object(request, place)

    def _bucket(self, request: Request, bucket: Any) -> Response | After | None:
        if request.method == "GET" and is_listing(request.query):
            return answer_listing(request, self._ledger.state, bucket.name, bucket.region_name)
        if request.method == "GET" and "uploads" in request.query:
            return answer_upload_listing(request, bucket)
        if request.method == "POST" and "delete" in request.query:
            return look_at_deletion(request, partial(self._entry, bucket.name))
        return None

    def _entry(self, bucket: str, key: str, version_id: str | None) -> Entry | None:
        row = self._row(Place(bucket, key), version_id)
        return None if row is None or row.file is None else entry_of(row)

    def _attributes(self, request: Request, place: Place) -> Response | None:
        row = self._row(place, _first(request, "versionId"))
        if row is None or row.file is None:
            return None
        return check_reading(request, entry_of(row)) or answer_attributes(request, row)

    def _version(self, request: Request, place: Place, bucket: Any) -> Response | After | None:
        row = self._row(place, _first(request, "versionId"))
        if row is not None and row.file is None:
            return _marker(request)
        answer = self._object(request, place)
        plain = row is None or request.method == "GET" or bucket.versioning_status == "Enabled"
        if plain or isinstance(answer, Response):
            return answer
        # moto refuses this HEAD; a GET tells the same headers.
        request.environ["REQUEST_METHOD"] = "GET"
        after = self._object(request, place)
        return after if isinstance(after, Response) else partial(_without_body, after)

    def _object(self, request: Request, place: Place) -> Response | After | None:
        row = self._row(place, _first(request, "versionId"))
        entry = None if row is None or row.file is None else entry_of(row)
        match request.method:
            case "GET" | "HEAD" if row is not None and entry is not None:
                refusal = check_reading(request, entry)
                return refusal or self._part(request, row, entry)
            case "PUT":
                refusal = self._source(request) if request.header("x-amz-copy-source") else None
                return refusal or check_writing(request, self._current(place), place.key)
            case "DELETE":
                return check_deleting(request, entry, place.key)
        return None

    def _upload(self, request: Request, place: Place, bucket: Any) -> Response | After | None:
        upload_id = request.query["uploadId"][0]
        upload = bucket.multiparts.get(upload_id)
        if upload is None or upload.key_name != place.key:
            if request.method == "POST" and self._was_completed(place, upload_id):
                return None  # completing twice is no error
            text = (
                "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
            )
            text += "been aborted or completed."
            return s3_error(request, 404, "NoSuchUpload", text, UploadId=upload_id)
        if request.method == "PUT":
            number = _first(request, "partNumber") or ""
            if not number.isdecimal() or not 1 <= int(number) <= MAX_PARTS:
                text = f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive"
                return s3_error(
                    request, 400, "InvalidArgument", text, ArgumentName="partNumber", ArgumentValue=number
                )
            return self._source(request) if request.header("x-amz-copy-source") else None
        if request.method == "POST":
            refusal = check_writing(request, self._current(place), place.key)
            return refusal or check_completion(request, upload) or partial(self._completed, place)
        return None

    def _completed(self, place: Place, response: Response) -> Response:
        with self._ledger.unit():
            row = self._row(place, None)
        return tell_completed(response, row)

    def _part(self, request: Request, row: Row, entry: Entry) -> Response | After | None:
        wanted = _first(request, "partNumber")
        if wanted is None:
            bucket = find_bucket(row.scope)
            answer = answer_reading(request, row, bucket, self._ledger.payloads)
            if answer is not None:
                return answer
            if (request.header("x-amz-checksum-mode") or "").upper() == "ENABLED":
                return partial(tell_checksum, row=row)
            return None
        span = span_of(row, wanted)
        if span is None:
            return s3_error(
                request,
                416,
                "InvalidPartNumber",
                "The requested partnumber is not satisfiable",
                PartNumberRequested=wanted,
                ActualPartCount=str(Span.count_of(row)),
            )
        return apply_span(request, span, entry.size)

    def _source(self, request: Request) -> Response | None:
        """The conditions on a copy's source; a missing source is moto's to tell."""
        source = _source_of(str(request.header("x-amz-copy-source")))
        if source is None:
            text = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
            return s3_error(request, 400, "InvalidArgument", text, ArgumentName="x-amz-copy-source")
        place, version_id = source
        row = self._row(place, version_id)
        if row is None or row.file is None:
            return None
        entry = entry_of(row)
        return check_source(request, entry) or _check_range(request, entry.size)

    def _current(self, place: Place) -> Entry | None:
        row = self._row(place, None)
        return None if row is None or row.file is None else entry_of(row)

    def _row(self, place: Place, version_id: str | None) -> Row | None:
        rows = self._ledger.state.get(VERSION, place.bucket, name_of(place.key))
        if version_id is None:
            return rows[-1] if rows else None
        return next((row for row in rows if entry_of(row).version_id == version_id), None)

    def _was_completed(self, place: Place, upload_id: str) -> bool:
        row = self._row(place, None)
        return row is not None and f'"upload":"{upload_id}"'.encode() in row.value

    @staticmethod
    def _too_long(request: Request, place: Place) -> Response:
        size = str(len(name_of(place.key)))
        return s3_error(
            request, 400, "KeyTooLongError", "Your key is too long", Size=size, MaxSizeAllowed=str(MAX_KEY)
        )


def _without_body(after: After | None, response: Response) -> Response:
    told = response if after is None else after(response)
    close = getattr(told.body, "close", None)
    if close is not None:
        close()
    told.body = []
    return told


def _marker(request: Request) -> Response:
    """A delete marker cannot be read by its own id (AWS: DeleteMarker)."""
    text = "The specified method is not allowed against this resource."
    refusal = s3_error(
        request, 405, "MethodNotAllowed", text, Method=request.method, ResourceType="DeleteMarker"
    )
    refusal.headers += [("Allow", "DELETE"), ("x-amz-delete-marker", "true")]
    return refusal


def _has_unprintable_metadata(request: Request) -> bool:
    return any(
        _UNPRINTABLE.search(str(value)) is not None
        for name, value in request.environ.items()
        if name.startswith("HTTP_X_AMZ_META_")
    )


def _check_range(request: Request, size: int) -> Response | None:
    """The range that a part is copied of must be one, and must be there (AWS: API_UploadPartCopy)."""
    header = request.header("x-amz-copy-source-range")
    if header is None:
        return None
    found = _COPIED_RANGE.fullmatch(header.strip())
    if found is None or int(found[1]) > int(found[2]):
        text = (
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are "
        )
        text += "the zero-based offsets of the first and last bytes to copy"
        return s3_error(
            *(request, 400, "InvalidArgument", text),
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    if int(found[2]) >= size:
        text = f"Range specified is not valid for source object of size: {size}"
        return s3_error(request, 416, "InvalidRange", text)
    return None


def _first(request: Request, name: str) -> str | None:
    values = request.query.get(name)
    return values[0] if values else None


def _source_of(header: str) -> tuple[Place, str | None] | None:
    """Bucket, key and version of ``x-amz-copy-source``; None for what is not one."""
    path, _, query = header.partition("?")
    bucket, slash, key = unquote(path).lstrip("/").partition("/")
    if not slash or not bucket or not key:
        return None
    return Place(bucket, key), parse_qs(query).get("versionId", [None])[0]
