"""A story's figures as JSON, for machines; ``story_to_json`` lists the fields."""

from __future__ import annotations

import json
from typing import Any

from lakebench.bench.result import LayoutSummary, Measurement, QueryComparison, StoryResult
from lakebench.report.beside import beside_document
from lakebench.report.story import story_beside

SCHEMA = "lakebench.story"
SCHEMA_VERSION = 1


def story_to_json(result: StoryResult) -> str:
    """Write a story as JSON, ending in a line feed.

    Top level: ``schema`` and ``schema_version`` (a reader refuses a version it does not know), ``story``
    (rows, seed, target, region, bucket, database, started as ISO 8601 UTC, usd_per_tb,
    tariff_since, tariff_verified), ``layouts`` with
    ``csv`` and ``parquet`` (table, location, objects, stored_bytes, columns as name and type), ``queries``
    (name, title, selective, sql by layout, rows, reduction 0..1, speedup or null, ``csv`` and ``parquet``
    measurements), ``ctas`` (sql and measurement), ``upload_ms``, ``crawl_ms``, ``billed_usd`` of
    everything, ``beside`` (what is billed beside scans: service, quantity, unit, cost), ``environment``.
    A measurement has scanned_bytes, list_usd, billed_usd, engine_ms, wall_ms, runs, execution_id.
    Dollars are strings of exact decimals, bytes integers, times milliseconds.
    """
    return json.dumps(_story(result), indent=2, ensure_ascii=False) + "\n"


def _story(result: StoryResult) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "story": {
            "rows": result.rows,
            "seed": result.seed,
            "target": result.target,
            "region": result.region,
            "bucket": result.bucket,
            "database": result.database,
            "started": result.started.isoformat(),
            "usd_per_tb": f"{result.tariff.price_per_tb:f}",
            "tariff_since": result.tariff.effective.isoformat(),
            "tariff_verified": result.tariff.verified,
        },
        "layouts": {"csv": _layout(result.csv), "parquet": _layout(result.parquet)},
        "queries": [_query(one, result) for one in result.queries],
        "ctas": {"sql": result.ctas_sql, **_measurement(result.ctas)},
        "upload_ms": result.upload_ms,
        "crawl_ms": result.crawl_ms,
        "billed_usd": f"{result.billed_usd:f}",
        "beside": beside_document(story_beside(result), result.region),
        "environment": dict(result.environment),
    }


def _layout(layout: LayoutSummary) -> dict[str, Any]:
    return {
        "table": layout.table,
        "location": str(layout.location),
        "objects": [str(place) for place in layout.objects],
        "stored_bytes": layout.stored_bytes,
        "columns": [{"name": column.name, "type": column.type.hive} for column in layout.columns],
    }


def _query(one: QueryComparison, result: StoryResult) -> dict[str, Any]:
    return {
        "name": one.query.name,
        "title": one.query.title("en"),
        "selective": one.query.selective,
        "sql": {
            "csv": one.query.sql(result.csv.table),
            "parquet": one.query.sql(result.parquet.table),
        },
        "rows": one.rows,
        "reduction": round(one.reduction, 6),
        "speedup": None if one.speedup is None else round(one.speedup, 3),
        "csv": _measurement(one.csv),
        "parquet": _measurement(one.parquet),
    }


def _measurement(one: Measurement) -> dict[str, Any]:
    return {
        "scanned_bytes": one.scanned_bytes,
        "list_usd": f"{one.list_usd:f}",
        "billed_usd": f"{one.billed_usd:f}",
        "engine_ms": one.engine_ms,
        "wall_ms": one.wall_ms,
        "runs": one.runs,
        "execution_id": one.execution_id,
    }
