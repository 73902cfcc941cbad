"""Which objects a scan reads: the table's registered partitions, each location listed once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lakebench.catalog import S3Uri, Table
from lakebench.catalog.s3 import ARCHIVE_CLASSES, holds_data
from lakebench.catalog.store import CatalogStore
from lakebench.emulator.engine.protocol import DataFile, ScanBinding
from lakebench.emulator.storage.objects import ObjectStore, StoredObject
from lakebench.errors import QueryFailed
from lakebench.sql.resolved import Scan

HIVE_DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class FileBinder:
    """Binds objects to scans for one statement; listings are remembered within it."""

    objects: ObjectStore
    catalog: CatalogStore
    _listed: dict[S3Uri, tuple[StoredObject, ...]] = field(default_factory=dict)

    def bind(self, scan: Scan) -> ScanBinding:
        """The scan with its objects in listing order, partition by partition.

        Raises QueryFailed NOT_SUPPORTED for tables whose files the catalogue alone does not tell
        (Iceberg, partition projection), and HIVE_METASTORE_ERROR without a location.
        """
        table = scan.table
        _check_readable(table)
        files = (
            self._partitioned(table) if table.partition_keys else self._files(table.storage.location, table)
        )
        return ScanBinding(scan_id=scan.scan_id, table=table, files=tuple(files))

    def _partitioned(self, table: Table) -> Iterator[DataFile]:
        for partition in self.catalog.partitions(table):
            values = tuple(None if value == HIVE_DEFAULT_PARTITION else value for value in partition.values)
            yield from self._files(partition.storage.location, table, values)

    def _files(
        self, location: S3Uri | None, table: Table, partition: tuple[str | None, ...] = ()
    ) -> Iterator[DataFile]:
        if location is None:
            raise QueryFailed(
                "HIVE_METASTORE_ERROR",
                f"Table {table.database}.{table.name} or one of its partitions has no location",
            )
        for stored in self._list(location.as_prefix):
            yield DataFile(path=stored.path, uri=stored.uri, size=stored.size, partition=partition)

    def _list(self, prefix: S3Uri) -> tuple[StoredObject, ...]:
        if prefix not in self._listed:
            exists = self.objects.bucket_exists(prefix.bucket)
            listing = self.objects.list(prefix) if exists else ()
            if not exists:
                raise QueryFailed(
                    "PERMISSION_DENIED",
                    f"The specified bucket does not exist (Bucket: {prefix.bucket}, location: {prefix})",
                )
            self._listed[prefix] = tuple(stored for stored in listing if _considered(stored, prefix))
        return self._listed[prefix]


def _considered(stored: StoredObject, prefix: S3Uri) -> bool:
    """Whether Athena reads this object."""
    return holds_data(stored.uri.key.removeprefix(prefix.key)) and stored.storage_class not in ARCHIVE_CLASSES


def _check_readable(table: Table) -> None:
    parameters = {key.lower(): value.lower() for key, value in table.parameters.items()}
    if parameters.get("projection.enabled") == "true":
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Partition projection is not supported yet (table {table.database}.{table.name}); "
            "register the partitions in the catalogue instead",
        )
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
