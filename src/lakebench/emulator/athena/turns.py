"""Whose turn it is: queued work by workgroup, one of each in turn."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """A queue that takes from one group after the other, and within a group in order of arrival.

    A workgroup with five hundred queued queries holds up another's first one by one query a worker.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._groups: dict[str, deque[T]] = {}
        self._closed = False

    def put(self, group: str, item: T) -> None:
        """Add one to its group; the group that waits for the first time stands last."""
        with self._changed:
            self._groups.setdefault(group, deque()).append(item)
            self._changed.notify()

    def take(self) -> T | None:
        """The next one, waited for; None when it was closed."""
        with self._changed:
            while not self._groups and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            group, items = next(iter(self._groups.items()))
            del self._groups[group]
            item = items.popleft()
            if items:
                self._groups[group] = items  # behind those that wait
            return item

    def close(self) -> list[T]:
        """Take no more; what was still queued."""
        with self._changed:
            self._closed = True
            left = [item for items in self._groups.values() for item in items]
            self._groups.clear()
            self._changed.notify_all()
            return left
