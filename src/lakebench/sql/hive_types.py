"""Which of Trino's types a Hive table can hold, and which of those a format can.

The words are Trino's: HiveTypeTranslator, HiveMetadata.validateTimestampColumns, HiveStorageFormat,
HiveUtil.verifyPartitionTypeSupported. Athena answers them as they are (measured: ``NOT_SUPPORTED: Incorrect
timestamp precision for timestamp(6); the configured precision is MILLISECONDS; column name: x``).
"""

from __future__ import annotations

import re

from lakebench.catalog import DataFormat, DataType
from lakebench.errors import QueryFailed

_HELD = {
    *("boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"),
    *("varchar", "char", "varbinary", "date", "timestamp", "array", "map", "row"),
}
_MAX_VARCHAR, _MAX_CHAR = 65_535, 255
_MILLISECONDS = 3
_AVRO_NAME = re.compile(r"[^\W\d]\w*")
_NO_PARTITIONS = {"varbinary", "array", "map", "row"}


def check_hive_type(name: str, data_type: DataType, data_format: DataFormat) -> None:
    """Whether a column of this name and type can be written; raises QueryFailed NOT_SUPPORTED."""
    _check(name, data_type)
    if data_format is DataFormat.AVRO:
        _check_avro(name, data_type)


def check_partition_type(name: str, data_type: DataType) -> None:
    """Whether a table can be partitioned by such a column; raises QueryFailed NOT_SUPPORTED."""
    if data_type.name in _NO_PARTITIONS:
        raise QueryFailed("NOT_SUPPORTED", f"Unsupported type [{data_type.trino}] for partition: {name}")


def _check(name: str, data_type: DataType) -> None:
    kind = data_type.name
    length = data_type.parameters[0] if data_type.parameters else None
    if kind not in _HELD:
        raise QueryFailed("NOT_SUPPORTED", f"Unsupported Hive type: {data_type.trino}")
    if kind == "timestamp" and length is not None and length > _MILLISECONDS:
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Incorrect timestamp precision for {data_type.trino}; the configured precision is "
            f"MILLISECONDS; column name: {name}",
        )
    if kind == "varchar" and length is not None and length > _MAX_VARCHAR:
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Unsupported Hive type: {data_type.trino}. Supported VARCHAR types: "
            f"VARCHAR(<={_MAX_VARCHAR}), VARCHAR.",
        )
    if kind == "char" and length is not None and length > _MAX_CHAR:
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Unsupported Hive type: {data_type.trino}. Supported CHAR types: CHAR(<={_MAX_CHAR}).",
        )
    for member in data_type.fields:
        if kind == "row" and member.name is None:
            raise QueryFailed(
                "NOT_SUPPORTED",
                "Anonymous row type is not supported in Hive. Please give each field a name: "
                f"{data_type.trino}",
            )
        _check(name, member.type)


def _check_avro(name: str, data_type: DataType) -> None:
    members = [member.name for member in data_type.fields if data_type.name == "row" and member.name]
    for label in (name, *members):
        if not _AVRO_NAME.fullmatch(label):
            raise QueryFailed("NOT_SUPPORTED", f"Column '{label}' has a name that Avro does not allow")
    if data_type.name in {"tinyint", "smallint"}:
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Column '{name}' is {data_type.name}, which is not supported by Avro. Use integer instead.",
        )
    if data_type.name == "map" and data_type.fields[0].type.name != "varchar":
        raise QueryFailed(
            "NOT_SUPPORTED", f"Column '{name}' has a non-varchar map key, which is not supported by Avro"
        )
    for member in data_type.fields:
        _check_avro(name, member.type)
