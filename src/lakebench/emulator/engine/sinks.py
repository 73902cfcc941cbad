"""Where rows go: the result file of a SELECT, which DuckDB writes, and data files that ``writing`` wrote.

All is written below the worker's scratch directory; finished files are renamed to where the caller wants
them, which must lie on the same file system.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakebench.emulator.engine.protocol import ResultColumn, RowsSink, TableSink, WrittenFile
from lakebench.emulator.engine.quoting import identifier, literal
from lakebench.sql import result_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A COPY statement and where its output lies until it is collected."""

    statement: str
    place: Path


def rows_copy(query: str, columns: Sequence[ResultColumn], place: Path) -> Copy:
    """Athena's result file: every value quoted, NULL an empty field.

    The header is left to collect_rows() when names repeat: DuckDB would number them.
    """
    names = [f"c{ordinal}" for ordinal in range(len(columns))]
    items = [
        f"{result_text(name, column.type)} AS {identifier(column.name)}"
        for name, column in zip(names, columns, strict=True)
    ]
    header = "true" if _distinct(columns) else "false"
    return Copy(
        statement=f"COPY (SELECT {', '.join(items)} FROM ({query}) AS q({', '.join(names)})) "
        f"TO {literal(str(place))} (FORMAT csv, HEADER {header}, DELIMITER ',', FORCE_QUOTE *)",
        place=place,
    )


def collect_rows(copy: Copy, columns: Sequence[ResultColumn], sink: RowsSink) -> None:
    """Move the result file to its place, with its header."""
    if _distinct(columns):
        copy.place.rename(sink.path)
        return
    quoted = ('"' + column.name.replace('"', '""') + '"' for column in columns)
    with sink.path.open("wb") as out, copy.place.open("rb") as body:
        out.write((",".join(quoted) + "\n").encode())
        shutil.copyfileobj(body, out, 1 << 20)


def _distinct(columns: Sequence[ResultColumn]) -> bool:
    return len({column.name.casefold() for column in columns}) == len(columns)


def collect_table(told: Sequence[Sequence[Any]], sink: TableSink) -> tuple[WrittenFile, ...]:
    """Move the data files into the sink's directory; ``told`` is what ``writing.job`` answered."""
    written = []
    for name, rows, values, bucket in told:
        source = Path(name)
        target = sink.directory / source.name
        size = source.stat().st_size
        source.rename(target)
        written.append(WrittenFile(path=target, rows=rows, size=size, partition=tuple(values), bucket=bucket))
    return tuple(written)
