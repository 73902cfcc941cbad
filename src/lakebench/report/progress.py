"""What a long step looks like: a progress bar on a terminal, one line a step elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from lakebench.bench.watch import Advance, Step, Watcher
from lakebench.report.words import Language
from lakebench.units import format_milliseconds

_STEP_WORDS = {
    Language.EN: {
        Step.UPLOAD: "Generating sales and sending them to raw/",
        Step.CRAWL: "Crawling raw/ into the Data Catalog",
        Step.QUERY_CSV: "Querying the CSV table",
        Step.CTAS: "CTAS to Snappy Parquet in curated/",
        Step.QUERY_PARQUET: "Querying the Parquet table",
        Step.EXPORT: "Copying the lake's objects to plain files",
        Step.LAYOUTS: "Making the layouts",
        Step.MEASURE: "Asking every query of every layout",
        Step.GENERATE: "Generating rows and storing them",
        Step.COPY: "Copying objects, byte by byte",
    },
    Language.ES: {
        Step.UPLOAD: "Generando ventas y enviándolas a raw/",
        Step.CRAWL: "Rastreando raw/ hacia el Data Catalog",
        Step.QUERY_CSV: "Consultando la tabla CSV",
        Step.CTAS: "CTAS a Parquet con Snappy en curated/",
        Step.QUERY_PARQUET: "Consultando la tabla Parquet",
        Step.EXPORT: "Copiando los objetos del lago a ficheros",
        Step.LAYOUTS: "Creando las disposiciones",
        Step.MEASURE: "Consultando cada disposición",
        Step.GENERATE: "Generando filas y guardándolas",
        Step.COPY: "Copiando objetos, byte a byte",
    },
}

_WORTH_TELLING_MS = 2_000.0


def watcher_for(console: Console, language: Language) -> Watcher:
    """Bars for a console that is a terminal, plain lines for any other."""
    return BarWatcher(console, language) if console.is_terminal else LineWatcher(console, language)


class BarWatcher:
    """Draws a bar a step; a step without a total gets a spinner."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._words = _STEP_WORDS[language]

    @contextmanager
    def step(self, step: Step, total: int | None = None) -> Iterator[Advance]:
        """Show one step until the block ends."""
        counted = (BarColumn(), MofNCompleteColumn()) if total is not None else ()
        with Progress(
            SpinnerColumn(finished_text="*"),
            TextColumn("{task.description}"),
            *counted,
            TimeElapsedColumn(),
            console=self._console,
        ) as progress:
            task = progress.add_task(self._words[step], total=total)

            def advance(units: int) -> None:
                progress.advance(task, units)

            yield advance
            progress.update(task, total=total or 1, completed=total or 1)

    def note(self, text: str) -> None:
        """Print one line above the bars."""
        self._console.print(Text(text))


class LineWatcher:
    """Prints one line when a step begins, and how long it took if that was long."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._words = _STEP_WORDS[language]

    @contextmanager
    def step(self, step: Step, total: int | None = None) -> Iterator[Advance]:
        """Tell that a step begins; ``total`` is not shown."""
        del total
        self._say(self._words[step])
        begun = time.monotonic()
        yield lambda _: None
        took = (time.monotonic() - begun) * 1000
        if took >= _WORTH_TELLING_MS:
            self._say(f"  {format_milliseconds(took)}")

    def note(self, text: str) -> None:
        """Print one line."""
        self._say(text)

    def _say(self, text: str) -> None:
        self._console.file.write(text + "\n")
        self._console.file.flush()
