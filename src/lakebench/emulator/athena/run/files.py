"""Which objects a scan reads: the table's registered partitions, each location listed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lakebench.catalog import Partition, S3Uri, Table
from lakebench.catalog.buckets import NotBuckets, buckets_of_names
from lakebench.catalog.coercion import reads_alike, schema_mismatch
from lakebench.catalog.projection import is_projected, partition_name
from lakebench.catalog.s3 import ARCHIVE_CLASSES, holds_data
from lakebench.catalog.store import CatalogStore
from lakebench.emulator.engine.protocol import DataFile, ScanBinding
from lakebench.emulator.storage.objects import ObjectStore, StoredObject
from lakebench.errors import QueryFailed
from lakebench.metering.buckets import buckets_needed, is_bucketed
from lakebench.metering.conditions import ScanConditions
from lakebench.metering.domains import Constant
from lakebench.metering.projected import projected_partitions
from lakebench.sql.resolved import Scan

HIVE_DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__"


_ONE_BY_ONE = 64
"""Up to so many partitions are listed one by one; more in one listing of what is above them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBinder:
    """Binds objects to scans for one statement; listings are remembered within it.

    ``constant`` evaluates what conditions compare with; ``now`` is the moment, of UTC, that projections mean.
    """

    objects: ObjectStore
    catalog: CatalogStore
    constant: Constant
    now: datetime
    _listed: dict[S3Uri, tuple[StoredObject, ...]] = field(default_factory=dict)

    def bind(self, scan: Scan, found: ScanConditions | None) -> ScanBinding:
        """The scan with its objects in listing order, partition by partition.

        Conditions choose projected partitions and buckets; other partitions are the engine's to prune.
        Raises QueryFailed: NOT_SUPPORTED for tables whose files the catalogue alone does not tell
        (Iceberg), HIVE_METASTORE_ERROR without a location, and what partitions and buckets that do not
        fit their table make Athena say.
        """
        table = scan.table
        _check_readable(table)
        if is_projected(table):
            files = self._projected(table, found)
        elif table.partition_keys:
            files = self._partitioned(table)
        else:
            files = self._files(table.storage.location, table)
        if is_bucketed(table):
            buckets = buckets_needed(table, found, self.constant)
            files = (file for file in files if buckets is None or file.bucket in buckets)
        return ScanBinding(scan_id=scan.scan_id, table=table, files=tuple(files))

    def _partitioned(self, table: Table) -> Iterator[DataFile]:
        partitions = self.catalog.partitions(table)
        below = table.storage.location.as_prefix if table.storage.location is not None else None
        inside = [
            place
            for partition in partitions
            if (place := _place(partition)) is not None
            and below is not None
            and (place.bucket, place.key[: len(below.key)]) == (below.bucket, below.key)
        ]
        if len(inside) > _ONE_BY_ONE:
            self._list_together(inside)
        for partition in partitions:
            values = tuple(None if value == HIVE_DEFAULT_PARTITION else value for value in partition.values)
            _check_partition(table, partition, values)
            yield from self._files(partition.storage.location, table, values)

    def _projected(self, table: Table, found: ScanConditions | None) -> Iterator[DataFile]:
        """The objects of projected partitions; those that do not exist hold none."""
        chosen = projected_partitions(table, found, self.constant, self.now)
        if chosen.size <= _ONE_BY_ONE:
            for values, place in chosen:
                yield from self._files(place, table, values)
            return
        # A million places may be projected where a thousand objects are: what is held are the objects.
        folders = self._folders(place for _, place in chosen)
        for values, place in chosen:
            if place in folders:
                self._listed[place] = _considered_of(folders[place], place)
                yield from self._files(place, table, values)

    def _list_together(self, places: Sequence[S3Uri]) -> None:
        folders = self._folders(places)
        for place in places:
            self._listed[place] = _considered_of(folders.get(place, ()), place)

    def _folders(self, places: Iterable[S3Uri]) -> dict[S3Uri, list[StoredObject]]:
        """Objects by each folder that they are in: one listing a bucket, of what is above all its places."""
        ends: dict[str, tuple[str, str]] = {}
        for place in places:
            first, last = ends.get(place.bucket, (place.key, place.key))
            ends[place.bucket] = (min(first, place.key), max(last, place.key))
        folders: dict[S3Uri, list[StoredObject]] = {}
        for bucket, (first, last) in ends.items():
            above = _above(first, last)
            for stored in self._all(S3Uri(bucket, f"{above}/" if above else "")):
                key = stored.uri.key
                if not first:  # a place that is the whole bucket
                    folders.setdefault(S3Uri(bucket), []).append(stored)
                at = key.find("/", len(above) - 1 if above else 0)
                while at >= 0:
                    folders.setdefault(S3Uri(bucket, key[: at + 1]), []).append(stored)
                    at = key.find("/", at + 1)
        return folders

    def _files(
        self, location: S3Uri | None, table: Table, partition: tuple[str | None, ...] = ()
    ) -> Iterator[DataFile]:
        if location is None:
            raise QueryFailed(
                "HIVE_METASTORE_ERROR",
                f"Table {table.database}.{table.name} or one of its partitions has no location",
            )
        listed = self._list(location.as_prefix)
        for stored, bucket in zip(listed, _buckets(table, listed, partition), strict=True):
            yield DataFile(
                path=stored.path,
                uri=stored.uri,
                size=stored.size,
                partition=partition,
                modified=stored.last_modified,
                bucket=bucket,
            )

    def _list(self, prefix: S3Uri) -> tuple[StoredObject, ...]:
        if prefix not in self._listed:
            self._listed[prefix] = tuple(
                stored for stored in self._all(prefix) if _considered(stored, prefix)
            )
        return self._listed[prefix]

    def _all(self, prefix: S3Uri) -> Iterator[StoredObject]:
        if not self.objects.bucket_exists(prefix.bucket):
            raise QueryFailed(
                "PERMISSION_DENIED",
                f"The specified bucket does not exist (Bucket: {prefix.bucket}, location: {prefix})",
            )
        return iter(self.objects.list(prefix))


