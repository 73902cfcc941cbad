"""ListObjects, ListObjectsV2 and ListObjectVersions, answered from the index.

moto reads all keys of a bucket for each page (185 ms for 1,000 of 3,000). AWS: API_ListObjectsV2,
API_ListObjects, API_ListObjectVersions.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from itertools import chain
from urllib.parse import quote
from xml.sax.saxutils import escape

from moto.s3.models import OWNER

from lakebench.emulator.moto.key_codec import Entry, entry_of
from lakebench.emulator.moto.key_store import name_of
from lakebench.emulator.moto.walking import Shown, walk
from lakebench.emulator.storage.state import StateStore
from lakebench.emulator.wire.http import Request, Response, s3_error

MAX_KEYS = 1000
_OTHER = {
    *(
        "accelerate",
        "acl",
        "analytics",
        "cors",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "lifecycle",
    ),
    *("location", "logging", "metrics", "notification", "object-lock", "ownershipControls", "policy"),
    *("policyStatus", "publicAccessBlock", "replication", "requestPayment", "tagging", "uploads"),
    *("versioning", "website"),
}
_OWNER = f"<Owner><ID>{OWNER}</ID><DisplayName>webfile</DisplayName></Owner>"


class _Refused(Exception):
    """The request cannot be answered: S3's code, message and further members."""

    def __init__(self, message: str, **members: str) -> None:
        super().__init__(message)
        self.message, self.members = message, members


def is_listing(query: Mapping[str, list[str]]) -> bool:
    """Whether a GET on a bucket with these parameters lists objects or versions."""
    return not _OTHER & query.keys()


def answer_listing(request: Request, state: StateStore, bucket: str, region: str) -> Response:
    """The page that the request asks for."""
    query = {name: values[0] for name, values in request.query.items()}
    try:
        if "versions" in query:
            body = _Listing(query, state, bucket).versions()
        elif query.get("list-type") == "2":
            body = _Listing(query, state, bucket).second()
        else:
            body = _Listing(query, state, bucket).first()
    except _Refused as refused:
        return s3_error(request, 400, "InvalidArgument", refused.message, **refused.members)
    data = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode("utf-8", "surrogateescape")
    headers = [
        ("Content-Type", "application/xml"),
        ("Content-Length", str(len(data))),
        ("x-amz-request-id", request.request_id),
        ("x-amz-bucket-region", region),
    ]
    return Response(status=200, headers=headers, body=[data])


