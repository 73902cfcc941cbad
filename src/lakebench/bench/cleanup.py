"""Takes away what a story made, last made first, however the story ended."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from lakebench.bench.watch import Watcher
from lakebench.errors import LakebenchError


class Cleanup:
    """Remembers how to remove each thing made; on leaving the block removes them unless ``keep``.

    A thing that cannot be removed is told to the user by name, and the rest is removed all the same.
    """

    def __init__(self, watch: Watcher, *, keep: bool) -> None:
        self._watch = watch
        self._keep = keep
        self._removals: list[tuple[str, Callable[[], object]]] = []

    def made(self, what: str, remove: Callable[[], object]) -> None:
        """Say that ``what`` is about to be made, and how it is removed; removing nothing must be no error."""
        self._removals.append((what, remove))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._keep:
            return
        for what, remove in reversed(self._removals):
            try:
                remove()
            except LakebenchError as failure:
                self._watch.note(f"left behind: {what} ({failure.message})")
