"""Walks over a bucket's keys as listings show them: objects, and the prefixes that stand for many."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from lakebench.emulator.moto.key_codec import Entry, entry_of
from lakebench.emulator.moto.key_store import name_of
from lakebench.emulator.moto.listing import following, version_rows
from lakebench.emulator.storage.state import Row, StateStore

_PATIENCE = 64  # keys below a prefix that are passed one by one before the walk begins anew after it


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a listing: the versions of a key, newest first, or a common prefix without any."""

    name: bytes
    versions: tuple[Row, ...] = ()

    @property
    def text(self) -> str:
        """The key or the prefix."""
        return self.name.decode("utf-8", "surrogateescape")

    @property
    def current(self) -> Entry | None:
        """The object as it is now; None for a deleted one and for a prefix."""
        return entry_of(self.versions[0]) if self.versions and self.versions[0].file is not None else None


def walk(
    state: StateStore, bucket: str, *, prefix: str, delimiter: str, after: bytes | None, deleted: bool
) -> Iterator[Shown]:
    """Keys with the prefix and common prefixes, in order of their bytes, those greater than ``after``.

    ``deleted`` shows keys whose newest version is a delete marker as well.
    """
    start, cut = name_of(prefix), name_of(delimiter)
    at: bytes | None = start if after is None else max(start, after + b"\0")
    if after is not None and cut and after.startswith(start) and after.endswith(cut):
        at = following(after)  # a prefix that was shown stands for all below it
    while at is not None:
        at = yield from _walk_on(_by_name(version_rows(state, bucket, start, at)), len(start), cut, deleted)


def _walk_on(
    keys: Iterator[tuple[Row, ...]], begin: int, cut: bytes, deleted: bool
) -> Generator[Shown, None, bytes | None]:
    """Walk until the end (returns None), or to where it pays to begin anew."""
    shown, passed = b"", 0
    for rows in keys:
        name = rows[0].name
        if shown and name.startswith(shown):
            passed += 1
            if passed > _PATIENCE:
                return following(shown)
            continue
        if rows[0].file is None and not deleted:
            continue
        end = name.find(cut, begin) if cut else -1
        if end < 0:
            yield Shown(name, rows)
        else:
            shown, passed = name[: end + len(cut)], 0
            yield Shown(shown)
    return None


def _by_name(rows: Iterator[Row]) -> Iterator[tuple[Row, ...]]:
    """The versions of each key, newest first."""
    found: list[Row] = []
    for row in rows:
        if found and found[0].name != row.name:
            yield tuple(reversed(found))
            found = []
        found.append(row)
    if found:
        yield tuple(reversed(found))
