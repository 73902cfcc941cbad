"""The ``.metadata`` companion of a result file: a small protobuf that Athena's JDBC driver reads.

There is no published schema. The fields below are those that clients parse and that were seen on the
service: 1 query id, 2 update type, 3 update count, 4 columns; in a column 1 catalogue, 4 name, 5 label,
6 type, 7 precision, 8 scale, 9 nullable (3 is unknown), 10 case sensitive (facts/athena.md 4).
Athena writes the companions of some SHOW statements in an opaque form; ours are plain for all.
"""

from __future__ import annotations

from collections.abc import Iterable

from lakebench.emulator.athena.columns import ColumnInfo

_VARINT, _BYTES = 0, 2
_NULLABLE_UNKNOWN = 3


def encode_metadata(
    query_id: str,
    columns: Iterable[ColumnInfo],
    *,
    update_type: str | None = None,
    update_count: int | None = None,
) -> bytes:
    """The companion's bytes. An update count of 0 is written, a missing one is not."""
    parts = [_text(1, query_id)]
    if update_type is not None:
        parts.append(_text(2, update_type))
    if update_count is not None:
        parts.append(_number(3, update_count))
    parts.extend(_bytes(4, _column(column)) for column in columns)
    return b"".join(parts)


def _column(column: ColumnInfo) -> bytes:
    parts = [_text(1, "hive"), _text(4, column.name), _text(5, column.name), _text(6, column.type)]
    if column.precision is not None:
        parts.append(_number(7, column.precision))
    if column.scale is not None:
        parts.append(_number(8, column.scale))
    parts.append(_number(9, _NULLABLE_UNKNOWN))
    if column.case_sensitive is not None:
        parts.append(_number(10, int(column.case_sensitive)))
    return b"".join(parts)


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(data)) + data


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
