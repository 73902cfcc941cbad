"""How a story tells what it is doing; the terminal's way lies in ``report``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

Advance = Callable[[int], None]
"""Called with how many more units of the step's total are done."""


class Step(StrEnum):
    """The steps of the story, in order, those of a benchmark run, and what is done alone."""

    UPLOAD = "upload"
    CRAWL = "crawl"
    QUERY_CSV = "query-csv"
    CTAS = "ctas"
    QUERY_PARQUET = "query-parquet"
    EXPORT = "export"
    LAYOUTS = "layouts"
    MEASURE = "measure"
    GENERATE = "generate"
    COPY = "copy"


class Watcher(Protocol):
    """Sees each step begin, advance and end."""

    def step(self, step: Step, total: int | None = None) -> AbstractContextManager[Advance]:
        """Enter a step; ``total`` is its number of units (rows, queries, bytes), None if not known."""
        ...

    def note(self, text: str) -> None:
        """Say one line that the user must see whatever the output is."""
        ...
