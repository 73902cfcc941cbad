"""The hidden columns of a table: what the rows of one object say of the object itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from lakebench.catalog import DataType, S3Uri, Table
from lakebench.catalog.projection import partition_name


class Located(Protocol):
    """An object of a table: where it lies, its size in bytes, its partition's values (None: NULL)."""

    @property
    def uri(self) -> S3Uri:
        """Its place in S3."""

    @property
    def size(self) -> int:
        """Its stored size in bytes."""

    @property
    def partition(self) -> tuple[str | None, ...]:
        """One text a partition key of the table."""

    @property
    def modified(self) -> datetime | None:
        """When it was written last; None where nobody asked."""

    @property
    def bucket(self) -> int | None:
        """Which of the table's buckets it is; None of a table without buckets."""


def _path(file: Located, _: Table) -> str:
    return str(file.uri)


def _size(file: Located, _: Table) -> str:
    return str(file.size)


def _modified(file: Located, _: Table) -> str | None:
    """S3 tells whole seconds; the value's zone is UTC."""
    if file.modified is None:
        return None
    return f"{{'t': '{file.modified.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00', 'z': 'UTC'}}"


def _bucket(file: Located, _: Table) -> str | None:
    return None if file.bucket is None else str(file.bucket)


def _partition(file: Located, table: Table) -> str:
    return partition_name([key.name for key in table.partition_keys], file.partition)


_HIDDEN: Mapping[str, tuple[DataType, Callable[[Located, Table], str | None]]] = {
    "$path": (DataType(name="varchar"), _path),
    "$file_size": (DataType(name="bigint"), _size),
    "$file_modified_time": (DataType(name="timestamp with time zone", parameters=(3,)), _modified),
    "$partition": (DataType(name="varchar"), _partition),
    "$bucket": (DataType(name="integer"), _bucket),
}


def hidden_names() -> frozenset[str]:
    """The hidden columns that scans can give."""
    return frozenset(_HIDDEN)


def hidden_type(name: str) -> DataType:
    """The type of a hidden column."""
    return _HIDDEN[name][0]


def hidden_value(name: str, file: Located, table: Table) -> str | None:
    """The text of a hidden column for the rows of one object of the table."""
    return _HIDDEN[name][1](file, table)
