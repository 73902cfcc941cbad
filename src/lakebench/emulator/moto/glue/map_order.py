"""The order in which Glue answers a map's entries: that of a Java HashMap of its keys.

AWS promises no order. Its own client's test (aws-sdk-pandas, test_athena_generate_create_query) holds that a
table given ``classification, compressionType, typeOfData, projection.enabled`` is answered as
``compressionType, classification, projection.enabled, typeOfData``, which is that map's order.
"""

from __future__ import annotations

from collections.abc import Mapping

_FIRST_CAPACITY = 16
_LOAD_FACTOR = 0.75


def in_map_order(entries: Mapping[str, str]) -> dict[str, str]:
    """The same entries by bucket; within a bucket as they were given."""
    capacity = _FIRST_CAPACITY
    while len(entries) > capacity * _LOAD_FACTOR:
        capacity *= 2
    return {key: entries[key] for key in sorted(entries, key=lambda key: _bucket(key, capacity))}


def _bucket(key: str, capacity: int) -> int:
    """Where java.util.HashMap keeps a String: its hash's halves mixed, and as many bits as it needs."""
    data = key.encode("utf-16-be", "surrogatepass")
    hashed = 0
    for at in range(0, len(data), 2):
        hashed = (31 * hashed + int.from_bytes(data[at : at + 2])) & 0xFFFFFFFF
    return (hashed ^ hashed >> 16) & (capacity - 1)
