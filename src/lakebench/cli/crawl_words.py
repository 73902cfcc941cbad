"""What a crawl found, for people and for programs."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from rich.console import Console

from lakebench.client.crawl import CrawlOutcome, FoundTable
from lakebench.pricing import format_cost
from lakebench.report.document import Document, ReportTable
from lakebench.report.terminal import print_document
from lakebench.units import format_milliseconds

_SHOWN_PARTITIONS = 3
_SHOWN_VALUES = 3
_VALUE_WIDTH = 24

Finding = tuple[FoundTable, dict[str, list[str]], list[str]]
"""A table, its first values by column, and advice."""


def crawl_json(outcome: CrawlOutcome, findings: list[Finding], cost: Decimal | None) -> str:
    """The findings as JSON text; ``cost`` is what AWS bills for the run, None at home."""
    return json.dumps(_as_json(outcome, findings, cost), indent=2, ensure_ascii=False)


def _as_json(outcome: CrawlOutcome, findings: list[Finding], cost: Decimal | None) -> dict[str, Any]:
    return {
        "database": outcome.database,
        "dry_run": outcome.dry_run,
        "milliseconds": round(outcome.milliseconds, 1),
        "dpu_hours": float(outcome.dpu_hours),
        "cost_usd": None if cost is None else f"{cost.normalize():f}",
        "tables": [
            {
                "name": found.table.name,
                "change": found.change,
                "location": str(found.table.storage.location),
                "classification": found.table.parameters.get("classification"),
                "compression": found.table.parameters.get("compressionType"),
                "serde": found.table.storage.serde.library,
                "header": "skip.header.line.count" in found.table.parameters,
                "columns": [{"name": c.name, "type": c.type.hive} for c in found.table.columns],
                "partition_keys": [{"name": c.name, "type": c.type.hive} for c in found.table.partition_keys],
                "partitions": [list(partition.values) for partition in found.partitions],
                "values": {name: cells[:_SHOWN_VALUES] for name, cells in values.items()},
                "parameters": dict(found.table.parameters),
                "advice": told,
            }
            for found, values, told in findings
        ],
        "left_out": [{"object": uri, "reason": reason} for uri, reason in outcome.left_out],
        "warnings": list(outcome.remarks),
    }


def print_crawl(place: str, outcome: CrawlOutcome, findings: list[Finding], cost: Decimal | None) -> None:
    """Print the findings; ``cost`` is what AWS bills for the run, None at home."""
    notes = [f"{found.table.name}: {line}" for found, _, told in findings for line in told]
    notes += [f"Left out: {uri} {reason}" for uri, reason in outcome.left_out]
    notes += outcome.remarks
    if not findings:
        notes.append("No table: nothing below that path can be read, or nothing is there.")
    if cost is not None:
        notes.append(
            f"AWS bills {outcome.dpu_hours.normalize():f} DPU hours for this run: {format_cost(cost)}."
        )
    if outcome.dry_run:
        notes.append(f"A dry run: database {outcome.database} is as it was.")
    count = f"{len(findings)} table{'' if len(findings) == 1 else 's'}"
    took = format_milliseconds(outcome.milliseconds)
    document = Document(
        title=f"{place} into {outcome.database}: {count}, {took}",
        tables=tuple(_table(found, values) for found, values, _ in findings),
        notes=tuple(notes),
    )
    print_document(document, Console())


def _table(found: FoundTable, values: dict[str, list[str]]) -> ReportTable:
    rows = [
        (column.name, column.type.hive, _shown(values.get(column.name, []))) for column in found.table.columns
    ]
    for index, key in enumerate(found.table.partition_keys):
        distinct = list(dict.fromkeys(partition.values[index] for partition in found.partitions))
        rows.append((key.name, f"{key.type.hive} (partition)", _shown(distinct, _SHOWN_PARTITIONS)))
    return ReportTable(
        title=_title(found),
        header=("Column", "Type", "First values"),
        rows=tuple(rows),
        words=frozenset({0, 1, 2}),
    )


def _title(found: FoundTable) -> str:
    table = found.table
    facts = [table.parameters.get("classification", "?")]
    if "delimiter" in table.parameters:
        header = "with" if "skip.header.line.count" in table.parameters else "without"
        facts.append(f"delimiter {table.parameters['delimiter']!r}, {header} a header")
    if table.parameters.get("compressionType", "none") != "none":
        facts.append(table.parameters["compressionType"])
    if table.partition_keys:
        facts.append(f"{len(found.partitions)} partitions")
    return f"{table.name} ({found.change}): {', '.join(facts)}, {table.storage.location}"


def _shown(cells: list[str], most: int = _SHOWN_VALUES) -> str:
    cut = [
        cell if len(cell) <= _VALUE_WIDTH else f"{cell[: _VALUE_WIDTH - 1]}\N{HORIZONTAL ELLIPSIS}"
        for cell in cells[:most]
    ]
    more = ", \N{HORIZONTAL ELLIPSIS}" if len(cells) > most else ""
    return ", ".join(cut) + more
