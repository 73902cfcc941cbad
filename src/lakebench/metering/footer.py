"""What the footer of a Parquet object says: row groups, their column chunks, sizes and statistics.

Two readers make these values: the engine's worker in the emulator, pyarrow over ranged reads in the harness.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lakebench.catalog import DataType
from lakebench.metering.conditions import Path
from lakebench.metering.domains import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A leaf column of a file: its path in lower case, its name there (``address.city``), its type.

    The type is named as DuckDB names it (``BIGINT``, ``DECIMAL(10,2)``, ``BLOB``); empty when it has no name.
    """

    path: Path
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A column chunk: where it starts, its total_compressed_size in bytes, and its statistics.

    ``low`` and ``high`` are texts, None where the footer has none that may be used. ``exact`` says that
    they are values of the chunk and not cut ones. ``values`` counts NULLs too.
    """

    leaf: Leaf
    start: int
    size: int
    low: str | None
    high: str | None
    nulls: int | None
    values: int
    exact: bool = True

    @property
    def empty(self) -> bool:
        """Whether it holds NULLs alone."""
        return self.nulls is not None and self.nulls >= self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGroup:
    """A row group: its number in the file, its rows, its chunks in the schema's order."""

    number: int
    rows: int
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """The row groups of a file that hold rows."""

    row_groups: tuple[RowGroup, ...]

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The leaf columns, in the schema's order; none of a file without rows."""
        return tuple(chunk.leaf for chunk in self.row_groups[0].chunks) if self.row_groups else ()


_FAMILIES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), "integer"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "float"),
    **dict.fromkeys(("VARCHAR", "BLOB", "JSON", "ENUM"), "text"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "timestamp"),
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "DATE": "date",
    "BOOLEAN": "boolean",
    "DECIMAL": "decimal",
}
_TABLE_FAMILIES = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), "integer"),
    **dict.fromkeys(("real", "double"), "float"),
    "varchar": "text",  # not char: Trino's TupleDomainParquetPredicate knows no statistics of it
    **{name: name for name in ("date", "timestamp", "boolean", "decimal")},
}
_BITS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}


def comparable(leaf: Leaf, data_type: DataType | None) -> bool:
    """Whether the leaf's statistics can be compared with values of the table's type."""
    if data_type is None:
        return False
    family = _FAMILIES.get(leaf.type.partition("(")[0])
    return family is not None and family == _TABLE_FAMILIES.get(data_type.name)


def bounds(chunk: Chunk, data_type: DataType | None) -> tuple[Value | None, Value | None]:
    """The minimum and maximum as values of the table's type; None where they say nothing.

    An integer that the table's type does not hold makes both unknown, as in Trino (facts/athena.md 2).
    """
    if data_type is None or not comparable(chunk.leaf, data_type):
        return None, None
    low, high = (_value(text, chunk.leaf.type, data_type) for text in (chunk.low, chunk.high))
    bits = _BITS.get(data_type.name)
    if bits is not None and any(
        isinstance(value, Decimal) and not -(1 << bits) <= value < 1 << bits for value in (low, high)
    ):
        return None, None
    return low, high


def _value(text: str | None, kind: str, data_type: DataType) -> Value | None:
    if text is None:
        return None
    try:
        match _TABLE_FAMILIES[data_type.name]:
            case "text":
                return _unescaped(text) if kind == "BLOB" else text.encode()
            case "date" | "timestamp":
                return datetime.fromisoformat(text).replace(tzinfo=None)
            case "boolean":
                return Decimal(text == "true")
        value = Decimal(text)
        if kind == "FLOAT" and data_type.name == "double" and value.is_finite():
            return Decimal(struct.unpack("f", struct.pack("f", float(text)))[0])
    except (ValueError, ArithmeticError):
        return None
    return value if value.is_finite() else None


def _unescaped(text: str) -> bytes:
    r"""The bytes of a blob's text, in which odd ones are written ``\xFF``."""
    return (
        text.encode("latin-1").decode("unicode_escape").encode("latin-1") if "\\" in text else text.encode()
    )
