"""Parquet: columns by name whatever their case, missing ones NULL, further ones passed over.

Objects with the same schema are read together. A column whose type in the file cannot serve the
table's fails the query when it is read, not when the table is merely named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lakebench.catalog import Column
from lakebench.emulator.engine.copying import parquet_by_position
from lakebench.emulator.engine.failures import raised
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
    "BIGINT": frozenset({"TINYINT", "SMALLINT", "INTEGER"}),
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
    """Links whose files have the same columns, in listing order."""

    links: tuple[str, ...]
    schema: FileSchema


def file_groups(scan: StagedScan, schemas: Mapping[str, FileSchema]) -> tuple[FileGroup, ...]:
    """Group the scan's files by schema; a group stands where its first file is listed."""
    groups: dict[str, tuple[list[str], FileSchema]] = {}
    for link in scan.paths:
        schema = schemas[link]
        shape = repr(schema.in_order) if _by_position(scan) else schema.shape
        groups.setdefault(shape, ([], schema))[0].append(link)
    return tuple(FileGroup(links=tuple(links), schema=schema) for links, schema in groups.values())


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
    items = []
    by_name = group.schema.columns
    for ordinal, column in enumerate(scan.binding.table.columns):
        if _by_position(scan):
            found = group.schema.in_order[ordinal] if ordinal < len(group.schema.in_order) else None
        else:
            found = by_name.get(column.name)
        mismatch = _mismatch(scan, group.links[0], column, found)
        items.append(f"{_column(column, found, mismatch)} AS {identifier(column.name)}")
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


def _by_position(scan: StagedScan) -> bool:
    """Copies have the table's own names, whichever way their columns were found."""
    return not scan.copies and parquet_by_position(scan.binding.table)


def _column(column: Column, found: FileColumn | None, mismatch: str) -> str:
    """``mismatch`` is the text of a type in the file that cannot serve the table's."""
    target = duckdb_type(column.type)
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
    # Bound to the column, so that it is raised for rows that are read and not while planning.
    raising = raised("HIVE_BAD_DATA", literal(mismatch), of=name)
    return f"CAST({raising} AS {target})"


def _mismatch(scan: StagedScan, link: str, column: Column, found: FileColumn | None) -> str:
    """Trino's words for each format (ParquetPageSourceFactory, ReaderUtils of ORC)."""
    uri = scan.paths[link].uri
    copy = scan.copies.get(link)
    if copy is not None and column.name in copy.kinds:
        path, kind = copy.kinds[column.name]
        return (
            f"Malformed ORC file. Cannot read SQL type '{column.type.trino}' from ORC stream '{path}' "
            f"of type {kind} with attributes {{}} [{uri}]"
        )
    physical = found.physical if found is not None else ""
    kind = "parquet" if copy is None else "avro"
    return (
        f"Field {column.name}'s type {physical} in {kind} file {uri} "
        f"is incompatible with type {column.type.trino} defined in table schema"
    )


def _same_family(source: str, wanted: str) -> bool:
    """Decimals among themselves, and nested types, whose members are cast one by one."""
    families = ("DECIMAL(", "STRUCT(", "MAP(")
    return any(source.startswith(family) and wanted.startswith(family) for family in families) or (
        source.endswith("[]") and wanted.endswith("[]")
    )
