"""From DuckDB's log of file reads to scan records: which bytes Athena would have counted.

Text objects count whole, Parquet by the column chunks of which a page was read, footers not at all
(facts/athena.md 0). An object that a LIMIT left early counts as docs/metering.md says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lakebench.emulator.engine.protocol import DataFile
from lakebench.emulator.engine.quoting import literal_list
from lakebench.emulator.engine.relations.relation import is_columnar
from lakebench.emulator.engine.staging import StagedScan, suffix
from lakebench.metering.record import ChunkRead, ObjectRead, ScanRecord

Ask = Callable[[Sequence[str]], list[list[Any]]]

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


def scan_records(scans: Sequence[StagedScan], ask: Ask) -> tuple[ScanRecord, ...]:
    """What each scan read, from the reads that KEEP_READS kept."""
    if not any(scan.paths for scan in scans):
        return tuple(_record(scan, []) for scan in scans)
    ends: dict[str, int] = {path: end for path, end in ask([_READ_OBJECTS])}  # noqa: C416 - says what is what
    columnar = [
        path
        for scan in scans
        if is_columnar(scan.binding.table.data_format)
        for path in scan.paths
        if path in ends
    ]
    chunks = _chunks(columnar, ask)
    return tuple(_record(scan, _objects(scan, ends, chunks)) for scan in scans)


def _chunks(paths: Sequence[str], ask: Ask) -> dict[str, list[ChunkRead]]:
    """The chunks of these files in which at least one READ begins."""
    if not paths:
        return {}
    start = "least(nullif(dictionary_page_offset, 0), data_page_offset)"
    rows = ask(
        [
            "WITH chunks AS (SELECT file_name, row_group_id, column_id, path_in_schema, "
            f"total_compressed_size AS size, {start} AS start "
            f"FROM parquet_metadata({literal_list(paths)})) "
            "SELECT DISTINCT file_name, row_group_id, column_id, path_in_schema, size "
            "FROM chunks JOIN reads ON path = file_name AND pos >= start AND pos < start + size "
            "ORDER BY ALL"
        ]
    )
    by_file: dict[str, list[ChunkRead]] = {}
    for path, row_group, _, column, size in rows:
        chunk = ChunkRead(row_group=row_group, column=column.replace(", ", "."), compressed_size=size)
        by_file.setdefault(path, []).append(chunk)
    return by_file


def _objects(scan: StagedScan, ends: dict[str, int], chunks: dict[str, list[ChunkRead]]) -> list[ObjectRead]:
    columnar = is_columnar(scan.binding.table.data_format)
    objects = []
    for path, file in scan.paths.items():
        if path not in ends:
            continue
        if columnar:
            read = ObjectRead(uri=file.uri, size=file.size, whole=False, chunks=tuple(chunks.get(path, ())))
        else:
            read = _text_read(file, ends[path])
        objects.append(read)
    return objects


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
