"""Refused signatures in the words and shapes of the service that was asked.

S3: "Error responses" and "Troubleshoot presigned URLs"; others: each service's CommonErrors page and IAM's
"Troubleshoot signed requests". JSON services answer 400, query services 403 in XML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lakebench.emulator.failures import refuse
from lakebench.emulator.wire.http import Request, Response, s3_error

_XML = "http://webservices.amazon.com/AWSFault/2005-15-09"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One error in S3's code and message, in JSON services' code, in query services' code."""

    s3: tuple[int, str, str]
    json: str
    query: str
    message: str


UNKNOWN_KEY = Words(
    s3=(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
    json="UnrecognizedClientException",
    query="InvalidClientTokenId",
    message="The security token included in the request is invalid.",
)
BAD_TOKEN = Words(
    s3=(400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
    json="UnrecognizedClientException",
    query="InvalidClientTokenId",
    message="The security token included in the request is invalid.",
)
EXPIRED_TOKEN = Words(
    s3=(400, "ExpiredToken", "The provided token has expired."),
    json="ExpiredTokenException",
    query="ExpiredToken",
    message="The security token included in the request is expired",
)
MISMATCH = Words(
    s3=(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
    ),
    json="InvalidSignatureException",
    query="SignatureDoesNotMatch",
    message="The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details.",
)
UNSIGNED = Words(
    s3=(403, "AccessDenied", "Access Denied"),
    json="MissingAuthenticationTokenException",
    query="MissingAuthenticationToken",
    message="Request is missing Authentication Token",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Exception):
    """A request that is not let in. ``members`` are S3's further elements."""

    words: Words
    members: Mapping[str, str] = field(default_factory=dict)

    def answer(self, request: Request, *, is_s3: bool) -> Response:
        """The response, after which the connection is closed: the body was perhaps not read."""
        words = self.words
        if is_s3:
            status, code, message = words.s3
            response = s3_error(request, status, code, message, **self.members)
        elif _speaks_query(request):
            response = _query_error(request, words.query, words.message)
        else:
            response = refuse(request, 400, words.json, words.message)
        response.headers.append(("Connection", "close"))
        return response


def malformed(message: str, *, presigned: bool) -> Words:
    """Fields of a signature that cannot be read."""
    code = "AuthorizationQueryParametersError" if presigned else "AuthorizationHeaderMalformed"
    return Words(
        s3=(400, code, message),
        json="IncompleteSignatureException",
        query="IncompleteSignature",
        message=message,
    )


def invalid(message: str, *, s3: tuple[int, str, str]) -> Words:
    """A signature of another time, or one that leaves something open."""
    return Words(s3=s3, json="InvalidSignatureException", query="SignatureDoesNotMatch", message=message)


def _speaks_query(request: Request) -> bool:
    """Whether the service reads forms and writes XML: STS, IAM, SQS' old protocol."""
    if request.header("X-Amz-Target"):
        return False
    kind = str(request.environ.get("CONTENT_TYPE") or "")
    return kind.startswith("application/x-www-form-urlencoded") or "Action" in request.query


def _query_error(request: Request, code: str, message: str) -> Response:
    data = (
        f'<ErrorResponse xmlns="{_XML}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>{request.request_id}</RequestId></ErrorResponse>"
    ).encode()
    headers = [("Content-Type", "text/xml"), ("Content-Length", str(len(data)))]
    return Response(status=403, headers=headers, body=[data])
