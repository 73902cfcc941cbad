"""Listing straight from the index, in key order: a page costs what it shows, not what the bucket holds."""

from __future__ import annotations

from collections.abc import Iterator

from lakebench.emulator.moto.key_codec import Entry, entry_of
from lakebench.emulator.moto.key_store import VERSION, name_of
from lakebench.emulator.storage.state import Row, StateStore

_PAGE = 1000


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
    at = max(prefix, start)
    while True:
        page = state.page(VERSION, bucket, at, _PAGE)
        whole = page if len(page) < _PAGE else [row for row in page if row.name != page[-1].name]
        if page and not whole:  # a page of versions of one key
            whole = state.get(VERSION, bucket, page[-1].name)
        for row in whole:
            if not row.name.startswith(prefix):
                return
            yield row
        if len(page) < _PAGE:
            return
        at = page[-1].name if whole[-1].name != page[-1].name else page[-1].name + b"\0"


def current_entries(state: StateStore, bucket: str, prefix: str) -> Iterator[Entry]:
    """The current objects with the prefix."""
    name = name_of(prefix)
    return (entry_of(row) for row in current_rows(state, bucket, name, name) if row.file is not None)
