"""The index: what exists, as rows of one SQLite database.

A row is the present state of one thing: a bucket, a version of an object, a part, a table, an execution.
SQLite in WAL mode with ``synchronous=FULL`` syncs its log at each commit, checksums the log's frames and
drops a torn tail when it is opened; each row carries a checksum of its own, which ``doctor`` verifies.
"""

from __future__ import annotations

import errno
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lakebench.emulator.storage.disk import Disk
from lakebench.errors import LaunchError

FORMAT = 1
"""The format of the rows. A later version of lakebench reads this one or refuses it by its number."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entity (
    kind TEXT NOT NULL, scope TEXT NOT NULL, name BLOB NOT NULL, part INTEGER NOT NULL,
    value BLOB NOT NULL, file TEXT, checksum INTEGER NOT NULL,
    PRIMARY KEY (kind, scope, name, part)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entity_file ON entity (file) WHERE file IS NOT NULL;
"""
_COLUMNS = "kind, scope, name, part, value, file, checksum"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing: ``kind`` and ``scope`` say what and where, ``name`` and ``part`` which.

    ``file`` is the name of the payload that belongs to it.
    """

    kind: str
    scope: str
    name: bytes
    part: int
    value: bytes
    file: str | None
    checksum: int

    @property
    def sound(self) -> bool:
        """Whether the row is what was written."""
        return self.checksum == checksum_of(self.value, self.file)


def checksum_of(value: bytes, file: str | None) -> int:
    """CRC-32 of a row's value and file."""
    return zlib.crc32(value, zlib.crc32((file or "").encode()))


