"""The catalogue entry of a table that CTAS makes, as Athena registers it."""

from __future__ import annotations

import time

from lakebench.catalog import Column, DataFormat, S3Uri, SerDe, Storage, Table
from lakebench.emulator.engine.protocol import ResultColumn
from lakebench.errors import QueryFailed
from lakebench.sql.statement import CreateTableAs

_PARQUET = (
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
)
_TEXT = (
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
)
_NOT_IN_HIVE = ("time", "timestamp with time zone", "interval", "json", "uuid", "ipaddress")


def ddl_time() -> str:
    """Hive's transient_lastDdlTime: now, in seconds."""
    return str(int(time.time()))


def created_table(
    statement: CreateTableAs, database: str, columns: tuple[ResultColumn, ...], location: S3Uri
) -> Table:
    """The table for a CTAS result.

    Raises QueryFailed where the result cannot be a Hive table: partition keys that are not the last
    columns, types that Hive lacks (measured: ``NOT_SUPPORTED: Unsupported Hive type: json``).
    """
    keys = statement.partitioned_by
    names = tuple(column.name for column in columns)
    if keys and names[-len(keys) :] != keys:
        raise QueryFailed(
            "HIVE_COLUMN_ORDER_MISMATCH",
            "Partition keys must be the last columns in the table and in the same order as the table "
            f"properties: [{', '.join(keys)}]",
        )
    if len(keys) == len(names):
        raise QueryFailed("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    hive = tuple(_column(index, column) for index, column in enumerate(columns, start=1))
    return Table(
        database=database,
        name=statement.target.name,
        columns=hive[: len(hive) - len(keys)],
        partition_keys=hive[len(hive) - len(keys) :],
        storage=_storage(statement, location),
        parameters=_parameters(statement),
        owner="hadoop",
    )


def _column(position: int, column: ResultColumn) -> Column:
    kind = column.type.name
    if kind == "unknown":
        raise QueryFailed(
            "COLUMN_TYPE_UNKNOWN", f"Column type is unknown at position {position}", line=1, column=1
        )
    if kind.startswith(_NOT_IN_HIVE) and kind != "timestamp":
        raise QueryFailed("NOT_SUPPORTED", f"Unsupported Hive type: {column.type.trino}")
    return Column(name=column.name.lower(), type=column.type)


def _storage(statement: CreateTableAs, location: S3Uri) -> Storage:
    if statement.data_format is DataFormat.PARQUET:
        input_format, output_format, library = _PARQUET
        parameters = {"serialization.format": "1"}
    else:
        input_format, output_format, library = _TEXT
        delimiter = statement.field_delimiter
        parameters = {"field.delim": delimiter, "serialization.format": delimiter}
    return Storage(
        location=location,
        input_format=input_format,
        output_format=output_format,
        serde=SerDe(library=library, parameters=parameters),
    )


def _parameters(statement: CreateTableAs) -> dict[str, str]:
    parameters = {
        "EXTERNAL": "TRUE",
        "auto.purge": "false",
        "has_encrypted_data": "false",
        "numFiles": "-1",
        "rawDataSize": "-1",
        "totalSize": "-1",
        "transient_lastDdlTime": ddl_time(),
    }
    key = "parquet.compression" if statement.data_format is DataFormat.PARQUET else "write.compression"
    parameters[key] = statement.compression.upper()
    return parameters
