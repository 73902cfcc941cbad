"""Listing straight from the index, in key order: a page costs what it shows, not what the bucket holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

from lakebench.emulator.moto.key_codec import Entry, entry_of
from lakebench.emulator.moto.key_store import VERSION, name_of
from lakebench.emulator.storage.state import Row, StateStore

_PAGES = (64, 256, 1000)
"""Rows read at a time: few at first, since most prefixes hold few keys and some walks end early."""


def current_rows(state: StateStore, bucket: str, prefix: bytes, start: bytes) -> Iterator[Row]:
    """The newest version of each key with the prefix, from ``start`` on; delete markers too."""
    newest: Row | None = None
    for row in version_rows(state, bucket, prefix, start):
        if newest is not None and newest.name != row.name:
            yield newest
        newest = row
    if newest is not None:
        yield newest


def version_rows(state: StateStore, bucket: str, prefix: bytes, start: bytes) -> Iterator[Row]:
    """All versions of the keys with the prefix, from ``start`` on, oldest first."""
    at, end = max(prefix, start), following(prefix)
    for limit in chain(_PAGES, repeat(_PAGES[-1])):
        page = state.page(VERSION, bucket, at, limit, end=end)
        whole = page if len(page) < limit else [row for row in page if row.name != page[-1].name]
        if page and not whole:  # a page of versions of one key
            whole = state.get(VERSION, bucket, page[-1].name)
        yield from whole
        if len(page) < limit:
            return
        at = page[-1].name if whole[-1].name != page[-1].name else page[-1].name + b"\0"


def following(prefix: bytes) -> bytes | None:
    """The least name that is greater than all with the prefix; None when there is none."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None


def current_entries(state: StateStore, bucket: str, prefix: str) -> Iterator[Entry]:
    """The current objects with the prefix."""
    name = name_of(prefix)
    return (entry_of(row) for row in current_rows(state, bucket, name, name) if row.file is not None)
