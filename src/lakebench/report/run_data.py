"""A run's report for programs: what it derives from the result file, as JSON and as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from io import StringIO
from typing import Any

from lakebench.bench.figures import PairFigures, source_first
from lakebench.bench.history import HistoryPoint
from lakebench.bench.monthly import DAYS
from lakebench.bench.result import saved_share
from lakebench.bench.run_result import Layout
from lakebench.report.run_report import RunReport

SCHEMA = "lakebench.report"
SCHEMA_VERSION = 1

CSV_COLUMNS = (
    "run_id",
    "suite",
    "table_rows",
    "query",
    "layout",
    "data_format",
    "scanned_bytes",
    "saved_share",
    "cost_usd",
    "list_usd",
    "engine_ms",
    "fastest_ms",
    "slowest_ms",
    "wall_ms",
    "warm_up_ms",
    "time_ratio",
    "noise",
    "rounds",
    "rows",
    "objects",
    "row_groups",
    "stored_bytes",
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report_to_json(report: RunReport) -> str:
    """Write a report as JSON, ending in a line feed.

    Top level: ``schema``, ``schema_version``, ``run`` (as the result file has it, without samples and SQL),
    ``headline`` (null without CSV and Parquet), ``queries`` (one object a query and layout: the fields of
    ``PairFigures``, ``saved_share`` against csv), ``layouts``, ``month``, ``history``, ``warnings``. Dollars
    are strings of exact decimals, bytes integers, times milliseconds, shares 0 to 1, null is not measured.
    """
    return json.dumps(_document(report), indent=2, ensure_ascii=False) + "\n"


def report_to_csv(report: RunReport) -> str:
    """Write a line a query and layout under ``CSV_COLUMNS``; empty is what was not measured.

    A name that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    layouts = {layout.name: layout for layout in report.run.layouts}
    for pair in report.figures.pairs.values():
        row = _csv_row(pair, layouts[pair.layout], report)
        writer.writerow([_cell(row[name]) for name in CSV_COLUMNS])
    return out.getvalue()


def _document(report: RunReport) -> dict[str, Any]:
    run = report.run
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "run": {
            "run_id": run.run_id,
            "suite": run.suite,
            "seed": run.seed,
            "rows": run.rows,
            "target": run.target,
            "region": run.region,
            "usd_per_tb": f"{run.usd_per_tb:f}",
            "started": run.started.isoformat(),
            "finished": None if run.finished is None else run.finished.isoformat(),
            "environment": _plain(asdict(run.environment)),
        },
        "headline": _headline(report),
        "queries": [_pair(pair, report) for pair in report.figures.pairs.values()],
        "layouts": [_layout(layout, report) for layout in run.layouts],
        "month": _month(report),
        "history": {
            "points": [_point(point) for point in report.history.points],
            "left_out": {reason.value: list(ids) for reason, ids in report.history.left_out.items()},
        },
        "warnings": [_plain(asdict(warning)) for warning in run.warnings],
    }


def _headline(report: RunReport) -> dict[str, Any] | None:
    headline = report.headline
    if headline is None:
        return None
    return {
        "query": headline.csv.query,
        "csv": headline.csv.layout,
        "parquet": headline.parquet.layout,
        "csv_scanned_bytes": headline.csv.scanned_bytes,
        "parquet_scanned_bytes": headline.parquet.scanned_bytes,
        "reduction": round(headline.reduction, 6),
        "csv_full_scan": headline.csv_full,
        "parquet_full_scan": headline.parquet_full,
        "time_ratio": headline.parquet.time_ratio,
        "noise": headline.parquet.noise,
    }


def _saved(pair: PairFigures, report: RunReport) -> float | None:
    source = source_first(report.run.layouts)
    if source is None:
        return None
    base = report.figures.pairs[pair.query, source.name]
    return round(saved_share(base.scanned_bytes, pair.scanned_bytes), 6)


def _pair(pair: PairFigures, report: RunReport) -> dict[str, Any]:
    figures: dict[str, Any] = _plain(asdict(pair))
    scans = figures.pop("scans")
    return {**figures, "saved_share": _saved(pair, report), "scans": scans}


def _layout(layout: Layout, report: RunReport) -> dict[str, Any]:
    return {
        **asdict(layout),
        "suite_scanned_bytes": report.figures.suite_bytes(layout.name),
        "suite_cost_usd": f"{report.figures.suite_usd(layout.name):f}",
    }


def _month(report: RunReport) -> dict[str, Any]:
    month = report.month
    price = month.storage_price
    return {
        "per_day": month.per_day,
        "days": DAYS,
        "executions": month.executions,
        "layouts": [_plain(asdict(each)) for each in month.layouts],
        "storage_usd_per_gb_month": None if price is None else f"{price.price:f}",
        "storage_price_verified": None if price is None else price.verified,
        "storage_refused": month.refusal,
    }


def _point(point: HistoryPoint) -> dict[str, Any]:
    plain: dict[str, Any] = _plain(asdict(point))
    return {**plain, "started": point.started.isoformat()}


def _csv_row(pair: PairFigures, layout: Layout, report: RunReport) -> dict[str, Any]:
    run = report.run
    return {
        **asdict(pair),
        "run_id": run.run_id,
        "suite": run.suite,
        "table_rows": run.rows,
        "data_format": layout.data_format,
        "stored_bytes": layout.stored_bytes,
        "saved_share": _saved(pair, report),
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(_items(value))
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return f"{value:f}" if isinstance(value, Decimal) else value


def _items(value: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    for name, each in value.items():
        yield str(name), _plain(each)
