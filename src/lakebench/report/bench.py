"""A benchmark run as a document: bytes and times of every query by layout, storage, and what to doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from statistics import median

from lakebench.bench.layouts import SOURCE_LAYOUT
from lakebench.bench.result import saved_share
from lakebench.bench.run_result import BenchRun, QuerySample
from lakebench.pricing import format_cost
from lakebench.report.beside import Beside, beside_table
from lakebench.report.document import Document, ReportTable
from lakebench.units import format_bytes, format_milliseconds

_KINDS = {
    "too_short": "runs are too short to compare their times",
    "cold_first_run": "the warm-up was much slower than later runs",
    "outlier": "one run was far off the others",
    "noisy": "times scatter, the machine is busy",
}


def bench_document(run: BenchRun) -> Document:
    """The run for a person; bytes are exact, times are medians of the rounds after the warm-up."""
    beside = beside_table(_beside(run), run.region)
    return Document(
        title=f"{run.suite}, {run.rows:,} rows, seed {run.seed}: run {run.run_id}",
        tables=(_queries(run), _layouts(run), *(() if beside is None else (beside,))),
        notes=tuple(_notes(run)),
    )


def _beside(run: BenchRun) -> Beside:
    """What the run took beside its scans: each query writes a result, each layout is stored."""
    return Beside(
        puts=len(run.samples) + sum(each.objects for each in run.layouts),
        stored_bytes=sum(each.stored_bytes for each in run.layouts),
    )


def _queries(run: BenchRun) -> ReportTable:
    rows: list[tuple[str, ...]] = []
    for query in run.sql:
        rows.append((query,))
        base = _samples(run, query, SOURCE_LAYOUT)[0].scanned_bytes
        for layout in run.layouts:
            samples = _samples(run, query, layout.name)
            timed = [each for each in samples if each.number > 0] or samples
            scanned, cost = samples[0].scanned_bytes, samples[0].cost_usd
            saved = "" if layout.name == SOURCE_LAYOUT else f"{saved_share(base, scanned):.1%}"
            took = format_milliseconds(float(median(each.engine_ms for each in timed)))
            rows.append((f"  {layout.name}", format_bytes(scanned), saved, format_cost(cost), took))
    header = ("Query and layout", "Data scanned", f"Less than {SOURCE_LAYOUT}", "Billed", "Engine time")
    return ReportTable(title="Queries", header=header, rows=tuple(rows))


def _layouts(run: BenchRun) -> ReportTable:
    return ReportTable(
        title="Storage",
        header=("Layout", "Stored", "Objects", "Row groups"),
        rows=tuple(
            (each.name, format_bytes(each.stored_bytes), f"{each.objects:,}", _count(each.row_groups))
            for each in run.layouts
        ),
    )


def _notes(run: BenchRun) -> Iterator[str]:
    total = sum((each.cost_usd for each in run.samples), Decimal(0))
    yield f"All layouts gave the same rows. {len(run.samples)} queries, {format_cost(total)} on AWS."
    for kind, count in sorted(Counter(each.kind for each in run.warnings).items()):
        pairs = len(run.sql) * len(run.layouts)
        yield f"Warning: {count} of {pairs} pairs of query and layout: {_KINDS.get(kind, kind)}."


def _samples(run: BenchRun, query: str, layout: str) -> list[QuerySample]:
    return [each for each in run.samples if each.query == query and each.layout == layout]


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
