"""Athena's statements as values: what a text asks for, before any catalogue is consulted.

Each kind has a module of its own; this one has what reads and writes tables, and all of them by name.
Query trees are sqlglot's, parsed with its ``athena`` dialect; their nodes keep line and column.
A database that the text does not name is None: the execution's own database applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lakebench.catalog import Column, DataFormat, S3Uri, SerDe
from lakebench.sql.alterations import (
    AddColumns,
    AddPartitions,
    ChangeColumn,
    DropColumn,
    DropPartitions,
    PartitionSpec,
    RenamePartition,
    RenameTable,
    RepairTable,
    ReplaceColumns,
    SetLocation,
    SetTableProperties,
)
from lakebench.sql.definitions import (
    AlterDatabase,
    CreateDatabase,
    CreateView,
    DropDatabase,
    DropTable,
    DropView,
)
from lakebench.sql.inspections import (
    Deallocate,
    Describe,
    ExecutePrepared,
    Prepare,
    ShowColumns,
    ShowCreateTable,
    ShowCreateView,
    ShowDatabases,
    ShowPartitions,
    ShowTableProperties,
    ShowTables,
)
from lakebench.sql.query_statement import Query
from lakebench.sql.table_name import TableName

__all__ = [
    "AddColumns",
    "AddPartitions",
    "AlterDatabase",
    "ChangeColumn",
    "CreateDatabase",
    "CreateExternalTable",
    "CreateTableAs",
    "CreateView",
    "Deallocate",
    "Describe",
    "DropColumn",
    "DropDatabase",
    "DropPartitions",
    "DropTable",
    "DropView",
    "ExecutePrepared",
    "Explain",
    "ExplainAnalyze",
    "ExplainFormat",
    "ExplainType",
    "Explained",
    "InsertInto",
    "PartitionSpec",
    "Prepare",
    "Query",
    "RenamePartition",
    "RenameTable",
    "RepairTable",
    "ReplaceColumns",
    "SetLocation",
    "SetTableProperties",
    "ShowColumns",
    "ShowCreateTable",
    "ShowCreateView",
    "ShowDatabases",
    "ShowPartitions",
    "ShowTableProperties",
    "ShowTables",
    "Statement",
    "StatementType",
    "TableName",
    "Unload",
]


class StatementType(StrEnum):
    """QueryExecution.StatementType of the Athena model."""

    DDL = "DDL"
    DML = "DML"
    UTILITY = "UTILITY"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTableAs:
    """CTAS; properties are checked and given Athena's defaults (PARQUET, gzip).

    ``columns`` are the names given in parentheses, if any; ``null_format`` is None for Hive's ``\\N``.
    """

    target: TableName
    query: Query
    data_format: DataFormat
    compression: str
    external_location: S3Uri | None
    columns: tuple[str, ...] = ()
    comment: str | None = None
    compression_level: int | None = None
    partitioned_by: tuple[str, ...] = ()
    bucketed_by: tuple[str, ...] = ()
    bucket_count: int = 0
    field_delimiter: str = "\x01"
    null_format: str | None = None
    with_data: bool = True
    if_not_exists: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertInto:
    """INSERT INTO table [(columns)] query or VALUES."""

    target: TableName
    columns: tuple[str, ...]
    query: Query


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateExternalTable:
    """CREATE EXTERNAL TABLE in Hive's grammar."""

    target: TableName
    if_not_exists: bool
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...]
    location: S3Uri
    serde: SerDe
    input_format: str
    output_format: str
    bucketed_by: tuple[str, ...] = ()
    buckets: int = -1
    comment: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unload:
    """UNLOAD (query) TO 'location' WITH (..); files only, no table."""

    query: Query
    location: S3Uri
    data_format: DataFormat
    compression: str
    compression_level: int | None = None
    partitioned_by: tuple[str, ...] = ()
    field_delimiter: str = "\x01"


Explained = Query | InsertInto | CreateTableAs | Unload
"""What EXPLAIN takes (AWS: athena-explain-statement)."""


class ExplainFormat(StrEnum):
    """FORMAT of EXPLAIN."""

    TEXT = "TEXT"
    JSON = "JSON"
    GRAPHVIZ = "GRAPHVIZ"


class ExplainType(StrEnum):
    """TYPE of EXPLAIN."""

    LOGICAL = "LOGICAL"
    DISTRIBUTED = "DISTRIBUTED"
    VALIDATE = "VALIDATE"
    IO = "IO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """EXPLAIN [(FORMAT .., TYPE ..)] statement: 0 bytes."""

    explained: Explained
    kind: ExplainType = ExplainType.DISTRIBUTED
    layout: ExplainFormat = ExplainFormat.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainAnalyze:
    """EXPLAIN ANALYZE [VERBOSE] statement: runs it, and costs what it reads."""

    explained: Explained
    verbose: bool = False
    layout: ExplainFormat = ExplainFormat.TEXT


Statement = (
    Query
    | CreateTableAs
    | InsertInto
    | Unload
    | CreateDatabase
    | AlterDatabase
    | DropDatabase
    | CreateExternalTable
    | DropTable
    | CreateView
    | DropView
    | AddPartitions
    | DropPartitions
    | RenamePartition
    | AddColumns
    | ReplaceColumns
    | ChangeColumn
    | DropColumn
    | RenameTable
    | SetLocation
    | SetTableProperties
    | RepairTable
    | ShowDatabases
    | ShowTables
    | ShowColumns
    | ShowPartitions
    | ShowCreateTable
    | ShowCreateView
    | ShowTableProperties
    | Describe
    | Explain
    | ExplainAnalyze
    | Prepare
    | ExecutePrepared
    | Deallocate
)
