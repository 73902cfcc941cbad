"""S3's additional checksums, computed while bytes stream by, and those of parts combined.

AWS: checking-object-integrity.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import anycrc


class _Running(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc:
    """A CRC with the interface of a hash."""

    def __init__(self, model: Any, size: int) -> None:
        self._model = model
        self._size = size
        self._value: int = model.calc(b"")

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""
        self._value = self._model.calc(data, self._value)

    def digest(self) -> bytes:
        """The CRC, big-endian."""
        return self._value.to_bytes(self._size, "big")


_CRCS = {
    "CRC32": (anycrc.Model("CRC32"), 4),
    "CRC32C": (anycrc.Model("CRC32C"), 4),
    "CRC64NVME": (anycrc.Model("CRC64-NVME"), 8),
}
_RUNNING: dict[str, Callable[[], _Running]] = {
    "CRC32": lambda: _Crc(*_CRCS["CRC32"]),
    "CRC32C": lambda: _Crc(*_CRCS["CRC32C"]),
    "CRC64NVME": lambda: _Crc(*_CRCS["CRC64NVME"]),
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "SHA256": hashlib.sha256,
}
ALGORITHMS = frozenset(_RUNNING)
FULL_OBJECT, COMPOSITE = "FULL_OBJECT", "COMPOSITE"


class Checksum:
    """One running checksum of ``algorithm``; ``text`` is its base64."""

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


def default_type(algorithm: str) -> str:
    """FULL_OBJECT for CRC64NVME, which has no other; COMPOSITE unless an upload asks otherwise."""
    return FULL_OBJECT if algorithm == "CRC64NVME" else COMPOSITE


def combined(algorithm: str, parts: Iterable[tuple[str, int]]) -> str:
    """The CRC of a whole from those of its parts (base64) and their sizes, without reading a byte."""
    model, size = _CRCS[algorithm]
    value = model.calc(b"")
    for text, length in parts:
        value = model.combine(value, int.from_bytes(base64.b64decode(text), "big"), length)
    return base64.b64encode(value.to_bytes(size, "big")).decode()


def combines(algorithm: str) -> bool:
    """Whether the checksum of a whole follows from those of its parts: CRCs do."""
    return algorithm in _CRCS


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
