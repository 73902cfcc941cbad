"""Glue in few verbs: a database, a crawler and its run, the table it wrote."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from lakebench.catalog.glue import partition_from_glue, partition_to_glue, table_from_glue, table_to_glue
from lakebench.catalog.s3 import S3Uri
from lakebench.catalog.table import Partition, Table
from lakebench.client.call import CallFailed, aws_call
from lakebench.client.poll import Poll
from lakebench.client.s3 import suppress_code
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError

_PARTITIONS_PER_CALL = 100
_CRAWL_POLL = Poll(first=0.01, growth=1.5, longest=5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlerSpec:
    """A crawler over one S3 prefix; tables are named ``table_prefix`` plus the folder's name."""

    name: str
    database: str
    path: S3Uri
    role: str
    table_prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRun:
    """A finished crawl: its status (SUCCEEDED, FAILED, CANCELLED) and how long we waited, in ms."""

    crawler: str
    status: str
    milliseconds: float


def ensure_database(session: AwsSession, name: str, tags: Mapping[str, str] | None = None) -> bool:
    """Make the database unless it is there already; True if it was made. Raises ClientError."""
    try:
        create_database(session, name, tags)
    except CallFailed as error:
        if error.code != "AlreadyExistsException":
            raise
        return False
    return True


def database_exists(session: AwsSession, name: str) -> bool:
    """Whether the catalogue has a database of this name. Raises ClientError."""
    try:
        with aws_call("glue:GetDatabase", name):
            session.glue.get_database(Name=name)
    except CallFailed as error:
        if error.code != "EntityNotFoundException":
            raise
        return False
    return True


def create_database(session: AwsSession, name: str, tags: Mapping[str, str] | None = None) -> None:
    """Make a database; raises ClientError, with AlreadyExistsException if the name is taken."""
    with aws_call("glue:CreateDatabase", name):
        session.glue.create_database(DatabaseInput={"Name": name}, Tags=dict(tags or {}))


def create_crawler(session: AwsSession, spec: CrawlerSpec) -> None:
    """Make a crawler; raises ClientError, with AlreadyExistsException if the name is taken."""
    with aws_call("glue:CreateCrawler", spec.name):
        session.glue.create_crawler(
            Name=spec.name,
            Role=spec.role,
            DatabaseName=spec.database,
            TablePrefix=spec.table_prefix,
            Targets={"S3Targets": [{"Path": str(spec.path)}]},
            Tags=dict(spec.tags),
        )


def run_crawler(
    session: AwsSession,
    name: str,
    *,
    timeout: float = 1800.0,
    told: Callable[[str], None] = lambda _: None,
) -> CrawlRun:
    """Start a crawler and wait until it is READY again; ``told`` hears each state that is seen.

    Raises ClientError when the crawl did not succeed or took more than ``timeout`` seconds; a wait that is
    broken off (Ctrl-C) stops the crawler.
    """
    begun = time.monotonic()
    with aws_call("glue:StartCrawler", name):
        session.glue.start_crawler(Name=name)
    try:
        for _ in _CRAWL_POLL.turns():
            with aws_call("glue:GetCrawler", name):
                crawler = session.glue.get_crawler(Name=name)["Crawler"]
            told(str(crawler["State"]))
            if crawler["State"] == "READY":
                break
            if time.monotonic() - begun > timeout:
                raise ClientError(f"crawler {name} is still {crawler['State']} after {timeout:.0f} seconds")
    except BaseException:
        with suppress(ClientError), aws_call("glue:StopCrawler", name):
            session.glue.stop_crawler(Name=name)
        raise
    last = crawler.get("LastCrawl", {})
    status = str(last.get("Status", "UNKNOWN"))
    if status != "SUCCEEDED":
        raise ClientError(
            f"the crawl of {name} ended {status}: {last.get('ErrorMessage') or 'no reason given'}"
        )
    return CrawlRun(crawler=name, status=status, milliseconds=(time.monotonic() - begun) * 1000)


def get_table(session: AwsSession, database: str, name: str) -> Table:
    """The catalogue's entry of a table; raises ClientError, with EntityNotFoundException if there is none."""
    with aws_call("glue:GetTable", f"{database}.{name}"):
        answer = session.glue.get_table(DatabaseName=database, Name=name)
    return table_from_glue(answer["Table"], database=database)


def create_table(session: AwsSession, table: Table) -> None:
    """Make a table's entry; raises ClientError, with AlreadyExistsException if the name is taken."""
    with aws_call("glue:CreateTable", f"{table.database}.{table.name}"):
        session.glue.create_table(DatabaseName=table.database, TableInput=table_to_glue(table))


def list_partitions(session: AwsSession, table: Table) -> Iterator[Partition]:
    """The registered partitions of a table, page after page. Raises ClientError."""
    with aws_call("glue:GetPartitions", f"{table.database}.{table.name}"):
        pages = session.glue.get_paginator("get_partitions").paginate(
            DatabaseName=table.database, TableName=table.name
        )
        for page in pages:
            yield from (partition_from_glue(wire) for wire in page["Partitions"])


def create_partitions(session: AwsSession, table: Table, partitions: Sequence[Partition]) -> None:
    """Register partitions of a table, 100 a call as AWS allows. Raises ClientError, also for one of them."""
    for first in range(0, len(partitions), _PARTITIONS_PER_CALL):
        inputs = [partition_to_glue(one) for one in partitions[first : first + _PARTITIONS_PER_CALL]]
        with aws_call("glue:BatchCreatePartition", f"{table.database}.{table.name}"):
            answer = session.glue.batch_create_partition(
                DatabaseName=table.database, TableName=table.name, PartitionInputList=inputs
            )
        if failed := answer.get("Errors"):
            detail = failed[0].get("ErrorDetail", {})
            raise ClientError(
                f"glue:BatchCreatePartition on {table.database}.{table.name} failed for "
                f"{failed[0].get('PartitionValues')}: {detail.get('ErrorMessage') or detail.get('ErrorCode')}"
            )


def list_table_names(session: AwsSession, database: str) -> list[str]:
    """The names of a database's tables, in the order that Glue gives them. Raises ClientError."""
    with aws_call("glue:GetTables", database):
        pages = session.glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return [table["Name"] for page in pages for table in page["TableList"]]


def delete_table(session: AwsSession, database: str, name: str) -> None:
    """Delete a table's entry, not its data; one that is gone already is no error. Raises ClientError."""
    with suppress_code("EntityNotFoundException"), aws_call("glue:DeleteTable", f"{database}.{name}"):
        session.glue.delete_table(DatabaseName=database, Name=name)


def delete_database(session: AwsSession, name: str) -> None:
    """Delete a database and its tables' entries; one that is gone is no error. Raises ClientError."""
    with suppress_code("EntityNotFoundException"), aws_call("glue:DeleteDatabase", name):
        session.glue.delete_database(Name=name)


def delete_crawler(session: AwsSession, name: str) -> None:
    """Delete a crawler; one that is gone already is no error. Raises ClientError."""
    with suppress_code("EntityNotFoundException"), aws_call("glue:DeleteCrawler", name):
        session.glue.delete_crawler(Name=name)
