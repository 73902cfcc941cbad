"""The aws-chunked body coding: chunks with or without signatures, and trailers after the last.

AWS: sigv4-streaming, sigv4-streaming-trailers. Signatures are checked where who knows the key says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from lakebench.emulator.wire.http import BodyIncomplete, Request, read_block

_LINE_LIMIT = 16 * 1024
_BLOCK = 256 * 1024
_TRAILER_SIGNATURE = "x-amz-trailer-signature"

CHUNK_SIGNATURES = "lakebench.chunk_signatures"
"""In the WSGI environment: the ChunkChain by which the body's chunks are to be checked."""


class ChunkSignatureWrong(Exception):
    """A chunk, or the trailers, lack the signature that they should have."""


class ChunkChain(Protocol):
    """Says whether the next chunk, and in the end the trailers, have their signature."""

    def chunk(self, sha256: str, signature: str) -> bool:
        """Whether a chunk with this hash has its signature."""
        ...

    def trailer(self, lines: bytes, signature: str) -> bool:
        """Whether these lines of trailers have theirs."""
        ...


def aws_chunked_body(request: Request) -> AwsChunkedBody:
    """The decoder of a request's body, with the signatures to check when there are."""
    return AwsChunkedBody(request.body, request.environ.get(CHUNK_SIGNATURES))


class AwsChunkedBody:
    """Decodes a body; ``trailers`` (lower-case names) are known once ``blocks`` is used up."""

    def __init__(self, stream: BinaryIO, chain: ChunkChain | None = None) -> None:
        self._stream = stream
        self._chain = chain
        self._signature = ""
        self.trailers: dict[str, str] = {}

    def blocks(self) -> Iterator[bytes]:
        """The decoded bytes; raises BodyIncomplete where the coding is broken off or malformed.

        With signatures to check, what a chunk holds is to be kept only once the next block or the end came:
        ChunkSignatureWrong is raised before.
        """
        while size := self._chunk_size():
            hashed = hashlib.sha256()
            while size:
                block = read_block(self._stream, min(size, _BLOCK))
                if not block:
                    raise BodyIncomplete
                size -= len(block)
                if self._chain is not None:
                    hashed.update(block)
                yield block
            self._check(hashed.hexdigest())
            if self._line():
                raise BodyIncomplete
        self._check(hashlib.sha256().hexdigest())
        lines = []
        while line := self._line(at_end=True):
            name, _, value = line.partition(":")
            self.trailers[name.strip().lower()] = value.strip()
            if name.strip().lower() != _TRAILER_SIGNATURE:
                lines.append(f"{name.strip().lower()}:{value.strip()}\n")
        if self._chain is not None and lines:
            signature = self.trailers.get(_TRAILER_SIGNATURE, "")
            if not self._chain.trailer("".join(lines).encode("latin-1"), signature):
                raise ChunkSignatureWrong

    def _check(self, sha256: str) -> None:
        if self._chain is not None and not self._chain.chunk(sha256, self._signature):
            raise ChunkSignatureWrong

    def _chunk_size(self) -> int:
        text, _, extension = self._line().partition(";")
        self._signature = extension.strip().removeprefix("chunk-signature=")
        try:
            return int(text.strip(), 16)
        except ValueError as error:
            raise BodyIncomplete from error

    def _line(self, *, at_end: bool = False) -> str:
        try:
            line = self._stream.readline(_LINE_LIMIT)
        except (OSError, ValueError, EOFError) as error:
            raise BodyIncomplete from error
        if not line.endswith(b"\n") and not (at_end and not line):
            raise BodyIncomplete
        return line.decode("latin-1").rstrip("\r\n")
