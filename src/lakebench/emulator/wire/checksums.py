"""S3's additional checksums, computed while bytes stream by.

CRC32C and CRC64NVME are left out: no dependency of ours computes them, so what the client says is kept
as it is.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class _Running(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc32:
    """zlib's CRC-32 with the interface of a hash."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        """Four bytes, big-endian."""
        return self._value.to_bytes(4, "big")


_RUNNING: dict[str, Callable[[], _Running]] = {
    "CRC32": _Crc32,
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "SHA256": hashlib.sha256,
}


class Checksum:
    """One running checksum of ``algorithm`` (CRC32, SHA1, SHA256); ``text`` is its base64."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self._running = _RUNNING[algorithm]()

    def update(self, block: bytes) -> None:
        """Take in more bytes."""
        self._running.update(block)

    @property
    def digest(self) -> bytes:
        """The checksum of what came so far."""
        return self._running.digest()

    @property
    def text(self) -> str:
        """The checksum as it stands in headers."""
        return base64.b64encode(self.digest).decode()


COMPUTABLE = frozenset(_RUNNING)
ALGORITHMS = COMPUTABLE | {"CRC32C", "CRC64NVME"}


def checksum_of_file(path: Path, algorithm: str) -> str:
    """The base64 checksum of a file, read in blocks."""
    running = Checksum(algorithm)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            running.update(block)
    return running.text


def checksum_of_bytes(data: bytes, algorithm: str) -> str:
    """The base64 checksum of bytes in hand."""
    running = Checksum(algorithm)
    running.update(data)
    return running.text
