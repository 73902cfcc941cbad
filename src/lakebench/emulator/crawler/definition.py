"""A group of objects as the table and partitions that a crawler writes (facts/glue-crawler.md 2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lakebench.catalog import Column, Partition, S3Uri, SerDe, Storage, Table
from lakebench.catalog.types import simple
from lakebench.emulator.crawler.columns import InferredColumn, to_catalog
from lakebench.emulator.crawler.format import Format
from lakebench.emulator.crawler.grouping import Group, Leaf
from lakebench.emulator.crawler.naming import PartitionScheme
from lakebench.emulator.crawler.spec import CrawlSpec, S3Target, TableFormatTarget
from lakebench.emulator.crawler.table_formats import FoundTable
from lakebench.emulator.crawler.volume import Volume

UPDATED_BY = "UPDATED_BY_CRAWLER"
RUN_ID = "CRAWL_RUN_ID"
DEPRECATED = "DEPRECATED_BY_CRAWLER"
OWNER = "owner"
CRAWLER_KEYS = frozenset(
    {
        *("classification", "compressionType", "typeOfData", "exclusions", "partition_filtering.enabled"),
        *("CrawlerSchemaSerializerVersion", "CrawlerSchemaDeserializerVersion"),
        *("objectCount", "sizeKey", "recordCount", "averageRecordSize"),
        *("delimiter", "columnsOrdered", "areColumnsQuoted", "skip.header.line.count"),
        *("avro.schema.literal", "jsonPath", "rowTag"),
        *("table_type", "metadata_location", "spark.sql.sources.provider"),
        *("delta.lastUpdateVersion", "delta.lastCommitTimestamp"),
        *(UPDATED_BY, RUN_ID, DEPRECATED),
    }
)
"""Every parameter that a crawler sets; formats may add further ones of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A table with its partitions, as a crawl found them."""

    table: Table
    partitions: tuple[Partition, ...]

    def named(self, name: str) -> Definition:
        """The same under another name."""
        return replace(self, table=replace(self.table, name=name))

    @property
    def location(self) -> S3Uri:
        """Where the table lies; every crawled table lies somewhere."""
        if self.table.storage.location is None:
            raise ValueError(f"crawled table {self.table.name} has no location")
        return self.table.storage.location

    @property
    def folders(self) -> frozenset[S3Uri]:
        """The folders that hold its objects: those of the partitions, or the table's own."""
        places = [partition.storage.location for partition in self.partitions] or [self.location]
        return frozenset(place for place in places if place is not None)


def define(group: Group, *, name: str, spec: CrawlSpec, target: S3Target, run_id: str) -> Definition:
    """The catalogue's entries for a group under a name."""
    columns = to_catalog(group.columns)
    common = {
        **_crawler_parameters(spec=spec, target=target, run_id=run_id),
        "classification": group.format.classification,
        "compressionType": group.compression,
        "typeOfData": "file",
        **group.format.parameters,
    }
    table_parameters = common | _volume_parameters(group, group.volume)
    if group.depth and spec.output.partition_index:
        table_parameters["partition_filtering.enabled"] = "true"
    storage = _storage(group, group.format, group.root, group.columns, table_parameters)
    scheme = PartitionScheme.of([leaf.path for leaf in group.leaves], {column.name for column in columns})
    table = Table(
        database=spec.database,
        name=name,
        columns=columns,
        storage=storage,
        partition_keys=tuple(Column(name=key, type=simple("varchar")) for key in scheme.names),
        parameters=table_parameters,
        owner=OWNER,
    )
    if not group.depth:
        return Definition(table=table, partitions=())
    partitions: dict[tuple[str, ...], Partition] = {}
    for leaf in group.leaves:  # two folders of equal value after undoing escapes: the first one counts
        partition = _partition(group, leaf, scheme, table, common, inherit=spec.output.partitions_inherit)
        partitions.setdefault(partition.values, partition)
    return Definition(table=table, partitions=tuple(partitions.values()))


