"""MSCK REPAIR TABLE: the ``key=value`` folders that hold objects become partitions; nothing is removed.

The text is Hive's: what the catalogue lacks, what S3 lacks, then what was added. Tables that are missing are
told there and are no failure (measured: athena-local, docs/dev/measurements/statements.md, 2026-09).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from lakebench.catalog import S3Uri, Table
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.data_files import partition_path
from lakebench.emulator.athena.run.partitions import new_partition, table_location
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.sql.statement import RepairTable

Folders = dict[tuple[str, ...], S3Uri]


def repair_table(context: RunContext, statement: RepairTable) -> TextResult:
    """Register what is missing. Folders must have the keys' names in lower case (AWS: msck-repair-table)."""
    table = context.find_table(statement.target)
    if table is None:
        return _told("Tables not in metastore", [statement.target.name])
    root = table_location(table).as_prefix
    keys = [column.name for column in table.partition_keys]
    if next(iter(context.objects.list(root)), None) is None:
        return _told("Tables missing on filesystem", [table.name])
    if not keys:
        return TextResult(companion=True)
    found: Folders = dict(_folders(context, root, keys))
    registered = {partition.values: partition for partition in context.catalog.partitions(table)}
    missing = {values: place for values, place in found.items() if values not in registered}
    gone = [
        values
        for values, partition in registered.items()
        if values not in found and not _holds_objects(context, partition.storage.location)
    ]
    context.catalog.create_partitions(
        table, [new_partition(table, *item) for item in sorted(missing.items())]
    )
    added = _names(table, sorted(missing))
    lines = _line("Partitions not in metastore", added)
    lines += _line("Partitions missing from filesystem", _names(table, sorted(gone)))
    lines += [f"Repair: Added partition to metastore {name}" for name in added]
    return TextResult(lines=tuple(lines), companion=True)


def _told(what: str, names: list[str]) -> TextResult:
    return TextResult(lines=tuple(_line(what, names)), companion=True)


def _line(what: str, names: list[str]) -> list[str]:
    return ["\t".join([f"{what}:", *names])] if names else []


def _names(table: Table, partitions: Iterable[tuple[str, ...]]) -> list[str]:
    keys = [column.name for column in table.partition_keys]
    return [f"{table.name}:{partition_path(keys, values).rstrip('/')}" for values in partitions]


def _holds_objects(context: RunContext, location: S3Uri | None) -> bool:
    return location is not None and next(iter(context.objects.list(location.as_prefix)), None) is not None


def _folders(context: RunContext, root: S3Uri, keys: list[str]) -> Iterator[tuple[tuple[str, ...], S3Uri]]:
    for stored in context.objects.list(root):
        parts = stored.uri.key.removeprefix(root.key).split("/")[:-1]
        named = [part.partition("=") for part in parts[: len(keys)]]
        if [name for name, _, _ in named] == keys:
            folder = "".join(f"{part}/" for part in parts[: len(keys)])
            values = tuple(unquote(value) for _, _, value in named)
            yield values, S3Uri(root.bucket, root.key + folder)
