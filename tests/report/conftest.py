"""One fixed story result, made by hand, that every renderer writes."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lakebench.bench.queries import STORY_QUERIES
from lakebench.bench.result import LayoutSummary, Measurement, QueryComparison, StoryResult
from lakebench.catalog.s3 import S3Uri
from lakebench.catalog.table import Column
from lakebench.catalog.types import parse_type
from lakebench.pricing import known_tariffs

PRICE = Decimal(5)
CSV_BYTES = 341_350
PARQUET_BYTES = [61_440, 18_000, 25_000, 0, 75_000]
TIMES = [(12.0, 4.0), (10.0, 10.0), (9.0, 12.0), (7.0, 0.0), (1_250.0, 800.0)]
TYPES = {"id_venta": "bigint", "fecha": "string", "region": "string", "cantidad": "bigint", "total": "double"}


def _measurement(scanned, engine_ms, name):
    return Measurement(
        scanned_bytes=scanned,
        list_usd=PRICE * scanned / 2**40,
        billed_usd=PRICE * 10 * 2**20 / 2**40,
        engine_ms=engine_ms,
        wall_ms=engine_ms + 5.25,
        runs=4,
        execution_id=name,
    )


def _layout(table, folder, names, stored):
    location = S3Uri("lakebench-demo", folder)
    return LayoutSummary(
        table=table,
        location=location,
        columns=tuple(Column(name=name, type=parse_type(hive)) for name, hive in TYPES.items()),
        objects=tuple(location.child(name) for name in names),
        stored_bytes=stored,
    )


@pytest.fixture
def result():
    queries = tuple(
        QueryComparison(
            query=query,
            rows=10,
            csv=_measurement(CSV_BYTES, csv_ms, f"csv-{query.name}"),
            parquet=_measurement(scanned, parquet_ms, f"parquet-{query.name}"),
        )
        for query, scanned, (csv_ms, parquet_ms) in zip(STORY_QUERIES, PARQUET_BYTES, TIMES, strict=True)
    )
    return StoryResult(
        rows=12_345,
        seed=7,
        target="local",
        region="us-east-1",
        bucket="lakebench-demo",
        database="lakebench_demo",
        started=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        tariff=known_tariffs().tariff("us-east-1"),
        csv=_layout("raw_data", "raw/raw_data/", ["ventas.csv"], CSV_BYTES),
        parquet=_layout("ventas_parquet", "curated/", ["one", "two"], 80_000),
        queries=queries,
        ctas_sql='CREATE TABLE "ventas_parquet" AS SELECT * FROM "raw_data"',
        ctas=_measurement(CSV_BYTES, 30.0, "ctas"),
        upload_ms=120.5,
        crawl_ms=80.25,
        environment={"python": "3.11.7"},
    )
