"""Scanned bytes from scan records: the sum, and where it comes from.

Source: facts/athena.md 0: whole objects for row formats, compressed column chunks for Parquet, nothing
for footers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lakebench.metering.record import ObjectRead, ScanRecord


def object_bytes(read: ObjectRead) -> int:
    """What Athena counts for one object that one scan opened."""
    if read.whole:
        return read.size
    return read.prefix + sum(chunk.compressed_size for chunk in read.chunks)


def scanned_bytes(records: Iterable[ScanRecord]) -> int:
    """DataScannedInBytes of an execution: every scan counts, also of the same table twice."""
    return sum(object_bytes(read) for record in records for read in record.objects)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBytes:
    """What one scan of a table cost: ``objects`` counts those of which anything was read."""

    scan_id: str
    database: str
    table: str
    objects: int
    scanned_bytes: int


def bytes_by_table(records: Iterable[ScanRecord]) -> tuple[TableBytes, ...]:
    """One line a scan, in the records' order."""
    lines = []
    for record in records:
        counts = [count for read in record.objects if (count := object_bytes(read))]
        lines.append(
            TableBytes(
                scan_id=record.scan_id,
                database=record.database,
                table=record.table,
                objects=len(counts),
                scanned_bytes=sum(counts),
            )
        )
    return tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnBytes:
    """What one leaf column of a table cost; ``column`` is None for objects that are not columnar."""

    database: str
    table: str
    column: str | None
    chunks: int
    scanned_bytes: int


def bytes_by_column(records: Iterable[ScanRecord]) -> tuple[ColumnBytes, ...]:
    """One line a table and leaf column, the costliest first; all scans of a table together."""
    sizes: dict[tuple[str, str, str | None], list[int]] = {}
    for record in records:
        for read in record.objects:
            for chunk in read.chunks:
                sizes.setdefault((record.database, record.table, chunk.column), []).append(
                    chunk.compressed_size
                )
            if not read.chunks and (count := object_bytes(read)):
                sizes.setdefault((record.database, record.table, None), []).append(count)
    lines = (
        ColumnBytes(
            database=database,
            table=table,
            column=column,
            chunks=len(counts) if column is not None else 0,
            scanned_bytes=sum(counts),
        )
        for (database, table, column), counts in sizes.items()
    )
    return tuple(sorted(lines, key=lambda c: (-c.scanned_bytes, c.database, c.table, c.column or "")))
