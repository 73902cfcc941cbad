"""ALTER TABLE in its forms, and MSCK REPAIR TABLE (AWS: ddl-reference)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakebench.catalog import Column, S3Uri
from lakebench.sql.table_name import TableName

PartitionSpec = Mapping[str, str]
"""Partition keys and their values, as texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPartitions:
    """ALTER TABLE .. ADD [IF NOT EXISTS] PARTITION (..) [LOCATION ..] ..."""

    target: TableName
    if_not_exists: bool
    partitions: tuple[tuple[PartitionSpec, S3Uri | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPartitions:
    """ALTER TABLE .. DROP [IF EXISTS] PARTITION (..), ..."""

    target: TableName
    if_exists: bool
    partitions: tuple[PartitionSpec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamePartition:
    """ALTER TABLE .. PARTITION (..) RENAME TO PARTITION (..)."""

    target: TableName
    old: PartitionSpec
    new: PartitionSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class AddColumns:
    """ALTER TABLE .. [PARTITION (..)] ADD COLUMNS (..); partitions keep the columns that they have."""

    target: TableName
    columns: tuple[Column, ...]
    partition: PartitionSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceColumns:
    """ALTER TABLE .. [PARTITION (..)] REPLACE COLUMNS (..)."""

    target: TableName
    columns: tuple[Column, ...]
    partition: PartitionSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeColumn:
    """ALTER TABLE .. CHANGE [COLUMN] old new type [COMMENT ..] [FIRST | AFTER name]."""

    target: TableName
    old: str
    column: Column
    first: bool = False
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropColumn:
    """ALTER TABLE .. DROP COLUMN name: Iceberg's; Hive's parser refuses it when it is run.

    ``words`` are DROP and COLUMN as they were written, ``place`` is COLUMN's: line from 1, column from 0.
    """

    target: TableName
    words: tuple[str, str]
    place: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameTable:
    """ALTER TABLE .. RENAME TO name: taken at start, and refused by Glue when it is run."""

    target: TableName
    new: TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLocation:
    """ALTER TABLE .. [PARTITION (..)] SET LOCATION 's3://..'."""

    target: TableName
    location: S3Uri
    partition: PartitionSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTableProperties:
    """ALTER TABLE .. SET TBLPROPERTIES (..); given keys replace those of the same name."""

    target: TableName
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairTable:
    """MSCK REPAIR TABLE table: register the key=value folders below the location."""

    target: TableName
