"""Parquet: columns by name whatever their case, missing ones NULL, further ones passed over.

Objects with the same schema are read together. A column whose type in the file cannot serve the
table's fails the query when it is read, not when the table is merely named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lakebench.catalog import Column
from lakebench.emulator.engine.failures import raised
from lakebench.emulator.engine.protocol import DataFile
from lakebench.emulator.engine.quoting import identifier, literal, literal_list
from lakebench.emulator.engine.relations.partitions import (
    empty_relation,
    hidden_columns,
    partition_columns,
    partition_options,
)
from lakebench.emulator.engine.relations.schema import FileColumn, FileSchema
from lakebench.emulator.engine.staging import StagedScan
from lakebench.sql import duckdb_type

# What Trino's Parquet reader turns a file's type into, beside the type itself.
_WIDENING: Mapping[str, frozenset[str]] = {
    "TINYINT": frozenset({"SMALLINT", "INTEGER", "BIGINT", "DOUBLE"}),
    "SMALLINT": frozenset({"TINYINT", "INTEGER", "BIGINT", "DOUBLE"}),
    "INTEGER": frozenset({"TINYINT", "SMALLINT", "BIGINT", "DOUBLE"}),
    "UTINYINT": frozenset({"SMALLINT", "INTEGER", "BIGINT"}),
    "USMALLINT": frozenset({"INTEGER", "BIGINT"}),
    "UINTEGER": frozenset({"INTEGER", "BIGINT"}),
    "UBIGINT": frozenset({"BIGINT"}),
    "REAL": frozenset({"DOUBLE"}),
    "TIMESTAMP_S": frozenset({"TIMESTAMP", "TIMESTAMP_MS", "TIMESTAMP_NS"}),
    "TIMESTAMP_MS": frozenset({"TIMESTAMP", "TIMESTAMP_NS"}),
    "TIMESTAMP": frozenset({"TIMESTAMP_MS", "TIMESTAMP_NS"}),
    "TIMESTAMP_NS": frozenset({"TIMESTAMP", "TIMESTAMP_MS"}),
    "TIMESTAMP WITH TIME ZONE": frozenset({"TIMESTAMP", "TIMESTAMP_MS", "TIMESTAMP_NS"}),
    "JSON": frozenset({"VARCHAR"}),
    "UUID": frozenset({"VARCHAR"}),
    "ENUM": frozenset({"VARCHAR"}),
}
_NAMES = {"FLOAT": "REAL", "DATETIME": "TIMESTAMP", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileGroup:
    """Links whose files have the same schema, in listing order; columns by lower-case name."""

    links: tuple[str, ...]
    columns: Mapping[str, FileColumn]


def file_groups(scan: StagedScan, schemas: Mapping[str, FileSchema]) -> tuple[FileGroup, ...]:
    """Group the scan's files by schema; a group stands where its first file is listed."""
    groups: dict[str, tuple[list[str], FileSchema]] = {}
    for link in scan.paths:
        schema = schemas[link]
        groups.setdefault(schema.shape, ([], schema))[0].append(link)
    return tuple(FileGroup(links=tuple(links), columns=schema.columns) for links, schema in groups.values())


def parquet_relation(scan: StagedScan, groups: tuple[FileGroup, ...], wanted: frozenset[str]) -> str:
    """The SELECT over the scan's files."""
    if not groups:
        return empty_relation(scan, wanted)
    # DuckDB keeps the first column of a UNION ALL of which no column is needed: it must cost nothing.
    first = '0 AS "$none", ' if len(groups) > 1 else ""
    return " UNION ALL ".join(_group_relation(scan, group, wanted, first) for group in groups)


def _group_relation(
    scan: StagedScan, group: FileGroup, wanted: frozenset[str], first: str, *, numbered: bool = False
) -> str:
    items = [
        f"{_column(column, group, scan.paths[group.links[0]])} AS {identifier(column.name)}"
        for column in scan.binding.table.columns
    ]
    items += partition_columns(scan) + hidden_columns(scan, wanted)
    return (
        f"SELECT {first}{', '.join(items)} FROM read_parquet({literal_list(group.links)}, "
        f"filename={str(bool(wanted) or numbered).lower()}, file_row_number={str(numbered).lower()}, "
        f"{partition_options(scan)})"
    )


def numbered_rows(
    scan: StagedScan, groups: tuple[FileGroup, ...], paths: frozenset[str], wanted: frozenset[str]
) -> str:
    """The relation of some of the links, with each row's link (``$file``) and number there (``$row``)."""
    extra = 'filename AS "$file", file_row_number AS "$row", '
    parts = (replace(group, links=tuple(link for link in group.links if link in paths)) for group in groups)
    return " UNION ALL ".join(
        _group_relation(scan, part, wanted, extra, numbered=True) for part in parts if part.links
    )


def _column(column: Column, group: FileGroup, example: DataFile) -> str:
    target = duckdb_type(column.type)
    found = group.columns.get(column.name)
    if found is None:
        return f"CAST(NULL AS {target})"
    name = identifier(found.name)
    source = _NAMES.get(found.type, found.type)
    wanted = _NAMES.get(target, target)
    if source == wanted:
        return name
    if source == "BLOB" and wanted.startswith("VARCHAR"):
        return f"decode({name})"
    if wanted in _WIDENING.get(source, frozenset()) or _same_family(source, wanted):
        return f"CAST({name} AS {target})"
    message = (
        f"Field {column.name}'s type {found.physical} in parquet file {example.uri} "
        f"is incompatible with type {column.type.trino} defined in table schema"
    )
    # Bound to the column, so that it is raised for rows that are read and not while planning.
    raising = raised("HIVE_BAD_DATA", literal(message), of=name)
    return f"CAST({raising} AS {target})"


def _same_family(source: str, wanted: str) -> bool:
    """Decimals among themselves, and nested types, whose members are cast one by one."""
    families = ("DECIMAL(", "STRUCT(", "MAP(")
    return any(source.startswith(family) and wanted.startswith(family) for family in families) or (
        source.endswith("[]") and wanted.endswith("[]")
    )
