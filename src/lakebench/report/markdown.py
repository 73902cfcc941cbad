"""A document as GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from html import escape

from lakebench.report.document import Document, ReportTable
from lakebench.report.visible import visible

_BREAKS = re.compile(r"\s*[\r\n]\s*")
_SIGNS = re.compile(r"[\\|*`\[\]]")


def to_markdown(document: Document) -> str:
    """Write a document as Markdown, ending in a line feed."""
    blocks = [f"# {_text(document.title)}"]
    for table in document.tables:
        if table.title:
            blocks.append(f"## {_text(table.title)}")
        blocks.append(_table(table))
    blocks.append("\n".join(f"- {_text(note)}" for note in document.notes))
    return "\n\n".join(blocks) + "\n"


def _table(table: ReportTable) -> str:
    rule = tuple(":---" if column in table.words else "---:" for column in range(len(table.header)))
    lines = [_line(_escape(table.header)), _line(rule)]
    for cells in table.rows:
        if len(cells) == 1:
            lines.append(_line((f"**{_escape(cells)[0]}**", *("",) * (len(table.header) - 1))))
        else:
            lines.append(_line(_escape(cells)))
    return "\n".join(lines)


def _text(text: str) -> str:
    return _escape((text,))[0]


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Keep the signs that Markdown would read as its own; a cell is one line."""
    return tuple(
        _SIGNS.sub(r"\\\g<0>", escape(visible(_BREAKS.sub(" ", cell.strip())), quote=False)) for cell in cells
    )
