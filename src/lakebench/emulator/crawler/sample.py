"""The beginning of an object, decompressed: all that a text classifier gets to see.

Reads are bounded: at most ``HEAD_BYTES`` of text, however large the object or its decompressed content,
so a 1 GB object or a decompression bomb costs one megabyte.
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from lakebench.emulator.storage.objects import StoredObject
from lakebench.errors import DataError

HEAD_BYTES = 1 << 20
_CHUNK = 64 << 10
_BY_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd"}
_BY_SUFFIX = {"gz": "gzip", "bz2": "bzip2", "zst": "zstd"}
_CONTROL = bytes(set(range(32)) - {1, 9, 10, 13, 27})  # Ctrl-A is a delimiter, escape colours a log
_MAX_CONTROL_SHARE = 0.05
_MAX_INVALID_SHARE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """``head`` is decompressed; ``whole`` says that nothing follows it. ``compression`` is Glue's word."""

    stored: StoredObject
    head: bytes
    whole: bool
    compression: str = "none"

    @property
    def path(self) -> Path:
        """The payload file, for formats that are read from their end."""
        return self.stored.path

    @property
    def is_text(self) -> bool:
        """Whether the head can be text: no NUL, few control characters, mostly valid UTF-8."""
        head = self.head
        if not head or b"\0" in head:
            return False
        if len(head) - len(head.translate(None, _CONTROL)) > len(head) * _MAX_CONTROL_SHARE:
            return False
        try:
            head.decode()
        except UnicodeDecodeError:
            return head.decode(errors="replace").count("\ufffd") <= len(head) * _MAX_INVALID_SHARE
        return True

    @property
    def text(self) -> str:
        """The head as text without its last, incomplete line; invalid UTF-8 becomes U+FFFD."""
        end = len(self.head) if self.whole else self.head.rfind(b"\n") + 1
        return self.head[: end or len(self.head)].decode(errors="replace")


def read_sample(stored: StoredObject) -> Sample:
    """Read the beginning of an object; raises DataError when its compression is broken.

    The compression is decided by content; a name that promises one the content does not have is an
    error, because Athena goes by the name.
    """
    try:
        with stored.path.open("rb") as file:
            return _read(stored, file)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}") from None


def _read(stored: StoredObject, file: BinaryIO) -> Sample:
    start = file.read(4)
    file.seek(0)
    compression = next((name for magic, name in _BY_MAGIC.items() if start.startswith(magic)), None)
    promised = _BY_SUFFIX.get(stored.uri.key.rpartition(".")[2].lower())
    if compression is None:
        if promised is not None:
            raise DataError(f"is named .{stored.uri.key.rpartition('.')[2]} but is not {promised}")
        head = file.read(HEAD_BYTES)
        return Sample(stored=stored, head=head, whole=len(head) == stored.size)
    head, whole = _zstd_head(file) if compression == "zstd" else _stream_head(file, compression)
    return Sample(stored=stored, head=head, whole=whole, compression=compression)


class _Decompressor(Protocol):
    """What zlib's and bz2's decompressors have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    """zlib's decompressor with bz2's manner: input that is left over is kept inside."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _stream_head(file: BinaryIO, compression: str) -> tuple[bytes, bool]:
    """Decompress members one after the other until the head is full or the object ends."""
    fresh: Callable[[], _Decompressor] = _Gzip if compression == "gzip" else bz2.BZ2Decompressor
    stream, head, data = fresh(), bytearray(), file.read(_CHUNK)
    try:
        while data and len(head) < HEAD_BYTES:
            head += stream.decompress(data, HEAD_BYTES - len(head))
            if stream.eof:
                data = stream.unused_data.lstrip(b"\0") or file.read(_CHUNK)
                if not data:
                    return bytes(head), True
                stream = fresh()
            else:
                data = file.read(_CHUNK)
    except (zlib.error, OSError, ValueError, EOFError) as error:
        raise DataError(f"is not readable {compression}: {error}") from None
    if len(head) < HEAD_BYTES and not stream.eof:
        raise DataError(f"is truncated {compression}: its end is missing")
    return bytes(head), False


def _zstd_head(file: BinaryIO) -> tuple[bytes, bool]:
    import pyarrow as pa  # noqa: PLC0415 - 0.2 s to import, and only zstd objects need it

    head = bytearray()
    try:
        with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as stream:
            while len(head) < HEAD_BYTES:
                more = stream.read(min(_CHUNK, HEAD_BYTES - len(head)))
                if not more:
                    return bytes(head), True
                head += more
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"is not readable zstd: {error}") from None
    return bytes(head), False
