"""Conditional requests: what must hold of an object before S3 reads, writes or deletes it.

AWS: conditional-requests, conditional-writes, conditional-deletes; the order of conditions is RFC 9110's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from lakebench.emulator.moto.key_codec import Entry
from lakebench.emulator.wire.http import Request, Response, s3_error

_READING = (
    *("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"),
    *("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"),
)
_FAILED = "At least one of the pre-conditions you specified did not hold"


def check_reading(request: Request, entry: Entry) -> Response | None:
    """Refuse with 412 or 304, or None; the conditions are then done with and taken out of the request."""
    environ = request.environ
    match, none_match, since, unmodified = (_header(environ, name) for name in _READING)
    for name in _READING:
        environ.pop(name, None)
    if match is not None:
        if not _names(match, entry):
            return _failed(request, "If-Match")
    elif _is_date(unmodified) and _later(entry, str(unmodified)):
        return _failed(request, "If-Unmodified-Since")
    if none_match is not None:
        if _names(none_match, entry):
            return _not_modified(entry)
    elif _is_date(since) and not _later(entry, str(since)):
        return _not_modified(entry)
    return None


def check_writing(request: Request, entry: Entry | None, key: str) -> Response | None:
    """Refuse a PUT, a completion, a copy or a deletion whose conditions do not hold, or None."""
    environ = request.environ
    match, none_match = _header(environ, "HTTP_IF_MATCH"), _header(environ, "HTTP_IF_NONE_MATCH")
    environ.pop("HTTP_IF_MATCH", None)
    environ.pop("HTTP_IF_NONE_MATCH", None)
    if none_match is not None:
        if none_match.strip('"') != "*":
            text = "A header you provided implies functionality that is not implemented"
            return s3_error(request, 501, "NotImplemented", text, Header="If-None-Match")
        if entry is not None:
            return _failed(request, "If-None-Match")
    if match is not None:
        if entry is None:
            if match.strip('"') == "*":
                return _failed(request, "If-Match")
            return s3_error(request, 404, "NoSuchKey", "The specified key does not exist.", Key=key)
        if not _names(match, entry):
            return _failed(request, "If-Match")
    return None


def check_deleting(request: Request, entry: Entry | None, key: str) -> Response | None:
    """Refuse a deletion whose conditions do not hold, or None.

    Time and size are conditions of directory buckets; a client that sends them wants nothing else deleted.
    """
    refusal = check_writing(request, entry, key)
    environ = request.environ
    time = _header(environ, "HTTP_X_AMZ_IF_MATCH_LAST_MODIFIED_TIME")
    size = _header(environ, "HTTP_X_AMZ_IF_MATCH_SIZE")
    if refusal is None and entry is not None and unmet(entry, None, time, size):
        return _failed(request, "If-Match")
    return refusal


def unmet(entry: Entry, etag: str | None, time: str | None, size: str | None) -> bool:
    """Whether a version has another ETag, time of change (to the second) or size than it should."""
    if etag is not None and not _names(etag, entry):
        return True
    if size is not None and size != str(entry.size):
        return True
    if time is None:
        return False
    found = _date(time) if "," in time else _iso_date(time)
    return found is None or entry.modified.replace(microsecond=0, tzinfo=UTC) != found.replace(microsecond=0)


def check_source(request: Request, entry: Entry) -> Response | None:
    """Refuse a copy whose source is not as the request wants it, or None."""
    environ, stem = request.environ, "HTTP_X_AMZ_COPY_SOURCE_IF_"
    match, none_match = _header(environ, stem + "MATCH"), _header(environ, stem + "NONE_MATCH")
    since, unmodified = (
        _header(environ, stem + "MODIFIED_SINCE"),
        _header(environ, stem + "UNMODIFIED_SINCE"),
    )
    for name in ("MATCH", "NONE_MATCH", "MODIFIED_SINCE", "UNMODIFIED_SINCE"):
        environ.pop(stem + name, None)
    if match is not None:
        if not _names(match, entry):
            return _failed(request, "x-amz-copy-source-If-Match")
    elif _is_date(unmodified) and _later(entry, str(unmodified)):
        return _failed(request, "x-amz-copy-source-If-Unmodified-Since")
    if none_match is not None:
        if _names(none_match, entry):
            return _failed(request, "x-amz-copy-source-If-None-Match")
    elif _is_date(since) and not _later(entry, str(since)):
        return _failed(request, "x-amz-copy-source-If-Modified-Since")
    return None


def _header(environ: Mapping[str, object], name: str) -> str | None:
    value = environ.get(name)
    return None if value is None else str(value).strip()


def _names(condition: str, entry: Entry) -> bool:
    """Whether one of the listed ETags is the object's; ``*`` is any."""
    tags = {one.strip().removeprefix("W/").strip('"') for one in condition.split(",")}
    return "*" in tags or entry.etag in tags


def _is_date(text: str | None) -> bool:
    """A date that cannot be read is no condition (RFC 9110)."""
    return text is not None and _date(text) is not None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _iso_date(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _later(entry: Entry, text: str) -> bool:
    date = _date(text)
    return date is not None and entry.modified.replace(microsecond=0, tzinfo=UTC) > date


def _failed(request: Request, condition: str) -> Response:
    return s3_error(request, 412, "PreconditionFailed", _FAILED, Condition=condition)


def _not_modified(entry: Entry) -> Response:
    modified = format_datetime(entry.modified.replace(tzinfo=UTC), usegmt=True)
    headers = [("ETag", f'"{entry.etag}"'), ("Last-Modified", modified)]
    return Response(status=304, headers=headers, body=[])
