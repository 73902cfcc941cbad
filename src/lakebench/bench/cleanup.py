"""Takes away what a story made, last made first, however the story ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from lakebench.bench.journal import Journal
from lakebench.bench.resources import Resource
from lakebench.bench.watch import Watcher
from lakebench.client.session import AwsSession
from lakebench.errors import LakebenchError


class Cleanup:
    """Remembers each thing that a run makes; on leaving the block removes them unless ``keep``.

    A thing that cannot be removed is told to the user by name, and the rest is removed all the same. What
    stays because it was asked for is nobody's to sweep: the journal forgets it.
    """

    def __init__(self, session: AwsSession, watch: Watcher, journal: Journal, *, keep: bool) -> None:
        self._session = session
        self._watch = watch
        self._journal = journal
        self._keep = keep
        self._made: list[Resource] = []

    def keep(self) -> None:
        """What was made is what was asked for, and stays."""
        self._keep = True

    @contextmanager
    def making(self, resource: Resource, *, own_name: bool = True) -> Iterator[None]:
        """The block makes this; where it fails, it is somebody else's unless names are the run's own.

        ``own_name`` False is for a name that others may have taken, on AWS too.
        """
        self._journal.will_make(resource)
        if self._journal.names_are_own and own_name:
            self._made.append(resource)
            yield
        else:
            yield
            self._made.append(resource)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        left = () if self._keep else remove_all(self._session, tuple(self._made), self._watch)
        if left and self._journal.names_are_own:
            self._watch.note("`lakebench aws sweep` tries again to remove what is left")
        self._journal.close(left)


def remove_all(session: AwsSession, made: tuple[Resource, ...], watch: Watcher) -> tuple[Resource, ...]:
    """Remove them, the last made first; what could not be removed is told and returned."""
    left = []
    for resource in reversed(made):
        try:
            resource.remove(session)
        except LakebenchError as failure:
            watch.note(f"left behind: {resource} ({failure.message})")
            left.append(resource)
    return tuple(left)
