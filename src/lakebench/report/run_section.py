"""A part of a run's report."""

from __future__ import annotations

from dataclasses import dataclass

from lakebench.report.document import ReportTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, tables and notes; ``key`` is what a page calls it in links and puts drawings beside."""

    key: str
    title: str
    tables: tuple[ReportTable, ...]
    notes: tuple[str, ...]
