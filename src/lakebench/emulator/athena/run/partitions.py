"""Registering partitions: of files that were written, and by ALTER TABLE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lakebench.catalog import Partition, S3Uri, Table
from lakebench.catalog.store import AlreadyExists
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.data_files import Layout, partition_path, partition_values
from lakebench.emulator.athena.run.hive import DDL_TASK, existing_table, hive_failed
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.emulator.engine.protocol import WrittenFile
from lakebench.sql.statement import AddPartitions, DropPartitions, PartitionSpec, RenamePartition


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
    layout = Layout(location=table_location(table), keys=keys)
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


def rename_partition(context: RunContext, statement: RenamePartition) -> TextResult:
    """ALTER TABLE PARTITION RENAME TO PARTITION: other values, the same place, as the tables are external."""
    table = existing_table(context, statement.target)
    old = tuple(_whole_spec(table, statement.old))
    new = tuple(_whole_spec(table, statement.new))
    found = {partition.values: partition for partition in context.catalog.partitions(table)}
    keys = [column.name for column in table.partition_keys]
    if old not in found:
        name = partition_path(keys, old).rstrip("/")
        raise hive_failed(DDL_TASK + f"Rename partition: source partition [{name}] does not exist.")
    if new == old:
        return TextResult()
    try:
        context.catalog.create_partitions(table, [replace(found[old], values=new)])
    except AlreadyExists:
        raise hive_failed(
            DDL_TASK + "Unable to rename partition. Partition already exists:"
            f"{table.database}.{table.name}.[{', '.join(new)}]"
        ) from None
    context.catalog.delete_partitions(table, [old])
    return TextResult()


def one_partition(context: RunContext, table: Table, spec: PartitionSpec) -> Partition:
    """The registered partition with these values of all keys, or Hive's error 10006."""
    values = _whole_spec(table, spec)
    for partition in context.catalog.partitions(table):
        if partition.values == values:
            return partition
    raise hive_failed(f"SemanticException [Error 10006]: Partition not found {{{_told(spec)}}}")


def _whole_spec(table: Table, raw: Mapping[str, str]) -> tuple[str, ...]:
    spec = _known_keys(table, raw)
    if len(spec) != len(table.partition_keys):
        raise hive_failed(
            f"SemanticException partition spec {{{_told(spec)}}} doesn't contain all "
            f"({len(table.partition_keys)}) partition columns"
        )
    return tuple(spec[column.name] for column in table.partition_keys)


def _known_keys(table: Table, raw: Mapping[str, str]) -> dict[str, str]:
    spec = {key.lower(): value for key, value in raw.items()}
    known = {column.name for column in table.partition_keys}
    if not known:
        raise hive_failed(
            f"SemanticException table is not partitioned but partition spec exists: {{{_told(spec)}}}"
        )
    for key, value in spec.items():
        if key not in known:
            raise hive_failed(
                f"SemanticException Partition spec {{{key}={value}}} contains non-partition columns"
            )
    return spec


def _told(spec: PartitionSpec) -> str:
    """A spec as Java writes a map."""
    return ", ".join(f"{key}={value}" for key, value in spec.items())


def table_location(table: Table) -> S3Uri:
    """The table's place; Hive's failure for a table without one."""
    if table.storage.location is None:
        raise hive_failed(DDL_TASK + "Can not create a Path from an empty string")
    return table.storage.location
