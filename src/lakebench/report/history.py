"""The stored runs as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lakebench.bench.history import RunHead
from lakebench.report.document import Document, ReportTable


def runs_document(heads: Sequence[RunHead], broken: Mapping[Path, str], folder: Path) -> Document:
    """A line a run, the newest last; files that cannot be read are named below."""
    rows = tuple(
        (
            head.run_id,
            f"{head.started:%Y-%m-%d %H:%M}",
            head.suite,
            f"{head.rows:,}",
            str(head.seed),
            head.target,
            ", ".join(head.layouts) if head.finished else "broken off",
        )
        for head in heads
    )
    header = ("Run", "Started", "Suite", "Rows", "Seed", "Target", "Layouts")
    table = ReportTable(title="", header=header, rows=rows, words=frozenset({0, 1, 2, 5, 6}))
    notes = tuple(f"Cannot be read: {why}" for why in broken.values())
    count = f"{len(heads)} run" if len(heads) == 1 else f"{len(heads)} runs"
    return Document(title=f"{count} in {folder}", tables=(table,) if rows else (), notes=notes)
