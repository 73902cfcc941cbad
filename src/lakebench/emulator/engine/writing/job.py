"""A write order carried out: the query's batches are routed to files, which are told when all are closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from lakebench.catalog import parse_type
from lakebench.emulator.engine.udfs.raising import raised
from lakebench.emulator.engine.writing.files import FileForm, FileWriter, open_file
from lakebench.emulator.engine.writing.routing import Place, Router

_MAX_WRITERS = 100  # AWS: 100 open writers per CTAS, INSERT and UNLOAD (facts/athena.md 4)
_BATCH_ROWS = 2048
_ROUTED_ROWS, _ROUTED_BYTES = 16 * _BATCH_ROWS, 16 << 20
"""What is routed at a time: splitting few rows into many files costs more than the rows."""

_WAITING_BYTES = 256 << 20
"""How much all open files may hold back together."""


class WriteFailed(Exception):
    """What went wrong, as the worker answers it: DuckDB's class of error and a message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def write(cursor: duckdb.DuckDBPyConnection, order: Mapping[str, Any]) -> list[list[Any]]:
    """Run ``order["query"]`` into files; rows of path, row count, partition values and bucket.

    Raises WriteFailed or duckdb.Error.
    """
    with _told():
        reader = cursor.sql(order["query"]).to_arrow_reader(_BATCH_ROWS)
        router = Router(
            keys=order["keys"],
            bucket_types=[parse_type(text) for text in order["bucket_types"]],
            bucket_count=order["bucket_count"],
        )
        form = _form(order)
        files = _Files(Path(order["directory"]), form)
        for batch in _gathered(reader) if form.many else reader:
            for place, rows in router.parts(batch):
                files.write(place, rows)
        told = files.close()
        pa.default_memory_pool().release_unused()
        return told


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in larger batches."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        rows, size = (sum(getattr(one, what) for one in waiting) for what in ("num_rows", "nbytes"))
        if rows >= _ROUTED_ROWS or size >= _ROUTED_BYTES:
            yield pa.concat_batches(waiting)
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)


def _form(order: Mapping[str, Any]) -> FileForm:
    return FileForm(
        data_format=order["format"],
        codec=order["codec"],
        level=order["level"],
        columns=[(name, parse_type(text)) for name, text in order["columns"]],
        many=bool(order["keys"] or order["bucket_types"]),
    )


class _Files:
    """The open files, in the order in which their first rows came."""

    def __init__(self, directory: Path, form: FileForm) -> None:
        self._directory = directory
        self._form = form
        self._open: dict[Place, FileWriter] = {}
        self._rows: dict[Place, int] = {}

    def write(self, place: Place, rows: pa.RecordBatch) -> None:
        """Add rows to the place's file; raises ValueError for a file too many."""
        if not rows.num_rows:
            return
        if place not in self._open:
            if len(self._open) == _MAX_WRITERS:
                raise raised(
                    "HIVE_TOO_MANY_OPEN_PARTITIONS",
                    f"Exceeded limit of {_MAX_WRITERS} open writers for partitions/buckets",
                )
            self._open[place] = open_file(self._path(len(self._open)), self._form)
            self._rows[place] = 0
        self._open[place].write(rows)
        self._rows[place] += rows.num_rows
        if sum(file.waiting for file in self._open.values()) > _WAITING_BYTES:
            max(self._open.values(), key=lambda file: file.waiting).flush()

    def close(self) -> list[list[Any]]:
        """End all files and tell them."""
        told = []
        for ordinal, (place, file) in enumerate(self._open.items()):
            file.close()
            told.append([str(self._path(ordinal)), self._rows[place], list(place.values), place.bucket])
        return told

    def _path(self, ordinal: int) -> Path:
        return self._directory / f"{ordinal:05d}"


@contextmanager
def _told() -> Iterator[None]:
    """Arrow's errors as DuckDB's: a failing query reaches the reader as text that begins with its class."""
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise WriteFailed("IOException", f"cannot write data files: {error.strerror}") from error
        raise WriteFailed(_kind(str(error)), str(error)) from error
    except ValueError as error:  # Arrow's own, and those raised by name
        raise WriteFailed("InvalidInputException", str(error)) from error


def _kind(message: str) -> str:
    """``Out of Memory Error: ...`` is an OutOfMemoryException."""
    head, found, _ = message.partition(" Error: ")
    if not found or len(head) > 40:
        return "Error"
    words = head.split()
    return (
        "".join(word if word.isupper() and len(word) < 3 else word.capitalize() for word in words)
        + "Exception"
    )
