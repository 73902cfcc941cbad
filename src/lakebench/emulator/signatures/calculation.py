"""The signature that a request should have, by botocore's own signer."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from lakebench.emulator.signatures.claims import Claims
from lakebench.emulator.wire.http import HOST_AS_SENT, Request

_EMPTY = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculated:
    """What S3 shows to who signed wrongly, and the signature, which it never shows."""

    canonical_request: str
    string_to_sign: str
    signature: str


def calculations(request: Request, claims: Claims, secret: str, payload: str) -> list[Calculated]:
    """The request as it was written, and with path and query encoded by SigV4's rules where that differs.

    Both name the same thing, and clients sign either (AWS: create-signed-request, "URI-encoded").
    """
    path = request.raw_path or "/"
    query = "&".join(
        pair
        for pair in str(request.environ.get("QUERY_STRING", "")).split("&")
        if pair and pair.partition("=")[0] != "X-Amz-Signature"
    )
    encoded = (_encoded(path, safe="/-_.~"), _encoded_query(query))
    written = [f"{one}?{asked}" if asked else one for one, asked in ((path, query), encoded)]
    return [_calculate(request, claims, secret, payload, url=one) for one in dict.fromkeys(written)]


def _calculate(request: Request, claims: Claims, secret: str, payload: str, *, url: str) -> Calculated:
    host = header_as_sent(request, "host") or ""
    kind = S3SigV4Auth if claims.is_s3 else SigV4Auth
    signer = kind(Credentials(claims.access_key, secret), claims.service, claims.region)
    signer.headers_to_sign = lambda _: _signed_headers(request, claims)
    signer.payload = lambda _: payload
    asked = AWSRequest(method=request.method, url=f"http://{host}{url}")
    asked.context["timestamp"] = claims.timestamp
    canonical = signer.canonical_request(asked)
    text = signer.string_to_sign(asked, canonical)
    return Calculated(
        canonical_request=canonical, string_to_sign=text, signature=signer.signature(text, asked)
    )


def _signed_headers(request: Request, claims: Claims) -> Any:
    headers = HTTPHeaders()
    for name in claims.signed_headers:
        headers[name] = header_as_sent(request, name) or ""
    return headers


def header_as_sent(request: Request, name: str) -> str | None:
    """A header's value before anything was changed for moto, in UTF-8."""
    if name == "host" and HOST_AS_SENT in request.environ:
        value = str(request.environ[HOST_AS_SENT])
    elif name in {"content-type", "content-length"}:
        value = str(request.environ.get(name.upper().replace("-", "_"), ""))
    else:
        found = request.header(name)
        if found is None:
            return None
        value = found
    return value.encode("latin-1", "replace").decode("utf-8", "replace")


def _encoded(text: str, *, safe: str = "-_.~") -> str:
    return quote(unquote(text, errors="surrogateescape").encode("utf-8", "surrogateescape"), safe=safe)


def _encoded_query(query: str) -> str:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, _, value in pairs)


class ChunkSignatures:
    """The chain of signatures of an aws-chunked body: each signs the one before (AWS: sigv4-streaming)."""

    def __init__(self, claims: Claims, secret: str) -> None:
        signing_key = f"AWS4{secret}".encode()
        for part in (claims.day, claims.region, claims.service, "aws4_request"):
            signing_key = hmac.digest(signing_key, part.encode(), "sha256")
        self._key = signing_key
        self._head = f"{claims.timestamp}\n{claims.scope}"
        self._previous = claims.signature

    def chunk(self, sha256: str, signature: str) -> bool:
        """Whether a chunk, the last empty one too, has its signature."""
        return self._matches("AWS4-HMAC-SHA256-PAYLOAD", f"{_EMPTY}\n{sha256}", signature)

    def trailer(self, lines: bytes, signature: str) -> bool:
        """Whether the trailers, as ``name:value`` lines, have theirs."""
        return self._matches("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(lines).hexdigest(), signature)

    def _matches(self, kind: str, hashed: str, signature: str) -> bool:
        text = f"{kind}\n{self._head}\n{self._previous}\n{hashed}"
        self._previous = hmac.new(self._key, text.encode(), "sha256").hexdigest()
        return hmac.compare_digest(self._previous.encode(), signature.encode("latin-1", "replace"))
