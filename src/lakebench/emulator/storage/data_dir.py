"""The directory that holds object bytes while a server runs, and the lock that keeps it to one server.

    <root>/lock       held with flock by the running server; its text names the pid
    <root>/token      what a request must know to change the state as a whole; new for each run
    <root>/index.db   what exists: buckets, keys, tables, executions; SQLite's log lies beside it
    <root>/reserve    room for the records of deletions, given up when the disk is full
    <root>/objects/   payloads, named by chance and never by key
    <root>/tmp/       uploads under way
    <root>/scratch/   the engine's working directories
    <root>/snapshots/ named states, whose payloads are further names of the same files
    <root>/lost/      payloads that no index knew, moved aside at start and never deleted by us

All lie on one file system, so that a finished upload or a query's output becomes an object by a rename.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from lakebench.errors import LaunchError
from lakebench.units import format_bytes

_EPHEMERAL_PREFIX = "lakebench-"


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPayloads:
    """Payloads that were moved aside at start, because there is no index that knows their keys."""

    directory: Path
    count: int
    size: int

    def __str__(self) -> str:
        files = "1 object file" if self.count == 1 else f"{self.count} object files"
        return (
            f"{files} ({format_bytes(self.size)}) without an index moved to {self.directory}: "
            "their keys are not known; delete that directory if you do not need it"
        )


@dataclass(slots=True, kw_only=True)
class DataDir:
    """An open, locked data dir. ``close`` unlocks it, and removes it when it is ephemeral."""

    root: Path
    ephemeral: bool
    lost: LostPayloads | None = None
    token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    _lock: int | None = field(default=None, repr=False)

    @property
    def objects(self) -> Path:
        """Payload files."""
        return self.root / "objects"

    @property
    def tmp(self) -> Path:
        """Uploads under way."""
        return self.root / "tmp"

    @property
    def scratch(self) -> Path:
        """The engine's working directories."""
        return self.root / "scratch"

    @property
    def index(self) -> Path:
        """The index's database."""
        return self.root / "index.db"

    @property
    def reserve(self) -> Path:
        """Room that is kept for deletions."""
        return self.root / "reserve"

    @property
    def snapshots(self) -> Path:
        """Named states."""
        return self.root / "snapshots"

    @classmethod
    def open(cls, root: Path) -> DataDir:
        """Open or create a lasting data dir.

        Raises LaunchError when another server holds it, naming its pid, or when it cannot be written.
        """
        root = root.expanduser().absolute()
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = _acquire(root / "lock")
        except OSError as error:
            raise LaunchError(
                f"the data dir {root} cannot be written: {error.strerror or error}",
                hint="pick another one with --data-dir, or leave it out for one that is removed at the end",
            ) from error
        if lock is None:
            raise LaunchError(
                f"the data dir {root} is in use by another server, pid {_holder(root / 'lock')}",
                hint="stop that server, or pick another --data-dir",
            )
        data_dir = cls(root=root, ephemeral=False, _lock=lock)
        try:
            data_dir._prepare()
        except OSError as error:
            data_dir.close()
            raise LaunchError(
                f"the data dir {root} cannot be used: {error.strerror or error} ({error.filename})",
                hint="pick another one with --data-dir",
            ) from error
        return data_dir

    @classmethod
    def temporary(cls) -> DataDir:
        """A new directory that is gone after ``close``; those that killed servers left are removed first."""
        _sweep_abandoned(Path(tempfile.gettempdir()))
        root = Path(tempfile.mkdtemp(prefix=_EPHEMERAL_PREFIX))
        # The lock is taken under another name first: a server that sweeps never finds it unheld.
        lock = _acquire(root / "lock.new")
        (root / "lock.new").rename(root / "lock")
        data_dir = cls(root=root, ephemeral=True, _lock=lock)
        data_dir._prepare()
        return data_dir

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about this directory, a line each."""
        return () if self.lost is None else (str(self.lost),)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Unlock; an ephemeral directory is removed with all that is in it. A second call does nothing."""
        lock, self._lock = self._lock, None
        if lock is None:
            return
        if self.ephemeral:
            shutil.rmtree(self.root, ignore_errors=True)
        os.close(lock)

    def _prepare(self) -> None:
        self.reserve.unlink(missing_ok=True)  # a server that starts on a full disk needs some room itself
        for directory in (self.tmp, self.scratch):
            shutil.rmtree(directory, ignore_errors=True)
        self.lost = None if self.index.exists() else self._move_lost_aside()
        for directory in (self.objects, self.tmp, self.scratch):
            directory.mkdir(exist_ok=True, mode=0o700)
            if directory.stat().st_dev != self.root.stat().st_dev:
                raise OSError(0, "it must lie on the same file system as the data dir", str(directory))
        with tempfile.TemporaryFile(dir=self.tmp):
            pass  # a directory that only root may write is found out now, not at the first upload
        self._write_token()

    def _write_token(self) -> None:
        place = self.root / "token"
        place.unlink(missing_ok=True)
        place.touch(mode=0o600, exist_ok=False)
        place.write_text(self.token)

    def _move_lost_aside(self) -> LostPayloads | None:
        """Move payloads that no index knows into ``lost/<time>``: they are the user's, so never deleted."""
        sizes = [path.stat().st_size for path in self.objects.rglob("*") if path.is_file()]
        if not sizes:
            return None
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
        place = self.root / "lost" / stamp
        place.parent.mkdir(exist_ok=True, mode=0o700)
        self.objects.rename(place)
        return LostPayloads(directory=place, count=len(sizes), size=sum(sizes))


def _acquire(path: Path) -> int | None:
    """Lock the file for this process's life; None when another process holds it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    holder = f"{os.getpid()}\n".encode()
    os.pwrite(handle, holder, 0)  # over the old one: a full disk has no room for another block
    os.truncate(handle, len(holder))
    return handle


def _holder(path: Path) -> str:
    try:
        return path.read_text().strip() or "unknown"
    except OSError:
        return "unknown"


def _sweep_abandoned(parent: Path) -> None:
    """Remove ephemeral directories of ours whose server is gone (killed): their lock is free."""
    for lock_path in parent.glob(f"{_EPHEMERAL_PREFIX}*/lock"):
        with contextlib.suppress(OSError):
            if lock_path.stat().st_uid != os.getuid():
                continue
            lock = _acquire(lock_path)
            if lock is not None:
                shutil.rmtree(lock_path.parent, ignore_errors=True)
                os.close(lock)
