"""Registering partitions: of files that were written, by ALTER TABLE, and by MSCK REPAIR TABLE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import unquote

from lakebench.catalog import Partition, S3Uri, Table
from lakebench.catalog.store import AlreadyExists
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.data_files import Layout, partition_path, partition_values
from lakebench.emulator.athena.run.hive import DDL_TASK, existing_table, hive_failed
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.emulator.engine.protocol import WrittenFile
from lakebench.sql.statement import AddPartitions, DropPartitions, RepairTable


def new_partition(table: Table, values: tuple[str, ...], location: S3Uri) -> Partition:
    """A partition with the table's storage and columns at a place of its own."""
    return Partition(values=values, storage=replace(table.storage, location=location), columns=table.columns)


def register_new_partitions(
    context: RunContext, table: Table, files: Iterable[WrittenFile], layout: Layout
) -> None:
    """Register the partitions of written files that are not registered yet."""
    if not layout.keys:
        return
    missing = {
        partition_values(file.partition): layout.folder(file.partition)
        for file in files
        if partition_values(file.partition) not in layout.folders
    }
    context.catalog.create_partitions(
        table, [new_partition(table, values, missing[values]) for values in sorted(missing)]
    )


def add_partitions(context: RunContext, statement: AddPartitions) -> TextResult:
    """ALTER TABLE ADD PARTITION; without LOCATION the folder is ``key=value/`` below the table."""
    table = existing_table(context, statement.target)
    registered = {partition.values for partition in context.catalog.partitions(table)}
    keys = tuple(column.name for column in table.partition_keys)
    layout = Layout(location=_location(table), keys=keys)
    wanted: dict[tuple[str, ...], Partition] = {}
    for spec, location in statement.partitions:
        values = _whole_spec(table, spec)
        if values in registered or values in wanted:
            if statement.if_not_exists:
                continue
            raise hive_failed(DDL_TASK + "AlreadyExistsException(message:Partition already exists.)")
        wanted[values] = new_partition(table, values, (location or layout.folder(values)).as_prefix)
    try:
        context.catalog.create_partitions(table, wanted.values())
    except AlreadyExists:
        raise hive_failed(DDL_TASK + "AlreadyExistsException(message:Partition already exists.)") from None
    return TextResult()


def drop_partitions(context: RunContext, statement: DropPartitions) -> TextResult:
    """ALTER TABLE DROP PARTITION: a spec that names some of the keys drops all that match; data stays."""
    table = existing_table(context, statement.target)
    keys = [column.name for column in table.partition_keys]
    registered = [partition.values for partition in context.catalog.partitions(table)]
    dropped: list[tuple[str, ...]] = []
    for raw in statement.partitions:
        spec = _known_keys(table, raw)
        found = [
            values for values in registered if spec.items() <= dict(zip(keys, values, strict=True)).items()
        ]
        if not found and not statement.if_exists:
            told = ", ".join(f"{key} = {value}" for key, value in spec.items())
            raise hive_failed(f"SemanticException [Error 10006]: Partition not found ({told})")
        dropped += found
    context.catalog.delete_partitions(table, dropped)
    return TextResult()


def repair_table(context: RunContext, statement: RepairTable) -> TextResult:
    """MSCK REPAIR TABLE: register the ``key=value`` folders that hold objects; nothing is removed.

    The text is Hive's: what was missing, then what was added. Folder names must be the keys' own, in
    lower case (AWS: msck-repair-table).
    """
    table = existing_table(context, statement.target)
    if not table.partition_keys:
        raise hive_failed(DDL_TASK + f"Table {table.name} is not a partitioned table")
    keys = [column.name for column in table.partition_keys]
    registered = {partition.values for partition in context.catalog.partitions(table)}
    found = {values: place for values, place in _folders(context, table, keys) if values not in registered}
    context.catalog.create_partitions(table, [new_partition(table, *item) for item in sorted(found.items())])
    names = [f"{table.name}:{partition_path(keys, values).rstrip('/')}" for values in sorted(found)]
    if not names:
        return TextResult()
    lines = ["Partitions not in metastore:\t" + "\t".join(names)]
    lines += [f"Repair: Added partition to metastore {name}" for name in names]
    return TextResult(lines=tuple(lines))


def _folders(context: RunContext, table: Table, keys: list[str]) -> Iterator[tuple[tuple[str, ...], S3Uri]]:
    root = _location(table).as_prefix
    for stored in context.objects.list(root):
        parts = stored.uri.key.removeprefix(root.key).split("/")[:-1]
        named = [part.partition("=") for part in parts[: len(keys)]]
        if [name for name, _, _ in named] == keys:
            folder = "".join(f"{part}/" for part in parts[: len(keys)])
            values = tuple(unquote(value) for _, _, value in named)
            yield values, S3Uri(root.bucket, root.key + folder)


def _whole_spec(table: Table, raw: Mapping[str, str]) -> tuple[str, ...]:
    spec = _known_keys(table, raw)
    if len(spec) != len(table.partition_keys):
        told = ", ".join(f"{key}={value}" for key, value in spec.items())
        raise hive_failed(
            f"SemanticException partition spec {{{told}}} doesn't contain all "
            f"({len(table.partition_keys)}) partition columns"
        )
    return tuple(spec[column.name] for column in table.partition_keys)


def _known_keys(table: Table, raw: Mapping[str, str]) -> dict[str, str]:
    spec = {key.lower(): value for key, value in raw.items()}
    known = {column.name for column in table.partition_keys}
    if not known:
        raise hive_failed(f"SemanticException table is not partitioned but partition spec exists: {spec}")
    for key, value in spec.items():
        if key not in known:
            raise hive_failed(
                f"SemanticException Partition spec {{{key}={value}}} contains non-partition columns"
            )
    return spec


def _location(table: Table) -> S3Uri:
    if table.storage.location is None:
        raise hive_failed(DDL_TASK + f"Table {table.name} has no location")
    return table.storage.location
