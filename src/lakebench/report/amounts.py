"""A bar for work whose amount is known by bytes or by number, while a terminal looks on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn

Watch = Callable[[int, int | None], None]
"""Told how much is done, and of how much."""


@contextmanager
def amount_bar(text: str, *, in_bytes: bool) -> Iterator[Watch]:
    """A bar on the standard error until the block ends; nothing where that is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    amount = DownloadColumn(binary_units=False) if in_bytes else MofNCompleteColumn()
    with Progress(
        TextColumn("{task.description}"), BarColumn(), amount, console=console, transient=True
    ) as bar:
        task = bar.add_task(text, total=None)

        def watch(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield watch
