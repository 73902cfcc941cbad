"""The catalogue brought to what a crawl found, as the schema change policy allows.

New tables and partitions are made whatever the policy (AWS: crawler-configuration). What is as it was is
not written, so a crawl of an unchanged prefix adds no table version. Only tables that a crawler made are
ever changed; others keep their name, and the crawled table gets a hash suffix.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from lakebench.catalog import Column, Database, Partition, S3Uri, Storage, Table
from lakebench.catalog.store import AlreadyExists, CatalogStore
from lakebench.emulator.crawler.columns import STRING
from lakebench.emulator.crawler.definition import (
    CRAWLER_KEYS,
    DEPRECATED,
    RUN_ID,
    UPDATED_BY,
    Definition,
)
from lakebench.emulator.crawler.inspection import LeftOut
from lakebench.emulator.crawler.merging import merge_new_columns
from lakebench.emulator.crawler.naming import with_hash
from lakebench.emulator.crawler.report import Change, CrawlReport
from lakebench.emulator.crawler.spec import CatalogTarget, CrawlSpec, DeleteBehavior, UpdateBehavior

_LAYOUT_PARAMETERS = ("classification", "compressionType", "delimiter")
_PARTITION_BATCH = 1000


class CatalogChanges:
    """Applies the definitions of one crawl; ``check_stopped`` is asked between tables, never within one.

    ``left_out`` are objects that could not be read: a table or partition that holds one is not taken
    for gone. ``known_folders`` are those of earlier crawls, for a crawl of new folders only. ``touched`` are
    the folders in which objects came or went: only what lies there is written; None means everywhere.
    """

    def __init__(
        self,
        *,
        spec: CrawlSpec,
        catalog: CatalogStore,
        report: CrawlReport,
        check_stopped: Callable[[], None],
        left_out: Sequence[LeftOut] = (),
        known_folders: frozenset[S3Uri] = frozenset(),
        touched: frozenset[S3Uri] | None = None,
    ) -> None:
        self._known_folders = known_folders
        self._touched = touched
        self._spec = spec
        self._left_out = left_out
        self._catalog = catalog
        self._report = report
        self._check_stopped = check_stopped

    def ensure_database(self) -> None:
        """Make the crawler's database unless it is there."""
        if self._catalog.database(self._spec.database) is None:
            try:
                self._catalog.create_database(Database(name=self._spec.database))
            except AlreadyExists:
                return  # another crawler was faster, and that is as good

    def apply(self, definitions: Sequence[Definition]) -> None:
        """Write what was found, then deal with what was not."""
        existing = self._catalog.tables(self._spec.database)
        mine = {_identity(t): t for t in existing if UPDATED_BY in t.parameters}
        taken = {table.name for table in existing}
        for definition in definitions:
            self._check_stopped()
            if not self._is_touched_within(definition.location):
                continue
            current = mine.get(_identity(definition.table))
            if current is None and not self._is_mixed(definition):
                created = self._create(definition, taken)
                taken.add(created)
            elif current is not None and self._spec.new_folders_only:
                self._add_new_folders(current, definition)
            elif current is not None:
                self._refresh(current, definition.named(current.name))
        if self._spec.new_folders_only:
            return
        found = {_identity(definition.table) for definition in definitions}
        for identity, table in mine.items():
            if identity not in found and self._is_gone(table):
                self._check_stopped()
                self._retire(table)

    def apply_to(self, current: Table, wanted: Definition) -> None:
        """Bring a table that a target names up to date, whoever made it."""
        self._check_stopped()
        if self._spec.new_folders_only:
            self._add_new_folders(current, wanted)
        else:
            self._refresh(current, wanted)

    def _is_mixed(self, definition: Definition) -> bool:
        """Whether a table would be made of folders that an earlier crawl has dealt with.

        That happens when new folders are too unlike the old ones: then nothing is added (AWS:
        incremental-crawls).
        """
        if not self._spec.new_folders_only or not definition.folders & self._known_folders:
            return False
        if not definition.folders <= self._known_folders:
            self._report.warnings.append(
                f"{definition.location}: new folders differ too much from those crawled before; nothing added"
            )
        return True

    def _add_new_folders(self, current: Table, definition: Definition) -> None:
        """Partitions that a table does not have yet; the table and what it has stay as they are."""
        if _key_names(current) != _key_names(definition.table):
            self._report.warnings.append(f"{current.name}: new folders make other partition keys; not added")
            return
        known = {partition.values for partition in self._catalog.partitions(current)}
        new = [partition for partition in definition.partitions if partition.values not in known]
        self._add_partitions(current, [p for p in new if p.storage.location not in self._known_folders])

    def _create(self, definition: Definition, taken: Collection[str]) -> str:
        if definition.table.name in taken:
            definition = definition.named(with_hash(definition.table.name, definition.location))
        self._catalog.create_table(definition.table)
        self._report.table(Change.ADDED, definition.table.name)
        self._add_partitions(definition.table, definition.partitions)
        return definition.table.name

    def _add_partitions(self, table: Table, partitions: Sequence[Partition]) -> None:
        for start in range(0, len(partitions), _PARTITION_BATCH):
            batch = partitions[start : start + _PARTITION_BATCH]
            self._catalog.create_partitions(table, batch)
            self._report.partition(Change.ADDED, len(batch))

    def _refresh(self, current: Table, wanted: Definition) -> None:
        """Bring a table of this location up to date."""
        updates = self._spec.update_behavior is UpdateBehavior.UPDATE
        merging = self._spec.output.merge_new_columns
        if merging and _layout(current) != _layout(wanted.table):
            self._report.warnings.append(
                f"{current.name}: classification, compression or delimiter changed, which MergeNewColumns "
                "does not allow; the table is deprecated"
            )
            self._deprecate(current)
            return
        table = wanted.table
        if merging:
            table = merge_new_columns(current, table)
        if (merging or updates) and not _same_table(current, table):
            if _key_names(current) != _key_names(table):
                self._drop_partitions(current)
            self._catalog.update_table(table)
            self._report.table(Change.UPDATED, table.name)
            current = table
        elif not _same_table(current, table):
            self._report.warnings.append(f"{current.name}: changed, and left as it is (UpdateBehavior LOG)")
        if _key_names(current) == _key_names(wanted.table) and current.partition_keys:
            self._refresh_partitions(current, wanted.partitions, updates=updates or merging)

    def _refresh_partitions(self, table: Table, wanted: Sequence[Partition], *, updates: bool) -> None:
        known = {partition.values: partition for partition in self._catalog.partitions(table)}
        touched = [partition for partition in wanted if self._is_touched(partition.storage.location)]
        self._add_partitions(table, [p for p in touched if p.values not in known])
        for partition in touched:
            current = known.get(partition.values)
            if updates and current is not None and not _same_partition(current, partition):
                self._catalog.update_partition(table, partition)
                self._report.partition(Change.UPDATED)
        found = {partition.values for partition in wanted}
        gone = [partition for values, partition in known.items() if values not in found]
        gone = [
            partition
            for partition in gone
            if self._is_touched(partition.storage.location)
            and not self._is_protected(partition.storage.location)
        ]
        self._retire_partitions(table, [p for p in gone if UPDATED_BY in p.parameters])

    def _retire_partitions(self, table: Table, gone: Sequence[Partition]) -> None:
        match self._spec.delete_behavior:
            case DeleteBehavior.DELETE:
                if gone:
                    self._catalog.delete_partitions(table, [partition.values for partition in gone])
                    self._report.partition(Change.DELETED, len(gone))
            case DeleteBehavior.DEPRECATE:
                for partition in gone:
                    if DEPRECATED not in partition.parameters:
                        self._catalog.update_partition(table, _marked_partition(partition))
                        self._report.partition(Change.DEPRECATED)
            case DeleteBehavior.LOG:
                self._report.warnings.extend(
                    f"{table.name}: no objects left for partition {'/'.join(partition.values)}"
                    for partition in gone
                )

    def _drop_partitions(self, table: Table) -> None:
        """Partitions of other keys cannot stay when the keys change."""
        values = [partition.values for partition in self._catalog.partitions(table)]
        if values:
            self._catalog.delete_partitions(table, values)
            self._report.partition(Change.DELETED, len(values))

    def _is_gone(self, table: Table) -> bool:
        """Whether a table of this crawler lies below an include path and nothing was found for it."""
        place = table.storage.location
        if table.parameters.get(UPDATED_BY) != self._spec.crawler or place is None:
            return False
        paths = [target.path for target in self._spec.targets if not isinstance(target, CatalogTarget)]
        covered = any(_covers(path.as_prefix, place) or path == place for path in paths)
        return covered and self._is_touched_within(place) and not self._is_protected(place)

    def _is_protected(self, place: S3Uri | None) -> bool:
        """Whether an object or a table's folder that could not be read lies there, or around it."""
        return place is not None and any(
            _covers(place, left.uri) or (left.uri.key.endswith("/") and _covers(left.uri, place))
            for left in self._left_out
        )

    def _is_touched_within(self, place: S3Uri) -> bool:
        return self._touched is None or any(
            _covers(place, folder) or _covers(folder, place) for folder in self._touched
        )

    def _is_touched(self, place: S3Uri | None) -> bool:
        return self._touched is None or place in self._touched

    def _retire(self, table: Table) -> None:
        match self._spec.delete_behavior:
            case DeleteBehavior.DELETE:
                self._catalog.delete_table(table.database, table.name)
                self._report.table(Change.DELETED, table.name)
            case DeleteBehavior.DEPRECATE:
                self._deprecate(table)
            case DeleteBehavior.LOG:
                self._report.warnings.append(f"{table.name}: no objects left at {table.storage.location}")

    def _deprecate(self, table: Table) -> None:
        if DEPRECATED in table.parameters:
            return
        stamp = {DEPRECATED: _now_milliseconds()}
        marked = replace(
            table, parameters={**table.parameters, **stamp}, storage=_marked(table.storage, stamp)
        )
        self._catalog.update_table(marked)
        self._report.table(Change.DEPRECATED, table.name)


