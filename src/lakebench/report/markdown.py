"""A document as GitHub-flavoured Markdown."""

from __future__ import annotations

from lakebench.report.document import Document, ReportTable


def to_markdown(document: Document) -> str:
    """Write a document as Markdown, ending in a line feed."""
    blocks = [f"# {document.title}"]
    for table in document.tables:
        if table.title:
            blocks.append(f"## {table.title}")
        blocks.append(_table(table))
    blocks.append("\n".join(f"- {note}" for note in document.notes))
    return "\n\n".join(blocks) + "\n"


def _table(table: ReportTable) -> str:
    rule = (":---",) + ("---:",) * (len(table.header) - 1)
    return "\n".join(_line(cells) for cells in (table.header, rule, *table.rows))


def _line(cells: tuple[str, ...]) -> str:
    escaped = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*") for cell in cells)
    return f"| {' | '.join(escaped)} |"
