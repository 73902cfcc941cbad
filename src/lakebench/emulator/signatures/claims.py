"""What a signed request says of its signature, read strictly: in one place, each part once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lakebench.emulator.wire.http import Request

ALGORITHM = "AWS4-HMAC-SHA256"
_TIME = "%Y%m%dT%H%M%SZ"
_SCOPE = r"(?P<key>[^/,\s]+)/(?P<day>\d{8})/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request"
_SCOPED = re.compile(_SCOPE)
_HEADER = re.compile(
    rf"{ALGORITHM}\s+Credential={_SCOPE}\s*,\s*SignedHeaders=(?P<names>[^,\s]+)\s*,\s*Signature=(?P<signature>[0-9a-f]{{64}})"
)
_WEEK = 7 * 24 * 3600
_PARAMETERS = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")


class Malformed(Exception):
    """The signature's own fields cannot be read."""


class Unsupported(Exception):
    """Another way of signing: SigV2, SigV4a, a form's policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """A signature and its scope. ``expires`` is of a presigned URL, in seconds from ``signed_at``."""

    access_key: str
    day: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    signed_at: datetime
    token: str | None
    expires: int | None

    @property
    def timestamp(self) -> str:
        """``20261125T100000Z``."""
        return self.signed_at.strftime(_TIME)

    @property
    def is_s3(self) -> bool:
        """Whether S3's rules of signing hold: the path as it is, the payload's hash in a header."""
        return self.service.startswith("s3")

    @property
    def scope(self) -> str:
        """``20261125/us-east-1/s3/aws4_request``."""
        return f"{self.day}/{self.region}/{self.service}/aws4_request"


def claims_of(request: Request) -> Claims | None:
    """The claims of the header or of the query, None for an unsigned request.

    Raises Malformed and Unsupported.
    """
    header = request.header("Authorization")
    presigned = "X-Amz-Algorithm" in request.query or "X-Amz-Signature" in request.query
    if header is not None and presigned:
        raise Malformed("Only one auth mechanism allowed")
    if header is not None:
        return _of_header(request, header.strip())
    if "AWSAccessKeyId" in request.query or "Signature" in request.query:
        raise Unsupported
    return _of_query(request) if presigned else None


def _of_header(request: Request, header: str) -> Claims:
    if not header.startswith(f"{ALGORITHM} "):
        raise Unsupported
    found = _HEADER.fullmatch(header)
    if found is None:
        raise Malformed("The authorization header is malformed")
    return _claims(
        found,
        names=found["names"],
        signature=found["signature"],
        signed_at=_time_of(request),
        token=request.header("X-Amz-Security-Token"),
        expires=None,
    )


def _of_query(request: Request) -> Claims:
    query = request.query
    parts = [query.get(f"X-Amz-{name}", []) for name in _PARAMETERS]
    if any(len(part) != 1 for part in parts):
        names = ", ".join(f"X-Amz-{name}" for name in _PARAMETERS)
        raise Malformed(f"Query-string authentication version 4 requires the {names} parameters.")
    algorithm, credential, date, expires, names, signature = (part[0] for part in parts)
    if algorithm != ALGORITHM:
        raise Unsupported
    found = _SCOPED.fullmatch(credential)
    if found is None:
        raise Malformed("Error parsing the X-Amz-Credential parameter")
    if not re.fullmatch(r"\d{1,9}", expires) or int(expires) > _WEEK:
        text = "X-Amz-Expires must be less than a week (in seconds)"
        raise Malformed(f"{text}; that is, the given X-Amz-Expires must be less than {_WEEK} seconds")
    tokens = query.get("X-Amz-Security-Token", [])
    return _claims(
        found,
        names=names,
        signature=signature,
        signed_at=_instant(date),
        token=tokens[0] if tokens else request.header("X-Amz-Security-Token"),
        expires=int(expires),
    )


def _claims(
    found: re.Match[str],
    *,
    names: str,
    signature: str,
    signed_at: datetime,
    token: str | None,
    expires: int | None,
) -> Claims:
    if found["day"] != signed_at.strftime("%Y%m%d"):
        raise Malformed(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP"
        )
    return Claims(
        access_key=found["key"],
        day=found["day"],
        region=found["region"],
        service=found["service"],
        signed_headers=tuple(names.lower().split(";")),
        signature=signature,
        signed_at=signed_at,
        token=token,
        expires=expires,
    )


def _time_of(request: Request) -> datetime:
    stamp, date = request.header("X-Amz-Date"), request.header("Date")
    if stamp is not None:
        return _instant(stamp)
    if date is None:
        raise Malformed("AWS authentication requires a valid Date or x-amz-date header")
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except ValueError as error:
        raise Malformed("AWS authentication requires a valid Date or x-amz-date header") from error


def _instant(text: str) -> datetime:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise Malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"") from error
