"""One data file of each format, fed with record batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from lakebench.catalog import DataType
from lakebench.emulator.engine.writing.arrow_types import arrow_schema
from lakebench.emulator.engine.writing.streams import open_stream

_ROW_GROUP_BYTES = 128 << 20  # Trino's and Hive's default block size of Parquet
_ROW_GROUP_ROWS = 1 << 30  # rows never end a group
_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3
_PARQUET_CODECS = {"none": "NONE", "gzip": "GZIP", "snappy": "SNAPPY", "zstd": "ZSTD"}
_ORC_CODECS = {"none": "uncompressed", "zlib": "zlib", "snappy": "snappy", "lz4": "lz4", "zstd": "zstd"}
_ORC_STRIPE_BYTES, _ORC_STRIPE_BYTES_OF_MANY = 64 << 20, 8 << 20
_ORC_BATCH_ROWS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """How files are written: the format, codec and level, the columns' names and types.

    ``many`` says that several files are open at once, each of which then holds less in memory.
    """

    data_format: str
    codec: str
    level: int | None
    columns: Sequence[tuple[str, DataType]]
    many: bool


class FileWriter(Protocol):
    """A file being written; ``waiting`` is how many bytes it holds back in memory, of those it can flush."""

    waiting: int

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""

    def flush(self) -> None:
        """Write what waits."""

    def close(self) -> None:
        """End the file."""


def open_file(path: Path, form: FileForm) -> FileWriter:
    """A new file of the form."""
    if form.data_format == "parquet":
        return _Parquet(path, form)
    if form.data_format == "orc":
        return _Orc(path, form)
    if form.data_format == "avro":
        from lakebench.emulator.engine.writing.avro import AvroFile

        return AvroFile(path, form.codec, form.level, form.columns)
    return _Lines(path, form)


class _Lines:
    """Text and JSON: DuckDB has written the lines, each with its line feed, one after another in memory."""

    def __init__(self, path: Path, form: FileForm) -> None:
        self.waiting = 0
        self._stream = open_stream(path, form.codec, form.level)

    def write(self, batch: pa.RecordBatch) -> None:
        column = batch.column(0)
        data = column.buffers()[2]
        if data is None:
            return
        whole = memoryview(column.buffers()[1]).cast("i")
        start, end = whole[column.offset], whole[column.offset + len(column)]
        self._stream.write(memoryview(data)[start:end])

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        self._stream.close()


class _Parquet:
    """As Athena's own files: INT96 timestamps, decimals as fixed-length bytes, plain and dictionary pages.

    Source: Trino's ParquetSchemaConverter, whose Hive settings are legacy decimals and INT96; no bloom
    filters, no page index.
    """

    def __init__(self, path: Path, form: FileForm) -> None:
        import pyarrow.parquet as pq

        self.waiting = 0
        self._schema = arrow_schema(form.columns)
        self._batches: list[pa.RecordBatch] = []
        levels = {"gzip": form.level or _GZIP_LEVEL, "zstd": form.level or _ZSTD_LEVEL}
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            version="1.0",
            compression=_PARQUET_CODECS[form.codec],
            compression_level=levels.get(form.codec),
            use_deprecated_int96_timestamps=True,
            store_schema=False,
        )

    def write(self, batch: pa.RecordBatch) -> None:
        self._batches.append(batch)
        self.waiting += batch.nbytes
        if self.waiting >= _ROW_GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        if self._batches:
            table = shaped(self._batches, self._schema)
            self._batches = []
            self.waiting = 0
            self._writer.write_table(table, row_group_size=_ROW_GROUP_ROWS)

    def close(self) -> None:
        self.flush()
        self._writer.close()


class _Orc:
    """Stripes of up to 64 MB with row indexes every 10,000 rows, ORC's defaults."""

    def __init__(self, path: Path, form: FileForm) -> None:
        from pyarrow import orc

        self.waiting = 0
        self._schema = arrow_schema(form.columns)
        self._writer = orc.ORCWriter(
            str(path),
            compression=_ORC_CODECS[form.codec],
            stripe_size=_ORC_STRIPE_BYTES_OF_MANY if form.many else _ORC_STRIPE_BYTES,
            batch_size=_ORC_BATCH_ROWS,
        )

    def write(self, batch: pa.RecordBatch) -> None:
        self._writer.write(shaped([batch], self._schema))

    def flush(self) -> None:
        """The library decides when a stripe ends."""

    def close(self) -> None:
        self._writer.close()


def shaped(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    """The batches under the table's own names and types."""
    table = pa.Table.from_batches(batches)
    columns = [
        column if column.type == field.type else column.cast(field.type)
        for column, field in zip(table.columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)
