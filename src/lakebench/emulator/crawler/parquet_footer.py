"""How many elements the schema in a Parquet footer says it has, told before the footer is parsed.

Source: parquet.thrift and Thrift's compact protocol: FileMetaData begins with its version and the list of
schema elements, whose header is its length.
"""

from __future__ import annotations

import struct
from pathlib import Path

_TAIL = 8
_VERSION, _SCHEMA = 0x15, 0x19  # field 1 of type i32; field 2 of type list
_LONG_LIST = 15


def schema_elements(path: Path) -> int:
    """So many; 0 for what is no such footer, which the parser then says."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        (length,) = struct.unpack("<I", file.read(_TAIL)[:4].ljust(4, b"\0"))
        if length + _TAIL > size:
            return 0
        file.seek(size - _TAIL - length)
        start = file.read(32)
    if not start or start[0] != _VERSION:
        return 0
    at = _after_varint(start, 1)
    if start[at : at + 1] != bytes([_SCHEMA]):
        return 0
    short = start[at + 1] >> 4 if at + 1 < len(start) else 0
    return short if short < _LONG_LIST else _varint(start, at + 2)


def _after_varint(data: bytes, at: int) -> int:
    while at < len(data) and data[at] >= 0x80:
        at += 1
    return at + 1


def _varint(data: bytes, at: int) -> int:
    value = 0
    for shift, byte in enumerate(data[at : _after_varint(data, at)]):
        value |= (byte & 0x7F) << 7 * shift
    return value
