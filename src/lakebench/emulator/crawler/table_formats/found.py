"""What the metadata files of a table say of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.columns import MAX_DEPTH, InferredColumn
from lakebench.emulator.storage.objects import StoredObject

_MAX_METADATA = 64 << 20


class NotReadable(Exception):
    """A table's metadata that is damaged or lacks what is needed; the message follows its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPartition:
    """A partition: one text a partition key, and its folder."""

    values: tuple[str, ...]
    location: S3Uri


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTable:
    """A table as its metadata tells it: ``suffix`` is what its name has after the folder's.

    ``parameters`` are those of its format; ``inputs`` names Hadoop's input and output classes and the
    SerDe's, empty where engines know the format by the parameters.
    """

    location: S3Uri
    columns: tuple[InferredColumn, ...]
    partition_keys: tuple[InferredColumn, ...] = ()
    partitions: tuple[FoundPartition, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    serde_parameters: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[str, str, str] = ("", "", "")
    suffix: str = ""


def read_json(stored: StoredObject) -> Any:
    """A whole JSON document; raises NotReadable."""
    try:
        return json.loads(read_text(stored))
    except (ValueError, RecursionError):
        raise NotReadable(f"has a metadata file that is no JSON: {stored.uri}") from None


def read_text(stored: StoredObject) -> str:
    """A whole metadata file as text, 64 MB at most; raises NotReadable."""
    if stored.size > _MAX_METADATA:
        raise NotReadable(f"has a metadata file of more than 64 MB: {stored.uri}")
    try:
        return stored.path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        raise NotReadable(f"has a metadata file that cannot be read: {stored.uri}") from None


def member(value: Any, key: str, kind: type, what: str) -> Any:
    """A member of a JSON object that must be of a kind; raises NotReadable naming it."""
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, kind):
        raise NotReadable(f"has metadata without {what}")
    return found


def split_keys(
    columns: tuple[InferredColumn, ...], names: list[str]
) -> tuple[tuple[InferredColumn, ...], tuple[InferredColumn, ...]]:
    """Columns and partition keys, the keys in the order of ``names``; raises NotReadable for one missing."""
    by_name = {column.name: column for column in columns}
    try:
        keys = tuple(by_name[name.lower()] for name in names)
    except KeyError as missing:
        raise NotReadable(f"is partitioned by {missing}, which is none of its columns") from None
    taken = {key.name for key in keys}
    return tuple(column for column in columns if column.name not in taken), keys


def deeper(depth: int) -> int:
    """One level further into a nested schema; raises NotReadable past the limit."""
    if depth >= MAX_DEPTH:
        raise NotReadable("has a schema that is nested too deep")
    return depth + 1
