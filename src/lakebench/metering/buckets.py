"""Which buckets of a bucketed table a query needs: those of the values that its conditions leave."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any

from lakebench.catalog import DataType, Table
from lakebench.catalog.buckets import HASHED, bucket_of_row, bucketing_version
from lakebench.metering.conditions import ScanConditions
from lakebench.metering.domains import Constant, Domain, Value, domains_of

_MAX_VALUES = 1000


def is_bucketed(table: Table) -> bool:
    """Whether the table's objects are Hive's buckets (AWS: ctas-bucketing-guide, ``bucketing_format``)."""
    spark = table.parameters.get("bucketing_format", "").strip().lower() == "spark"
    return bool(table.storage.bucket_columns) and table.storage.number_of_buckets > 0 and not spark


def buckets_needed(table: Table, found: ScanConditions | None, constant: Constant) -> frozenset[int] | None:
    """The buckets whose rows may pass; None for all of them.

    Only equality with constants and IN on every bucketed column tell (facts/athena.md 1.4).
    """
    names = [name.lower() for name in table.storage.bucket_columns]
    types = {column.name: column.type for column in table.columns}
    kinds = [types.get(name) for name in names]
    if (
        found is None
        or not found.conditions
        or any(kind is None or kind.name not in HASHED for kind in kinds)
    ):
        return None
    known = [kind for kind in kinds if kind is not None]
    domains = domains_of(found.conditions, constant).domains
    choices = [_values(domains.get((name,)), kind) for name, kind in zip(names, known, strict=True)]
    wanted = [values for values in choices if values is not None]
    count = 1
    for values in wanted:
        count *= len(values)
    if len(wanted) < len(names) or count > _MAX_VALUES:
        return None
    version, buckets = bucketing_version(table), table.storage.number_of_buckets
    return frozenset(bucket_of_row(row, known, buckets, version=version) for row in product(*wanted))


def _values(domain: Domain | None, kind: DataType) -> list[Any] | None:
    """The values that a domain lists, as Python's own; None when it is no list."""
    if domain is None:
        return None
    values: list[Any] = [None] if domain.null else []
    for low, high in domain.ranges:
        if low is None or low != high or low[1] != 0:
            return None
        value = _value(low[0], kind)
        if value is None:
            return None
        values.append(value)
    return values


def _value(value: Value, kind: DataType) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace") if kind.name == "varchar" else None
    if isinstance(value, datetime):
        return value.date() if kind.name == "date" else None
    if not isinstance(value, Decimal) or kind.name in {"varchar", "date"}:
        return None
    if kind.name == "boolean":
        return bool(value)
    if kind.name in {"real", "double"}:
        return float(value)
    bits = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}[kind.name]
    whole = int(value)
    return whole if whole == value and -(1 << bits) <= whole < 1 << bits else None
