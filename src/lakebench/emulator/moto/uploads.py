"""Bodies of PutObject and UploadPart: streamed to a payload before moto sees the request.

A body that ends early is an S3 error and stores nothing, so an object that was there stays as it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, BinaryIO

from lakebench.emulator.moto.keys import Upload
from lakebench.emulator.moto.place import place_of
from lakebench.emulator.moto.substitutes import UPLOAD
from lakebench.emulator.storage.payloads import Payload, PayloadStore, PayloadWriter
from lakebench.emulator.wire.aws_chunked import ChunkSignatureWrong, aws_chunked_body
from lakebench.emulator.wire.bodies import MAX_DOCUMENT as MAX_OTHER
from lakebench.emulator.wire.bodies import read_document
from lakebench.emulator.wire.checksums import ALGORITHMS, Checksum
from lakebench.emulator.wire.http import BodyIncomplete, BodyTooLarge, Request, Response, read_block, s3_error

MAX_OBJECT = 5 * 1024**3  # AWS: a single PUT and a single part take up to 5 GiB
MAX_DOCUMENT = 64 * 1024**2  # XML of other operations; CompleteMultipartUpload of 10,000 parts is 2 MB
_BLOCK = 256 * 1024
_PLAIN_PARAMETERS = {"partnumber", "uploadid", "x-id", "versionid"}
_HEX_DIGITS = frozenset("0123456789abcdef")


class _Refused(Exception):
    """The body is not what the headers promise; S3's status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class UploadFront:
    """Receives bodies and replaces them in the WSGI environment, those of objects by files."""

    def __init__(self, payloads: PayloadStore) -> None:
        self._payloads = payloads

    def receive(self, request: Request) -> Response | None:
        """Take the body in; answers only to refuse."""
        if request.credentials.service not in {"", "s3"} or request.header("X-Amz-Target"):
            self._receive_other(request)
            return None
        if request.method not in {"PUT", "POST"}:
            if request.content_length != 0:
                self._receive_other(request)
            return None
        try:
            if carries_payload(request):
                self._receive_payload(request)
            else:
                self._receive_document(request)
        except _Refused as refusal:
            return _closing(s3_error(request, refusal.status, refusal.code, refusal.message))
        except ChunkSignatureWrong:
            text = "The chunk signature we calculated does not match the signature you provided."
            return _closing(s3_error(request, 403, "SignatureDoesNotMatch", text))
        except BodyIncomplete:
            text = "You did not provide the number of bytes specified by the Content-Length HTTP header"
            return _closing(s3_error(request, 400, "IncompleteBody", text))
        except BodyTooLarge:
            text = "Your proposed upload exceeds the maximum allowed size"
            return _closing(s3_error(request, 400, "EntityTooLarge", text))
        return None

    def _receive_other(self, request: Request) -> None:
        """Other services' bodies are small; moto would unpack a gzip bomb."""
        data = read_document(request, MAX_OTHER)
        if (request.header("Content-Encoding") or "").strip().lower() == "gzip":
            request.environ.pop("HTTP_CONTENT_ENCODING")
        _replace_body(request, data)

    def settle(self, request: Request) -> None:
        """After the answer: discard a payload that moto refused."""
        upload = request.environ.pop(UPLOAD, None)
        if upload is not None and not upload.taken:
            self._payloads.discard(upload.payload)

    def _receive_payload(self, request: Request) -> None:
        if (_expected_size(request) or 0) > MAX_OBJECT:
            raise BodyTooLarge
        with self._payloads.receive() as writer:
            body = _Body(request)
            checksums = _write(writer, body, _wanted_algorithms(request))
            expected = _expected_size(request)
            if expected is not None and writer.size != expected:
                raise BodyIncomplete
            _verify(request, writer, body, checksums)
            payload = writer.finish(checksums={name: one.text for name, one in checksums.items()})
        _replace_body(request, b"")
        _announce_checksum(request, body, payload)
        request.environ[UPLOAD] = Upload(payload)

    def _receive_document(self, request: Request) -> None:
        if is_aws_chunked(request):
            data = b"".join(_limited(aws_chunked_body(request).blocks(), MAX_DOCUMENT))
        else:
            data = request.read_body(MAX_DOCUMENT)
        _replace_body(request, data)


class _Body:
    """The decoded blocks of a body; ``trailers`` are known at the end."""

    def __init__(self, request: Request) -> None:
        self._chunked = aws_chunked_body(request) if is_aws_chunked(request) else None
        self._blocks = self._chunked.blocks() if self._chunked else _plain_blocks(request)
        self.sha256 = None
        claimed = request.header("x-amz-content-sha256") or ""
        if len(claimed) == 64 and _HEX_DIGITS.issuperset(claimed):
            self.sha256 = hashlib.sha256()
        self.claimed_sha256 = claimed

    @property
    def trailers(self) -> dict[str, str]:
        return self._chunked.trailers if self._chunked else {}

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            if self.sha256 is not None:
                self.sha256.update(block)
            yield block


