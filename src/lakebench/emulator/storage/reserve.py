"""Room on the disk that is kept for deletions: a file that is given up when nothing else is free.

A deletion frees room, but its record in the index needs some first. Without the reserve a full disk could
only be helped from outside.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lakebench.emulator.storage.disk import Disk

SIZE = 16 << 20
"""Bytes: SQLite's log grows to 4 MiB before it is folded into the database, which may grow by as much."""
_LEAST = 64 << 10
_SHARE = 4


class Reserve:
    """The file ``path``. Not thread-safe: ``Ledger`` lets one thread in at a time."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path = path
        self._disk = disk
        self._size = 0

    @property
    def short(self) -> bool:
        """Whether it has less than it should."""
        return self._size < SIZE

    def take(self) -> None:
        """Take the room at start; at most a quarter of what is free."""
        self._grow(min(SIZE, self._free() // _SHARE))

    def refill(self) -> None:
        """Take again what is free, before anybody else does."""
        self._grow(min(SIZE, self._size + self._free()))

    def give_up(self) -> bool:
        """Free the room; False when there was none to free."""
        if not self._size:
            return False
        self._disk.unlink(self._path)
        self._size = 0
        return True

    def _grow(self, size: int) -> None:
        """As much as can be had: a file system keeps some of what it calls free."""
        while size >= _LEAST and size > self._size:
            with suppress(OSError):
                self._disk.allocate(self._path, size)
                self._size = size
                return
            size //= 2

    def _free(self) -> int:
        with suppress(OSError):
            found = os.statvfs(self._path.parent)
            return found.f_bavail * found.f_frsize
        return 0
