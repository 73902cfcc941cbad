"""The beginning of a compressed object, decompressed: gzip, bzip2, zstd, lz4, snappy and single-entry zip.

Each reader stops after ``limit`` bytes of output, so a decompression bomb costs no more than that.
Which wrappers Glue understands: AWS add-classifier (ZIP of one entry, BZIP2, GZIP, LZ4, Snappy standard and
Hadoop); zstd is read as well.
"""

from __future__ import annotations

import bz2
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from lakebench.errors import DataError

CHUNK = 64 << 10
_MAGICS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
    b"PK\x03\x04": "zip",
}
_COLUMNAR = (b"PAR1", b"ORC", b"Obj\x01")
MAGIC_BYTES = max(map(len, _MAGICS))
_SUFFIXES = {
    "gz": "gzip",
    "bz2": "bzip2",
    "zst": "zstd",
    "lz4": "lz4",
    "snappy": "snappy",
    "zip": "zip",
}
_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22 + 0xFFFF
_SNAPPY_COMPRESSED, _SNAPPY_PLAIN, _SNAPPY_FIRST_SKIPPABLE = 0x00, 0x01, 0x80
_SNAPPY_MOST = 64 << 10  # of one chunk, by the framing format


def compression_of(start: bytes, key: str) -> str | None:
    """Glue's word for the compression, by content; None for none.

    Raises DataError when the name promises one that the content does not have, because Athena goes by
    the name. Hadoop's snappy has no magic number: there the name ``.snappy`` decides. Columnar files are
    compressed inside and may be named after that; Athena does not look at their names.
    """
    if start.startswith(_COLUMNAR):
        return None
    suffix = key.rpartition(".")[2].lower()
    promised = _SUFFIXES.get(suffix)
    found = next((name for magic, name in _MAGICS.items() if start.startswith(magic)), None)
    if found is None and promised == "snappy":
        return promised
    if found is None and promised is not None:
        raise DataError(f"is named .{suffix} but is not {promised}")
    return found


def unpacked_head(file: BinaryIO, compression: str, limit: int) -> tuple[bytes, bool]:
    """At most ``limit`` bytes, and whether nothing follows them; raises DataError for a broken object."""
    match compression:
        case "gzip" | "bzip2":
            return _stream_head(file, compression, limit)
        case "zip":
            return _zip_head(file, limit)
        case "snappy":
            return _head_of(_snappy_chunks(file), limit)
        case _:
            return _arrow_head(file, compression, limit)


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


def _stream_head(file: BinaryIO, compression: str, limit: int) -> tuple[bytes, bool]:
    """Decompress members one after the other until the head is full or the object ends."""
    fresh: Callable[[], _Decompressor] = _Gzip if compression == "gzip" else bz2.BZ2Decompressor
    stream, head, data = fresh(), bytearray(), file.read(CHUNK)
    try:
        while data and len(head) < limit:
            head += stream.decompress(data, limit - len(head))
            if stream.eof:
                data = stream.unused_data.lstrip(b"\0") or file.read(CHUNK)
                if not data:
                    return bytes(head), True
                stream = fresh()
            else:
                data = file.read(CHUNK)
    except (zlib.error, OSError, ValueError, EOFError) as error:
        raise DataError(f"is not readable {compression}: {error}") from None
    if len(head) < limit and not stream.eof:
        raise DataError(f"is truncated {compression}: its end is missing")
    return bytes(head), False


def _arrow_head(file: BinaryIO, compression: str, limit: int) -> tuple[bytes, bool]:
    import pyarrow as pa  # 0.2 s to import, and few objects need it

    head = bytearray()
    try:
        with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), compression) as stream:
            while len(head) < limit:
                more = stream.read(min(CHUNK, limit - len(head)))
                if not more:
                    return bytes(head), True
                head += more
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"is not readable {compression}: {error}") from None
    return bytes(head), False


def _zip_head(file: BinaryIO, limit: int) -> tuple[bytes, bool]:
    """The one entry of an archive. Its directory is not read before it is known to be that small."""
    size = file.seek(0, 2)
    file.seek(max(size - _ZIP_END_BYTES, 0))
    tail = file.read()
    end = tail.rfind(_ZIP_END)
    if end < 0 or len(tail) - end < 12:
        raise DataError("is not readable zip: its end is missing")
    (entries,) = struct.unpack_from("<H", tail, end + 10)
    if entries != 1:
        raise DataError(f"is a zip of {entries} entries, and only one of a single entry can be read")
    try:
        with zipfile.ZipFile(file) as archive, archive.open(archive.namelist()[0]) as entry:
            head = entry.read(limit)
            return head, not entry.read(1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, LookupError) as error:
        raise DataError(f"is not readable zip: {error}") from None
    except (RuntimeError, NotImplementedError) as error:  # encrypted, or packed by a method zipfile lacks
        raise DataError(f"is not readable zip: {error}") from None


def _head_of(chunks: Iterator[bytes], limit: int) -> tuple[bytes, bool]:
    head = bytearray()
    for chunk in chunks:
        head += chunk
        if len(head) >= limit:
            return bytes(head[:limit]), False
    return bytes(head), True


def _snappy_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Pieces of at most 64 KB (standard framing) or of a Hadoop block."""
    framed = file.read(1) == b"\xff"
    file.seek(0)
    return _framed_chunks(file) if framed else _hadoop_chunks(file)


def _framed_chunks(file: BinaryIO) -> Iterator[bytes]:
    while header := file.read(4):
        kind, size = header[0], int.from_bytes(header[1:], "little")
        if len(header) < 4:
            raise DataError("is truncated snappy: its end is missing")
        body = file.read(size)
        if len(body) < size:
            raise DataError("is truncated snappy: its end is missing")
        if kind == _SNAPPY_COMPRESSED:
            yield _unsnapped(body[4:], _SNAPPY_MOST)
        elif kind == _SNAPPY_PLAIN:
            yield body[4:]
        elif kind < _SNAPPY_FIRST_SKIPPABLE:
            raise DataError("is not readable snappy: a chunk of unknown kind")


def _hadoop_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Blocks of an unpacked length, then chunks with their own lengths until that is reached."""
    while header := file.read(4):
        wanted = int.from_bytes(header, "big")
        while wanted > 0:
            size = int.from_bytes(file.read(4), "big")
            body = file.read(size) if size <= 2 * wanted + CHUNK else b""
            if not size or len(body) < size:
                raise DataError("is named .snappy but is not snappy, or its end is missing")
            chunk = _unsnapped(body, min(wanted, 16 << 20))
            wanted -= len(chunk)
            yield chunk
            if not chunk:
                raise DataError("is not readable snappy: an empty chunk")


def _unsnapped(body: bytes, most: int) -> bytes:
    import pyarrow as pa  # as above

    size = shift = 0
    for byte in body[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if size > most:
        raise DataError("is not readable snappy: a chunk beyond its allowed length")
    try:
        unpacked: bytes = pa.Codec("snappy").decompress(body, decompressed_size=size, asbytes=True)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"is not readable snappy: {error}") from None
    return unpacked
