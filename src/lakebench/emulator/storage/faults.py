"""A disk that dies or fails at a chosen call: the crash and fault tests' end of ``Disk``.

The plan is a JSON file which may be rewritten while the server runs:

    {"kind": "count"}                      nothing happens, calls are written to ``<plan>.calls``
    {"kind": "kill", "at": 17}             SIGKILL just before the 17th call after the plan was read
    {"kind": "power", "at": 17}            the same, and what was not synced is lost
    {"kind": "ENOSPC", "at": 17}           the 17th call fails; EIO and EMFILE likewise
    {"kind": "full"}                       no call finds room on the disk but what the reserve gives up
"""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

from lakebench.emulator.storage.disk import Disk

_NEED_ROOM = {"write", "copy", "commit"}


class FaultyDisk(Disk):
    """Counts its calls, and does what the plan says at the one that is named."""

    def __init__(self, *, durable: bool, plan: Path) -> None:
        super().__init__(durable=durable)
        self._plan = plan
        self._text = ""
        self._orders: dict[str, Any] = {}
        self._count = 0
        self._lock = threading.Lock()
        self._opened: dict[int, Path] = {}
        self._unsynced: set[Path] = set()
        self._given_up = False
        self._unnamed: list[tuple[str, Path, Path | None]] = []

    def reach(self, call: str, path: Path | None = None) -> None:
        """Count, and kill or fail when this is the call."""
        with self._lock:
            self._read_plan()
            kind = self._orders.get("kind")
            if kind is None:
                return
            if kind == "full":
                self._be_full(call, path)
                return
            self._count += 1
            if kind == "count":
                with Path(f"{self._plan}.calls").open("a") as calls:
                    calls.write(f"{call}\n")
                return
            if self._count != self._orders["at"]:
                return
            if kind == "power":
                self._lose_power()
            if kind in {"kill", "power"}:
                os.kill(os.getpid(), signal.SIGKILL)
            if call == "committed":
                return  # a moment to die in, but no call that could fail
            number = getattr(errno, kind)
        raise OSError(number, os.strerror(number), None if path is None else str(path))

    def create(self, path: Path) -> int:
        """As on any disk; the bytes are at risk until they are synced."""
        handle = super().create(path)
        with self._lock:
            self._opened[handle] = path
            self._unsynced.add(path)
            self._unnamed.append(("new", path, None))
        return handle

    def sync(self, handle: int) -> None:
        """The bytes are safe."""
        super().sync(handle)
        with self._lock:
            self._unsynced.discard(self._opened.get(handle, Path()))

    def rename(self, old: Path, new: Path) -> None:
        """The new name is at risk until its directory is synced."""
        super().rename(old, new)
        with self._lock:
            if old in self._unsynced:
                self._unsynced.discard(old)
                self._unsynced.add(new)
            self._unnamed.append(("rename", new, old))

    def link(self, old: Path, new: Path) -> None:
        """The new name is at risk until its directory is synced."""
        super().link(old, new)
        with self._lock:
            self._unnamed.append(("new", new, None))

    def sync_directory(self, path: Path) -> None:
        """The names in it are safe."""
        super().sync_directory(path)
        with self._lock:
            self._unnamed = [one for one in self._unnamed if one[1].parent != path]

    def _read_plan(self) -> None:
        try:
            text = self._plan.read_text()
        except FileNotFoundError:
            text = ""
        if text != self._text:
            self._text, self._count = text, 0
            self._orders = json.loads(text) if text else {}

    def _be_full(self, call: str, path: Path | None) -> None:
        """Room for what the reserve gave up, until it is taken again; its file is called ``reserve``."""
        if path is not None and path.name == "reserve":
            self._given_up = call == "unlink"
        elif call in _NEED_ROOM and not self._given_up:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), None if path is None else str(path))

    def _lose_power(self) -> None:
        """What no sync had made safe is gone: bytes become zeros, new names vanish."""
        for path in self._unsynced:
            if path.exists():
                os.truncate(path, path.stat().st_size // 2)
        for _, name, _ in reversed(self._unnamed):
            name.unlink(missing_ok=True)
