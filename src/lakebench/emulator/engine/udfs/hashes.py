"""Hashes that DuckDB lacks (Trino: functions/binary)."""

from __future__ import annotations

import pyarrow as pa
import xxhash


def xxhash64(values: pa.Array) -> pa.Array:
    """The 8 bytes of XXH64 with seed 0, big end first, as Trino gives them."""
    return pa.array(
        [None if value is None else xxhash.xxh64_digest(value) for value in values.to_pylist()], pa.binary()
    )
