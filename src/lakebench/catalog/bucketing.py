"""Which bucket of a bucketed Hive table a row lies in (bucketing version 1, which Athena writes and assumes).

Hive's ObjectInspectorUtils and Trino's HiveBucketingV1 agree on these hashes: 32-bit arithmetic that
wraps, 31 times what was before for each further column, element or byte, NULL counted as 0. A varchar with
a length begins at 1, one without (Hive's string) at 0.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import isnan
from typing import Any

from lakebench.catalog.types import DataType

_EPOCH_DAY = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock time
_HASHED = {
    *("boolean", "tinyint", "smallint", "integer", "bigint", "real", "double"),
    *("varchar", "date", "timestamp"),
}


def can_bucket(data_type: DataType) -> bool:
    """Whether rows can be bucketed by a column of this type."""
    if data_type.name in {"array", "map"}:
        return all(can_bucket(member.type) for member in data_type.fields)
    return data_type.name in _HASHED


def bucket_of(values: Sequence[Any], types: Sequence[DataType], count: int) -> int:
    """The bucket, from 0, of a row with these values of the bucketing columns; raises as hive_hash()."""
    combined = 0
    for value, data_type in zip(values, types, strict=True):
        combined = _wrapped(31 * combined + hive_hash(value, data_type))
    return (combined & 0x7FFFFFFF) % count


def hive_hash(value: Any, data_type: DataType) -> int:
    """The signed 32-bit hash of one value: int, float, bool, str, date, datetime, sequences and mappings.

    Raises ValueError for a type that Hive's buckets do not know here.
    """
    if not can_bucket(data_type):
        raise ValueError(f"no bucket hash for type {data_type.trino}")
    return 0 if value is None else _hash(value, data_type)


def _hash(value: Any, data_type: DataType) -> int:
    if data_type.name == "array":
        return _chained(hive_hash(item, data_type.fields[0].type) for item in value)
    if data_type.name == "map":
        return _map(value, data_type)
    if data_type.name == "varchar":
        signed = (byte - 256 if byte > 127 else byte for byte in value.encode())
        return _chained(signed, start=1 if data_type.parameters else 0)
    return _SCALARS.get(data_type.name, int)(value)


def _map(value: Mapping[Any, Any] | Sequence[tuple[Any, Any]], data_type: DataType) -> int:
    entries = value.items() if isinstance(value, Mapping) else value
    key_type, value_type = (member.type for member in data_type.fields)
    return _wrapped(sum(hive_hash(key, key_type) ^ hive_hash(held, value_type) for key, held in entries))


def _chained(hashes: Iterable[int], *, start: int = 0) -> int:
    result = start
    for one in hashes:
        result = (31 * result + one) & 0xFFFFFFFF
    return _wrapped(result)


def _timestamp(value: datetime) -> int:
    """Seconds shifted by 30 bits with the nanoseconds of the second below them."""
    seconds, rest = divmod(value - _EPOCH, timedelta(seconds=1))
    return _folded(seconds << 30 | rest // timedelta(microseconds=1) * 1000)


def _float_bits(value: float) -> int:
    """Java's Float.floatToIntBits: one NaN for all."""
    bits: int = struct.unpack(">i", struct.pack(">f", value))[0]
    return bits if not isnan(value) else 0x7FC00000


def _double_bits(value: float) -> int:
    """Java's Double.doubleToLongBits: one NaN for all."""
    bits: int = struct.unpack(">q", struct.pack(">d", value))[0]
    return bits if not isnan(value) else 0x7FF8000000000000


def _folded(value: int) -> int:
    """A 64-bit number as Java's Long.hashCode folds it."""
    value &= 0xFFFFFFFFFFFFFFFF
    return _wrapped(value >> 32 ^ value)


def _wrapped(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - 0x100000000 if value > 0x7FFFFFFF else value


def _days(value: date) -> int:
    return (value - _EPOCH_DAY).days


_SCALARS: Mapping[str, Callable[[Any], int]] = {
    "bigint": _folded,
    "real": _float_bits,
    "double": lambda value: _folded(_double_bits(value)),
    "date": _days,
    "timestamp": _timestamp,
}
"""By type; booleans and the smaller integers are their own hash."""
