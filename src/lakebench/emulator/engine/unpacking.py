"""Text that DuckDB does not read as it stands: rewritten in the worker, as plain files beside the links.

What is unpacked: bzip2, DEFLATE in a zlib frame (Hadoop's DefaultCodec), Snappy and LZ4 in Hadoop's blocks
or in their own frames, and Zstandard, of which DuckDB does not notice that it is cut. Further, any text whose
last lines are taken away (``skip.footer.line.count``) or that must be put right: bytes that are no UTF-8
become U+FFFD, as Hive's Text has them, and LF, CRLF and CR mixed become LF. The worker imports this when a
query needs it.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

UNPACKED = frozenset({".bz2", ".deflate", ".snappy", ".lz4", ".zst"})
PLAIN = ".plain"
"""The ending of an unpacked file's name, after that of the object."""

_BLOCK = 1 << 20
_LARGEST = 256 << 20
_LZ4_FRAME = b"\x04\x22\x4d\x18"
_SNAPPY_FRAME = b"\xff\x06\x00\x00sNaPpY"


class CannotUnpack(Exception):
    """A file that is not what its name says, or holds more than the worker may write."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def unpack(paths: Sequence[str], limit: int, *, footer: int = 0, utf8: bool = False) -> None:
    """Unpack each file, ``limit`` bytes in all, without its last ``footer`` lines; raises CannotUnpack."""
    left = limit
    for path in paths:
        try:
            with Path(path).open("rb") as packed, Path(path + PLAIN).open("wb") as plain:
                blocks = _blocks(packed, path)
                for block in _replaced(blocks) if utf8 else blocks:
                    left -= len(block)
                    if left < 0:
                        raise CannotUnpack("IOException", f"max_temp_directory_size: {limit} bytes")
                    plain.write(block)
            if footer:
                _cut(Path(path + PLAIN), footer)
        except (EOFError, zlib.error, ValueError, RuntimeError, MemoryError) as error:
            raise CannotUnpack(
                "InvalidInputException", f"'{path}' cannot be decompressed: {error}"
            ) from error
        except OSError as error:
            # bz2 says "Invalid data stream" without a number; the system's own errors have one.
            kind = "InvalidInputException" if error.errno is None else "IOException"
            raise CannotUnpack(kind, f"'{path}' cannot be decompressed: {error}") from error


def _blocks(packed: BinaryIO, path: str) -> Iterator[bytes]:
    extension = path[path.rfind("/") :].rpartition(".")[2]
    reader = _READERS.get(extension)
    return reader(packed) if reader is not None else iter(lambda: packed.read(_BLOCK), b"")


def _bzip2(packed: BinaryIO) -> Iterator[bytes]:
    with bz2.open(packed) as stream:
        while block := stream.read(_BLOCK):
            yield block


def _gzip(packed: BinaryIO) -> Iterator[bytes]:
    with gzip.open(packed) as stream:
        while block := stream.read(_BLOCK):
            yield block


def _zstd(packed: BinaryIO) -> Iterator[bytes]:
    return _framed(packed, "zstd")


def _framed(packed: BinaryIO, codec: str) -> Iterator[bytes]:
    import pyarrow as pa  # not of the standard library, and rarely needed

    with pa.CompressedInputStream(pa.PythonFile(packed, "r"), codec) as stream:
        while block := stream.read(_BLOCK):
            yield bytes(block)


def _deflate(packed: BinaryIO) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    while not inflater.eof:
        waiting = inflater.unconsumed_tail or packed.read(_BLOCK)
        if not waiting:
            raise EOFError("the stream ends too early")
        yield inflater.decompress(waiting, _BLOCK)


def _snappy(packed: BinaryIO) -> Iterator[bytes]:
    from cramjam import DecompressionError, snappy

    try:
        if _starts(packed, _SNAPPY_FRAME):
            yield bytes(snappy.decompress(packed.read()))
        else:
            yield from _hadoop_blocks(packed, lambda block, _: bytes(snappy.decompress_raw(block)))
    except DecompressionError as error:
        raise ValueError(str(error)) from error


def _lz4(packed: BinaryIO) -> Iterator[bytes]:
    from cramjam import DecompressionError, lz4

    try:
        if _starts(packed, _LZ4_FRAME):
            yield from _framed(packed, "lz4")
        else:
            yield from _hadoop_blocks(
                packed, lambda block, size: bytes(lz4.decompress_block(block, output_len=size))
            )
    except DecompressionError as error:
        raise ValueError(str(error)) from error


def _starts(packed: BinaryIO, magic: bytes) -> bool:
    found = packed.read(len(magic)) == magic
    packed.seek(0)
    return found


def _hadoop_blocks(packed: BinaryIO, decompress: Callable[[bytes, int], bytes]) -> Iterator[bytes]:
    """Hadoop's BlockCompressorStream: a block's plain size, then chunks after their sizes, big end first."""
    while head := packed.read(4):
        size = _size(head)
        while size > 0:
            chunk = packed.read(length := _size(packed.read(4)))
            if len(chunk) < length:
                raise EOFError("the stream ends too early")
            plain = decompress(chunk, size)
            size -= len(plain)
            if not plain or size < 0:
                raise ValueError("a block has not the size that it tells")
            yield plain


def _size(head: bytes) -> int:
    size = int.from_bytes(head, "big")
    if len(head) < 4 or size > _LARGEST:
        raise EOFError("a block has no size")
    return size


_READERS: Mapping[str, Callable[[BinaryIO], Iterator[bytes]]] = {
    "bz2": _bzip2,
    "gz": _gzip,
    "zst": _zstd,
    "deflate": _deflate,
    "snappy": _snappy,
    "lz4": _lz4,
}


def _replaced(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """UTF-8, with U+FFFD for what is none, and one kind of line ending."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")("replace"), translate=True)
    for block in blocks:
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()


def _cut(path: Path, lines: int) -> None:
    """Take the last lines away; a line end after the last one begins no line."""
    with path.open("r+b") as file:
        end = file.seek(0, 2)
        left, tail = lines, b""
        at = end
        while at > 0 and left >= 0:
            start = max(0, at - _BLOCK)
            file.seek(start)
            tail = file.read(at - start)
            if at == end and tail.endswith(b"\n"):
                tail = tail[:-1]
            while (found := tail.rfind(b"\n")) >= 0:
                left -= 1
                if left == 0:
                    file.truncate(start + found + 1)
                    return
                tail = tail[:found]
            at = start
        file.truncate(0)
