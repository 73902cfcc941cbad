"""Compressed text that DuckDB does not read: unpacked in the worker, to plain files beside the links.

bzip2 (``.bz2``) and DEFLATE in a zlib frame (``.deflate``, Hadoop's DefaultCodec). Standard library only:
the worker imports this when a query needs it.
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

UNPACKED = frozenset({".bz2", ".deflate"})
PLAIN = ".plain"
"""The ending of an unpacked file's name, after that of the object."""

_BLOCK = 1 << 20


class CannotUnpack(Exception):
    """A file that is not what its name says, or holds more than the worker may write."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def unpack(paths: Sequence[str], limit: int) -> None:
    """Unpack each file, ``limit`` bytes in all; raises CannotUnpack."""
    left = limit
    for path in paths:
        try:
            with Path(path).open("rb") as packed, Path(path + PLAIN).open("wb") as plain:
                for block in _blocks(packed, path):
                    left -= len(block)
                    if left < 0:
                        raise CannotUnpack("IOException", f"max_temp_directory_size: {limit} bytes")
                    plain.write(block)
        except (EOFError, zlib.error, ValueError) as error:
            raise CannotUnpack(
                "InvalidInputException", f"'{path}' cannot be decompressed: {error}"
            ) from error
        except OSError as error:
            # bz2 says "Invalid data stream" without a number; the system's own errors have one.
            kind = "InvalidInputException" if error.errno is None else "IOException"
            raise CannotUnpack(kind, f"'{path}' cannot be decompressed: {error}") from error


def _blocks(packed: BinaryIO, path: str) -> Iterator[bytes]:
    if path.endswith(".bz2"):
        with bz2.open(packed) as stream:
            while block := stream.read(_BLOCK):
                yield block
        return
    inflater = zlib.decompressobj()
    while not inflater.eof:
        waiting = inflater.unconsumed_tail or packed.read(_BLOCK)
        if not waiting:
            raise EOFError("the stream ends too early")
        yield inflater.decompress(waiting, _BLOCK)
