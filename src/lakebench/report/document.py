"""A report before it has a form: title, tables and notes, which each renderer writes its own way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """A table of texts: the first column is words, the others are figures; ``title`` may be empty.

    A row of a single cell is the heading of the rows below it.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report: title, tables in order, then notes, each one paragraph."""

    title: str
    tables: tuple[ReportTable, ...]
    notes: tuple[str, ...]
