"""Object bytes as files: received while streaming, adopted, shared and joined, never read into memory.

A payload's name is chance, fanned out over 256 directories; a key never becomes a path, since
``../../etc``, ``a`` beside ``a/b`` and newlines are legal keys (facts/reliability.md 3).
Durability (fsync, a journal) is not promised here.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The bytes of one object or part: a file of their own, mode 0600.

    ``md5`` is in hex, None where nobody has read the bytes yet (joined parts). ``checksums`` are S3's
    additional ones, by algorithm (``CRC32``), in base64.
    """

    path: Path
    size: int
    md5: str | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)


class PayloadStore:
    """Makes and discards payloads in one data dir. Thread-safe."""

    def __init__(self, *, objects: Path, tmp: Path) -> None:
        self._objects = objects
        self._tmp = tmp
        self._closed = False

    def receive(self) -> PayloadWriter:
        """Begin a payload that is written block by block; nothing stays of one that is not finished."""
        return PayloadWriter(self, self._tmp / secrets.token_hex(16))

    def write(self, data: bytes) -> Payload:
        """Make a payload of bytes in hand."""
        with self.receive() as writer:
            writer.write(data)
            return writer.finish()

    def adopt(self, path: Path) -> Payload:
        """Take over a file of the same file system, without copying; it is gone from its place."""
        path.chmod(0o600)
        place = self.settle(path)
        return Payload(path=place, size=place.stat().st_size, md5=md5_of(place))

    def share(self, payload: Payload) -> Payload:
        """A second payload of the same bytes, by a hard link: each is discarded on its own."""
        place = self._new_place()
        os.link(payload.path, place)
        return Payload(path=place, size=payload.size, md5=payload.md5, checksums=payload.checksums)

    def join(self, payloads: Iterable[Payload]) -> Payload:
        """One payload of many, in order; the kernel copies, memory stays flat."""
        with self.receive() as writer:
            for payload in payloads:
                with payload.path.open("rb") as source:
                    writer.append(source.fileno(), 0, payload.size)
            return writer.finish(hashed=False)

    def extract(self, source: int, start: int, size: int) -> Payload:
        """A payload of a range of an open file descriptor (UploadPartCopy)."""
        with self.receive() as writer:
            for position in range(start, start + size, _BLOCK):
                writer.write(os.pread(source, min(_BLOCK, start + size - position), position))
            return writer.finish()

    def discard(self, payload: Payload) -> None:
        """Remove the file; who has it open reads on. Nothing is removed once the store is closed."""
        if not self._closed:
            payload.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave all files where they are from now on: keys that die with the process keep their bytes."""
        self._closed = True

    def _new_place(self) -> Path:
        name = secrets.token_hex(16)
        directory = self._objects / name[:2]
        directory.mkdir(exist_ok=True, mode=0o700)
        return directory / name

    def settle(self, path: Path) -> Path:
        """Give a finished file its place among the objects, and answer it."""
        place = self._new_place()
        path.rename(place)
        return place


class PayloadWriter:
    """A payload in the making, below a temporary name; as a context it removes what was not finished."""

    def __init__(self, store: PayloadStore, path: Path) -> None:
        self._store = store
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._finished = False
        self.size = 0

    def write(self, block: bytes) -> None:
        """Append the block; raises OSError when the disk is full."""
        view = memoryview(block)
        while view:
            view = view[os.write(self._file, view) :]
        self._md5.update(block)
        self.size += len(block)

    def append(self, source: int, start: int, size: int) -> None:
        """Append a range of an open file without reading it here; its bytes stay outside the MD5."""
        end = start + size
        while start < end:
            copied = _copy_range(source, self._file, start, end - start)
            if copied == 0:
                raise OSError(f"a payload ended {end - start} bytes early")
            start += copied
            self.size += copied

    @property
    def md5(self) -> bytes:
        """The MD5 of the blocks written so far."""
        return self._md5.digest()

    def finish(self, *, hashed: bool = True, checksums: Mapping[str, str] | None = None) -> Payload:
        """Give the payload its lasting name; ``hashed`` is False where ``append`` was used."""
        self._close()
        place = self._store.settle(self._path)
        self._finished = True
        return Payload(
            path=place,
            size=self.size,
            md5=self._md5.hexdigest() if hashed else None,
            checksums=dict(checksums or {}),
        )

    def __enter__(self) -> PayloadWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        if not self._finished:
            self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        handle, self._file = self._file, -1
        if handle >= 0:
            os.close(handle)


def md5_of(path: Path) -> str:
    """The MD5 of a file in hex, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _copy_range(source: int, target: int, start: int, size: int) -> int:
    """Copy up to ``size`` bytes to the target's position: in the kernel where it can, else a block."""
    if hasattr(os, "copy_file_range"):
        with contextlib.suppress(OSError):  # not on every file system (EXDEV, EINVAL, EOPNOTSUPP)
            return os.copy_file_range(source, target, size, offset_src=start)
    return os.write(target, os.pread(source, min(size, _BLOCK), start))
