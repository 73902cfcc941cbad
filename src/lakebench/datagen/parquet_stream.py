"""Parquet files as bytes that are handed on while they are made: one row group in memory."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def parquet_chunks(
    tables: Iterable[Any], *, row_group_rows: int | None = None, dictionary: bool = True
) -> Iterator[bytes]:
    """One Snappy file of Arrow tables of one schema; each has row groups of its own, None: one."""
    import pyarrow.parquet as pq  # heavy; text needs it not

    sink, writer = io.BytesIO(), None
    for table in tables:
        writer = writer or pq.ParquetWriter(
            _Draining(sink), table.schema, compression="snappy", use_dictionary=dictionary
        )
        writer.write_table(table, row_group_size=row_group_rows)
        yield _drain(sink)
    if writer is not None:
        writer.close()
    yield _drain(sink)


def with_empty_texts(table: Any) -> Any:
    """Null texts as empty ones, which is what Athena reads from an empty field of a CSV table."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(place, field.name, pc.fill_null(table.column(place), ""))
    return table


class _Draining(io.RawIOBase):
    """A file that tells its whole length though what it was given is taken out of ``sink``."""

    def __init__(self, sink: io.BytesIO) -> None:
        self._sink = sink
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, block: Any, /) -> int:
        self._sink.write(block)
        self._size += len(block)
        return len(block)

    def tell(self) -> int:
        return self._size


def _drain(sink: io.BytesIO) -> bytes:
    taken = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return taken