def _place(partition: Partition) -> S3Uri | None:
    return partition.storage.location.as_prefix if partition.storage.location is not None else None


def _above(first: str, last: str) -> str:
    """The folder above all keys between these two."""
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return first[:same].rpartition("/")[0]


def _buckets(
    table: Table, listed: Sequence[StoredObject], partition: Sequence[str | None]
) -> Sequence[int | None]:
    """The bucket of each object of one partition; raises QueryFailed HIVE_INVALID_BUCKET_FILES."""
    if not is_bucketed(table) or not listed:
        return [None] * len(listed)
    names = [stored.uri.key.rpartition("/")[2] for stored in listed]
    keys = [key.name for key in table.partition_keys]
    try:
        return buckets_of_names(
            names,
            table.storage.number_of_buckets,
            table=f"{table.database}.{table.name}",
            partition=partition_name(keys, partition) or "<UNPARTITIONED>",
        )
    except NotBuckets as error:
        raise QueryFailed("HIVE_INVALID_BUCKET_FILES", str(error)) from error


def _check_partition(table: Table, partition: Partition, values: Sequence[str | None]) -> None:
    keys = [key.name for key in table.partition_keys]
    name = partition_name(keys, values)
    if (mismatch := schema_mismatch(table, partition, name)) is not None:
        raise QueryFailed("HIVE_PARTITION_SCHEMA_MISMATCH", mismatch)
    if not reads_alike(table, partition):
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Partition {name} of {table.database}.{table.name} has another SerDe than its table, or other "
            "SerDe parameters",
        )


def _considered_of(objects: Iterable[StoredObject], place: S3Uri) -> tuple[StoredObject, ...]:
    return tuple(stored for stored in objects if _considered(stored, place))


def _considered(stored: StoredObject, prefix: S3Uri) -> bool:
    """Whether Athena reads this object."""
    return holds_data(stored.uri.key.removeprefix(prefix.key)) and stored.storage_class not in ARCHIVE_CLASSES


def _check_readable(table: Table) -> None:
    if (kept_elsewhere := _table_format(table)) is not None:
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"{kept_elsewhere} tables are not supported yet (table {table.database}.{table.name})",
        )


def _table_format(table: Table) -> str | None:
    """The format whose own metadata says which files are the table; reading all of them would be wrong."""
    told = table.parameters.get("table_type", table.parameters.get("spark.sql.sources.provider", "")).lower()
    reader = table.storage.input_format
    if reader.startswith("org.apache.hudi.") or told == "hudi":
        return "Hudi"
    if reader.endswith(".SymlinkTextInputFormat"):
        return "Symlink"
    return {"iceberg": "Iceberg", "delta": "Delta"}.get(told)
