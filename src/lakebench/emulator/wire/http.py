"""A request as the handlers see it, and the response they answer; WSGI stays in this module."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from typing import Any, BinaryIO
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"

HEADER_NAMES = "lakebench.header_names"
"""In the WSGI environment: headers with an underscore in the name, by their WSGI name (S3 metadata)."""

HOST_AS_SENT = "lakebench.host"
"""In the WSGI environment: the Host header where another one is shown to moto."""

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/(\d+)/([^/,\s]+)/([^/,\s]+)/aws4_request")
_ACCOUNT = re.compile(r"\d{12}")


class BodyTooLarge(Exception):
    """The body is longer than the handler takes."""


class BodyIncomplete(Exception):
    """The client went away, or sent fewer bytes than it announced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the SigV4 credential scope says; all fields are empty for an unsigned request."""

    access_key: str = ""
    region: str = ""
    service: str = ""


@dataclass(slots=True, kw_only=True)
class Request:
    """One HTTP request over its WSGI environment."""

    environ: dict[str, Any]
    request_id: str
    credentials: Credentials

    @property
    def method(self) -> str:
        """``GET``, ``PUT``, ..."""
        return str(self.environ["REQUEST_METHOD"])

    @property
    def raw_path(self) -> str:
        """The path as it was sent, still percent-encoded."""
        return str(self.environ["RAW_URI"]).partition("?")[0]

    @property
    def query(self) -> dict[str, list[str]]:
        """The query parameters, blank ones too (``?acl``)."""
        return parse_qs(str(self.environ.get("QUERY_STRING", "")), keep_blank_values=True)

    @property
    def region(self) -> str:
        """The region of the credential scope, us-east-1 without one."""
        return self.credentials.region or DEFAULT_REGION

    @property
    def content_length(self) -> int | None:
        """The announced length of the body; None when it is chunked."""
        if self.environ.get("wsgi.input_terminated"):
            return None
        text = str(self.environ.get("CONTENT_LENGTH") or "0")
        return int(text) if text.isdigit() else 0

    @property
    def body(self) -> BinaryIO:
        """The body as it comes from the client."""
        stream: BinaryIO = self.environ["wsgi.input"]
        return stream

    def header(self, name: str) -> str | None:
        """A header by its name in any case."""
        value = self.environ.get("HTTP_" + name.upper().replace("-", "_"))
        return None if value is None else str(value)

    def read_body(self, limit: int) -> bytes:
        """The whole body in memory; raises BodyTooLarge beyond ``limit`` bytes, and BodyIncomplete."""
        announced = self.content_length
        if announced is not None and announced > limit:
            raise BodyTooLarge
        parts = []
        size = 0
        wanted = limit + 1 if announced is None else announced
        while size < wanted and (block := read_block(self.body, wanted - size)):
            parts.append(block)
            size += len(block)
        if size > limit:
            raise BodyTooLarge
        if announced is not None and size < announced:
            raise BodyIncomplete
        return b"".join(parts)

    def replace_body(self, data: bytes) -> None:
        """Hand on a body that was read and decoded, as if it had been sent plainly."""
        self.environ["wsgi.input"] = BytesIO(data)
        self.environ["CONTENT_LENGTH"] = str(len(data))
        self.environ["wsgi.input_terminated"] = False
        self.environ.pop("HTTP_TRANSFER_ENCODING", None)
        self.environ.pop("HTTP_CONTENT_ENCODING", None)


@dataclass(slots=True, kw_only=True)
class Response:
    """What is sent back; ``body`` may stream, and its ``close`` is called when it has one."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: Iterable[bytes] = ()

    @property
    def status_line(self) -> str:
        """``404 Not Found``."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Unknown"


def read_block(stream: BinaryIO, size: int) -> bytes:
    """Read up to ``size`` bytes; a broken connection or broken chunking raises BodyIncomplete."""
    try:
        return stream.read(size)
    except (OSError, ValueError, EOFError) as error:
        raise BodyIncomplete from error


def request_from_wsgi(environ: dict[str, Any]) -> Request:
    """Wrap a WSGI environment; ``RAW_URI`` is set, since the decoded path loses what S3 keys need."""
    if "RAW_URI" not in environ:
        environ["RAW_URI"] = environ.get("REQUEST_URI") or environ.get("PATH_INFO") or "/"
    return Request(environ=environ, request_id=_new_request_id(), credentials=_credentials_of(environ))


def account_of(access_key: str) -> str:
    """The account that a key names: a 12-digit key is its own account, any other the default one."""
    return access_key if _ACCOUNT.fullmatch(access_key) else DEFAULT_ACCOUNT


def json_response(
    status: int, body: Mapping[str, Any], *, content_type: str = "application/json"
) -> Response:
    """A JSON answer."""
    data = json.dumps(body).encode()
    headers = [("Content-Type", content_type), ("Content-Length", str(len(data)))]
    return Response(status=status, headers=headers, body=[data])


def s3_error(request: Request, status: int, code: str, message: str, **members: str) -> Response:
    """An error as S3 writes it: XML with Code, Message, RequestId (AWS: ErrorResponses)."""
    fields = {"Code": code, "Message": message, **members, "RequestId": request.request_id}
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    data = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()
    headers = [
        ("Content-Type", "application/xml"),
        ("Content-Length", str(len(data))),
        ("x-amz-request-id", request.request_id),
    ]
    return Response(status=status, headers=headers, body=[] if request.method == "HEAD" else [data])


def _new_request_id() -> str:
    digits = secrets.token_hex(16)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _credentials_of(environ: Mapping[str, Any]) -> Credentials:
    found = _CREDENTIAL.search(str(environ.get("HTTP_AUTHORIZATION", "")))
    if found is None:
        query = parse_qs(str(environ.get("QUERY_STRING", "")))
        signed = query.get("X-Amz-Credential", [""])[0]
        found = _CREDENTIAL.search(f"Credential={signed}")
    if found is None:
        return Credentials()
    access_key, _, region, service = found.groups()
    return Credentials(access_key=access_key, region=region, service=service.lower())