def carries_payload(request: Request) -> bool:
    """Whether this is PutObject or UploadPart: a PUT on a key without a sub-resource and not a copy."""
    if request.method != "PUT" or request.header("x-amz-copy-source"):
        return False
    if any(
        name.lower() not in _PLAIN_PARAMETERS
        and not name.lower().startswith("x-amz-")
        and name not in {"AWSAccessKeyId", "Signature", "Expires"}
        for name in request.query
    ):
        return False
    return bool(place_of(request).key)


def is_aws_chunked(request: Request) -> bool:
    """Whether the body is coded in aws-chunked."""
    return (request.header("x-amz-content-sha256") or "").startswith("STREAMING-")


def _plain_blocks(request: Request) -> Iterator[bytes]:
    stream: BinaryIO = request.body
    remaining = request.content_length
    while remaining is None or remaining > 0:
        block = read_block(stream, _BLOCK if remaining is None else min(_BLOCK, remaining))
        if not block:
            if remaining is not None:
                raise BodyIncomplete
            return
        if remaining is not None:
            remaining -= len(block)
        yield block


def _limited(blocks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > limit:
            raise BodyTooLarge
        yield block


def _wanted_algorithms(request: Request) -> set[str]:
    """The checksums that the client names in a header or promises in a trailer."""
    names = {request.header("x-amz-sdk-checksum-algorithm") or ""}
    names |= {name for name in ALGORITHMS if request.header(f"x-amz-checksum-{name}")}
    trailer = (request.header("x-amz-trailer") or "").strip().lower()
    names.add(trailer.removeprefix("x-amz-checksum-"))
    return {name.upper() for name in names} & ALGORITHMS


def _write(writer: PayloadWriter, body: _Body, algorithms: set[str]) -> dict[str, Checksum]:
    checksums = {name: Checksum(name) for name in algorithms}
    for block in _limited(body, MAX_OBJECT):
        writer.write(block)
        for checksum in checksums.values():
            checksum.update(block)
    return checksums


def _expected_size(request: Request) -> int | None:
    if is_aws_chunked(request):
        text = request.header("x-amz-decoded-content-length") or ""
        return int(text) if text.isdigit() else None
    return request.content_length


def _verify(request: Request, writer: PayloadWriter, body: _Body, checksums: dict[str, Checksum]) -> None:
    """Compare what came with what the headers and trailers say came."""
    md5 = request.header("Content-MD5")
    if md5:
        try:
            claimed = base64.b64decode(md5, validate=True)
        except binascii.Error:
            claimed = b""
        if len(claimed) != 16:
            raise _Refused(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
        if claimed != writer.md5:
            raise _Refused(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
    if body.sha256 is not None and body.sha256.hexdigest() != body.claimed_sha256:
        text = "The provided 'x-amz-content-sha256' header does not match what was computed."
        raise _Refused(400, "XAmzContentSHA256Mismatch", text)
    for name, checksum in checksums.items():
        said = _said_checksum(request, body, name)
        if said is not None and said != checksum.text:
            text = f"The {name} you specified did not match the calculated checksum."
            raise _Refused(400, "BadDigest", text)


def _said_checksum(request: Request, body: _Body, name: str) -> str | None:
    header = f"x-amz-checksum-{name.lower()}"
    return request.header(header) or body.trailers.get(header)


def _announce_checksum(request: Request, body: _Body, payload: Payload) -> None:
    """Put the checksum where moto looks for it: the headers. A trailer's algorithm counts as asked for."""
    environ = request.environ
    for name in ALGORITHMS:
        text = _said_checksum(request, body, name) or payload.checksums.get(name)
        if text:
            environ[f"HTTP_X_AMZ_CHECKSUM_{name}"] = text
            environ.setdefault("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM", name)


def _replace_body(request: Request, data: bytes) -> None:
    """Hand on a decoded body as if it had been sent plainly."""
    environ: dict[str, Any] = request.environ
    environ["wsgi.input"] = BytesIO(data)
    environ["CONTENT_LENGTH"] = str(len(data))
    environ["wsgi.input_terminated"] = False
    if is_aws_chunked(request):
        environ["HTTP_X_AMZ_CONTENT_SHA256"] = "UNSIGNED-PAYLOAD"
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    codings = [c.strip() for c in (request.header("Content-Encoding") or "").split(",")]
    kept = [c for c in codings if c and c != "aws-chunked"]
    environ.pop("HTTP_CONTENT_ENCODING", None)
    if kept:
        environ["HTTP_CONTENT_ENCODING"] = ",".join(kept)


def _closing(response: Response) -> Response:
    """The rest of the body was not read, so the connection cannot be used again."""
    response.headers.append(("Connection", "close"))
    return response
