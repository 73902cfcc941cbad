"""From DuckDB's log of file reads to scan records: which bytes Athena would have counted.

Text objects count whole, Parquet by the column chunks of which a page was read, footers not at all
(facts/athena.md 0). An object that a LIMIT left early counts as docs/metering.md says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlglot import exp

from lakebench.emulator.engine.chunks import chunks_read
from lakebench.emulator.engine.conditions import ScanConditions
from lakebench.emulator.engine.protocol import DataFile
from lakebench.emulator.engine.relations.relation import is_columnar
from lakebench.emulator.engine.staging import StagedScan, suffix
from lakebench.metering.record import ChunkRead, ObjectRead, ScanRecord

Ask = Callable[[Sequence[str]], list[list[Any]]]
Translate = Callable[[exp.Expr], str]

_FIRST_SPLIT = 32 << 20  # what one reader takes of a plain object at least (facts/athena.md 1.1)
KEEP_READS = (
    "CREATE TEMP TABLE reads AS SELECT path, pos, bytes "
    "FROM duckdb_logs_parsed('FileSystem') WHERE op = 'READ'"
)
FORGET_READS = "CALL truncate_duckdb_logs()"
_READ_OBJECTS = "SELECT path, max(pos + bytes) FROM reads GROUP BY path"
LAST_READS = (
    "SELECT path FROM duckdb_logs_parsed('FileSystem') WHERE op IN ('READ', 'OPEN') "
    "ORDER BY timestamp DESC LIMIT 50"
)


def scan_records(
    scans: Sequence[StagedScan],
    ask: Ask,
    *,
    conditions: Mapping[str, ScanConditions],
    translate: Translate,
    exact: bool,
) -> tuple[ScanRecord, ...]:
    """What each scan read, from the reads that KEEP_READS kept.

    ``exact`` is false when a LIMIT may have ended scans before their end.
    """
    if not any(scan.paths for scan in scans):
        return tuple(_record(scan, []) for scan in scans)
    ends: dict[str, int] = {path: end for path, end in ask([_READ_OBJECTS])}  # noqa: C416 - says what is what
    records = []
    for scan in scans:
        if is_columnar(scan.binding.table.data_format):
            found = conditions.get(scan.name)
            chunks = chunks_read(scan, found, exact=exact, translate=translate, ask=ask)
            records.append(_record(scan, _columnar(scan, ends, chunks)))
        else:
            records.append(_record(scan, _row_wise(scan, ends)))
    return tuple(records)


def _columnar(
    scan: StagedScan, ends: Mapping[str, int], chunks: Mapping[str, tuple[ChunkRead, ...]]
) -> list[ObjectRead]:
    return [
        ObjectRead(uri=file.uri, size=file.size, whole=False, chunks=chunks.get(path, ()))
        for path, file in scan.paths.items()
        if path in ends or chunks.get(path)
    ]


def _row_wise(scan: StagedScan, ends: Mapping[str, int]) -> list[ObjectRead]:
    return [_text_read(file, ends[path]) for path, file in scan.paths.items() if path in ends]


def _text_read(file: DataFile, end: int) -> ObjectRead:
    """Compressed objects cannot be split, so they count whole however little was needed."""
    if end >= file.size or suffix(file.uri.key):
        return ObjectRead(uri=file.uri, size=file.size, whole=True)
    return ObjectRead(uri=file.uri, size=file.size, whole=False, prefix=min(file.size, _FIRST_SPLIT))


def _record(scan: StagedScan, objects: list[ObjectRead]) -> ScanRecord:
    table = scan.binding.table
    return ScanRecord(
        scan_id=scan.binding.scan_id, database=table.database, table=table.name, objects=tuple(objects)
    )
