"""How an ORC file is laid out: its stripes, and the compressed streams of each column in them.

Source: the ORC specification v1 (file tail, stripe footer), whose messages are Protocol Buffers; read here
as far as sizes need it. Bytes come through a function, so that a file and a range GET serve alike.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

ReadRange = Callable[[int, int], bytes]
"""Answers the bytes at (offset, length)."""

KINDS = (
    "BOOLEAN", "BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "STRING", "BINARY", "TIMESTAMP", "LIST",
    "MAP", "STRUCT", "UNION", "DECIMAL", "DATE", "VARCHAR", "CHAR", "TIMESTAMP_INSTANT",
)  # fmt: skip
_CODECS = ("none", "zlib", "snappy", "lzo", "lz4", "zstd")
_DATA_STREAMS = frozenset({0, 1, 2, 3, 4, 5})
"""PRESENT, DATA, LENGTH, DICTIONARY_DATA, DICTIONARY_COUNT, SECONDARY; indexes and bloom filters are not."""

_MAX_TAIL = 256 << 20
_STEP = 1 << 18
_MAX_DEPTH = 100


class NotOrc(ValueError):
    """The bytes are no ORC file, or one that is cut or damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrcNode:
    """A node of the type tree: its kind, and its leaves as Parquet would name them, from the root's child."""

    kind: str
    path: tuple[str, ...]
    ancestors: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrcStripe:
    """A stripe: its rows, and the compressed bytes of its data streams by node."""

    rows: int
    sizes: dict[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrcLayout:
    """The nodes in the order of the type tree (0 is the root), and the stripes in the file's order."""

    nodes: tuple[OrcNode, ...]
    stripes: tuple[OrcStripe, ...]

    def columns(self) -> Iterator[tuple[int, OrcNode]]:
        """The root's children: the columns of the file, with their node's number."""
        return ((at, node) for at, node in enumerate(self.nodes) if node.ancestors == (0,))


def read_layout(read: ReadRange, size: int) -> OrcLayout:
    """Read the tail and every stripe's footer; raises NotOrc."""
    try:
        return _read_layout(read, size)
    except (IndexError, zlib.error, RecursionError, OverflowError) as error:
        raise NotOrc(str(error)) from error


def _read_layout(read: ReadRange, size: int) -> OrcLayout:
    if size < 4 or read(0, 3) != b"ORC":
        raise NotOrc("Not an ORC file")
    length = read(size - 1, 1)[0]
    if length + 1 > size:
        raise NotOrc("its postscript is longer than the file")
    postscript = _fields(read(size - 1 - length, length))
    if _bytes(postscript, 8000) != b"ORC":
        raise NotOrc("it has no postscript")
    footer_length, codec = _number(postscript, 1), _number(postscript, 2)
    if codec >= len(_CODECS):
        raise NotOrc(f"its compression {codec} is not known")
    if footer_length > min(size - 1 - length, _MAX_TAIL):
        raise NotOrc("its footer is longer than the file")
    unpack = _Unpack(_CODECS[codec])
    footer = _fields(unpack(read(size - 1 - length - footer_length, footer_length)))
    nodes = _nodes([_fields(part) for part in _all_bytes(footer, 4)])
    stripes = tuple(_stripe(read, size, unpack, _fields(part)) for part in _all_bytes(footer, 3))
    return OrcLayout(nodes=nodes, stripes=stripes)


def _stripe(read: ReadRange, size: int, unpack: _Unpack, wire: _Message) -> OrcStripe:
    offset, index, data, length = (_number(wire, number) for number in (1, 2, 3, 4))
    start = offset + index + data
    if start + length > size or length > _MAX_TAIL:
        raise NotOrc("a stripe lies beyond its end")
    sizes: dict[int, int] = {}
    for part in _all_bytes(_fields(unpack(read(start, length))), 1):
        stream = _fields(part)
        if _number(stream, 1) in _DATA_STREAMS:
            column = _number(stream, 2)
            sizes[column] = sizes.get(column, 0) + _number(stream, 3)
    return OrcStripe(rows=_number(wire, 5), sizes=sizes)


def _nodes(types: Sequence[_Message]) -> tuple[OrcNode, ...]:
    """The type tree in its own order: node n's children are told by number, always later ones."""
    found: dict[int, OrcNode] = {}

    def visit(at: int, path: tuple[str, ...], ancestors: tuple[int, ...]) -> None:
        if at in found or len(ancestors) > _MAX_DEPTH:
            raise NotOrc("its types are no tree")
        wire = types[at]
        kind = KINDS[_number(wire, 1)]
        found[at] = OrcNode(kind=kind, path=path, ancestors=ancestors)
        children = _numbers(wire, 2)
        for name, child in zip(_child_names(kind, wire, len(children)), children, strict=True):
            visit(child, (*path, *name), (*ancestors, at))

    if not types:
        raise NotOrc("it has no types")
    visit(0, (), ())
    if len(found) != len(types):
        raise NotOrc("its types are no tree")
    return tuple(found[at] for at in range(len(types)))


def _child_names(kind: str, wire: _Message, count: int) -> list[tuple[str, ...]]:
    """Parquet's three-level names of lists and maps, so that leaves can be told in one way."""
    if kind == "LIST":
        names: list[tuple[str, ...]] = [("list", "element")]
    elif kind == "MAP":
        names = [("key_value", "key"), ("key_value", "value")]
    elif kind == "STRUCT":
        names = [(part.decode("utf-8", "replace"),) for part in _all_bytes(wire, 3)]
    else:
        names = [(f"tag{at}",) for at in range(count)]
    if len(names) != count:
        raise NotOrc("a type has not the members that it should")
    return names


class _Unpack:
    """ORC's compression: blocks with a header of three bytes, whose lowest bit says that one is stored."""

    def __init__(self, codec: str) -> None:
        self._codec = codec

    def __call__(self, data: bytes) -> bytes:
        if self._codec == "none":
            return data
        parts, at, total = [], 0, 0
        while at < len(data):
            header = int.from_bytes(data[at : at + 3], "little")
            at += 3
            block = data[at : at + (header >> 1)]
            at += header >> 1
            parts.append(block if header & 1 else self._block(block, _MAX_TAIL - total))
            total += len(parts[-1])
        return b"".join(parts)

    def _block(self, block: bytes, limit: int) -> bytes:
        if self._codec == "zlib":
            return zlib.decompressobj(-15).decompress(block, max(limit, 1))
        import cramjam  # the other codecs are rarer in ORC
        import pyarrow as pa

        try:
            if self._codec == "zstd":
                return _streamed(pa.CompressedInputStream(pa.BufferReader(block), "zstd"), limit)
            if self._codec == "snappy":
                return bytes(cramjam.snappy.decompress_raw(block))
            if self._codec == "lz4":
                return bytes(cramjam.lz4.decompress_block(block, output_len=1 << 18))
        except (pa.ArrowException, cramjam.DecompressionError, OSError, ValueError) as error:
            raise NotOrc(str(error)) from error
        raise NotOrc(f"its compression {self._codec} is not read")


def _streamed(stream: Any, limit: int) -> bytes:
    """What a stream gives, in small steps: it takes memory for all that it is asked for."""
    parts, left = [], limit
    while block := stream.read(min(_STEP, max(left, 1))):
        parts.append(bytes(block))
        left -= len(block)
        if left < 0:
            raise NotOrc("it unpacks to more than it may")
    return b"".join(parts)


_Message = dict[int, list[int | bytes]]


def _fields(data: bytes) -> _Message:
    """A Protocol Buffers message: numbers and byte strings by field, in order."""
    found: _Message = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        value: int | bytes
        if kind == 0:
            value, at = _varint(data, at)
        elif kind == 2:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise NotOrc("a message is cut")
            value, at = data[at : at + length], at + length
        elif kind in {1, 5}:
            width = 8 if kind == 1 else 4
            value, at = data[at : at + width], at + width
        else:
            raise NotOrc("it holds a message that cannot be read")
        found.setdefault(tag >> 3, []).append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise NotOrc("a number has no end")


def _number(message: _Message, field: int) -> int:
    values = message.get(field)
    if not values:
        return 0
    if not isinstance(values[-1], int):
        raise NotOrc("a number was expected")
    return values[-1]


def _numbers(message: _Message, field: int) -> list[int]:
    """A repeated number, packed or not."""
    numbers: list[int] = []
    for value in message.get(field, []):
        if isinstance(value, int):
            numbers.append(value)
            continue
        at = 0
        while at < len(value):
            number, at = _varint(value, at)
            numbers.append(number)
    return numbers


def _all_bytes(message: _Message, field: int) -> list[bytes]:
    values = message.get(field, [])
    found = [value for value in values if isinstance(value, bytes)]
    if len(found) != len(values):
        raise NotOrc("a byte string was expected")
    return found


def _bytes(message: _Message, field: int) -> bytes:
    return next(iter(_all_bytes(message, field)), b"")
