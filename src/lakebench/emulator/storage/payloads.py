"""Object bytes as files: received while streaming, adopted, shared and joined, never read into memory.

A payload's name is chance, fanned out over 256 directories; a key never becomes a path, since
``../../etc``, ``a`` beside ``a/b`` and newlines are legal keys (facts/reliability.md 3). On a durable disk a
payload that was handed out is synced, with the directory that names it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from lakebench.emulator.storage.disk import Disk
from lakebench.emulator.storage.streamed_md5 import StreamedMd5

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

    @property
    def name(self) -> str:
        """The file's name, by which rows speak of it."""
        return self.path.name


class PayloadStore:
    """Makes and discards payloads in one data dir. Thread-safe."""

    def __init__(self, *, objects: Path, tmp: Path, disk: Disk | None = None) -> None:
        self._objects = objects
        self._tmp = tmp
        self._disk = disk or Disk(durable=False)
        self._prepared: dict[Path, str] = {}
        self._lock = threading.Lock()

    def receive(self) -> PayloadWriter:
        """Begin a payload that is written block by block; nothing stays of one that is not finished."""
        return PayloadWriter(self, self._disk, self._tmp / secrets.token_hex(16))

    def write(self, data: bytes) -> Payload:
        """Make a payload of bytes in hand."""
        with self.receive() as writer:
            writer.write(data)
            return writer.finish()

    def prepare(self, path: Path) -> None:
        """Read and sync a file that will be adopted, so that adopting it is quick."""
        self._sync_file(path)
        md5 = md5_of(path)
        with self._lock:
            self._prepared[path] = md5

    def adopt(self, path: Path) -> Payload:
        """Take over a file of the same file system, without copying; it is gone from its place."""
        with self._lock:
            md5 = self._prepared.pop(path, None)
        if md5 is None:
            self._sync_file(path)
            md5 = md5_of(path)
        path.chmod(0o600)
        place = self.settle(path)
        return Payload(path=place, size=place.stat().st_size, md5=md5)

    def share(self, payload: Payload) -> Payload:
        """A second payload of the same bytes, by a hard link: each is discarded on its own."""
        place = self._new_place()
        self._disk.link(payload.path, place)
        self._disk.sync_directory(place.parent)
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
        """Remove the file; who has it open reads on."""
        self._disk.unlink(payload.path)

    def place(self, name: str) -> Path:
        """Where the payload of this name lies."""
        return self._objects / name[:2] / name

    def all(self) -> Iterator[Path]:
        """All payload files there are."""
        for directory in sorted(self._objects.iterdir()):
            with os.scandir(directory) as entries:
                yield from [Path(entry.path) for entry in entries]

    def take_in(self, source: Path, name: str) -> None:
        """Give a file of the same file system the place of the payload of this name, by a hard link."""
        place = self._directory_of(name) / name
        if not place.exists():
            self._disk.link(source, place)
            self._sync_file(place)
            self._disk.sync_directory(place.parent)

    def settle(self, path: Path) -> Path:
        """Give a finished file its place among the objects, and answer it."""
        place = self._new_place()
        self._disk.rename(path, place)
        self._disk.sync_directory(place.parent)
        return place

    def _new_place(self) -> Path:
        name = secrets.token_hex(16)
        return self._directory_of(name) / name

    def _directory_of(self, name: str) -> Path:
        directory = self._objects / name[:2]
        if not directory.is_dir() and self._disk.make_directory(directory):
            self._disk.sync_directory(self._objects)
        return directory

    def _sync_file(self, path: Path) -> None:
        if self._disk.durable:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                self._disk.sync(handle)
            finally:
                os.close(handle)


class PayloadWriter:
    """A payload in the making, below a temporary name; as a context it removes what was not finished."""

    def __init__(self, store: PayloadStore, disk: Disk, path: Path) -> None:
        self._store = store
        self._disk = disk
        self._path = path
        self._file = disk.create(path)
        self._md5 = StreamedMd5()
        self._finished = False
        self.size = 0

    def write(self, block: bytes) -> None:
        """Append the block; raises OSError when the disk is full."""
        self._disk.write(self._file, block)
        self._md5.update(block)
        self.size += len(block)

    def append(self, source: int, start: int, size: int) -> None:
        """Append a range of an open file without reading it here; its bytes stay outside the MD5."""
        end = start + size
        while start < end:
            copied = self._disk.copy(source, self._file, start, end - start)
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
        self._disk.sync(self._file)
        self._close()
        place = self._store.settle(self._path)
        self._finished = True
        return Payload(
            path=place,
            size=self.size,
            md5=self._md5.digest().hex() if hashed else None,
            checksums=dict(checksums or {}),
        )

    def __enter__(self) -> PayloadWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        self._md5.close()
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
