"""The third road: bytes of a query computed from footers and rows with pyarrow, by the facts' rules alone.

Nothing of lakebench is used here. A case names, for each scan, the columns read (``reads``), the columns of
its conditions (``filter``), the values that can pass by column (``domain``: lists of [low, high], null
without end; ``"null"`` passes NULL) and which rows pass (``rows``: a Python expression over the columns,
by default "inside the domain").

Rules (facts/athena.md 0, 1.2, 2): a row group is read unless the minimum and maximum of a column with a
domain lie outside it, or its NULL count says so; in it the condition columns count, and the others if a
row passes. Missing statistics keep the row group.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet as pq


@dataclass(frozen=True)
class Expected:
    """What one scan of a table needs."""

    table: str
    reads: Sequence[str] = ()
    filter: Sequence[str] = ()
    domain: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    rows: str | None = None
    objects: Sequence[str] | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Expected:
        domain = given.get("domain", {})
        return cls(
            table=given.get("table", ""),
            reads=given.get("reads", ()),
            filter=[*given.get("filter", ()), *domain],
            domain=domain,
            rows=given.get("rows"),
            objects=given.get("objects"),
        )


class Footers:
    """The objects of one Parquet table."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self._rows: dict[tuple[str, int], list[dict[str, Any]]] = {}
        self.files = {name: pq.ParquetFile(io.BytesIO(body)) for name, body in objects.items()}

    def bytes(self, expected: Expected) -> int:
        """What the scan costs."""
        names = self.files if expected.objects is None else expected.objects
        return sum(self._file(name, expected) for name in names)

    def rows(self, name: str, number: int) -> list[dict[str, Any]]:
        """The rows of a row group."""
        if (name, number) not in self._rows:
            self._rows[name, number] = self.files[name].read_row_group(number).to_pylist()
        return self._rows[name, number]

    def _file(self, name: str, expected: Expected) -> int:
        total = 0
        file = self.files[name]
        if any(not values for values in expected.domain.values()):
            return 0
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)
            chunks = [group.column(at) for at in range(group.num_columns)]
            if not all(
                _may_hold(chunk, values)
                for column, values in expected.domain.items()
                for chunk in chunks
                if chunk.path_in_schema == column
            ):
                continue
            total += _sizes(chunks, expected.filter)
            others = [name for name in expected.reads if name not in expected.filter]
            if others and (not expected.filter or _passes(self.rows(name, number), expected)):
                total += sum(
                    chunk.total_compressed_size
                    for chunk in chunks
                    if _named(chunk, others) and not _named(chunk, expected.filter)
                )
        return total


def _named(chunk: Any, names: Iterable[str]) -> bool:
    path = chunk.path_in_schema
    return any(path == name or path.startswith(f"{name}.") or name == "*" for name in names)


def _sizes(chunks: Iterable[Any], names: Iterable[str]) -> int:
    return sum(chunk.total_compressed_size for chunk in chunks if _named(chunk, names))


def _may_hold(chunk: Any, values: Sequence[Any]) -> bool:
    statistics = chunk.statistics
    if statistics is None:
        return True
    null = "null" in values
    ranges = [pair for pair in values if pair != "null"]
    if statistics.has_null_count and statistics.null_count == chunk.num_values:
        return null
    if null and (not statistics.has_null_count or statistics.null_count):
        return True
    if not statistics.has_min_max:
        return bool(ranges)
    low, high = statistics.min, statistics.max
    return any(
        (a is None or _like(a, high) <= high) and (b is None or low <= _like(b, low)) for a, b in ranges
    )


def _like(value: Any, example: Any) -> Any:
    """A JSON value as the kind that the footer has."""
    if isinstance(example, dt.datetime):
        return dt.datetime.fromisoformat(value).replace(tzinfo=example.tzinfo)
    if isinstance(example, dt.date):
        return dt.date.fromisoformat(value)
    if isinstance(example, bytes):
        return value.encode()
    return value


def _passes(rows: Iterable[Mapping[str, Any]], expected: Expected) -> bool:
    if expected.rows is not None:
        code = compile(expected.rows, "rows", "eval")
        return any(_true(code, row) for row in rows)
    return any(
        all(_inside(_value(row, column), values) for column, values in expected.domain.items())
        for row in rows
    )


def _true(code: Any, row: Mapping[str, Any]) -> bool:
    """SQL's view of it: what cannot be told because of a NULL does not pass."""
    try:
        return bool(eval(code, {"date": dt.date, "datetime": dt.datetime}, dict(row)))
    except TypeError:
        return False


def _value(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = None if value is None else value[name]
    return value


def _inside(value: Any, values: Sequence[Any]) -> bool:
    if value is None:
        return "null" in values
    return any(
        (a is None or _like(a, value) <= value) and (b is None or value <= _like(b, value))
        for a, b in (pair for pair in values if pair != "null")
    )
