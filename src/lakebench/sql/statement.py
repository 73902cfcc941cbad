"""Athena's statements as values: what a text asks for, before any catalogue is consulted.

Query trees are sqlglot's, parsed with its ``athena`` dialect; their nodes keep line and column.
A database that the text does not name is None: the execution's own database applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlglot import exp

from lakebench.catalog import Column, DataFormat, S3Uri, SerDe


class StatementType(StrEnum):
    """QueryExecution.StatementType of the Athena model."""

    DDL = "DDL"
    DML = "DML"
    UTILITY = "UTILITY"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableName:
    """A table as the text names it, lower-cased; ``line`` and ``column`` count from 1."""

    name: str
    database: str | None = None
    catalog: str | None = None
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """SELECT, VALUES, WITH, set operations."""

    tree: exp.Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTableAs:
    """CTAS; properties are checked and given Athena's defaults (PARQUET, gzip)."""

    target: TableName
    query: Query
    data_format: DataFormat
    compression: str
    external_location: S3Uri | None
    partitioned_by: tuple[str, ...] = ()
    field_delimiter: str = "\x01"
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
class CreateDatabase:
    """CREATE DATABASE | SCHEMA."""

    name: str
    if_not_exists: bool
    comment: str | None = None
    location: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDatabase:
    """DROP DATABASE | SCHEMA [IF EXISTS] [CASCADE | RESTRICT]."""

    name: str
    if_exists: bool
    cascade: bool


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
    comment: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTable:
    """DROP TABLE [IF EXISTS]; the data stays."""

    target: TableName
    if_exists: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW; ``text`` is the query's own text."""

    target: TableName
    replace: bool
    query: Query
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropView:
    """DROP VIEW [IF EXISTS]."""

    target: TableName
    if_exists: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDatabases:
    """SHOW DATABASES | SCHEMAS [LIKE 'regex']."""

    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTables:
    """SHOW TABLES [IN database] ['regex']; with ``views_only`` it is SHOW VIEWS."""

    database: str | None = None
    pattern: str | None = None
    views_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowColumns:
    """SHOW COLUMNS {FROM | IN} table."""

    target: TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPartitions:
    """SHOW PARTITIONS table."""

    target: TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCreateTable:
    """SHOW CREATE TABLE table."""

    target: TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTableProperties:
    """SHOW TBLPROPERTIES table [('name')]."""

    target: TableName
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Describe:
    """DESCRIBE [EXTENDED | FORMATTED] table."""

    target: TableName
    extended: bool = False
    formatted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPartitions:
    """ALTER TABLE .. ADD [IF NOT EXISTS] PARTITION (..) [LOCATION ..] ..."""

    target: TableName
    if_not_exists: bool
    partitions: tuple[tuple[Mapping[str, str], S3Uri | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPartitions:
    """ALTER TABLE .. DROP [IF EXISTS] PARTITION (..), ..."""

    target: TableName
    if_exists: bool
    partitions: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairTable:
    """MSCK REPAIR TABLE table: register the key=value folders below the location."""

    target: TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """EXPLAIN query: 0 bytes. ANALYZE is refused until it is built."""

    query: Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Unload:
    """UNLOAD (query) TO 'location' WITH (..); files only, no table."""

    query: Query
    location: S3Uri
    data_format: DataFormat
    compression: str
    partitioned_by: tuple[str, ...] = ()
    field_delimiter: str = "\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """PREPARE name FROM text; the text is parsed when it is executed."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutePrepared:
    """EXECUTE name [USING argument, ...]; arguments are texts of expressions."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deallocate:
    """DEALLOCATE PREPARE name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCreateView:
    """SHOW CREATE VIEW view."""

    target: TableName


Statement = (
    Query
    | CreateTableAs
    | InsertInto
    | CreateDatabase
    | DropDatabase
    | CreateExternalTable
    | DropTable
    | CreateView
    | DropView
    | ShowDatabases
    | ShowTables
    | ShowColumns
    | ShowPartitions
    | ShowCreateTable
    | ShowTableProperties
    | Describe
    | AddPartitions
    | DropPartitions
    | RepairTable
    | Explain
    | Unload
    | Prepare
    | ExecutePrepared
    | Deallocate
    | ShowCreateView
)
