"""A document on a terminal: rich tables with colour; plain text where there is no terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lakebench.report.document import Document, ReportTable
from lakebench.report.plain import to_plain


def print_document(document: Document, console: Console) -> None:
    """Print a document; a console that is no terminal gets plain text without any escape sequence.

    NO_COLOR is honoured by rich: the tables stay, the colours go.
    """
    if not console.is_terminal:
        console.file.write(to_plain(document))
        console.file.flush()
        return
    console.print(Text(document.title, style="bold"))
    for table in document.tables:
        console.print()
        console.print(_table(table))
    console.print()
    for note in document.notes:
        console.print(Text(note, style="dim"))


def _table(table: ReportTable) -> Table:
    drawn = Table(
        title=Text(table.title) if table.title else None,
        title_justify="left",
        header_style="bold",
        box=box.SIMPLE_HEAD,
    )
    for column, name in enumerate(table.header):
        is_last = column == len(table.header) - 1  # a place in S3: copied whole or not at all
        drawn.add_column(
            Text(name),
            justify="left" if column in table.words else "right",
            overflow="fold",
            no_wrap=is_last and column in table.words,
        )
    for row in table.rows:
        if len(row) == 1:
            drawn.add_section()
            drawn.add_row(Text(row[0], style="bold"))
        else:
            drawn.add_row(*(Text(cell) for cell in row))
    return drawn
