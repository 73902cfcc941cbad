"""A table of the local lake on AWS: its objects below a place of the run's, its entry in a database there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lakebench.bench.charges import request_charge, split_charges
from lakebench.bench.guarded import Guard
from lakebench.bench.object_copy import Copy, copy_objects
from lakebench.bench.resources import ResourceKind
from lakebench.bench.run_plan import RunName, RunPlan
from lakebench.bench.watch import Watcher
from lakebench.catalog.projection import is_projected
from lakebench.catalog.s3 import S3Uri
from lakebench.catalog.table import Storage, Table
from lakebench.client import glue, s3
from lakebench.client.contents import TableContents
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError

_TEMPLATE = "storage.location.template"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPlace:
    """Where a table goes: below ``objects``, as ``database``'s table of the same name.

    ``makes_bucket`` and ``makes_database`` are for those that are not there; then they are the run's own.
    """

    objects: S3Uri
    database: str
    makes_bucket: bool
    makes_database: bool


def push_place(run: RunName, contents: TableContents, *, bucket: str | None, into: str | None) -> PushPlace:
    """The run's own prefix in a bucket that is there, or in one that it makes."""
    table = contents.table
    return PushPlace(
        objects=S3Uri(bucket or run.name, f"{run.prefix}{table.database}/{table.name}/"),
        database=into or run.database,
        makes_bucket=bucket is None,
        makes_database=into is None,
    )


def push_plan(contents: TableContents, place: PushPlace, region: str) -> RunPlan:
    """What a push makes, which stays, and costs; data that goes to AWS is free of charge for its transfer."""
    count = sum(s3.upload_requests(each.stored.size) for each in contents.objects)
    charges, unpriced = split_charges((request_charge("s3-list-put", "requests to S3", count, region),))
    makes = [
        f"{len(contents.objects):,} objects below {place.objects}",
        f"table {place.database}.{contents.table.name}, all of which stay",
    ]
    if place.makes_database:
        makes.insert(0, f"database {place.database}")
    if place.makes_bucket:
        makes.insert(0, f"bucket {place.objects.bucket}")
    return RunPlan(makes=tuple(makes), charges=charges, unpriced=(*unpriced, "their storage, month by month"))


def push(
    local: AwsSession,
    aws: AwsSession,
    contents: TableContents,
    place: PushPlace,
    *,
    guard: Guard,
    watch: Watcher,
) -> Table:
    """Copy it, and return the entry that it has now. Raises ClientError; then nothing of it stays."""
    table, copies = relocated(contents, place)
    _refuse_taken(aws, table, place)
    if place.makes_bucket:
        with guard.making(ResourceKind.BUCKET, place.objects.bucket):
            s3.create_bucket(aws, place.objects.bucket, guard.tags)
    with guard.making(ResourceKind.OBJECTS, str(place.objects)):
        pass  # whatever comes to lie there from here on
    copy_objects(local, aws, copies, watch)
    if place.makes_database:
        with guard.making(ResourceKind.DATABASE, place.database):
            glue.create_database(aws, place.database, guard.tags)
    with guard.making(ResourceKind.TABLE, f"{table.database}.{table.name}", own_name=place.makes_database):
        glue.create_table(aws, table)
    moved = [
        replace(one, storage=_moved(one.storage, contents.table, place.objects))
        for one in contents.partitions
    ]
    glue.create_partitions(aws, table, moved)
    guard.keep()
    return table


def relocated(contents: TableContents, place: PushPlace) -> tuple[Table, list[Copy]]:
    """The table's entry below another place, and the copies that put its objects there.

    Raises ClientError for objects and partitions that do not lie below the table's location.
    """
    table = contents.table
    parameters = dict(table.parameters)
    if is_projected(table) and _TEMPLATE in parameters:
        before = str(_location(table))
        if not parameters[_TEMPLATE].startswith(before):
            raise ClientError(
                f"the partitions of {table.database}.{table.name} lie elsewhere than the table: "
                f"{parameters[_TEMPLATE]}"
            )
        parameters[_TEMPLATE] = str(place.objects) + parameters[_TEMPLATE].removeprefix(before)
    copies = [
        Copy(source=each.stored, to=_target(each.stored.place, table, place.objects))
        for each in contents.objects
    ]
    moved = replace(
        table,
        database=place.database,
        parameters=parameters,
        storage=replace(table.storage, location=place.objects),
    )
    return moved, copies


def _moved(storage: Storage, table: Table, to: S3Uri) -> Storage:
    if storage.location is None:
        return storage
    return replace(storage, location=_target(storage.location.as_prefix, table, to))


def _target(place: S3Uri, table: Table, to: S3Uri) -> S3Uri:
    location = _location(table)
    if place.bucket != location.bucket or not place.key.startswith(location.key):
        raise ClientError(
            f"{place} does not lie below the location of {table.database}.{table.name}, {location}",
            hint="a table with partitions elsewhere cannot be pushed",
        )
    return to.child(place.key.removeprefix(location.key))


def _refuse_taken(aws: AwsSession, table: Table, place: PushPlace) -> None:
    """Nothing that is there is overwritten."""
    if not place.makes_database and table.name in glue.list_table_names(aws, place.database):
        raise ClientError(
            f"database {place.database} has a table {table.name} already; it would be overwritten",
            hint="name another database with --into, or leave it out: the run makes its own",
        )


def _location(table: Table) -> S3Uri:
    if table.storage.location is None:
        raise ClientError(f"table {table.database}.{table.name} has no location")
    return table.storage.location.as_prefix
