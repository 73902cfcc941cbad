"""What a story measured, as values; nothing here is a constant of the story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from lakebench.bench.queries import StoryQuery
from lakebench.catalog.s3 import S3Uri
from lakebench.catalog.table import Column
from lakebench.pricing import Tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One statement on one layout.

    ``scanned_bytes`` is DataScannedInBytes, the same in every run. ``list_usd`` is bytes times the price
    per TB; ``billed_usd`` is what the bill says, with its rounding and its minimum per query. Times are
    medians in ms over ``runs``, the first of several left out: Athena's own engine time, and what the
    caller waited.
    """

    scanned_bytes: int
    list_usd: Decimal
    billed_usd: Decimal
    engine_ms: float
    wall_ms: float
    runs: int
    execution_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryComparison:
    """The same question asked of the CSV table and of the Parquet table; both gave the same rows."""

    query: StoryQuery
    rows: int
    csv: Measurement
    parquet: Measurement

    @property
    def reduction(self) -> float:
        """The share of bytes that Parquet saves: 0.82 is the seed's 82 %."""
        return saved_share(self.csv.scanned_bytes, self.parquet.scanned_bytes)

    @property
    def speedup(self) -> float | None:
        """How many times faster Parquet ran; below 1 it was slower, None if too short to tell."""
        if self.csv.engine_ms <= 0 or self.parquet.engine_ms <= 0:
            return None
        return self.csv.engine_ms / self.parquet.engine_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutSummary:
    """One table of the story: what the catalogue says, and what lies in S3 below its location."""

    table: str
    location: S3Uri
    columns: tuple[Column, ...]
    objects: tuple[S3Uri, ...]
    stored_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryResult:
    """The whole story: where it ran, both layouts, every query, and what making them took."""

    rows: int
    seed: int
    target: str
    region: str
    bucket: str
    database: str
    started: datetime
    tariff: Tariff
    csv: LayoutSummary
    parquet: LayoutSummary
    queries: tuple[QueryComparison, ...]
    ctas_sql: str
    ctas: Measurement
    upload_ms: float
    crawl_ms: float
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def headline(self) -> QueryComparison:
        """The comparison that the seed's table shows: the first selective query."""
        return next((one for one in self.queries if one.query.selective), self.queries[0])

    @property
    def billed_usd(self) -> Decimal:
        """What all of it would cost on AWS: every run of every query, and the CTAS."""
        total = self.ctas.billed_usd
        for one in self.queries:
            total += one.csv.billed_usd * one.csv.runs + one.parquet.billed_usd * one.parquet.runs
        return total


def saved_share(before: int | Decimal, after: int | Decimal) -> float:
    """The share saved from before to after: 0.82 for 100 and 18; 0 when there was nothing to save."""
    return float(1 - Decimal(after) / Decimal(before)) if before else 0.0