def _partition(
    group: Group,
    leaf: Leaf,
    scheme: PartitionScheme,
    table: Table,
    common: Mapping[str, str],
    *,
    inherit: bool,
) -> Partition:
    """A partition has the schema that was found in it, or the table's with InheritFromTable."""
    found, written = (group.columns, group.format) if inherit else (leaf.columns, leaf.format)
    parameters = {**common, **written.parameters, **_volume_parameters(group, leaf.volume)}
    return Partition(
        values=scheme.values(leaf.path),
        storage=_storage(group, written, leaf.uri, found, parameters),
        columns=table.columns if inherit else to_catalog(leaf.columns),
        parameters=parameters,
    )


def _storage(
    group: Group,
    written: Format,
    location: S3Uri,
    columns: tuple[InferredColumn, ...],
    parameters: Mapping[str, str],
) -> Storage:
    return Storage(
        location=location,
        input_format=written.input_format,
        output_format=written.output_format,
        serde=written.serde(columns),
        compressed=group.compression != "none",
        parameters=parameters,
    )


def _crawler_parameters(
    *, spec: CrawlSpec, target: S3Target | TableFormatTarget, run_id: str
) -> dict[str, str]:
    """Exclusions stand with the include path before them, as published tables have them:
    ``["s3://bucket/**.txt","s3://bucket/**/Unsaved/**"]``.
    """
    parameters = {
        "CrawlerSchemaSerializerVersion": "1.0",
        "CrawlerSchemaDeserializerVersion": "1.0",
        UPDATED_BY: spec.crawler,
        RUN_ID: run_id,
    }
    if target.exclusions:
        patterns = [f"{target.path.as_prefix}{pattern}" for pattern in target.exclusions]
        parameters["exclusions"] = json.dumps(patterns, separators=(",", ":"), ensure_ascii=False)
    return parameters


def define_found(
    found: FoundTable, *, name: str, spec: CrawlSpec, target: TableFormatTarget, run_id: str
) -> Definition:
    """The catalogue's entries for a table that its own metadata describes; nothing of its volume is told."""
    parameters = {
        **_crawler_parameters(spec=spec, target=target, run_id=run_id),
        "classification": target.table_format.value,
        **found.parameters,
    }
    reader, writer, library = found.inputs
    storage = Storage(
        location=found.location,
        input_format=reader,
        output_format=writer,
        serde=SerDe(library=library, parameters=found.serde_parameters),
        parameters=parameters,
    )
    columns = to_catalog(found.columns)
    table = Table(
        database=spec.database,
        name=name,
        columns=columns,
        storage=storage,
        partition_keys=to_catalog(found.partition_keys),
        parameters=parameters,
        owner=OWNER,
    )
    partitions = tuple(
        Partition(
            values=one.values,
            storage=replace(storage, location=one.location),
            columns=columns,
            parameters=parameters,
        )
        for one in found.partitions
    )
    return Definition(table=table, partitions=partitions)


def fitted(definition: Definition, current: Table) -> Definition | None:
    """What was found below a table's place, under that table's name, keys and database.

    None when the folders there are of another depth than the table has partition keys.
    """
    if len(definition.table.partition_keys) != len(current.partition_keys):
        return None
    keys = current.partition_keys
    taken = {key.name for key in keys}
    columns = tuple(column for column in definition.table.columns if column.name not in taken)
    table = replace(
        definition.table,
        database=current.database,
        name=current.name,
        columns=columns,
        partition_keys=keys,
        storage=replace(definition.table.storage, location=current.storage.location),
    )
    return replace(definition, table=table)


def _volume_parameters(group: Group, volume: Volume) -> dict[str, str]:
    parameters = {"objectCount": str(volume.objects), "sizeKey": str(volume.size)}
    if group.columns:  # nothing is known of the records of an UNKNOWN object
        parameters["recordCount"] = str(volume.record_count)
        parameters["averageRecordSize"] = str(volume.average_record_size)
    return parameters
