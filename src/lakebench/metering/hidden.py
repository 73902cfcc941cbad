"""The hidden columns of a table: what the rows of one object say of the object itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from lakebench.catalog import DataType, S3Uri


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


_HIDDEN: Mapping[str, tuple[DataType, Callable[[Located], str]]] = {
    "$path": (DataType(name="varchar"), lambda file: str(file.uri)),
    "$file_size": (DataType(name="bigint"), lambda file: str(file.size)),
}


def hidden_names() -> frozenset[str]:
    """The hidden columns that scans can give."""
    return frozenset(_HIDDEN)


def hidden_type(name: str) -> DataType:
    """The type of a hidden column."""
    return _HIDDEN[name][0]


def hidden_value(name: str, file: Located) -> str:
    """The text of a hidden column for the rows of one object."""
    return _HIDDEN[name][1](file)
