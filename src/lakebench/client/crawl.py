"""A crawl of one prefix for a person to look at: the tables it made, their partitions, what it left out.

A dry run crawls into a database of its own, so it works wherever a crawler works. What is made is told to the
caller, who takes it away again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lakebench.catalog.glue import partition_from_glue
from lakebench.catalog.s3 import S3Uri
from lakebench.catalog.table import Partition, Table
from lakebench.client.call import CallFailed, aws_call
from lakebench.client.glue import (
    CrawlerSpec,
    get_table,
    list_table_names,
    run_crawler,
)
from lakebench.client.session import AwsSession

_MADE_BY = "UPDATED_BY_CRAWLER"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTable:
    """A table that a crawl found. ``change`` is what happened to it, or would: added, updated, unchanged."""

    table: Table
    partitions: tuple[Partition, ...]
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOutcome:
    """``left_out`` are objects and reasons; ``remarks`` the crawler's own warnings.

    ``dpu_hours`` is what AWS says that the run used and bills; 0 on a local server.
    """

    database: str
    dry_run: bool
    milliseconds: float
    tables: tuple[FoundTable, ...]
    left_out: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    dpu_hours: Decimal = Decimal(0)


def crawler_of(
    path: S3Uri,
    *,
    database: str,
    role: str,
    table_prefix: str = "",
    tags: Mapping[str, str] | None = None,
) -> CrawlerSpec:
    """The crawler of a prefix into a database; its name follows from both.

    So a second crawl knows the tables of the first.
    """
    digest = hashlib.md5(f"{path} {database}".encode(), usedforsecurity=False).hexdigest()[:12]
    return CrawlerSpec(
        name=f"lakebench-crawl-{digest}",
        database=database,
        path=path,
        role=role,
        table_prefix=table_prefix,
        tags=tags or {},
    )


def crawl_prefix(
    session: AwsSession,
    spec: CrawlerSpec,
    *,
    database: str,
    seconds: float = 1800.0,
    told: Callable[[str], None] = lambda _: None,
) -> CrawlOutcome:
    """Run a crawler that was made, and read back what it found; raises ClientError.

    A crawl into another database than ``database`` is a dry run: it tells what would change there. ``told``
    hears the crawler's state each time it is asked for. After ``seconds`` the crawler is stopped.
    """
    dry_run = spec.database != database
    run = run_crawler(session, spec.name, timeout=seconds, told=told)
    last = _last_crawl(session, spec.name)
    summary = _summary(last)
    found = [
        table
        for name in list_table_names(session, spec.database)
        if (table := get_table(session, spec.database, name)).parameters.get(_MADE_BY) == spec.name
        and _lies_in(table, spec.path)
    ]
    changes = _planned(session, found, database) if dry_run else _done(summary)
    tables = tuple(
        FoundTable(
            table=table,
            partitions=_partitions(session, table),
            change=changes.get(table.name, "unchanged"),
        )
        for table in found
    )
    objects = summary.get("LEFT_OUT", {}).get("OBJECTS", [])
    return CrawlOutcome(
        database=database,
        dry_run=dry_run,
        milliseconds=run.milliseconds,
        tables=tables,
        left_out=tuple((str(one.get("OBJECT")), str(one.get("REASON"))) for one in objects),
        remarks=tuple(map(str, summary.get("WARNINGS", []))),
        dpu_hours=Decimal(str(last.get("DPUHour") or 0)),
    )


def _lies_in(table: Table, path: S3Uri) -> bool:
    return table.storage.location is not None and str(table.storage.location).startswith(str(path))


def _last_crawl(session: AwsSession, crawler: str) -> Mapping[str, Any]:
    with aws_call("glue:ListCrawls", crawler):
        crawls = session.glue.list_crawls(CrawlerName=crawler, MaxResults=1)["Crawls"]
    return crawls[0] if crawls else {}


def _summary(last: Mapping[str, Any]) -> Mapping[str, Any]:
    """The Summary of a run; nothing when it is absent or no JSON object."""
    try:
        summary = json.loads(last["Summary"])
    except (KeyError, ValueError):
        return {}
    return summary if isinstance(summary, dict) else {}


def _done(summary: Mapping[str, Any]) -> dict[str, str]:
    tables = summary.get("TABLE", {})
    return {
        name: kind.lower()
        for kind, names in (tables.items() if isinstance(tables, dict) else ())
        if isinstance(names, list)
        for name in names
    }


def _planned(session: AwsSession, found: list[Table], database: str) -> dict[str, str]:
    """What a crawl into the real database would do, by location and columns of what is there."""
    try:
        names = list_table_names(session, database)
    except CallFailed as error:
        if error.code != "EntityNotFoundException":
            raise
        names = []
    there = {
        str(table.storage.location): table
        for table in (get_table(session, database, name) for name in names)
        if _MADE_BY in table.parameters
    }
    changes = {}
    for table in found:
        known = there.get(str(table.storage.location))
        if known is None:
            changes[table.name] = "would be added"
        elif known.columns != table.columns or known.partition_keys != table.partition_keys:
            changes[table.name] = "would be updated"
    return changes


def _partitions(session: AwsSession, table: Table) -> tuple[Partition, ...]:
    if not table.partition_keys:
        return ()
    with aws_call("glue:GetPartitions", f"{table.database}.{table.name}"):
        pages = session.glue.get_paginator("get_partitions").paginate(
            DatabaseName=table.database, TableName=table.name
        )
        return tuple(partition_from_glue(one) for page in pages for one in page["Partitions"])
