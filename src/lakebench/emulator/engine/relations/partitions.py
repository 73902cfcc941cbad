"""Partition keys and hidden columns: what a scan's relation has besides the columns in its files."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lakebench.emulator.engine.quoting import identifier, literal
from lakebench.emulator.engine.staging import StagedScan
from lakebench.errors import QueryFailed
from lakebench.metering.hidden import hidden_names, hidden_type, hidden_value
from lakebench.sql import duckdb_type

_DIGITS = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_FORMS = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), _DIGITS),
    **dict.fromkeys(("real", "double", "decimal"), _NUMBER),
    "date": _DATE,
    "timestamp": re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?"),
    "boolean": re.compile(r"true|false", re.IGNORECASE),
}


def partition_options(scan: StagedScan) -> str:
    """Options of read_csv and read_parquet that make columns p0, p1, ... of the folders' names."""
    keys = scan.binding.table.partition_keys
    if not keys:
        return "hive_partitioning=false"
    types = ", ".join(f"'p{ordinal}': {literal(duckdb_type(key.type))}" for ordinal, key in enumerate(keys))
    return f"hive_partitioning=true, hive_types={{{types}}}"


def partition_columns(scan: StagedScan) -> list[str]:
    """One select item a partition key; DuckDB itself types the folder's text, since it prunes by no casts."""
    return [
        f"p{ordinal} AS {identifier(key.name)}"
        for ordinal, key in enumerate(scan.binding.table.partition_keys)
    ]


def check_partition_values(scan: StagedScan) -> None:
    """Raise QueryFailed for a value that is no value of its key's type, as Hive's connector does."""
    checks = [
        (ordinal, key.name, key.type, form)
        for ordinal, key in enumerate(scan.binding.table.partition_keys)
        if (form := _FORMS.get(key.type.name)) is not None
    ]
    if not checks:
        return
    for values in {file.partition for file in scan.paths.values()}:
        for ordinal, name, data_type, form in checks:
            value = values[ordinal]
            if value is not None and form.fullmatch(value) is None:
                raise QueryFailed(
                    "HIVE_INVALID_PARTITION_VALUE",
                    f"Invalid partition value '{value}' for {data_type.trino} partition key: {name}",
                )


def hidden_columns(scan: StagedScan, wanted: frozenset[str]) -> list[str]:
    """Select items of the hidden columns that the query names; the link's ordinal finds the object."""
    ordinal = "CAST(regexp_extract(filename, '([0-9]{8})[.a-z0-9]*$', 1) AS INTEGER) + 1"
    files, table = scan.binding.files, scan.binding.table
    return [
        f"CAST(list_extract({_texts(hidden_value(name, file, table) for file in files)}, {ordinal}) "
        f"AS {duckdb_type(hidden_type(name))}) AS {identifier(name)}"
        for name in sorted(hidden_names() & wanted)
    ]


def _texts(values: Iterable[str | None]) -> str:
    return f"[{', '.join('NULL' if value is None else literal(value) for value in values)}]"


def empty_relation(scan: StagedScan, wanted: frozenset[str]) -> str:
    """A relation of no rows with the right names and types: a table without objects."""
    table = scan.binding.table
    items = [
        f"CAST(NULL AS {duckdb_type(column.type)}) AS {identifier(column.name)}"
        for column in (*table.columns, *table.partition_keys)
    ]
    items += [
        f"CAST(NULL AS {duckdb_type(hidden_type(name))}) AS {identifier(name)}"
        for name in sorted(hidden_names() & wanted)
    ]
    return f"SELECT {', '.join(items)} WHERE false"
