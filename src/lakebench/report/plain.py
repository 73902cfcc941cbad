"""A document as aligned plain text: no colour, no box characters, for pipes and logs."""

from __future__ import annotations

from lakebench.report.document import Document, ReportTable

_GAP = "  "


def to_plain(document: Document) -> str:
    """Write a document as plain text, ending in a line feed."""
    blocks = [document.title]
    blocks += [_table(table) for table in document.tables]
    blocks.append("\n".join(document.notes))
    return "\n\n".join(blocks) + "\n"


def _table(table: ReportTable) -> str:
    lines = (table.header, *table.rows)
    widths = [
        max(len(line[column]) for line in lines if len(line) > 1) for column in range(len(table.header))
    ]
    rule = tuple("-" * width for width in widths)
    text = "\n".join(_line(cells, widths, table.words) for cells in (table.header, rule, *table.rows))
    return f"{table.title}\n\n{text}" if table.title else text


def _line(cells: tuple[str, ...], widths: list[int], words: frozenset[int]) -> str:
    if len(cells) == 1:
        return cells[0]
    aligned = (
        cell.ljust(width) if column in words else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return _GAP.join(aligned).rstrip()
