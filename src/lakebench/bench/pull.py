"""A table of AWS in the local lake: its entry, its partitions, and its objects or a sample of them.

Objects keep their places, so that statements and locations stay as they are. Each copy carries the ETag of
its source: a pull that was broken off goes on by looking at what is there, and nothing else is taken for its
own. The table's entry comes last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lakebench.bench.charges import request_charge, split_charges, transfer_charge
from lakebench.bench.object_copy import Copy, copy_objects, is_copy_of
from lakebench.bench.run_plan import RunPlan
from lakebench.bench.watch import Watcher
from lakebench.catalog.s3 import S3Uri, holds_data
from lakebench.catalog.table import Table
from lakebench.client import glue, s3
from lakebench.client.call import CallFailed
from lakebench.client.contents import ContentObject, TableContents
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError, ConfigError

_PULL = "lakebench.pull"
"""A parameter of a pulled table: what was taken, so that the same pull is known again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullResult:
    """What lies in the local lake now; ``copied`` objects came with this pull, the others were there."""

    database: str
    table: str
    objects: int
    size: int
    copied: int
    partitions: int


def pull_plan(contents: TableContents, region: str, *, bounded: bool) -> RunPlan:
    """What a pull costs: it makes nothing on AWS.

    Raises ConfigError where the transfer has no known price and nobody ``bounded`` its bytes: then no limit
    in dollars could hold.
    """
    transfer = transfer_charge(contents.size, region)
    if isinstance(transfer, str) and not bounded:
        raise ConfigError(
            f"what this costs cannot be told: {transfer}",
            hint="give --max-bytes; as many bytes may then be copied, whatever they cost",
        )
    requests = request_charge("s3-get", "requests for objects", len(contents.objects), region)
    charges, unpriced = split_charges((requests, transfer))
    return RunPlan(charges=charges, unpriced=(*unpriced, "the requests that list the table"))


def pull(
    source: AwsSession,
    local: AwsSession,
    contents: TableContents,
    watch: Watcher,
    *,
    into: str,
    overwrite: bool = False,
) -> PullResult:
    """Copy what is not there yet, then make the entry in database ``into``.

    Raises ClientError for what is there and is not of this pull, unless ``overwrite``: then it is removed.
    """
    table = replace(
        contents.table,
        database=into,
        parameters={**contents.table.parameters, _PULL: _digest(contents)},
    )
    known = _table_there(local, table, overwrite=overwrite)
    present, foreign = _present(local, contents)
    if foreign and not overwrite:
        raise ClientError(
            f"{len(foreign):,} objects are there that are not of this pull, such as {foreign[0]}",
            hint="--overwrite removes them; or pull into an empty lake",
        )
    for bucket in {each.stored.place.bucket for each in contents.objects} | {_location(table).bucket}:
        s3.ensure_bucket(local, bucket)
    missing = [each for each in contents.objects if each.stored.place not in present]
    copy_objects(source, local, [Copy(source=each.stored, to=each.stored.place) for each in missing], watch)
    wanted = {each.stored.place for each in contents.objects}
    s3.delete_objects(local, [place for place in foreign if place not in wanted])
    _make_entry(local, table, contents, known=known)
    return PullResult(
        database=into,
        table=table.name,
        objects=len(contents.objects),
        size=contents.size,
        copied=len(missing),
        partitions=len(contents.partitions),
    )


def _table_there(local: AwsSession, table: Table, *, overwrite: bool) -> bool:
    """Whether this very pull made the table before; ClientError for another table of its name."""
    try:
        there = glue.get_table(local, table.database, table.name)
    except CallFailed as error:
        if error.code != "EntityNotFoundException":
            raise
        return False
    if there.parameters.get(_PULL) == table.parameters[_PULL]:
        return True
    if not overwrite:
        raise ClientError(
            f"database {table.database} has a table {table.name} already, which is not of this pull",
            hint="--overwrite puts this one in its place; --into names another database",
        )
    return False


def _present(local: AwsSession, contents: TableContents) -> tuple[set[S3Uri], list[S3Uri]]:
    """The places of this pull that hold their copies, and what else lies where the table will be read."""
    wanted: Mapping[S3Uri, ContentObject] = {each.stored.place: each for each in contents.objects}
    present: set[S3Uri] = set()
    foreign: list[S3Uri] = []
    for place in _lying_there(local, contents):
        each = wanted.get(place)
        if each is not None and is_copy_of(local, place, each.stored):
            present.add(place)
        else:
            foreign.append(place)
    return present, foreign


def _lying_there(local: AwsSession, contents: TableContents) -> Iterator[S3Uri]:
    places = {_location(contents.table).as_prefix}
    places |= {
        one.storage.location.as_prefix for one in contents.partitions if one.storage.location is not None
    }
    seen: set[S3Uri] = set()
    for place in sorted(places, key=str):
        if not s3.bucket_exists(local, place.bucket):
            continue
        for stored in s3.list_objects(local, place):
            if stored.place not in seen and holds_data(stored.place.key.removeprefix(place.key)):
                seen.add(stored.place)
                yield stored.place


def _make_entry(local: AwsSession, table: Table, contents: TableContents, *, known: bool) -> None:
    """Make the table and its partitions; of one that is known only what is missing."""
    glue.ensure_database(local, table.database)
    if not known:
        glue.delete_table(local, table.database, table.name)
        glue.create_table(local, table)
    there = {one.values for one in glue.list_partitions(local, table)} if contents.partitions else set()
    glue.create_partitions(local, table, [one for one in contents.partitions if one.values not in there])


def _location(table: Table) -> S3Uri:
    if table.storage.location is None:
        raise ClientError(f"table {table.database}.{table.name} has no location")
    return table.storage.location


def _digest(contents: TableContents) -> str:
    """The same for the same objects."""
    told = sorted(f"{each.stored.place} {each.stored.etag}" for each in contents.objects)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
