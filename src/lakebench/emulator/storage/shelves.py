"""Rows as the values of a room: a registry keeps its values in memory and their rows on a shelf."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from lakebench.emulator.storage.codec import Codec
from lakebench.emulator.storage.ledger import Ledger, Unit


class Shelf:
    """The rows of one kind in one scope, by name and part.

    ``reload`` is called when a unit of work failed that had changed this shelf: memory has to follow.
    """

    def __init__(self, ledger: Ledger, kind: str, scope: str, codec: Codec) -> None:
        self._ledger = ledger
        self._kind = kind
        self._scope = scope
        self._codec = codec
        self._changed_in: Unit | None = None
        self.reload: Callable[[], None] = _nothing
        ledger.forgetters.append(self._forget)

    def unit(self) -> AbstractContextManager[Unit]:
        """A unit of work. Take it before a lock of your own: who publishes results holds it already."""
        return self._ledger.unit()

    def put(self, name: str, value: Any, part: int = 0) -> None:
        """Write or replace a value."""
        with self.unit() as unit:
            self._changed_in = unit
            data = self._codec.encode(value)
            self._ledger.state.put(self._kind, self._scope, name.encode(), part, value=data)

    def remove(self, name: str, part: int | None = None) -> None:
        """Remove a value, or one of its parts; what is not there is no error."""
        with self.unit() as unit:
            self._changed_in = unit
            self._ledger.state.remove(self._kind, self._scope, name.encode(), part)

    def all(self) -> Iterator[tuple[str, int, Any]]:
        """Name, part and value of each row, in order of name and part."""
        with self.unit():
            rows = list(self._ledger.state.all(self._kind, self._scope))
        for row in rows:
            yield row.name.decode(), row.part, self._codec.decode(row.value)

    def leave(self) -> None:
        """Nobody uses this shelf any more."""
        self._ledger.forgetters.remove(self._forget)

    def _forget(self, failed: Unit) -> None:
        if self._changed_in is failed:
            self.reload()


def _nothing() -> None:
    return
