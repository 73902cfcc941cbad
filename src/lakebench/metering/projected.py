"""Which projected partitions a query needs: values by the conditions of the query, then their places.

Conditions narrow the values column by column before any place is built; a partition that they exclude is
neither made nor listed. What single columns do not tell is left to partition pruning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import prod

from lakebench.catalog import Column, S3Uri, Table
from lakebench.catalog.projection import (
    InvalidProjection,
    Projected,
    ProjectedColumn,
    Projection,
    projection_of,
)
from lakebench.errors import QueryFailed
from lakebench.metering.conditions import ScanConditions
from lakebench.metering.domains import Constant, Domain, Value, domains_of

MAX_PARTITIONS = 1_000_000
"""Partitions that one scan may read at most (AWS: service-limits)."""

_HELD = 10_000
"""Values of a column that are kept in memory; more are made as they are needed."""


def projected_partitions(
    table: Table, found: ScanConditions | None, constant: Constant, now: datetime
) -> ProjectedPartitions:
    """The values and the location of each projected partition that the conditions leave, in order.

    Raises QueryFailed HIVE_METASTORE_ERROR for properties that make no projection, CONSTRAINT_VIOLATION for
    an injected column without equality, HIVE_EXCEEDED_PARTITION_LIMIT for more than a million.
    """
    try:
        projection = projection_of(table, now)
    except InvalidProjection as error:
        raise QueryFailed("HIVE_METASTORE_ERROR", f"{error} (table {table.database}.{table.name})") from error
    domains = {} if found is None else domains_of(found.conditions, constant).domains
    chosen = [
        _chosen(table, key, column, domains.get((key.name,)))
        for key, column in zip(table.partition_keys, projection.columns, strict=True)
    ]
    if prod(column.size for column in chosen) > MAX_PARTITIONS:
        raise _too_many(table)
    return ProjectedPartitions(projection, chosen)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The values of one column, gone through as often as needed: held in memory only where they are few."""

    size: int
    values: Callable[[], Iterable[Projected]]


class ProjectedPartitions:
    """The partitions, made anew each time they are gone through: a million are never in memory at once.

    One whose folder may be written in two ways comes twice, and is one of ``size``.
    """

    def __init__(self, projection: Projection, chosen: Sequence[_Chosen]) -> None:
        self._place = projection.placing()
        self._plain_place = projection.placing(escaped=False) if projection.template is None else None
        self._chosen = chosen
        self.size = prod(column.size for column in chosen)

    def __iter__(self) -> Iterator[tuple[tuple[str, ...], S3Uri]]:
        for values in _products(self._chosen):
            texts, place = _texts(values), self._place(values)
            yield texts, place
            if self._plain_place is not None:
                plain = self._plain_place(values)
                if plain != place and plain.key.count("/") == place.key.count("/"):
                    yield texts, plain


def _texts(values: Sequence[Projected]) -> tuple[str, ...]:
    return tuple(value.value for value in values)


def _products(columns: Sequence[_Chosen]) -> Iterator[tuple[Projected, ...]]:
    if not columns:
        yield ()
        return
    *before, last = columns
    for values in _products(before):
        for value in last.values():
            yield (*values, value)


def _chosen(table: Table, key: Column, column: ProjectedColumn, domain: Domain | None) -> _Chosen:
    """The values of one column that the conditions leave."""
    values = _few(table, key, column, domain)
    if values is not None:
        return _Chosen(len(values), lambda: values)

    def passing() -> Iterator[Projected]:
        return (value for value in column.values() if domain is None or _passes(domain, value, key))

    size = sum(1 for _ in passing())
    if size > _HELD:
        return _Chosen(size, passing)
    held = list(passing())
    return _Chosen(size, lambda: held)


def _few(table: Table, key: Column, column: ProjectedColumn, domain: Domain | None) -> list[Projected] | None:
    """The values that conditions name one by one; None where the column's own are to be gone through."""
    single = None if domain is None else _singles(domain)
    if column.size is None:
        if not single:
            raise QueryFailed(
                "CONSTRAINT_VIOLATION",
                f"Injected projected partition column {key.name} must have only (and at least one) equality "
                "conditions in the WHERE clause!",
            )
        return [found for value in single if (found := column.find(_text(value))) is not None]
    if single is not None and column.size > len(single):
        asked = (column.find(_text(value)) for value in single)
        exact = [found for found in asked if found is not None]
        # A number may be written in more ways than one: 7 and 007 are one value of an integer column.
        if exact or column.size > MAX_PARTITIONS or key.type.name in {"varchar", "char"}:
            return [found for found in exact if domain is None or _passes(domain, found, key)]
    if column.size > MAX_PARTITIONS:
        raise _too_many(table)
    return None


def _too_many(table: Table) -> QueryFailed:
    return QueryFailed(
        "HIVE_EXCEEDED_PARTITION_LIMIT",
        f"Query over table '{table.database}.{table.name}' can potentially read more than "
        f"{MAX_PARTITIONS} partitions",
    )


def _singles(domain: Domain) -> list[Value] | None:
    """The values of a domain that is a list of them."""
    values = []
    for low, high in domain.ranges:
        if low is None or high is None or low != high or low[1] != 0:
            return None
        values.append(low[0])
    return values


def _passes(domain: Domain, projected: Projected, key: Column) -> bool:
    value = _readers(key)(projected.value)
    return value is None or domain.meets(value, value, 0, 1)


def _text(value: Value) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == datetime.min.time() else f"{value:%Y-%m-%d %H:%M:%S}"
    return str(int(value)) if value == int(value) else str(value)


def _readers(key: Column) -> Callable[[str], Value | None]:
    if key.type.name in {"varchar", "char"}:
        return str.encode
    if key.type.name in {"date", "timestamp"}:
        return _moment
    return _number


def _moment(text: str) -> Value | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> Value | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None
