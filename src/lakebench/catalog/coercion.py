"""Whether a partition's columns can be read as its table's: Hive's coercions as Trino and AWS have them.

Source: Trino's HiveCoercionPolicy and HiveSplitManager, whose texts these are; AWS (athena-ug
updates-and-partitions): Parquet and ORC read by name raise no mismatch.
"""

from __future__ import annotations

from collections.abc import Mapping

from lakebench.catalog.table import DataFormat, Partition, Table
from lakebench.catalog.types import DataType

_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_TO: dict[str, frozenset[str]] = {
    "varchar": frozenset({"varchar", "char", *_INTEGERS}),
    "char": frozenset({"char", "varchar"}),
    "tinyint": frozenset({"smallint", "integer", "bigint", "varchar"}),
    "smallint": frozenset({"integer", "bigint", "varchar"}),
    "integer": frozenset({"bigint", "varchar"}),
    "bigint": frozenset({"varchar"}),
    "timestamp": frozenset({"varchar"}),
    "real": frozenset({"double", "decimal"}),
    "double": frozenset({"real", "decimal"}),
    "decimal": frozenset({"decimal", "real", "double"}),
}
_BY_NAME = frozenset({DataFormat.JSON, DataFormat.AVRO})
_BY_PARAMETERS = frozenset(
    {DataFormat.TEXT, DataFormat.OPEN_CSV, DataFormat.JSON, DataFormat.REGEX, DataFormat.GROK}
)
"""Formats whose objects are read as the SerDe's parameters say."""


def schema_mismatch(table: Table, partition: Partition, name: str) -> str | None:
    """The text of HIVE_PARTITION_SCHEMA_MISMATCH, or None; ``name`` is the partition's, ``year=2024``."""
    if not partition.columns or partition.columns == table.columns:
        return None
    if table.data_format in {DataFormat.PARQUET, DataFormat.ORC}:
        return None
    by_name = {column.name: column for column in partition.columns}
    for ordinal, column in enumerate(table.columns):
        if table.data_format in _BY_NAME:
            told = by_name.get(column.name)
        else:
            told = partition.columns[ordinal] if ordinal < len(partition.columns) else None
        if told is not None and not can_coerce(told.type, column.type):
            return (
                "There is a mismatch between the table and partition schemas. The types are incompatible and "
                f"cannot be coerced. The column '{column.name}' in table '{table.database}.{table.name}' is "
                f"declared as type '{column.type.hive}', but partition '{name}' declared column "
                f"'{told.name}' as type '{told.type.hive}'."
            )
    return None


def can_coerce(given: DataType, wanted: DataType) -> bool:
    """Whether a partition's type is read as the table's."""
    if given == wanted or "unknown" in {given.name, wanted.name}:
        return True
    if given.name != wanted.name or not given.fields:
        return wanted.name in _TO.get(given.name, ())
    if given.name == "row":
        wanted_by_name = {field.name: field.type for field in wanted.fields}
        return all(
            can_coerce(field.type, wanted_by_name[field.name])
            for field in given.fields
            if field.name in wanted_by_name
        )
    return all(can_coerce(a.type, b.type) for a, b in zip(given.fields, wanted.fields, strict=True))


def reads_alike(table: Table, partition: Partition) -> bool:
    """Whether the partition's SerDe reads as the table's does; one that says nothing does."""
    own, of_table = partition.storage.serde, table.storage.serde
    if not own.library:
        return True
    if own.library != of_table.library:
        return False
    return table.data_format not in _BY_PARAMETERS or _telling(own.parameters) == _telling(
        of_table.parameters
    )


def _telling(parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters without those that say nothing of how objects are read."""
    return {key: value for key, value in parameters.items() if key != "serialization.format"}
