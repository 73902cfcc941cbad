"""The objects of a table as Athena would list them, over Glue and S3 alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from lakebench.catalog import Partition, S3Uri, Table
from lakebench.catalog.glue import partition_from_glue
from lakebench.catalog.projection import is_projected
from lakebench.catalog.s3 import holds_data
from lakebench.client.call import aws_call
from lakebench.client.s3 import list_objects
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError
from lakebench.metering.conditions import ScanConditions, filtered_keys
from lakebench.metering.constants import Constants
from lakebench.metering.evaluation import Evaluator
from lakebench.metering.explanation import Listing
from lakebench.metering.projected import projected_partitions
from lakebench.metering.pruning import objects_kept
from lakebench.sql.resolved import Scan

HIVE_DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_AT_ONCE = 16
_ONE_BY_ONE = 32
"""Up to so many partitions are listed one by one; more, with a common place above them, in one go."""


class NotEstimable(ClientError):
    """The catalogue does not tell which objects a table has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableObject:
    """An object of a table, or a whole partition before its objects are listed."""

    uri: S3Uri
    size: int
    partition: tuple[str | None, ...] = ()
    modified: datetime | None = None
    bucket: int | None = None
    etag: str = ""


class TableObjects:
    """Lists tables' objects, each place once."""

    def __init__(self, session: AwsSession, evaluator: Evaluator) -> None:
        self._session = session
        self._evaluator = evaluator
        self._listed: dict[S3Uri, tuple[TableObject, ...]] = {}

    def bind(self, scan: Scan, found: ScanConditions | None) -> tuple[Listing, bool]:
        """The scan's objects after pruning, and whether its conditions could be evaluated.

        Raises NotEstimable for tables whose objects the catalogue does not tell.
        """
        table = scan.table
        if table.is_system:  # its rows are the catalogue's: nothing is read for them
            return Listing(table=table, partitions=None, partitions_kept=None, all_objects=(), kept=()), True
        _check_readable(table)
        keys = filtered_keys(table, found)
        if not table.partition_keys:
            objects = self._list([_place(table, table.storage.location)])
            kept, evaluated = self._kept(table, objects, found)
            return Listing(
                table=table, partitions=None, partitions_kept=None, all_objects=objects, kept=kept
            ), evaluated
        places = self._places(table, found)
        chosen, evaluated = self._kept(table, places, found, hidden=False)
        objects = self._objects_of(table, chosen)
        kept, also = self._kept(table, objects, found)
        listing = Listing(
            table=table,
            partitions=len(places),
            partitions_kept=len(chosen),
            all_objects=objects if len(chosen) == len(places) else None,
            kept=kept,
            filtered_keys=keys,
        )
        return listing, evaluated and also

    def _kept(
        self,
        table: Table,
        objects: Sequence[TableObject],
        found: ScanConditions | None,
        *,
        hidden: bool = True,
    ) -> tuple[Sequence[TableObject], bool]:
        if found is None:
            return objects, True
        kept = objects_kept(table, objects, found, self._evaluator, hidden=hidden)
        return (objects, False) if kept is None else (kept, True)

    def _objects_of(self, table: Table, chosen: Sequence[TableObject]) -> list[TableObject]:
        above = table.storage.location
        together = len(chosen) > _ONE_BY_ONE and above is not None
        if together and above is not None:
            self._list_together(above.as_prefix, [place.uri for place in chosen])
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            listed = pool.map(lambda place: self._list([place.uri]), chosen)
            return [
                TableObject(uri=file.uri, size=file.size, partition=place.partition, etag=file.etag)
                for place, files in zip(chosen, listed, strict=True)
                for file in files
            ]

    def _list_together(self, above: S3Uri, places: Iterable[S3Uri]) -> None:
        """One listing for many folders; those that lie elsewhere are left to be listed on their own."""
        inside = {
            place for place in places if place.bucket == above.bucket and place.key.startswith(above.key)
        }
        found: dict[S3Uri, list[TableObject]] = {place: [] for place in inside if place != above}
        lengths = sorted({len(place.key) for place in found}, reverse=True)
        for file in self._files(above, within=False):
            for length in lengths:
                place = S3Uri(above.bucket, file.uri.key[:length])
                if place in found and holds_data(file.uri.key[length:]):
                    found[place].append(file)
        self._listed.update((place, tuple(files)) for place, files in found.items())

    def _list(self, places: Sequence[S3Uri]) -> list[TableObject]:
        for place in places:
            if place not in self._listed:
                self._listed[place] = tuple(self._files(place, within=True))
        return [file for place in places for file in self._listed[place]]

    def _files(self, place: S3Uri, *, within: bool) -> Iterator[TableObject]:
        for stored in list_objects(self._session, place):
            below = stored.place.key.removeprefix(place.key)
            if stored.readable and (not within or holds_data(below)):
                yield TableObject(uri=stored.place, size=stored.size, etag=stored.etag)

    def _places(self, table: Table, found: ScanConditions | None) -> list[TableObject]:
        """Each partition's place: of the catalogue, or projected as far as the conditions leave them."""
        if is_projected(table):
            constant = Constants(self._evaluator).value
            projected = projected_partitions(table, found, constant, datetime.now(UTC))
            return [TableObject(uri=place, size=0, partition=values) for values, place in projected]
        return [
            TableObject(uri=_place(table, partition.storage.location), size=0, partition=_values(partition))
            for partition in self._partitions(table)
        ]

    def _partitions(self, table: Table) -> list[Partition]:
        name = f"{table.database}.{table.name}"
        with aws_call("glue:GetPartitions", name):
            pages = self._session.glue.get_paginator("get_partitions").paginate(
                DatabaseName=table.database, TableName=table.name, ExcludeColumnSchema=True
            )
            return [partition_from_glue(wire) for page in pages for wire in page["Partitions"]]


def _values(partition: Partition) -> tuple[str | None, ...]:
    return tuple(None if value == HIVE_DEFAULT_PARTITION else value for value in partition.values)


def _place(table: Table, location: S3Uri | None) -> S3Uri:
    if location is None:
        raise NotEstimable(f"table {table.database}.{table.name} or one of its partitions has no location")
    return location.as_prefix


def _check_readable(table: Table) -> None:
    parameters = {key.lower(): value.lower() for key, value in table.parameters.items()}
    name = f"{table.database}.{table.name}"
    if parameters.get("table_type") == "iceberg":
        raise NotEstimable(f"{name} is an Iceberg table: that cannot be estimated yet")
