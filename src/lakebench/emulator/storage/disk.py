"""Every call by which this room changes files, in one place, so that a test can stand at each of them.

What is promised to be there after a crash is synced in this order: the file's bytes, the directory that
names it, the record that speaks of it (docs/durability.md).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

_BLOCK = 1 << 20


class Disk:
    """The file system, for writing. ``durable`` is False where nothing has to outlive the machine's power."""

    def __init__(self, *, durable: bool) -> None:
        self.durable = durable

    def create(self, path: Path) -> int:
        """A new file that only its owner may read, open for writing."""
        self.reach("create", path)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, handle: int, data: bytes) -> None:
        """Append all of the data; raises OSError when the disk is full."""
        self.reach("write")
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]

    def copy(self, source: int, target: int, start: int, size: int) -> int:
        """Append up to ``size`` bytes of another file, in the kernel where it can; how many."""
        self.reach("copy")
        if hasattr(os, "copy_file_range"):
            with contextlib.suppress(OSError):  # not on every file system (EXDEV, EINVAL, EOPNOTSUPP)
                return os.copy_file_range(source, target, size, offset_src=start)
        return os.write(target, os.pread(source, min(size, _BLOCK), start))

    def sync(self, handle: int) -> None:
        """Wait until the file's bytes would outlive a loss of power."""
        if self.durable:
            self.reach("sync")
            os.fsync(handle)

    def sync_directory(self, path: Path) -> None:
        """Wait until the names in the directory would outlive a loss of power."""
        if self.durable:
            self.reach("sync directory", path)
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Give the file another name of the same file system."""
        self.reach("rename", new)
        old.rename(new)

    def link(self, old: Path, new: Path) -> None:
        """Give the file a second name."""
        self.reach("link", new)
        os.link(old, new)

    def unlink(self, path: Path) -> None:
        """Remove the name; one that is not there is no error."""
        self.reach("unlink", path)
        path.unlink(missing_ok=True)

    def allocate(self, path: Path, size: int) -> None:
        """Make the file this long, with room on the disk for all of it; raises OSError."""
        self.reach("allocate", path)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        before = os.fstat(handle).st_size
        try:
            _fill(handle, before, size)
        except OSError:
            os.truncate(handle, before)
            raise
        finally:
            os.close(handle)

    def make_directory(self, path: Path) -> bool:
        """Make a directory of the owner's; whether it was not there."""
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            return False
        self.reach("make directory", path)
        return True

    def commit(self, connection: sqlite3.Connection) -> None:
        """End the transaction: what it wrote is there from now on."""
        self.reach("commit")
        connection.execute("COMMIT")
        self.reach("committed")

    def reach(self, call: str, path: Path | None = None) -> None:
        """Called before each of the calls above; a place for tests of crashes and faults."""


def _fill(handle: int, start: int, end: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, start, end - start)
        return
    for position in range(start, end, _BLOCK):
        os.pwrite(handle, bytes(min(_BLOCK, end - position)), position)


def make_disk(*, durable: bool) -> Disk:
    """The disk of a server; one that fails on command where the crash tests' variable asks for it."""
    plan = os.environ.get("LAKEBENCH_DISK_FAULTS")
    if not plan:
        return Disk(durable=durable)
    from lakebench.emulator.storage.faults import FaultyDisk

    return FaultyDisk(durable=durable, plan=Path(plan))
