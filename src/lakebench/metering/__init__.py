"""Which bytes would Athena bill: from what a run read to DataScannedInBytes (facts/athena.md 0)."""

from lakebench.metering.bytes import (
    ColumnBytes,
    TableBytes,
    bytes_by_column,
    bytes_by_table,
    object_bytes,
    scanned_bytes,
)
from lakebench.metering.record import ChunkRead, ObjectRead, ScanRecord

__all__ = [
    "ChunkRead",
    "ColumnBytes",
    "ObjectRead",
    "ScanRecord",
    "TableBytes",
    "bytes_by_column",
    "bytes_by_table",
    "object_bytes",
    "scanned_bytes",
]
