"""Names and texts as DuckDB writes them."""

from __future__ import annotations

from collections.abc import Iterable


def identifier(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A quoted text; a NUL, which DuckDB's parser does not take, is written as chr(0)."""
    if "\x00" in text:
        return "(" + " || chr(0) || ".join(literal(part) for part in text.split("\x00")) + ")"
    return "'" + text.replace("'", "''") + "'"


def literal_list(texts: Iterable[str]) -> str:
    """A list of texts."""
    return "[" + ", ".join(literal(text) for text in texts) + "]"
