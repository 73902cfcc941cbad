"""Reading Hive's buckets: the bucket of a row in either version of the hash, and which object is which.

Version 1 is ``bucketing``'s; version 2 is Murmur3 with Hive's treatment of the last bytes. Sources: Trino's
plugin/trino-hive util/HiveBucketing, HiveBucketingV2 and BackgroundHiveSplitLoader.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from datetime import date
from math import isnan
from typing import Any

from lakebench.catalog.bucketing import bucket_of
from lakebench.catalog.table import Table
from lakebench.catalog.types import DataType

HASHED = frozenset(
    {"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "varchar", "date"}
)
"""Types that have a hash here; arrays and maps have one in Hive too."""

_EPOCH = date(1970, 1, 1)
_NAMES = (
    re.compile(r"\d{8}_\d{6}_\d{5}_[a-z0-9]{5}_bucket-(\d+)(?:[-_.].*)?"),
    re.compile(r"(\d+)_\d+.*"),
    re.compile(r"bucket_(\d+)(?:_\d+)?"),
)
_SEED = 104729
_MASK = 0xFFFFFFFF


def bucketing_version(table: Table) -> int:
    """The table's ``bucketing_version``: 1 unless it says 2."""
    return 2 if table.parameters.get("bucketing_version", "1").strip() == "2" else 1


def bucket_of_row(values: Sequence[Any], types: Sequence[DataType], count: int, *, version: int) -> int:
    """The bucket, from 0, of a row with these values in the bucketed columns; types are in HASHED."""
    if version == 1:
        return bucket_of(values, types, count)
    result = 0
    for value, data_type in zip(values, types, strict=True):
        result = (result * 31 + hive_hash2(value, data_type)) & _MASK
    return (result & 0x7FFFFFFF) % count


def hive_hash2(value: Any, data_type: DataType) -> int:
    """The signed 32-bit hash of one value in version 2; that of NULL is 0."""
    found = 0 if value is None else _hash2(value, data_type) & _MASK
    return found - (1 << 32) if found >> 31 else found


def bucket_of_name(name: str) -> int | None:
    """The bucket that an object's last name tells (``000003_0``, ``.._bucket-00003``), or None."""
    for pattern in _NAMES:
        if (match := pattern.fullmatch(name)) is not None:
            return int(match[1])
    return None


class NotBuckets(ValueError):
    """The objects of a partition cannot be its buckets; the text is Trino's."""


def buckets_of_names(names: Sequence[str], count: int, *, table: str, partition: str) -> list[int]:
    """The bucket of each object of one partition, in their order.

    By the names, and where one tells nothing by their order, which wants one object a bucket. Raises
    NotBuckets.
    """
    told = [bucket_of_name(name) for name in names]
    unnamed = next((name for name, bucket in zip(names, told, strict=True) if bucket is None), None)
    if unnamed is not None:
        if len(names) != count:
            raise NotBuckets(
                f"Hive table '{table}' is corrupt. File '{unnamed}' does not match the standard naming "
                f"pattern, and the number of files in the directory ({len(names)}) does not match the "
                f"declared bucket count ({count}) for partition: {partition}"
            )
        order = sorted(range(len(names)), key=lambda at: names[at])
        return [order.index(at) for at in range(len(names))]
    found = [bucket for bucket in told if bucket is not None]
    if found and max(found) >= count:
        raise NotBuckets(
            f"Hive table '{table}' is corrupt. The highest bucket number in the directory ({max(found)}) "
            f"exceeds the bucket number range defined by the declared bucket count ({count}) "
            f"for partition: {partition}"
        )
    return found


def _hash2(value: Any, data_type: DataType) -> int:
    name = data_type.name
    if name in {"boolean", "tinyint"}:
        return int(value)
    if isinstance(value, str):
        return murmur3(value.encode())
    return murmur3(_twice(_packed(value, name), name))


def _packed(value: Any, name: str) -> bytes:
    """The value as Java writes it, big end first."""
    if isinstance(value, date):
        return struct.pack(">i", (value - _EPOCH).days)
    if name == "real":
        return struct.pack(">f", value) if not isnan(value) else b"\x7f\xc0\x00\x00"  # Java's one NaN
    if name == "double":
        return struct.pack(">d", value) if not isnan(value) else b"\x7f\xf8" + b"\x00" * 6
    return struct.pack({"smallint": ">h", "integer": ">i", "bigint": ">q"}[name], value)


def _twice(packed: bytes, name: str) -> bytes:
    """Hive takes a float's bits for a number and that number's bits again (HiveBucketingV2's "sic")."""
    if name not in {"real", "double"}:
        return packed
    return struct.pack(">f" if name == "real" else ">d", float(int.from_bytes(packed, "big", signed=True)))


def murmur3(data: bytes) -> int:
    """Hive's Murmur3, 32 bits: its last one to three bytes are signed, which other Murmur3s take unsigned."""
    found = _SEED
    whole = len(data) // 4 * 4
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        found ^= _mixed(word)
        found = (_rotated(found, 13) * 5 + 0xE6546B64) & _MASK
    tail = 0
    for at, byte in reversed(list(enumerate(data[whole:]))):
        tail ^= (byte - 256 if byte > 127 else byte) << (8 * at)
    if len(data) > whole:
        found ^= _mixed(tail & _MASK)
    found ^= len(data)
    found ^= found >> 16
    found = found * 0x85EBCA6B & _MASK
    found ^= found >> 13
    found = found * 0xC2B2AE35 & _MASK
    return found ^ (found >> 16)


def _mixed(word: int) -> int:
    return _rotated(word * 0xCC9E2D51 & _MASK, 15) * 0x1B873593 & _MASK


def _rotated(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & _MASK
