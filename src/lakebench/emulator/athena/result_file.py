"""Reading a result object back, page by page, from a byte offset: memory stays flat however long it is."""

from __future__ import annotations

from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPage:
    """Rows of a result and the byte offset at which the next one begins; None at the end of the file."""

    rows: tuple[Row, ...]
    next_offset: int


def read_csv_rows(path: Path, *, offset: int, limit: int) -> RowsPage:
    """At most ``limit`` records of a result CSV from ``offset`` on.

    Every value is quoted, ``""`` inside is one quote, an unquoted empty field is NULL, records end with
    a line feed; line feeds inside quotes belong to the value (facts/athena.md 4, result files).
    """
    rows: list[Row] = []
    with path.open("rb") as file:
        file.seek(offset)
        at = offset
        while len(rows) < limit:
            record = file.readline()
            # An odd number of quotes means that the line feed stands inside a value.
            while record.count(b'"') % 2 and (more := file.readline()):
                record += more
            if not record:
                break
            at += len(record)
            rows.append(_fields(record.removesuffix(b"\n").decode("utf-8", "replace")))
    return RowsPage(rows=tuple(rows), next_offset=at)


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
        while len(rows) < limit and at <= size and size:
            line = file.readline()
            at += len(line) if line.endswith(b"\n") else len(line) + 1
            rows.append((line.removesuffix(b"\n").decode("utf-8", "replace"),))
    return RowsPage(rows=tuple(rows), next_offset=at)
