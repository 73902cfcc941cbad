"""Rows of a query as Parquet: the columns' own types where Parquet has them, text for all else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 50_000
_KINDS = {
    "tinyint": "int8",
    "smallint": "int16",
    "integer": "int32",
    "bigint": "int64",
    "float": "float32",
    "double": "float64",
    "boolean": "bool_",
}


def write_parquet(columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]], file: IO[bytes]) -> None:
    """Write rows to a binary file, a batch at a time; ``columns`` are names with Athena's types.

    Decimals have 38 digits with those behind the point that the first batch needs; timestamps are of
    milliseconds; arrays, maps, rows and what has a zone are texts, as Athena's results have them.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    remaining = iter(rows)
    batch = list(islice(remaining, _BATCH))
    schema = pa.schema(
        [(name, _type(kind, [row[at] for row in batch])) for at, (name, kind) in enumerate(columns)]
    )
    with pq.ParquetWriter(file, schema) as writer:
        while True:
            values = [
                pa.array([_value(kind, row[at]) for row in batch], schema.field(at).type)
                for at, (_, kind) in enumerate(columns)
            ]
            writer.write_table(pa.Table.from_arrays(values, schema=schema))
            batch = list(islice(remaining, _BATCH))
            if not batch:
                return


def _type(kind: str, cells: Sequence[Any]) -> pa.DataType:
    import pyarrow as pa

    if kind == "decimal":
        exponents = (cell.as_tuple().exponent for cell in cells if isinstance(cell, Decimal))
        scale = max((-int(exponent) for exponent in exponents if isinstance(exponent, int)), default=0)
        return pa.decimal128(38, max(0, scale))
    if kind == "date":
        return pa.date32()
    if kind == "timestamp":
        return pa.timestamp("ms")
    return getattr(pa, _KINDS.get(kind, "string"))()


_READERS: Mapping[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}


def _value(kind: str, cell: Any) -> Any:
    if cell is None:
        return None
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(str(cell))
    return cell if kind in _KINDS or kind == "decimal" else str(cell)
