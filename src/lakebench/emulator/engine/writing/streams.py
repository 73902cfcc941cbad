"""Compressed byte streams of text and JSON objects, the same bytes for the same input.

Snappy and LZ4 are framed as Hadoop's BlockCompressorStream frames them, which is what Athena reads and
writes under these names (AWS: compression-formats).
"""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

import cramjam

_BLOCK = 256 * 1024  # Hadoop's io.compression.codec.snappy.buffersize and its LZ4 sibling
_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3  # zlib's default; AWS: compression-support-zstd-levels


class ByteStream(Protocol):
    """Where lines go."""

    def write(self, data: bytes | memoryview, /) -> object:
        """Take these bytes."""

    def close(self) -> None:
        """Write what is left and close the file."""


def open_stream(path: Path, codec: str, level: int | None) -> ByteStream:
    """A new file; ``codec`` is ``none``, ``gzip``, ``bzip2``, ``zstd``, ``snappy`` or ``lz4``."""
    raw = path.open("wb")
    match codec:
        case "gzip":
            # GzipFile leaves a file that it was given open; _Closing closes both.
            return _Closing(gzip.GzipFile("", "wb", level or _GZIP_LEVEL, raw, mtime=0), raw)
        case "bzip2":
            return _Closing(bz2.BZ2File(raw, "wb"), raw)
        case "zstd":
            return _Zstd(raw, level or _ZSTD_LEVEL)
        case "snappy":
            return _Blocks(raw, lambda block: bytes(cramjam.snappy.compress_raw(block)))
        case "lz4":
            return _Blocks(raw, lambda block: bytes(cramjam.lz4.compress_block(block, store_size=False)))
        case _:
            return raw


class _Closing:
    def __init__(self, stream: gzip.GzipFile | bz2.BZ2File, raw: BinaryIO) -> None:
        self._stream, self._raw = stream, raw

    def write(self, data: bytes | memoryview, /) -> object:
        return self._stream.write(data)

    def close(self) -> None:
        self._stream.close()
        self._raw.close()


class _Zstd:
    """One frame, compressed as it comes."""

    def __init__(self, raw: BinaryIO, level: int) -> None:
        self._raw = raw
        self._compressor = cramjam.zstd.Compressor(level=level)

    def write(self, data: bytes | memoryview, /) -> object:
        self._compressor.compress(bytes(data))
        return self._raw.write(bytes(self._compressor.flush()))

    def close(self) -> None:
        self._raw.write(bytes(self._compressor.finish()))
        self._raw.close()


class _Blocks:
    """Hadoop's framing: the block's plain length, then one chunk: its length and its bytes."""

    def __init__(self, raw: BinaryIO, compress: Callable[[bytes], bytes]) -> None:
        self._raw = raw
        self._compress = compress
        self._waiting = bytearray()

    def write(self, data: bytes | memoryview, /) -> object:
        self._waiting += data
        whole = len(self._waiting) - len(self._waiting) % _BLOCK
        for start in range(0, whole, _BLOCK):
            self._put(bytes(self._waiting[start : start + _BLOCK]))
        del self._waiting[:whole]
        return None

    def _put(self, block: bytes) -> None:
        packed = self._compress(block)
        self._raw.write(len(block).to_bytes(4, "big") + len(packed).to_bytes(4, "big") + packed)

    def close(self) -> None:
        if self._waiting:
            self._put(bytes(self._waiting))
        self._raw.close()
