"""How long the tail of an ORC object may be when it is unpacked: told without unpacking it.

Source: the ORC specification v1. The tail is metadata, footer and postscript; the first two are blocks, each
after a header of 3 bytes, and none of them holds more than the postscript's block size.
"""

from __future__ import annotations

from pathlib import Path

_HEADER = 3
_UNPACKED = 1
_FOOTER_LENGTH, _CODEC, _BLOCK_SIZE, _METADATA_LENGTH = 1, 2, 3, 5


def unpacked_tail(path: Path) -> int:
    """At most so many bytes; 0 for what is no tail, which the reader then says."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 256))
        end = file.read()
        length = end[-1] if end else 0
        fields = _numbers(end[-1 - length : -1])
        packed = fields.get(_FOOTER_LENGTH, 0) + fields.get(_METADATA_LENGTH, 0)
        at = size - 1 - length - packed
        if at < 0:
            return 0
        if not fields.get(_CODEC, 0):
            return packed
        most = 0
        stop = at + packed
        while at + _HEADER <= stop:
            file.seek(at)
            header = int.from_bytes(file.read(_HEADER), "little")
            most += header >> 1 if header & _UNPACKED else fields.get(_BLOCK_SIZE, 1 << 18)
            at += _HEADER + (header >> 1)
        return most


def _numbers(message: bytes) -> dict[int, int]:
    """The fields of a Protocol Buffers message that are numbers; what cannot be read ends it."""
    found: dict[int, int] = {}
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        if key & 7 == 0:
            found[key >> 3] = value
        elif key & 7 == 2:  # bytes after their length
            at += value
        else:
            break
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        value |= (message[at] & 0x7F) << shift
        shift += 7
        at += 1
        if message[at - 1] < 0x80:
            break
    return value, at
