"""Databases, tables and partitions as the Glue Data Catalog knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lakebench.catalog.s3 import S3Uri
from lakebench.catalog.types import DataType

SYSTEM_TABLE = "SYSTEM_TABLE"
"""The table_type of tables that no client can make."""


class DataFormat(StrEnum):
    """How the objects of a table are read; decided by the SerDe, as Athena decides it."""

    TEXT = "text"  # LazySimpleSerDe
    OPEN_CSV = "open-csv"
    JSON = "json"
    PARQUET = "parquet"
    ORC = "orc"
    AVRO = "avro"
    ION = "ion"
    REGEX = "regex"
    GROK = "grok"
    UNKNOWN = "unknown"


_FORMAT_BY_SERDE = {
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe": DataFormat.TEXT,
    "org.apache.hadoop.hive.serde2.OpenCSVSerde": DataFormat.OPEN_CSV,
    "org.openx.data.jsonserde.JsonSerDe": DataFormat.JSON,
    "org.apache.hive.hcatalog.data.JsonSerDe": DataFormat.JSON,
    "org.apache.hadoop.hive.serde2.JsonSerDe": DataFormat.JSON,
    "com.amazon.emr.hive.serde.CloudTrailSerde": DataFormat.JSON,
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe": DataFormat.PARQUET,
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde": DataFormat.ORC,
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe": DataFormat.AVRO,
    "com.amazon.ionhiveserde.IonHiveSerDe": DataFormat.ION,
    "org.apache.hadoop.hive.serde2.RegexSerDe": DataFormat.REGEX,
    "com.amazonaws.glue.serde.GrokSerDe": DataFormat.GROK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column by its lower-case name; order in the table is the order in text files.

    ``declared`` is the catalogue's own text of a type that has no name here, so that it is never lost.
    """

    name: str
    type: DataType
    comment: str | None = None
    declared: str | None = None

    @property
    def hive(self) -> str:
        """The type as the catalogue has it."""
        return self.declared or self.type.hive


@dataclass(frozen=True, slots=True, kw_only=True)
class SerDe:
    """The serialiser's class and its parameters (``field.delim``, ``separatorChar``, ...)."""

    library: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def data_format(self) -> DataFormat:
        """The format that this class reads; UNKNOWN for a class that Athena does not have."""
        return _FORMAT_BY_SERDE.get(self.library, DataFormat.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where the objects lie and how they are written (Glue's StorageDescriptor without the columns)."""

    location: S3Uri | None
    input_format: str
    output_format: str
    serde: SerDe
    compressed: bool = False
    number_of_buckets: int = -1
    bucket_columns: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the catalogue; the view texts (Glue's ViewOriginalText, ViewExpandedText) are views'."""

    database: str
    name: str
    columns: tuple[Column, ...]
    storage: Storage
    partition_keys: tuple[Column, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    table_type: str = "EXTERNAL_TABLE"
    owner: str | None = None
    description: str | None = None
    retention: int = 0
    created: datetime | None = None
    view_text: str | None = None
    view_expanded_text: str | None = None

    @property
    def is_view(self) -> bool:
        """Whether this is a view: VIRTUAL_VIEW in Glue."""
        return self.table_type == "VIRTUAL_VIEW"

    @property
    def is_system(self) -> bool:
        """Whether its rows are made from the catalogue (``catalog.system_tables``), not read from S3."""
        return self.table_type == SYSTEM_TABLE

    @property
    def data_format(self) -> DataFormat:
        """How the objects are read."""
        return self.storage.serde.data_format


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A registered partition: one value a partition key, as text, and its own storage."""

    values: tuple[str, ...]
    storage: Storage
    columns: tuple[Column, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database (schema) of the catalogue."""

    name: str
    description: str | None = None
    location: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
