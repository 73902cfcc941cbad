"""The handler that lets in signed requests only."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

from lakebench.emulator.signatures.calculation import ChunkSignatures, calculations, header_as_sent
from lakebench.emulator.signatures.claims import Claims, Malformed, Unsupported, claims_of
from lakebench.emulator.signatures.keys import KeyRing, SigningKey
from lakebench.emulator.signatures.refusals import (
    BAD_TOKEN,
    EXPIRED_TOKEN,
    MISMATCH,
    UNKNOWN_KEY,
    UNSIGNED,
    Refusal,
    Words,
    invalid,
    malformed,
)
from lakebench.emulator.wire.aws_chunked import CHUNK_SIGNATURES
from lakebench.emulator.wire.bodies import MAX_DOCUMENT
from lakebench.emulator.wire.http import Request, Response

_S3_SKEW = timedelta(minutes=15)
_SKEW = timedelta(minutes=5)
_HASH = re.compile(r"[0-9a-f]{64}")
_UNSIGNED = "UNSIGNED-PAYLOAD"
_UNSIGNED_CHUNKS = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_SIGNED_CHUNKS = frozenset(
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"}
)
_MAX_XML = 64 * 1024**2


class SignatureVerifier:
    """Checks SigV4 of headers and presigned URLs against the keys it knows; a handler of the request's list.

    What signs in another way is refused: SigV2, SigV4a, forms with a policy, anonymous requests. Preflights
    are unsigned by nature and go on.
    """

    def __init__(
        self,
        *,
        keys: KeyRing,
        is_upload: Callable[[Request], bool],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``is_upload`` tells bodies whose claimed hash is checked while they stream to disk."""
        self._keys = keys
        self._is_upload = is_upload
        self._now = now

    def answer(self, request: Request) -> Response | None:
        """Refuse, or None to let the request in."""
        if request.method == "OPTIONS":
            return None
        service = request.credentials.service
        is_s3 = service.startswith("s3") or not (service or _names_operation(request))
        try:
            claims = _read_claims(request)
            self._verify(request, claims)
        except Refusal as refusal:
            return refusal.answer(request, is_s3=is_s3)
        return None

    def _verify(self, request: Request, claims: Claims) -> None:
        if claims.access_key != request.credentials.access_key:
            raise Refusal(words=malformed("The Credential is not the only one", presigned=False))
        key = self._keys.find(claims.access_key)
        if key is None:
            raise Refusal(words=UNKNOWN_KEY, members={"AWSAccessKeyId": claims.access_key})
        self._check_token(claims, key)
        self._check_time(claims)
        _check_signed_headers(request, claims)
        payload = self._payload(request, claims)
        found = calculations(request, claims, key.secret, payload)
        given = claims.signature.encode("latin-1", "replace")
        if not any([hmac.compare_digest(one.signature.encode(), given) for one in found]):  # noqa: C419 (all are compared)
            shown = found[0]
            members = {
                "AWSAccessKeyId": claims.access_key,
                "StringToSign": shown.string_to_sign,
                "SignatureProvided": claims.signature,
                "CanonicalRequest": shown.canonical_request,
            }
            raise Refusal(words=MISMATCH, members=members)
        if payload in _SIGNED_CHUNKS:
            request.environ[CHUNK_SIGNATURES] = ChunkSignatures(claims, key.secret)

    def _check_token(self, claims: Claims, key: SigningKey) -> None:
        """A temporary key needs its own session token, any other key none."""
        if not hmac.compare_digest(
            (claims.token or "").encode("utf-8", "replace"), (key.token or "").encode()
        ):
            raise Refusal(words=BAD_TOKEN)
        if key.expires is not None and self._now() >= key.expires:
            raise Refusal(words=EXPIRED_TOKEN)

    def _check_time(self, claims: Claims) -> None:
        now = self._now()
        stamp = _iso(now)
        if claims.expires is not None:
            ends = claims.signed_at + timedelta(seconds=claims.expires)
            if now >= ends:
                text = "Request has expired"
                told = {"X-Amz-Expires": str(claims.expires), "Expires": _iso(ends), "ServerTime": stamp}
                raise Refusal(words=invalid(text, s3=(403, "AccessDenied", text)), members=told)
            if claims.signed_at - now > _S3_SKEW:
                text = "Request is not yet valid"
                raise Refusal(words=invalid(text, s3=(403, "AccessDenied", text)))
            return
        skew = _S3_SKEW if claims.is_s3 else _SKEW
        if abs(now - claims.signed_at) > skew:
            told = {
                "RequestTime": claims.timestamp,
                "ServerTime": stamp,
                "MaxAllowedSkewMilliseconds": str(int(_S3_SKEW.total_seconds() * 1000)),
            }
            raise Refusal(words=_skewed(claims, now, skew), members=told)

    def _payload(self, request: Request, claims: Claims) -> str:
        """The hash that the signature covers; a body that is not streamed is read and hashed here."""
        claimed = request.header("X-Amz-Content-SHA256")
        if not claims.is_s3:
            return hashlib.sha256(_peek(request, MAX_DOCUMENT)).hexdigest()
        if claimed is None:
            claimed = next(iter(request.query.get("X-Amz-Content-Sha256", [])), None)
        if claimed is None and claims.expires is not None:
            return _UNSIGNED
        if claimed is None:
            text = "Missing required header for this request: x-amz-content-sha256"
            raise Refusal(words=invalid(text, s3=(400, "InvalidRequest", text)))
        streaming = request.header("X-Amz-Content-SHA256") is not None  # in a query it makes no chunks
        if claimed == _UNSIGNED or (streaming and claimed in {*_SIGNED_CHUNKS, _UNSIGNED_CHUNKS}):
            return claimed
        if not _HASH.fullmatch(claimed):
            text = (
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid "
                "sha256 value."
            )
            raise Refusal(words=invalid(text, s3=(400, "InvalidArgument", text)))
        streams = self._is_upload(request) and request.header("X-Amz-Content-SHA256") is not None
        if not streams and hashlib.sha256(_peek(request, _MAX_XML)).hexdigest() != claimed:
            text = "The provided 'x-amz-content-sha256' header does not match what was computed."
            raise Refusal(words=invalid(text, s3=(400, "XAmzContentSHA256Mismatch", text)))
        return claimed