class StateStore:
    """The rows. Not thread-safe: ``Ledger`` lets one thread in at a time.

    ``removing`` tells whether rows were removed since the last commit.
    """

    def __init__(self, path: Path | None, disk: Disk) -> None:
        """Open or create; None keeps the rows in memory. Raises LaunchError for what cannot be read."""
        self._disk = disk
        self._changing = False
        self._written: list[tuple[str, tuple[object, ...]]] = []
        self.removing = False
        try:
            self._connection = sqlite3.connect(
                ":memory:" if path is None else path, isolation_level=None, check_same_thread=False
            )
            self._prepare(path)
        except sqlite3.DatabaseError as error:
            raise LaunchError(
                f"the index {path} cannot be read: {error}",
                hint="restore the data dir from a copy, or `lakebench state import` an export into a new one",
            ) from error

    def _prepare(self, path: Path | None) -> None:
        execute = self._connection.execute
        if path is not None:
            path.chmod(0o600)
            execute("PRAGMA journal_mode = WAL")
            execute(f"PRAGMA synchronous = {'FULL' if self._disk.durable else 'OFF'}")
            execute("PRAGMA cache_size = -16384")
        self._connection.executescript(_SCHEMA)
        found = execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
        if found is None:
            execute("INSERT INTO meta VALUES ('format', ?)", (str(FORMAT),))
        elif found[0] != str(FORMAT):
            raise LaunchError(
                f"the index {path} has format {found[0]}; this version of lakebench reads format {FORMAT}",
                hint="use the version that wrote it, or give another --data-dir",
            )

    def close(self) -> None:
        """Fold the log into the database and let go of it."""
        self._connection.close()

    def get(self, kind: str, scope: str, name: bytes) -> list[Row]:
        """All parts of a thing, in order."""
        return self._rows("kind = ? AND scope = ? AND name = ? ORDER BY part", (kind, scope, name))

    def all(self, kind: str, scope: str | None = None) -> Iterator[Row]:
        """All rows of a kind, in order of scope, name and part."""
        if scope is None:
            return iter(self._rows("kind = ? ORDER BY scope, name, part", (kind,)))
        return iter(self._rows("kind = ? AND scope = ? ORDER BY name, part", (kind, scope)))

    def page(self, kind: str, scope: str, start: bytes, limit: int, *, end: bytes | None = None) -> list[Row]:
        """At most ``limit`` rows of a scope from the name ``start`` on, in order of name and part.

        Names from ``end`` on are left out.
        """
        condition, bounds = "name >= ?", [start]
        if end is not None:
            condition, bounds = "name >= ? AND name < ?", [start, end]
        return self._rows(
            f"kind = ? AND scope = ? AND {condition} ORDER BY name, part LIMIT ?",
            (kind, scope, *bounds, limit),
        )

    def has_any(self, kind: str, scope: str) -> bool:
        """Whether the scope has a row of this kind."""
        query = "SELECT 1 FROM entity WHERE kind = ? AND scope = ? LIMIT 1"
        return self._connection.execute(query, (kind, scope)).fetchone() is not None

    def names(self, kind: str, scope: str) -> list[bytes]:
        """The different names in a scope, in order."""
        query = "SELECT DISTINCT name FROM entity WHERE kind = ? AND scope = ? ORDER BY name"
        return [bytes(name) for (name,) in self._connection.execute(query, (kind, scope))]

    def every(self) -> Iterator[Row]:
        """All rows there are, read as they are asked for; nothing may be written meanwhile."""
        for values in self._connection.execute(f"SELECT {_COLUMNS} FROM entity"):  # noqa: S608 (a constant)
            yield Row(*values)

    def files(self) -> set[str]:
        """The names of all payloads that rows speak of."""
        found = self._connection.execute("SELECT file FROM entity WHERE file IS NOT NULL")
        return {name for (name,) in found}

    def put(
        self, kind: str, scope: str, name: bytes, part: int, *, value: bytes, file: str | None = None
    ) -> None:
        """Write or replace a row."""
        row = (kind, scope, name, part, value, file, checksum_of(value, file))
        self._write("INSERT OR REPLACE INTO entity VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def remove(self, kind: str, scope: str, name: bytes, part: int | None = None) -> None:
        """Remove a thing, or one part of it; what is not there is no error."""
        query, values = "DELETE FROM entity WHERE kind = ? AND scope = ? AND name = ?", (kind, scope, name)
        if part is None:
            self._write(query, values)
        else:
            self._write(query + " AND part = ?", (*values, part))

    def remove_scope(self, kind: str, scope: str) -> None:
        """Remove all of a kind in a scope and in the scopes below it (``scope/...``)."""
        self._write(
            "DELETE FROM entity WHERE kind = ? AND (scope = ? OR (scope > ? AND scope < ?))",
            (kind, scope, scope + "/", scope + "0"),  # "0" follows "/"
        )

    def replace_all(self, rows: Iterable[Row]) -> None:
        """Remove everything and write these rows instead."""
        self._write("DELETE FROM entity", ())
        for row in rows:
            values = (row.kind, row.scope, row.name, row.part, row.value, row.file, row.checksum)
            self._write("INSERT INTO entity VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def commit(self) -> None:
        """Make what was written last; raises OSError, and then nothing of it is there."""
        if not self._changing:
            return
        with _as_os_error():
            self._disk.commit(self._connection)
        self._clear()

    def commit_again(self) -> None:
        """Commit once more what a commit failed to; raises OSError as ``commit``."""
        with _as_os_error():
            if not self._connection.in_transaction:  # SQLite took it back when the disk was full
                self._connection.execute("BEGIN IMMEDIATE")
                for statement, values in self._written:
                    self._connection.execute(statement, values)
            self._disk.commit(self._connection)
        self._clear()

    def rollback(self) -> None:
        """Forget what was written since the last commit."""
        self._clear()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def fault(self) -> str | None:
        """What SQLite's own check finds wrong with the file, or None."""
        found = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        return None if found == "ok" else str(found)

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        with _as_os_error():
            if not self._changing:
                self._connection.execute("BEGIN IMMEDIATE")
                self._changing = True
            done = self._connection.execute(statement, values)
            self.removing |= statement.startswith("DELETE") and done.rowcount > 0
            self._written.append((statement, values))

    def _clear(self) -> None:
        self._changing = self.removing = False
        self._written.clear()

    def _rows(self, condition: str, values: tuple[object, ...]) -> list[Row]:
        query = f"SELECT {_COLUMNS} FROM entity WHERE {condition}"  # noqa: S608 (conditions are ours)
        return [Row(*found) for found in self._connection.execute(query, values)]


@contextmanager
def _as_os_error() -> Iterator[None]:
    """SQLite's words for a disk that fails, as the error of any other file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        number = errno.ENOSPC if "full" in str(error) else errno.EIO
        raise OSError(number, str(error)) from error
