"""A report before it has a form: title, tables and notes, which each renderer writes its own way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """A table of texts; ``title`` may be empty, ``words`` are the columns that are read, not compared.

    Those stand on the left, figures on the right. A row of a single cell is the heading of the rows below it.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report: title, tables in order, then notes, each one paragraph."""

    title: str
    tables: tuple[ReportTable, ...]
    notes: tuple[str, ...]
