"""Reading a result object back, page by page, from a byte offset: memory stays flat however long it is.

A page ends before its rows when they are long, and a row that is longer than a page may be is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

Row = tuple[str | None, ...]

MAX_ROW = 16 << 20
"""Bytes of a row that an answer can hold; its object has it whole."""

_PAGE = 8 << 20
"""Bytes after which no further row is begun."""


class RowTooLong(Exception):
    """A row is longer than an answer may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPage:
    """Rows of a result and the byte offset at which the next one begins.

    ``full``: it has as many rows as were asked for, or as many bytes as fit; another page may be empty.
    """

    rows: tuple[Row, ...]
    next_offset: int
    full: bool = False


def read_csv_rows(path: Path, *, offset: int, limit: int) -> RowsPage:
    """At most ``limit`` records of a result CSV from ``offset`` on.

    Every value is quoted, ``""`` inside is one quote, an unquoted empty field is NULL, records end with
    a line feed; line feeds inside quotes belong to the value (facts/athena.md 4, result files). Raises
    RowTooLong.
    """
    rows: list[Row] = []
    with path.open("rb") as file:
        file.seek(offset)
        at = offset
        while not (full := len(rows) == limit or at - offset > _PAGE):
            record = _record(file)
            if not record:
                break
            at += len(record)
            rows.append(_fields(record.removesuffix(b"\n").decode("utf-8", "replace")))
    return RowsPage(rows=tuple(rows), next_offset=at, full=full)


def _record(file: BinaryIO) -> bytes:
    """The next record with its line feed; empty at the end."""
    line = file.readline(MAX_ROW + 1)
    if line.endswith(b"\n") and line.count(b'"') % 2 == 0:
        return line
    lines, size, inside = [line], len(line), line.count(b'"') % 2 == 1
    # An odd number of quotes means that the line feed stands inside a value.
    while size <= MAX_ROW and (inside or not line.endswith(b"\n")):
        line = file.readline(MAX_ROW + 1 - size)
        if not line:
            break
        lines.append(line)
        size += len(line)
        inside ^= line.count(b'"') % 2 == 1
    if size > MAX_ROW:
        raise RowTooLong
    return b"".join(lines)


def _fields(record: str) -> Row:
    plain = record[1:-1].split('","')
    if record[:1] == '"' == record[-1:] and '"' not in "".join(plain):
        return tuple(plain)
    fields: list[str | None] = []
    at = 0
    while at <= len(record):
        if at < len(record) and record[at] == '"':
            value, at = _quoted_field(record, at)
            fields.append(value)
        else:
            end = record.find(",", at)
            end = len(record) if end < 0 else end
            fields.append(record[at:end] or None)
            at = end
        at += 1  # the comma
    return tuple(fields)


def _quoted_field(record: str, at: int) -> tuple[str, int]:
    """The value that opens at ``at``, and where the comma after it stands."""
    parts = []
    while True:
        end = record.find('"', at + 1)
        if end < 0:
            end = len(record)
        parts.append(record[at + 1 : end])
        if record[end + 1 : end + 2] != '"':
            return '"'.join(parts), end + 1
        at = end + 1


def read_text_rows(path: Path, *, offset: int, limit: int) -> RowsPage:
    """At most ``limit`` lines of a ``.txt`` result: one value a row, whatever the number of columns.

    Rows are what line feeds separate, so a text that ends in one has an empty last row (measured:
    ``EXPLAIN (TYPE VALIDATE)`` has three rows in 11 bytes); an empty text has none.
    """
    rows: list[Row] = []
    with path.open("rb") as file:
        size = file.seek(0, SEEK_END)
        file.seek(offset)
        at = offset
        while not (full := len(rows) == limit or at - offset > _PAGE) and at <= size and size:
            line = file.readline(MAX_ROW + 1)
            if len(line) > MAX_ROW:
                raise RowTooLong
            at += len(line) if line.endswith(b"\n") else len(line) + 1
            rows.append((line.removesuffix(b"\n").decode("utf-8", "replace"),))
    return RowsPage(rows=tuple(rows), next_offset=at, full=full)
