"""A projection for people and programs: never a figure without the error measured at the held-out scale."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from lakebench.bench.project_runs import Projection
from lakebench.bench.projection import Check, Projected, Span
from lakebench.pricing import format_cost
from lakebench.report.document import Document, ReportTable
from lakebench.units import format_bytes


def projection_document(projection: Projection) -> Document:
    """Bytes and dollars of each query and layout at the asked scale, with what is refused and why."""
    largest = projection.runs[-1]
    fitted = " and ".join(f"{run.rows:,}" for run in projection.runs[:-1])
    return Document(
        title=f"{largest.suite} projected to {projection.rows:,} rows, fitted at {fitted}, "
        f"checked at {largest.rows:,}",
        tables=(_queries(projection), _storage(projection)),
        notes=tuple(_notes(projection)),
    )


def projection_json(projection: Projection) -> str:
    """The projection for programs: dollars are strings, bytes whole numbers, an error is a share."""
    document = {
        "schema": "lakebench.projection",
        "schema_version": 1,
        "rows": projection.rows,
        "max_error": projection.max_error,
        "fitted_runs": [run.run_id for run in projection.runs[:-1]],
        "checked_run": projection.runs[-1].run_id,
        "checked_rows": projection.runs[-1].rows,
        "worst_error": projection.worst_error,
        "queries": [
            {"query": one.query, "layout": one.layout, **_plain(one.projected)} for one in projection.queries
        ],
        "storage": [{"layout": name, **_plain(projected)} for name, projected in projection.storage],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _queries(projection: Projection) -> ReportTable:
    checked = f"{projection.runs[-1].rows:,}"
    rows: list[tuple[str, ...]] = []
    query = None
    for one in projection.queries:
        if one.query != query:
            query = one.query
            rows.append((query,))
        rows.append((f"  {one.layout}", *_cells(one.projected), _usd(one.projected)))
    header = (
        "Query and layout",
        f"Measured at {checked}",
        "Fit there",
        "Error there",
        f"At {projection.rows:,}",
        "Billed",
    )
    return ReportTable(title="Data scanned", header=header, rows=tuple(rows))


def _storage(projection: Projection) -> ReportTable:
    checked = f"{projection.runs[-1].rows:,}"
    return ReportTable(
        title="Stored",
        header=("Layout", f"Measured at {checked}", "Fit there", "Error there", f"At {projection.rows:,}"),
        rows=tuple((name, *_cells(projected)) for name, projected in projection.storage),
    )


def _cells(one: Projected) -> tuple[str, str, str, str]:
    if one.check is None:
        return "", "", "", "refused"
    size = "refused" if one.scanned_bytes is None else _span(one.scanned_bytes)
    return (
        format_bytes(one.check.measured),
        _span(one.check.predicted),
        _error(one.check),
        size,
    )


def _error(check: Check) -> str:
    """A figure within a range that has room is not met, it is in there."""
    if check.error == 0 and round(check.predicted.least) != round(check.predicted.most):
        return "within"
    return f"{check.error:.2%}"


def _span(span: Span) -> str:
    least, most = format_bytes(round(span.least)), format_bytes(round(span.most))
    return least if least == most else f"{least} to {most}"


def _usd(one: Projected) -> str:
    if one.least_usd is None or one.most_usd is None:
        return ""
    least, most = format_cost(one.least_usd), format_cost(one.most_usd)
    return least if least == most else f"{least} to {most}"


def _notes(projection: Projection) -> Iterator[str]:
    largest = projection.runs[-1]
    times = projection.rows / largest.rows
    worst = projection.worst_error
    if worst is not None:
        yield (
            f"The largest error at {largest.rows:,} rows is {worst:.2%}. Nothing was measured beyond: "
            f"{projection.rows:,} rows are {times:,.0f} times as many, and the error there is not known."
        )
    yield "Cost is as billed, with Athena's rounding and minimum, at the runs' price per TB."
    yield (
        "A range holds where the runs leave room: how many row groups the rows make, and whether those read "
        "stay as many or grow with the table."
    )
    for one in projection.queries:
        if one.projected.refusal is not None:
            yield f"{one.query} on {one.layout} is refused: {one.projected.refusal}."
    for name, projected in projection.storage:
        if projected.refusal is not None:
            yield f"The size of {name} is refused: {projected.refusal}."


def _plain(one: Projected) -> dict[str, Any]:
    check, size = one.check, one.scanned_bytes
    return {
        "measured_bytes": None if check is None else check.measured,
        "fitted_bytes": None if check is None else _bounds(check.predicted),
        "error": None if check is None else check.error,
        "bytes": None if size is None else _bounds(size),
        "usd": None
        if one.least_usd is None or one.most_usd is None
        else {"least": _text(one.least_usd), "most": _text(one.most_usd)},
        "refusal": one.refusal,
    }


def _bounds(span: Span) -> dict[str, int]:
    return {"least": round(span.least), "most": round(span.most)}


def _text(amount: Decimal) -> str:
    return f"{amount:f}"
