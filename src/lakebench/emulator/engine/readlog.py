"""DuckDB's log of file reads: where in which file a read began, and how far the last one went.

The log's text is cut by its own separators, since DuckDB's parser of it takes six times as long. Paths lie
in a worker's scratch directory under names that hold no quote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORGET_READS = "CALL truncate_duckdb_logs()"
_PATH = """split_part(split_part(message, '","op":"', 1), '"path":"', 2)"""
_POSITION = """CAST(split_part(split_part(message, '"pos":"', 2), '"', 1) AS BIGINT)"""
_BYTES = """CAST(split_part(split_part(message, '"bytes":"', 2), '"', 1) AS BIGINT)"""
READS = (
    f"SELECT path, list(DISTINCT pos), max(pos + bytes) FROM (SELECT {_PATH} AS path, {_POSITION} AS pos, "
    f"""{_BYTES} AS bytes FROM duckdb_logs WHERE type = 'FileSystem' AND contains(message, '"op":"READ"')) """
    "GROUP BY path"
)
LAST_READS = (
    "SELECT path FROM duckdb_logs_parsed('FileSystem') WHERE op IN ('READ', 'OPEN') "
    "ORDER BY timestamp DESC LIMIT 50"
)


@dataclass(frozen=True, slots=True)
class ReadLog:
    """What a run read: offsets at which reads began, and the end of the furthest one, by path."""

    offsets: Mapping[str, Sequence[int]]
    ends: Mapping[str, int]


def read_log(rows: Sequence[Sequence[Any]]) -> ReadLog:
    """The answer to READS."""
    return ReadLog(
        offsets={path: offsets for path, offsets, _ in rows}, ends={path: end for path, _, end in rows}
    )