def _read_claims(request: Request) -> Claims:
    try:
        claims = claims_of(request)
    except Malformed as error:
        presigned = request.header("Authorization") is None
        raise Refusal(words=malformed(str(error), presigned=presigned)) from None
    except Unsupported:
        text = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        words = Words(
            s3=(400, "InvalidRequest", text),
            json="IncompleteSignatureException",
            query="IncompleteSignature",
            message=text,
        )
        raise Refusal(words=words) from None
    if claims is None:
        raise Refusal(words=UNSIGNED)
    return claims


def _check_signed_headers(request: Request, claims: Claims) -> None:
    """``host``, and each ``x-amz-`` header that was sent, must be under the signature."""
    signed = {name.replace("_", "-") for name in claims.signed_headers}
    sent = {
        name.removeprefix("HTTP_").lower().replace("_", "-")
        for name in request.environ
        if name.startswith("HTTP_X_AMZ_")
    }
    missing = sorted(({"host"} | sent) - signed)
    absent = [name for name in claims.signed_headers if header_as_sent(request, name) is None]
    if missing or absent:
        text = "There were headers present in the request which were not signed"
        told = {"HeadersNotSigned": ", ".join(missing)} if missing else {}
        words = MISMATCH if not missing else invalid(text, s3=(403, "AccessDenied", text))
        raise Refusal(words=words, members=told)


def _skewed(claims: Claims, now: datetime, skew: timedelta) -> Words:
    minutes = int(skew.total_seconds() // 60)
    form = "%Y%m%dT%H%M%SZ"
    if claims.signed_at < now:
        edge = (now - skew).strftime(form)
        text = f"Signature expired: {claims.timestamp} is now earlier than {edge}"
        sign = "-"
    else:
        edge = (now + skew).strftime(form)
        text = f"Signature not yet current: {claims.timestamp} is still later than {edge}"
        sign = "+"
    text += f" ({now.strftime(form)} {sign} {minutes} min.)"
    message = "The difference between the request time and the current time is too large."
    return invalid(text, s3=(403, "RequestTimeTooSkewed", message))


def _names_operation(request: Request) -> bool:
    """Whether an unsigned request is for a service other than S3."""
    kind = str(request.environ.get("CONTENT_TYPE") or "")
    form = kind.startswith("application/x-www-form-urlencoded")
    return bool(request.header("X-Amz-Target") or form or "Action" in request.query)


def _peek(request: Request, limit: int) -> bytes:
    """The body as it was sent; it can be read again."""
    data = request.read_body(limit)
    environ = request.environ
    environ["wsgi.input"] = BytesIO(data)
    environ["CONTENT_LENGTH"] = str(len(data))
    environ["wsgi.input_terminated"] = False
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return data


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
