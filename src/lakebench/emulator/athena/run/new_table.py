"""The catalogue entry of a table that CTAS makes, as Athena registers it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lakebench.catalog import Column, DataFormat, S3Uri, SerDe, Storage, Table
from lakebench.catalog.bucketing import can_bucket
from lakebench.emulator.engine.protocol import ResultColumn
from lakebench.errors import QueryFailed
from lakebench.sql.hive_types import check_hive_type, check_partition_type
from lakebench.sql.statement import CreateTableAs
from lakebench.sql.write_properties import list_text

_HIVE = "org.apache.hadoop.hive.ql.io"
_TEXT_FILES = ("org.apache.hadoop.mapred.TextInputFormat", f"{_HIVE}.HiveIgnoreKeyTextOutputFormat")
_CLASSES = {
    DataFormat.PARQUET: (
        f"{_HIVE}.parquet.MapredParquetInputFormat",
        f"{_HIVE}.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
    ),
    DataFormat.ORC: (f"{_HIVE}.orc.OrcInputFormat", f"{_HIVE}.orc.OrcOutputFormat", f"{_HIVE}.orc.OrcSerde"),
    DataFormat.AVRO: (
        f"{_HIVE}.avro.AvroContainerInputFormat",
        f"{_HIVE}.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
    DataFormat.JSON: (*_TEXT_FILES, "org.apache.hive.hcatalog.data.JsonSerDe"),
    DataFormat.TEXT: (*_TEXT_FILES, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
}
"""Input format, output format and SerDe; JSON's is the one that Athena's own tables have (measured)."""

_COMPRESSION_KEYS = {DataFormat.PARQUET: "parquet.compression", DataFormat.ORC: "orc.compress"}


def ddl_time() -> str:
    """Hive's transient_lastDdlTime: now, in seconds."""
    return str(int(time.time()))


def check_columns(
    columns: Sequence[ResultColumn],
    data_format: DataFormat,
    partitioned_by: tuple[str, ...],
    bucketed_by: tuple[str, ...] = (),
) -> None:
    """Whether a query's columns can become files of this format, so partitioned and bucketed.

    Raises QueryFailed with Trino's words (HiveMetadata.validatePartitionColumns, validateBucketColumns):
    INVALID_TABLE_PROPERTY, HIVE_COLUMN_ORDER_MISMATCH, COLUMN_TYPE_UNKNOWN, NOT_SUPPORTED.
    """
    names = tuple(column.name.lower() for column in columns)
    kept = len(names) - len(partitioned_by)
    _check_present("Partition", partitioned_by, names)
    if kept == 0:
        raise QueryFailed("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    if names[kept:] != partitioned_by:
        raise QueryFailed(
            "HIVE_COLUMN_ORDER_MISMATCH",
            "Partition keys must be the last columns in the table and in the same order as the table "
            f"properties: {list_text(partitioned_by)}",
        )
    _check_present("Bucketing", bucketed_by, names[:kept])
    for position, column in enumerate(columns, start=1):
        if column.type.name == "unknown":
            raise QueryFailed(
                "COLUMN_TYPE_UNKNOWN", f"Column type is unknown at position {position}", line=1, column=1
            )
        check_hive_type(column.name, column.type, data_format)
        if position > kept:
            check_partition_type(column.name, column.type)
        if column.name.lower() in bucketed_by and not can_bucket(column.type):
            raise QueryFailed(
                "NOT_SUPPORTED",
                f"Computation of Hive bucket hashCode is not supported for Hive type {column.type.hive}: "
                f"column {column.name}",
            )


def _check_present(what: str, wanted: tuple[str, ...], names: tuple[str, ...]) -> None:
    missing = [name for name in wanted if name not in names]
    if missing:
        raise QueryFailed(
            "INVALID_TABLE_PROPERTY", f"{what} columns {list_text(missing)} not present in schema"
        )


def created_table(
    statement: CreateTableAs,
    database: str,
    columns: Sequence[ResultColumn],
    location: S3Uri,
    query_id: str,
) -> Table:
    """The table for a CTAS result whose columns are checked."""
    hive = tuple(Column(name=column.name.lower(), type=column.type) for column in columns)
    kept = len(hive) - len(statement.partitioned_by)
    return Table(
        database=database,
        name=statement.target.name,
        columns=hive[:kept],
        partition_keys=hive[kept:],
        storage=_storage(statement, location),
        parameters=_parameters(statement, query_id),
        owner="hadoop",
    )


def text_serde(statement: CreateTableAs) -> dict[str, str]:
    """LazySimpleSerDe's parameters for the statement's properties."""
    delimiter = statement.field_delimiter
    parameters = {"field.delim": delimiter, "serialization.format": delimiter}
    if statement.null_format is not None:
        parameters["serialization.null.format"] = statement.null_format
    return parameters


def _storage(statement: CreateTableAs, location: S3Uri) -> Storage:
    input_format, output_format, library = _CLASSES[statement.data_format]
    is_text = statement.data_format is DataFormat.TEXT
    parameters = text_serde(statement) if is_text else {"serialization.format": "1"}
    return Storage(
        location=location,
        input_format=input_format,
        output_format=output_format,
        serde=SerDe(library=library, parameters=parameters),
        number_of_buckets=statement.bucket_count or -1,
        bucket_columns=statement.bucketed_by,
    )


def _parameters(statement: CreateTableAs, query_id: str) -> dict[str, str]:
    """As Athena's own tables have them (measured 2022 to 2026 in SHOW CREATE TABLE of CTAS tables)."""
    codec = statement.compression
    if codec == "none" and statement.data_format is DataFormat.PARQUET:
        codec = "uncompressed"
    parameters = {
        "EXTERNAL": "TRUE",
        "auto.purge": "false",
        "has_encrypted_data": "false",
        "numFiles": "-1",
        "totalSize": "-1",
        "transactional": "false",
        "trino_query_id": query_id,
        _COMPRESSION_KEYS.get(statement.data_format, "write.compression"): codec.upper(),
    }
    if statement.compression_level is not None:
        parameters["compression_level"] = str(statement.compression_level)
    if statement.bucketed_by:
        parameters |= {"bucketing_format": "hive", "bucketing_version": "1"}
    if statement.comment is not None:
        parameters["comment"] = statement.comment
    return parameters
