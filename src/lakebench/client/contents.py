"""A table as it lies in S3: its entry, and the objects that Athena would read of chosen partitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakebench.catalog import Table
from lakebench.catalog.projection import is_projected
from lakebench.catalog.table import Partition
from lakebench.client.glue import get_table, list_partitions
from lakebench.client.objects import HIVE_DEFAULT_PARTITION, NotEstimable, TableObject, TableObjects
from lakebench.client.s3 import StoredObject
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError, ConfigError, StatementError
from lakebench.metering.conditions import ScanConditions, scan_conditions
from lakebench.metering.evaluator import own_evaluator
from lakebench.sql import parse, resolve
from lakebench.sql import statement as statements
from lakebench.sql.resolved import Scan

_OTHER_FORMATS = ("iceberg", "delta", "hudi")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentObject:
    """An object of a table, with the values of the partition that it is in."""

    stored: StoredObject
    partition: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContents:
    """``partitions`` are registered ones with objects among ``objects``; none of a projected table."""

    table: Table
    partitions: tuple[Partition, ...]
    objects: tuple[ContentObject, ...]

    @property
    def size(self) -> int:
        """Bytes of all objects."""
        return sum(each.stored.size for each in self.objects)


def read_contents(
    session: AwsSession, database: str, name: str, *, where: str | None = None
) -> TableContents:
    """List a table; ``where`` is a condition on its partition keys, as one writes it in SQL.

    Raises ConfigError for a condition that is none or names other columns, ClientError for a view or a table
    whose objects its entry does not tell.
    """
    table = get_table(session, database, name)
    check_plain(table)
    if where is None:
        conditions = None
        scan = Scan(scan_id="s0", table=table)
    else:
        scan, conditions = _conditions(table, where)
    try:
        listing, evaluated = TableObjects(session, own_evaluator()).bind(scan, conditions)
    except StatementError as error:
        raise ConfigError(f"{database}.{name} cannot be listed: {error}") from error
    if not evaluated:
        raise ConfigError(
            f"the condition {where!r} cannot be evaluated here", hint="compare keys with constants"
        )
    objects = tuple(
        ContentObject(
            stored=StoredObject(place=each.uri, size=each.size, etag=each.etag), partition=each.partition
        )
        for each in listing.kept
        if isinstance(each, TableObject)
    )
    return TableContents(table=table, partitions=_partitions(session, table, objects), objects=objects)


def check_plain(table: Table) -> None:
    """Refuse what is more than an entry and objects at its location; ClientError."""
    name = f"{table.database}.{table.name}"
    if table.view_text is not None or table.table_type == "VIRTUAL_VIEW":
        raise ClientError(f"{name} is a view: it has no objects", hint="take the tables that it reads")
    told = {key.lower(): value.lower() for key, value in table.parameters.items()}
    kind = told.get("table_type") or told.get("spark.sql.sources.provider") or ""
    if kind in _OTHER_FORMATS:
        raise NotEstimable(
            f"{name} is a table of {kind}: its objects are told by its own metadata, not copied"
        )
    if table.storage.location is None:
        raise NotEstimable(f"{name} has no location in S3")


def _conditions(table: Table, where: str) -> tuple[Scan, ScanConditions]:
    name = f"{table.database}.{table.name}"
    if not table.partition_keys:
        raise ConfigError(f"{name} has no partitions to choose from")
    try:
        sql = f'SELECT 1 FROM "{table.database}"."{table.name}" WHERE {where}'  # noqa: S608 (the user's own)
        statement = parse(sql)
        if not isinstance(statement, statements.Query):
            raise ConfigError(f"{where!r} is no condition")
        resolved = resolve(
            statement,
            lambda database, table_name: (
                table if (database, table_name) == (table.database, table.name) else None
            ),
            lambda _: True,
            table.database,
        )
    except StatementError as error:
        raise ConfigError(
            f"{where!r} is no condition on partitions of {name}: {error}",
            hint="write it as in SQL: --partitions \"day >= '2026-01-01'\"",
        ) from error
    found = scan_conditions(resolved.tree, frozenset(scan.scan_id for scan in resolved.scans))
    if len(resolved.scans) != 1 or len(found) != 1:
        raise ConfigError(f"{where!r} is not a plain condition on partitions of {name}")
    conditions = found[resolved.scans[0].scan_id]
    keys = {key.name for key in table.partition_keys}
    others = sorted({path[0] for path in conditions.used} - keys)
    if others:
        raise ConfigError(
            f"{others[0]} is no partition key of {name}", hint=f"its keys are {', '.join(sorted(keys))}"
        )
    return resolved.scans[0], conditions


def _partitions(session: AwsSession, table: Table, objects: Sequence[ContentObject]) -> tuple[Partition, ...]:
    if not table.partition_keys or is_projected(table):
        return ()
    wanted = {each.partition for each in objects}
    return tuple(
        partition for partition in list_partitions(session, table) if partition_key(partition) in wanted
    )


def partition_key(partition: Partition) -> tuple[str | None, ...]:
    """Its values as objects have them: None for Hive's default partition."""
    return tuple(None if value == HIVE_DEFAULT_PARTITION else value for value in partition.values)
