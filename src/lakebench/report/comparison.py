"""A comparison of two runs as a document, as a comment of a pull request, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lakebench.bench.compare import ComparedQuery, Figures, Metric, RunComparison, Verdict
from lakebench.pricing import format_cost
from lakebench.report.document import Document, ReportTable
from lakebench.report.markdown import to_markdown
from lakebench.units import format_bytes

STICKY = "<!-- lakebench bench compare -->"
"""The first line of a comment: a bot finds its own comment by it and writes it anew."""

_HEADER = ("Query", "Layout", "Bytes before", "Bytes after", "Cost before", "Cost after", "Bytes", "Verdict")


def comparison_document(comparison: RunComparison) -> Document:
    """What changed, a line a query and layout; pairs that are the same are only counted."""
    changed = [one for one in comparison.queries if one.verdict is not Verdict.SAME]
    table = ReportTable(
        title="", header=_HEADER, rows=tuple(_row(one) for one in changed), words=frozenset({0, 1, 7})
    )
    return Document(
        title=f"{comparison.new} against {comparison.base}: {summary(comparison)}",
        tables=(table,) if changed else (),
        notes=tuple(_notes(comparison)),
    )


def comparison_markdown(comparison: RunComparison) -> str:
    """A comment for a pull request: one line when nothing changed."""
    if comparison.unchanged:
        line = f"lakebench: {len(comparison.queries)} queries scan and cost what they did."
        return f"{STICKY}\n{line}\n"
    return f"{STICKY}\n{to_markdown(comparison_document(comparison))}"


def comparison_json(comparison: RunComparison) -> str:
    """The comparison for programs; dollars are strings, bytes integers."""
    document = {
        "schema": "lakebench.bench-comparison",
        "schema_version": 1,
        "base": comparison.base,
        "new": comparison.new,
        "failed": comparison.failed,
        "queries": [
            {
                "query": one.query,
                "layout": one.layout,
                "verdict": one.verdict.value,
                "failed": [metric.value for metric in one.failed],
                "before": _plain(one.before),
                "after": _plain(one.after),
            }
            for one in comparison.queries
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def summary(comparison: RunComparison) -> str:
    """In a few words how many pairs are what."""
    counts = dict.fromkeys(Verdict, 0)
    for one in comparison.queries:
        counts[one.verdict] += 1
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)


def _row(one: ComparedQuery) -> tuple[str, ...]:
    before, after = one.before, one.after
    share = ""
    if before is not None and after is not None and before.scanned_bytes:
        share = f"{after.scanned_bytes / before.scanned_bytes - 1:+.1%}"
    over = f" ({', '.join(one.failed)})" if one.failed else ""
    return (
        one.query,
        one.layout,
        "" if before is None else format_bytes(before.scanned_bytes),
        "" if after is None else format_bytes(after.scanned_bytes),
        "" if before is None else format_cost(before.cost_usd),
        "" if after is None else format_cost(after.cost_usd),
        share,
        f"{one.verdict}{over}",
    )


def _notes(comparison: RunComparison) -> Iterator[str]:
    yield "Bytes and cost are compared exactly; cost is as billed, with Athena's rounding and minimum."
    for one in comparison.queries:
        if Metric.TIME in one.failed and one.before is not None and one.after is not None:
            yield (
                f"{one.query} on {one.layout} took {_times(one.before)} of the time on csv "
                f"in the same rounds, and takes {_times(one.after)}."
            )
    for name in comparison.changed_sql:
        yield f"The text of {name} is not what it was."


def _times(figures: Figures) -> str:
    return f"{figures.time_ratio or 0:.2f}x (±{figures.noise or 0:.1%})"


def _plain(figures: Figures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {
        "scanned_bytes": figures.scanned_bytes,
        "cost_usd": str(figures.cost_usd),
        "time_ratio": figures.time_ratio,
        "noise": figures.noise,
    }
