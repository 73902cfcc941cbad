"""Rows of a query for people and programs: a table, CSV, or JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import IO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Cell = str | int | float | bool | Decimal | None

_NULL = "NULL"


class RowFormat(StrEnum):
    """``table`` is for reading and may be cut, ``csv`` and ``json`` are whole."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def write_rows(
    names: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    row_format: RowFormat,
    console: Console,
    at_most: int,
) -> None:
    """Write rows to the console's file; a table shows ``at_most`` rows and says when there are more.

    CSV has a header and an empty field for NULL; JSON is one array of objects, written row by row.
    """
    if row_format is RowFormat.CSV:
        _write_csv(names, rows, console.file)
    elif row_format is RowFormat.JSON:
        _write_json(names, rows, console.file)
    else:
        _write_table(names, rows, console, at_most)


def _write_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]], file: IO[str]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(["" if cell is None else _text(cell) for cell in row] for row in rows)


def _write_json(names: Sequence[str], rows: Iterable[Sequence[Cell]], file: IO[str]) -> None:
    file.write("[")
    separator = "\n"
    for row in rows:
        record = dict(zip(names, row, strict=True))
        file.write(f"{separator}  {json.dumps(record, ensure_ascii=False, default=str)}")
        separator = ",\n"
    file.write("\n]\n" if separator == ",\n" else "]\n")


def _write_table(
    names: Sequence[str], rows: Iterable[Sequence[Cell]], console: Console, at_most: int
) -> None:
    remaining = iter(rows)
    shown = list(islice(remaining, at_most))
    more = next(remaining, None) is not None
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else box.ASCII2, header_style="bold")
    for column, name in enumerate(names):
        numeric = any(_is_number(row[column]) for row in shown)
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in shown:
        table.add_row(*(Text(_NULL, style="dim") if cell is None else Text(_text(cell)) for cell in row))
    console.print(table)
    if more:
        console.print(f"first {at_most:,} rows; --max-rows shows more, --format csv or json all")


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)


def _text(cell: Cell) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
