"""Glue's wire dictionaries to catalogue values and back.

The shapes are those of botocore's Glue model (Table, TableInput, StorageDescriptor, Partition). Fields
that were never given stay absent: clients send GetTable's answer back in UpdateTable, and an empty
``Owner`` is refused there (facts/ecosystem.md 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakebench.catalog.s3 import S3Uri
from lakebench.catalog.table import Column, Database, Partition, SerDe, Storage, Table
from lakebench.catalog.types import DataType, parse_type

Wire = Mapping[str, Any]


def database_from_glue(wire: Wire) -> Database:
    """Read a Glue Database."""
    return Database(
        name=wire["Name"].lower(),
        description=wire.get("Description"),
        location=wire.get("LocationUri"),
        parameters=dict(wire.get("Parameters") or {}),
    )


def database_to_glue(database: Database) -> dict[str, Any]:
    """Write a Glue DatabaseInput."""
    wire = {
        "Name": database.name,
        "Description": database.description,
        "LocationUri": database.location,
        "Parameters": dict(database.parameters) or None,
    }
    return {key: value for key, value in wire.items() if value is not None}


def table_from_glue(wire: Wire, *, database: str) -> Table:
    """Read a Glue Table or TableInput of the given database."""
    descriptor = wire.get("StorageDescriptor") or {}
    return Table(
        database=database,
        name=wire["Name"].lower(),
        columns=_columns(descriptor.get("Columns")),
        storage=_storage_from_glue(descriptor),
        partition_keys=_columns(wire.get("PartitionKeys")),
        parameters=dict(wire.get("Parameters") or {}),
        table_type=wire.get("TableType") or "EXTERNAL_TABLE",
        owner=wire.get("Owner"),
        description=wire.get("Description"),
        retention=int(wire.get("Retention") or 0),
        created=wire.get("CreateTime"),
        view_text=wire.get("ViewOriginalText"),
        view_expanded_text=wire.get("ViewExpandedText"),
    )


def table_to_glue(table: Table) -> dict[str, Any]:
    """Write a Glue TableInput."""
    wire: dict[str, Any] = {
        "Name": table.name,
        "Description": table.description,
        "Owner": table.owner,
        "Retention": table.retention,
        "StorageDescriptor": _storage_to_glue(table.storage, table.columns),
        "PartitionKeys": [_column_to_glue(column) for column in table.partition_keys],
        "ViewOriginalText": table.view_text,
        "ViewExpandedText": table.view_expanded_text,
        "TableType": table.table_type,
        "Parameters": dict(table.parameters),
    }
    return {key: value for key, value in wire.items() if value is not None}


def partition_from_glue(wire: Wire) -> Partition:
    """Read a Glue Partition or PartitionInput."""
    descriptor = wire.get("StorageDescriptor") or {}
    return Partition(
        values=tuple(wire["Values"]),
        storage=_storage_from_glue(descriptor),
        columns=_columns(descriptor.get("Columns")),
        parameters=dict(wire.get("Parameters") or {}),
        created=wire.get("CreationTime"),
    )


def partition_to_glue(partition: Partition) -> dict[str, Any]:
    """Write a Glue PartitionInput."""
    return {
        "Values": list(partition.values),
        "StorageDescriptor": _storage_to_glue(partition.storage, partition.columns),
        "Parameters": dict(partition.parameters),
    }


def _columns(wires: list[Wire] | None) -> tuple[Column, ...]:
    return tuple(_column(wire) for wire in wires or [])


def _column(wire: Wire) -> Column:
    """A column; a type that cannot be read becomes ``unknown``, so that one odd column of one table does
    not hide the whole catalogue. Reading such a column is refused by the query.
    """
    name, text = wire["Name"].lower(), wire.get("Type") or "string"
    try:
        return Column(name=name, type=parse_type(text), comment=wire.get("Comment"))
    except ValueError:
        return Column(name=name, type=DataType(name="unknown"), comment=wire.get("Comment"), declared=text)


def _column_to_glue(column: Column) -> dict[str, Any]:
    wire = {"Name": column.name, "Type": column.hive, "Comment": column.comment}
    return {key: value for key, value in wire.items() if value is not None}


def _storage_from_glue(wire: Wire) -> Storage:
    info = wire.get("SerdeInfo") or {}
    location = wire.get("Location") or ""
    try:
        place = S3Uri.parse(location) if location else None
    except ValueError:
        place = None
    return Storage(
        location=place,
        input_format=wire.get("InputFormat") or "",
        output_format=wire.get("OutputFormat") or "",
        serde=SerDe(
            library=info.get("SerializationLibrary") or "", parameters=dict(info.get("Parameters") or {})
        ),
        compressed=bool(wire.get("Compressed")),
        number_of_buckets=int(wire.get("NumberOfBuckets") or -1),
        bucket_columns=tuple(wire.get("BucketColumns") or ()),
        parameters=dict(wire.get("Parameters") or {}),
    )


def _storage_to_glue(storage: Storage, columns: tuple[Column, ...]) -> dict[str, Any]:
    wire: dict[str, Any] = {
        "Columns": [_column_to_glue(column) for column in columns],
        "Location": str(storage.location) if storage.location else None,
        "InputFormat": storage.input_format,
        "OutputFormat": storage.output_format,
        "Compressed": storage.compressed,
        "NumberOfBuckets": storage.number_of_buckets,
        "SerdeInfo": {
            "SerializationLibrary": storage.serde.library,
            "Parameters": dict(storage.serde.parameters),
        },
        "BucketColumns": list(storage.bucket_columns),
        "SortColumns": [],
        "Parameters": dict(storage.parameters),
        "StoredAsSubDirectories": False,
    }
    return {key: value for key, value in wire.items() if value is not None}
