"""The chunked transfer coding, read in blocks: cheroot would read a chunk of 4 GB whole."""

from __future__ import annotations

from typing import BinaryIO

_LINE = 4096
_BLOCK = 256 * 1024
_TRAILERS = 100
_DIGITS = frozenset(b"0123456789abcdefABCDEF")


class ChunkedBody:
    """A body in chunks as a stream; malformed coding raises ValueError, an early end EOFError."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = 0
        self._started = False
        self.ended = False

    def read(self, size: int | None = None) -> bytes:
        """Up to ``size`` bytes, all when None; fewer only at the end."""
        parts: list[bytes] = []
        missing = size
        while (missing is None or missing > 0) and self._open_chunk():
            block = self._take(_BLOCK if missing is None else min(missing, _BLOCK))
            parts.append(block)
            missing = None if missing is None else missing - len(block)
        return b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        """Up to and with the next line feed."""
        line = bytearray()
        while not line.endswith(b"\n") and (size < 0 or len(line) < size) and self._open_chunk():
            line += self._take(1)
        return bytes(line)

    def _open_chunk(self) -> bool:
        """Whether bytes are left, in this chunk or the next."""
        if self._left == 0 and not self.ended:
            if self._started and self._line():
                raise ValueError("a chunk is longer than its size")
            self._started = True
            self._left = _size(self._line())
            if self._left == 0:
                self._skip_trailers()
                self.ended = True
        return self._left > 0

    def _take(self, size: int) -> bytes:
        block = self._stream.read(min(size, self._left))
        if not block:
            raise EOFError("the body ended within a chunk")
        self._left -= len(block)
        return block

    def _skip_trailers(self) -> None:
        for _ in range(_TRAILERS):
            if not self._line():
                return
        raise ValueError("too many trailers")

    def _line(self) -> bytes:
        line = self._stream.readline(_LINE)
        if not line.endswith(b"\n"):
            raise EOFError("the body ended within its coding, or a line of it is too long")
        return line.rstrip(b"\r\n")


def _size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not digits or len(digits) > 15 or not _DIGITS.issuperset(digits):
        raise ValueError("a chunk's size is no number")
    return int(digits, 16)
