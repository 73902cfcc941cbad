"""Which bytes would Athena bill: from what a run reads, or would read, to DataScannedInBytes.

Source: facts/athena.md 0.
"""

from lakebench.metering.bytes import (
    ColumnBytes,
    TableBytes,
    bytes_by_column,
    bytes_by_table,
    object_bytes,
    scanned_bytes,
)
from lakebench.metering.document import explanation_document
from lakebench.metering.explanation import Explanation, ScanExplanation, Span
from lakebench.metering.record import ChunkRead, ObjectRead, ScanRecord

__all__ = [
    "ChunkRead",
    "ColumnBytes",
    "Explanation",
    "ObjectRead",
    "ScanExplanation",
    "ScanRecord",
    "Span",
    "TableBytes",
    "bytes_by_column",
    "bytes_by_table",
    "explanation_document",
    "object_bytes",
    "scanned_bytes",
]
