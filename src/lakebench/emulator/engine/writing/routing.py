"""Which file a row goes to: its partition's values and its bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from lakebench.catalog import DataType
from lakebench.catalog.bucketing import hive_hash

Ints = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """The partition's values as texts (None: Hive's default partition) and the bucket, if there are any."""

    values: tuple[str | None, ...] = ()
    bucket: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """Splits batches whose columns are data, then ``keys`` partition values, then the bucketing columns."""

    keys: int
    bucket_types: Sequence[DataType]
    bucket_count: int

    def parts(self, batch: pa.RecordBatch) -> Iterator[tuple[Place, pa.RecordBatch]]:
        """The batch's data by place, rows in their order."""
        width = batch.num_columns - self.keys - len(self.bucket_types)
        data = batch.select(range(width))
        if width == batch.num_columns:
            yield Place(), data
            return
        keys = [batch.column(width + at) for at in range(self.keys)]
        columns = [*keys, *self._buckets(batch)]
        codes, groups = _grouped(columns)
        for group in groups:
            rows = np.flatnonzero(codes == group)
            first = int(rows[0])
            found = [column[first].as_py() for column in columns]
            place = Place(tuple(found[: self.keys]), found[self.keys] if self.bucket_types else None)
            yield place, data if len(groups) == 1 else data.take(pa.array(rows))

    def _buckets(self, batch: pa.RecordBatch) -> list[pa.Array]:
        if not self.bucket_types:
            return []
        combined = np.zeros(batch.num_rows, np.uint32)
        start = batch.num_columns - len(self.bucket_types)
        for at, data_type in enumerate(self.bucket_types, start):
            combined = combined * np.uint32(31) + hashes(batch.column(at), data_type)
        return [pa.array((combined & np.uint32(0x7FFFFFFF)) % np.uint32(self.bucket_count), pa.int32())]


def _grouped(columns: Sequence[pa.Array]) -> tuple[Ints, Ints]:
    """One code a row, equal for rows that agree in all columns, and the codes in order of appearance."""
    import pyarrow.compute as pc  # a third of what pyarrow takes to load; only partitioned writes need it

    codes = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        encoded = pc.dictionary_encode(column, null_encoding="encode")
        codes = codes * (len(encoded.dictionary) + 1) + encoded.indices.to_numpy(zero_copy_only=False)
    groups, firsts = np.unique(codes, return_index=True)
    return codes, groups[np.argsort(firsts)]


def hashes(column: pa.Array, data_type: DataType) -> Ints:
    """Hive's hash of each value as 32 unsigned bits; see ``catalog.bucketing``."""
    if data_type.fields:
        values = [hive_hash(value, data_type) & 0xFFFFFFFF for value in column.to_pylist()]
        return np.array(values, np.uint32)
    if data_type.name == "varchar":
        result = _text(column, 1 if data_type.parameters else 0)
    else:
        result = _VECTORS[data_type.name](column)
    result[column.is_null().to_numpy(zero_copy_only=False)] = 0
    return result


def _small(column: pa.Array) -> Ints:
    values: Ints = column.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
    return values.astype(np.int32).view(np.uint32)


def _folded(values: Ints) -> Ints:
    bits = values.astype(np.int64).view(np.uint64)
    return ((bits >> np.uint64(32)) ^ bits).astype(np.uint32)


def _big(column: pa.Array) -> Ints:
    return _folded(column.fill_null(0).to_numpy(zero_copy_only=False))


def _real(column: pa.Array) -> Ints:
    values = column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.float32)
    return np.where(np.isnan(values), np.uint32(0x7FC00000), values.view(np.uint32))


def _double(column: pa.Array) -> Ints:
    values = column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.float64)
    return _folded(np.where(np.isnan(values), np.int64(0x7FF8000000000000), values.view(np.int64)))


def _timestamp(column: pa.Array) -> Ints:
    micros = column.cast(pa.timestamp("us")).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    seconds, rest = np.divmod(micros, 1_000_000)
    return _folded((seconds << 30) | (rest * 1000))


def _text(column: pa.Array, start: int) -> Ints:
    """Byte by byte for all texts at once."""
    column = column.cast(pa.binary())
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    data = np.frombuffer(column.buffers()[2] or b"", np.int8)
    starts, lengths = offsets[:-1].astype(np.int64), np.diff(offsets)
    result = np.full(len(column), start, np.uint32)
    for at in range(int(lengths.max(initial=0))):
        longer = np.flatnonzero(lengths > at)
        result[longer] = result[longer] * np.uint32(31) + data[starts[longer] + at].astype(np.uint32)
    return result


_VECTORS: Mapping[str, Callable[[pa.Array], Ints]] = {
    "boolean": _small,
    "tinyint": _small,
    "smallint": _small,
    "integer": _small,
    "date": _small,
    "bigint": _big,
    "real": _real,
    "double": _double,
    "timestamp": _timestamp,
}