class _Listing:
    """One page of one of the three listings."""

    def __init__(self, query: Mapping[str, str], state: StateStore, bucket: str) -> None:
        self._query = query
        self._state = state
        self._bucket = bucket
        self._prefix = query.get("prefix", "")
        self._delimiter = query.get("delimiter", "")
        self._encoding = query.get("encoding-type")
        if self._encoding not in {None, "", "url"}:
            raise _Refused(
                "Invalid Encoding Method specified in Request",
                ArgumentName="encoding-type",
                ArgumentValue=str(self._encoding),
            )
        self._limit = self._max_keys()

    def first(self) -> str:
        """ListObjects: NextMarker only with a delimiter, as on AWS."""
        marker = self._query.get("marker", "")
        page, more = self._page(marker)
        truncated = more is not None
        following = page[-1].text if truncated and self._delimiter else None
        return self._document(
            "ListBucketResult",
            _tag("Marker", self._coded(marker)),
            _tag("NextMarker", self._coded(following)) if following is not None else "",
            _truncated(truncated),
            self._contents(page, owner=True),
            self._prefixes(page),
        )

    def second(self) -> str:
        """ListObjectsV2: the token is the last name shown, not to be read by clients."""
        token, start_after = self._query.get("continuation-token"), self._query.get("start-after", "")
        after = start_after if token is None else _untoken(token)
        page, more = self._page(after)
        truncated = more is not None
        return self._document(
            "ListBucketResult",
            _tag("KeyCount", str(len(page))),
            _tag("ContinuationToken", escape(token)) if token is not None else "",
            _tag("NextContinuationToken", _token(page[-1].name)) if truncated else "",
            _tag("StartAfter", self._coded(start_after)) if start_after else "",
            _truncated(truncated),
            self._contents(page, owner=self._query.get("fetch-owner") == "true"),
            self._prefixes(page),
        )

    def versions(self) -> str:
        """ListObjectVersions: versions of a key newest first, delete markers among them."""
        key_marker, version_marker = (
            self._query.get("key-marker", ""),
            self._query.get("version-id-marker", ""),
        )
        lines: list[str] = []
        prefixes: list[Shown] = []
        last: tuple[str, str | None] = ("", None)
        truncated = False
        for shown, entry, latest in self._version_lines(key_marker, version_marker):
            if len(lines) + len(prefixes) >= self._limit:
                truncated = self._limit > 0
                break
            if entry is None:
                prefixes.append(shown)
                last = (shown.text, None)
            else:
                lines.append(self._version(entry, latest=latest))
                last = (entry.key, entry.version_id)
        following = _tag("NextKeyMarker", self._coded(last[0])) if truncated else ""
        if truncated and last[1] is not None:
            following += _tag("NextVersionIdMarker", last[1])
        return self._document(
            "ListVersionsResult",
            _tag("KeyMarker", self._coded(key_marker)),
            _tag("VersionIdMarker", escape(version_marker)),
            following,
            _truncated(truncated),
            "".join(lines),
            self._prefixes(prefixes),
        )

    def _version_lines(
        self, key_marker: str, version_marker: str
    ) -> Iterable[tuple[Shown, Entry | None, bool]]:
        found = self._walk(key_marker, deleted=True)
        if version_marker:
            found = chain(self._rest_of(key_marker, version_marker), found)
        for shown in found:
            if not shown.versions:
                yield shown, None, False
            for row in shown.versions:
                newest = not version_marker or shown.text != key_marker
                yield shown, entry_of(row), newest and row is shown.versions[0]

    def _rest_of(self, key: str, version_id: str) -> Iterable[Shown]:
        """The versions of a key that are older than the marker."""
        rows = tuple(reversed(self._state.get("s3.version", self._bucket, name_of(key))))
        seen = [index for index, row in enumerate(rows) if entry_of(row).version_id == version_id]
        if seen and key.startswith(self._prefix) and rows[seen[0] + 1 :]:
            yield Shown(name_of(key), rows[seen[0] + 1 :])

    def _page(self, after: str) -> tuple[list[Shown], Shown | None]:
        """At most a page of lines, and the one that would follow."""
        page: list[Shown] = []
        if self._limit == 0:
            return page, None
        for shown in self._walk(after, deleted=False):
            if len(page) == self._limit:
                return page, shown
            page.append(shown)
        return page, None

    def _walk(self, after: str, *, deleted: bool) -> Iterable[Shown]:
        return walk(
            self._state,
            self._bucket,
            prefix=self._prefix,
            delimiter=self._delimiter,
            after=name_of(after) if after else None,
            deleted=deleted,
        )

    def _max_keys(self) -> int:
        text = self._query.get("max-keys") or str(MAX_KEYS)
        digits = text.removeprefix("-")
        if not digits.isdecimal() or not digits.isascii():
            raise _Refused(
                "Provided max-keys not an integer or within integer range",
                ArgumentName="max-keys",
                ArgumentValue=text,
            )
        if not 0 <= int(text) <= 2**31 - 1:
            raise _Refused(
                "Argument maxKeys must be an integer between 0 and 2147483647",
                ArgumentName="maxKeys",
                ArgumentValue=text,
            )
        return min(int(text), MAX_KEYS)

    def _document(self, name: str, *parts: str) -> str:
        return "".join(
            (
                f'<{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
                _tag("Name", escape(self._bucket)),
                _tag("Prefix", self._coded(self._prefix)),
                _tag("MaxKeys", str(self._limit)),
                _tag("Delimiter", self._coded(self._delimiter)) if self._delimiter else "",
                _tag("EncodingType", "url") if self._encoding else "",
                *parts,
                f"</{name}>",
            )
        )

    def _contents(self, page: Iterable[Shown], *, owner: bool) -> str:
        entries = (shown.current for shown in page)
        return "".join(
            f"<Contents>{self._object(entry)}{_OWNER if owner else ''}</Contents>"
            for entry in entries
            if entry is not None
        )

    def _object(self, entry: Entry) -> str:
        checksum = ""
        if entry.checksum_algorithm:
            checksum = _tag("ChecksumAlgorithm", entry.checksum_algorithm)
            checksum += _tag("ChecksumType", entry.checksum_type or "FULL_OBJECT")
        return (
            f"<Key>{self._coded(entry.key)}</Key><LastModified>{_time(entry)}</LastModified>"
            f"<ETag>&quot;{entry.etag}&quot;</ETag>{checksum}<Size>{entry.size}</Size>"
            f"<StorageClass>{entry.storage_class}</StorageClass>"
        )

    def _version(self, entry: Entry, *, latest: bool) -> str:
        identity = _tag("VersionId", entry.version_id) + _tag("IsLatest", str(latest).lower())
        if entry.marker:
            facts = f"<Key>{self._coded(entry.key)}</Key><LastModified>{_time(entry)}</LastModified>"
            return f"<DeleteMarker>{facts}{identity}{_OWNER}</DeleteMarker>"
        return f"<Version>{self._object(entry)}{identity}{_OWNER}</Version>"

    def _prefixes(self, page: Iterable[Shown]) -> str:
        return "".join(
            f"<CommonPrefixes>{_tag('Prefix', self._coded(shown.text))}</CommonPrefixes>"
            for shown in page
            if not shown.versions
        )

    def _coded(self, text: str) -> str:
        if self._encoding == "url":
            return quote(text, safe="/", errors="surrogateescape")
        # As S3 does it: characters that XML does not have are written as references all the same.
        return "".join(one if one.isprintable() else f"&#x{ord(one):X};" for one in escape(text))


def _tag(name: str, text: str | None) -> str:
    return f"<{name}>{text}</{name}>"


def _truncated(truncated: bool) -> str:
    return _tag("IsTruncated", str(truncated).lower())


def _time(entry: Entry) -> str:
    return f"{entry.modified:%Y-%m-%dT%H:%M:%S.000Z}"


def _token(name: bytes) -> str:
    return base64.urlsafe_b64encode(b"1" + name).decode()


def _untoken(token: str) -> str:
    try:
        data = base64.urlsafe_b64decode(token)
        if not data.startswith(b"1"):
            raise _Refused("The continuation token provided is incorrect", ArgumentName="continuation-token")
        return data[1:].decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        raise _Refused(
            "The continuation token provided is incorrect", ArgumentName="continuation-token"
        ) from None
