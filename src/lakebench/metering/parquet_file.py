"""The footer of a Parquet object from its last bytes, read with pyarrow.

The harness reads ranges of objects and never whole ones; the emulator has footers from its workers.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from lakebench.errors import DataError
from lakebench.metering.footer import Chunk, Footer, Leaf, RowGroup

if TYPE_CHECKING:
    import pyarrow.parquet as pq

TAIL_BYTES = 64 << 10
"""What is read of an object first: most footers are shorter."""

_MAGIC = b"PAR1"


def footer_length(tail: bytes, name: str) -> int:
    """Bytes from the footer's start to the object's end; raises DataError for what is no Parquet object."""
    if len(tail) < 12 or tail[-4:] != _MAGIC:
        raise DataError(f"{name} is not a Parquet object: it does not end with PAR1")
    (length,) = struct.unpack("<I", tail[-8:-4])
    return int(length) + 8


def read_footer(tail: bytes, size: int, name: str) -> Footer:
    """The footer in the last bytes of an object of this size.

    Raises DataError for one that is cut, broken, or names bytes that the object does not have.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if footer_length(tail, name) > size:
        raise DataError(f"{name} is not a Parquet object: its footer is said to be longer than the object")
    try:
        metadata = pq.read_metadata(pa.PythonFile(_Tail(tail, size), mode="r"))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"the Parquet footer of {name} cannot be read: {error}") from error
    leaves = _leaves(metadata)
    groups = []
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if group.num_rows < 0:
            raise DataError(
                f"the Parquet footer of {name} lies: row group {number} has {group.num_rows} rows"
            )
        if group.num_rows == 0:
            continue
        chunks = tuple(_chunk(group.column(at), leaf, size, name) for at, leaf in enumerate(leaves))
        groups.append(RowGroup(number=number, rows=group.num_rows, chunks=chunks))
    return Footer(row_groups=tuple(groups))


class _Tail(io.RawIOBase):
    """A file of which only the end is there."""

    def __init__(self, tail: bytes, size: int) -> None:
        super().__init__()
        self._tail, self._size = tail, size
        self._start = size - len(tail)
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = self._size if size is None or size < 0 else self._at + size
        if self._at < self._start:
            raise OSError("the footer reaches back beyond what was read")
        data = self._tail[self._at - self._start : end - self._start]
        self._at += len(data)
        return data


def _leaves(metadata: pq.FileMetaData) -> tuple[Leaf, ...]:
    columns = [metadata.schema.column(at) for at in range(metadata.num_columns)]
    tops = sorted(metadata.schema.to_arrow_schema().names, key=len, reverse=True)
    return tuple(_leaf(column, tops) for column in columns)


def _leaf(column: pq.ColumnSchema, tops: Sequence[str]) -> Leaf:
    # A name may hold a dot: the longest top-level name that fits is the first part.
    whole = column.path
    top = next((name for name in tops if whole == name or whole.startswith(f"{name}.")), whole)
    rest = whole[len(top) + 1 :]
    path = (top, *rest.split(".")) if rest else (top,)
    return Leaf(path=tuple(part.lower() for part in path), name=whole, type=_type(column))


_PHYSICAL = {
    "BOOLEAN": "BOOLEAN",
    "INT32": "INTEGER",
    "INT64": "BIGINT",
    "INT96": "TIMESTAMP",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "BYTE_ARRAY": "BLOB",
    "FIXED_LEN_BYTE_ARRAY": "BLOB",
}
_INTEGERS = {8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT"}
_TEXTS = {"String": "VARCHAR", "Enum": "VARCHAR", "JSON": "VARCHAR", "Date": "DATE", "UUID": "UUID"}


def _type(column: pq.ColumnSchema) -> str:
    """The type as DuckDB names it."""
    logical = json.loads(column.logical_type.to_json())
    match logical.get("Type"):
        case "Int":
            return ("" if logical["isSigned"] else "U") + _INTEGERS.get(logical["bitWidth"], "BIGINT")
        case "Decimal":
            return f"DECIMAL({logical['precision']},{logical['scale']})"
        case "Timestamp":
            return "TIMESTAMP"
        case str(name) if name in _TEXTS:
            return _TEXTS[name]
        case "None" | None:
            return _PHYSICAL.get(column.physical_type, "")
    return ""


def _chunk(column: pq.ColumnChunkMetaData, leaf: Leaf, size: int, name: str) -> Chunk:
    start = column.data_page_offset
    if column.dictionary_page_offset:
        start = min(start, column.dictionary_page_offset)
    if column.total_compressed_size < 0 or start < 0 or start + column.total_compressed_size > size:
        raise DataError(
            f"the Parquet footer of {name} is wrong: column {leaf.name} at {start} of "
            f"{column.total_compressed_size} bytes lies outside the object"
        )
    statistics = column.statistics if column.is_stats_set else None
    low = high = nulls = None
    exact = True
    if statistics is not None:
        nulls = statistics.null_count if statistics.has_null_count else None
        if statistics.has_min_max and column.physical_type != "INT96":
            low, high = _texts(statistics, leaf.type)
        sides = ("is_min_value_exact", "is_max_value_exact")
        exact = all(getattr(statistics, side, None) is not False for side in sides)
    return Chunk(
        leaf=leaf,
        start=start,
        size=column.total_compressed_size,
        low=low,
        high=high,
        nulls=nulls,
        values=column.num_values,
        exact=exact,
    )


def _texts(statistics: pq.Statistics, kind: str) -> tuple[str | None, str | None]:
    try:
        return _text(statistics.min, kind), _text(statistics.max, kind)
    except (ValueError, OverflowError, NotImplementedError):  # a date beyond Python's years, nanoseconds
        return None, None


def _text(value: Any, kind: str) -> str | None:
    """A minimum or maximum as the footers' values write it."""
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case bytes():
            return "".join(chr(b) if 32 <= b < 127 and b != 92 else f"\\x{b:02X}" for b in value)
        case datetime() | date():
            return value.isoformat()
        case float():
            return _shortest(value) if kind == "FLOAT" else repr(value)
    return str(value)


def _shortest(value: float) -> str:
    """The shortest decimal that is this single-precision number."""
    packed = struct.pack("f", value)
    return next(
        (text for digits in range(1, 10) if struct.pack("f", float(text := f"{value:.{digits}g}")) == packed),
        repr(value),
    )