def _identity(table: Table) -> tuple[str, bool]:
    """By what a table is known again: its place; two tables of one Hudi folder differ by their reader."""
    return str(table.storage.location), table.storage.input_format.endswith("RealtimeInputFormat")


def _covers(prefix: S3Uri, place: S3Uri) -> bool:
    return prefix.bucket == place.bucket and place.key.startswith(prefix.key)


def _now_milliseconds() -> str:
    """DEPRECATED_BY_CRAWLER's value: milliseconds since 1970 (seen in published crawler output)."""
    return str(time.time_ns() // 1_000_000)


def _marked(storage: Storage, stamp: Mapping[str, str]) -> Storage:
    return replace(storage, parameters={**storage.parameters, **stamp})


def _marked_partition(partition: Partition) -> Partition:
    stamp = {DEPRECATED: _now_milliseconds()}
    return replace(
        partition,
        parameters={**partition.parameters, **stamp},
        storage=_marked(partition.storage, stamp),
    )


def _layout(table: Table) -> list[str | None]:
    return [table.parameters.get(key) for key in _LAYOUT_PARAMETERS]


def _key_names(table: Table) -> list[str]:
    return [key.name for key in table.partition_keys]


def _shape(columns: Sequence[Column]) -> list[tuple[str, str]]:
    return [
        (column.name, (column.type if column.type.name != "unknown" else STRING).hive) for column in columns
    ]


def _own(parameters: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The parameters that a crawler sets; those that people add are no reason to write."""
    keys = (CRAWLER_KEYS | wanted.keys()) - {RUN_ID}
    return {key: value for key, value in parameters.items() if key in keys}


def _same_storage(current: Storage, wanted: Storage) -> bool:
    return replace(current, parameters={}) == replace(wanted, parameters={}) and _own(
        current.parameters, wanted.parameters
    ) == _own(wanted.parameters, wanted.parameters)


def _same_table(current: Table, wanted: Table) -> bool:
    return (
        _shape(current.columns) == _shape(wanted.columns)
        and _shape(current.partition_keys) == _shape(wanted.partition_keys)
        and _own(current.parameters, wanted.parameters) == _own(wanted.parameters, wanted.parameters)
        and _same_storage(current.storage, wanted.storage)
    )


def _same_partition(current: Partition, wanted: Partition) -> bool:
    return (
        _shape(current.columns) == _shape(wanted.columns)
        and _own(current.parameters, wanted.parameters) == _own(wanted.parameters, wanted.parameters)
        and _same_storage(current.storage, wanted.storage)
    )
