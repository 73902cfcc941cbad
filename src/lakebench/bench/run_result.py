"""A benchmark run as values: the schema that comparing, reporting and projecting read.

``lakebench.bench.run_file.read_run(path)`` gives one from a file; ``tests/cases/bench/run.json`` is a
measured example; docs/benchmark-results.md says each field in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a run was made; ``commit`` is None outside of a repository, ``versions`` are by package."""

    versions: Mapping[str, str]
    machine: str
    system: str
    cores: int
    commit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One way to store the same rows; ``row_groups`` is None for a format that has none."""

    name: str
    data_format: str
    stored_bytes: int
    objects: int
    row_groups: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a scan kept of all; ``total`` is None where the objects left out were not listed."""

    kept: int
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnBytes:
    """A leaf column and the bytes of its chunks that were scanned."""

    name: str
    scanned_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableScan:
    """One scan of one table, as ``/_lakebench/executions/<id>/scan`` or an estimate explains it.

    ``scanned_bytes`` is the most that the scan may take; ``exact`` says that it takes no less.
    ``partitions`` is None for a table without keys.
    """

    database: str
    table: str
    data_format: str
    scanned_bytes: int
    exact: bool
    filtered_partition_keys: tuple[str, ...]
    partitions: Share | None
    objects: Share
    row_groups: Share
    columns: tuple[ColumnBytes, ...]
    saved_by_partitions: int | None
    saved_by_row_groups: int
    saved_by_columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySample:
    """One execution of one query on one layout; ``number`` counts from 0, which is the warm-up.

    ``cost_usd`` is the bill with its rounding and minimum. Times are in ms: Athena's own, and ``wall_ms``
    that the caller waited. ``result_digest`` is the same for the same rows. ``objects`` and ``row_groups``
    are those read, None where nothing explains the scan.
    """

    query: str
    layout: str
    number: int
    execution_id: str
    scanned_bytes: int
    cost_usd: Decimal
    engine_ms: float
    queue_ms: float
    planning_ms: float
    service_ms: float
    wall_ms: float
    rows: int
    result_digest: str
    objects: int | None
    row_groups: int | None
    scans: tuple[TableScan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementWarning:
    """What may be wrong with the measurement itself; ``layout`` is None where all are meant."""

    kind: str
    query: str
    layout: str | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRun:
    """One run of a suite. ``sql`` is by query name; ``finished`` is None for a run broken off."""

    run_id: str
    suite: str
    seed: int
    rows: int
    target: str
    region: str
    usd_per_tb: Decimal
    started: datetime
    finished: datetime | None
    environment: Environment
    layouts: tuple[Layout, ...]
    sql: Mapping[str, str]
    samples: tuple[QuerySample, ...]
    warnings: tuple[MeasurementWarning, ...]
