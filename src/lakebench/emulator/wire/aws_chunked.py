"""The aws-chunked body coding: chunks with or without signatures, and trailers after the last.

AWS: sigv4-streaming, sigv4-streaming-trailers. The signatures themselves are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from lakebench.emulator.wire.http import BodyIncomplete, read_block

_LINE_LIMIT = 16 * 1024
_BLOCK = 256 * 1024


class AwsChunkedBody:
    """Decodes a body; ``trailers`` (lower-case names) are known once ``blocks`` is used up."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.trailers: dict[str, str] = {}

    def blocks(self) -> Iterator[bytes]:
        """The decoded bytes; raises BodyIncomplete where the coding is broken off or malformed."""
        while size := self._chunk_size():
            while size:
                block = read_block(self._stream, min(size, _BLOCK))
                if not block:
                    raise BodyIncomplete
                size -= len(block)
                yield block
            if self._line():
                raise BodyIncomplete
        while line := self._line(at_end=True):
            name, _, value = line.partition(":")
            self.trailers[name.strip().lower()] = value.strip()

    def _chunk_size(self) -> int:
        text = self._line().partition(";")[0].strip()
        try:
            return int(text, 16)
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
