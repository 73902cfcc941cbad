"""``lakebench crawl``: crawl a prefix and show the tables that a Glue crawler makes of it."""

from __future__ import annotations

import json as json_format
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakebench.cli.sql import LOCAL_ENDPOINT
from lakebench.config import Target, TargetKind, target_for
from lakebench.errors import ConfigError

if TYPE_CHECKING:
    from lakebench.catalog import S3Uri
    from lakebench.client.crawl import CrawlOutcome, FoundTable
    from lakebench.client.session import AwsSession
    from lakebench.report.document import ReportTable

_LOCAL_ROLE = "arn:aws:iam::123456789012:role/lakebench-crawl"
_SHOWN_PARTITIONS = 3
_SHOWN_VALUES = 3
_VALUE_WIDTH = 24
_WORTH_TELLING_SECONDS = 2.0


def crawl(
    *,
    path: Annotated[str, typer.Argument(help="The include path: s3://bucket/prefix/ or one object.")],
    database: Annotated[str | None, typer.Option(help="The database; default: default.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be found and changed; keep nothing.")
    ] = False,
    table_prefix: Annotated[str, typer.Option(help="Put this before the tables' names.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")] = False,
    endpoint: Annotated[str | None, typer.Option(help=f"The server; default: {LOCAL_ENDPOINT}.")] = None,
    target: Annotated[str | None, typer.Option(help="Where to crawl: local (default) or aws.")] = None,
    region: Annotated[str | None, typer.Option(help="AWS region.")] = None,
    aws: Annotated[
        bool, typer.Option("--aws", help="aws: yes, run a crawler there; ten minutes are billed at least.")
    ] = False,
    aws_role: Annotated[
        str | None, typer.Option(help="aws: the IAM role that the crawler runs under.")
    ] = None,
    aws_profile: Annotated[str | None, typer.Option(help="aws: the profile with the credentials.")] = None,
) -> None:
    """Crawl a prefix: tables, types, partitions, and what to know before querying."""
    flags = {
        "database": database,
        "endpoint": endpoint,
        "target": target,
        "region": region,
        "role": aws_role,
        "profile": aws_profile,
    }
    chosen = _chosen(
        target_for(flags, environ=os.environ, directory=Path.cwd(), local_endpoint=LOCAL_ENDPOINT), agreed=aws
    )
    from lakebench.catalog import S3Uri  # heavy; --help is quick
    from lakebench.client.crawl import crawl_prefix
    from lakebench.client.session import open_session

    try:
        place = S3Uri.parse(path)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    session = open_session(chosen)
    with _progress(session, place) as told:
        outcome = crawl_prefix(
            session,
            place,
            database=(chosen.database or "default").lower(),
            role=chosen.role or _LOCAL_ROLE,
            dry_run=dry_run,
            table_prefix=table_prefix,
            told=told,
        )
        findings = [_finding(session, found) for found in outcome.tables]
    if json:
        typer.echo(json_format.dumps(_as_json(outcome, findings), indent=2, ensure_ascii=False))
    else:
        _print(str(place), outcome, findings)


def _chosen(target: Target, *, agreed: bool) -> Target:
    """The target; ConfigError for aws without a role and a yes."""
    if target.kind is TargetKind.LOCAL:
        return target
    if not agreed:
        raise ConfigError(
            "a crawl on AWS costs money: at least ten minutes of crawler for each run, dry or not",
            hint="add --aws to run it all the same, or use target local",
        )
    if target.role is None:
        raise ConfigError("a crawler on AWS needs an IAM role", hint="give --aws-role")
    return target


@contextmanager
def _progress(session: AwsSession, place: S3Uri) -> Iterator[Callable[[str], None]]:
    """A spinner with the crawler's state on a terminal; elsewhere a line, once a crawl takes its time."""
    from rich.console import Console
    from rich.markup import escape

    from lakebench.client.sts import account_of

    console = Console(stderr=True)
    on_aws = session.kind is TargetKind.AWS
    line = f"Crawling {place}"
    if on_aws:
        line += f" on AWS account {account_of(session)}, {session.region}"
    begun = time.monotonic()
    if console.is_terminal:
        with console.status(escape(line)) as status:
            yield lambda state: status.update(f"{escape(line)}: {state}, {time.monotonic() - begun:.0f} s")
        return
    said = [on_aws]
    if on_aws:
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    def told(_: str) -> None:
        if not said[0] and time.monotonic() - begun > _WORTH_TELLING_SECONDS:
            console.print(f"{line} ...", highlight=False, markup=False, soft_wrap=True)
            said[0] = True

    yield told


Finding = tuple["FoundTable", dict[str, list[str]], list[str]]
"""A table, its first values by column, and advice."""


def _finding(session: AwsSession, found: FoundTable) -> Finding:
    from lakebench.cli.crawl_advice import advice
    from lakebench.client.peek import first_lines, first_values

    lines = first_lines(session, found.table)
    values = first_values(found.table, lines)
    return found, values, advice(found, lines, values)


def _as_json(outcome: CrawlOutcome, findings: list[Finding]) -> dict[str, Any]:
    return {
        "database": outcome.database,
        "dry_run": outcome.dry_run,
        "milliseconds": round(outcome.milliseconds, 1),
        "dpu_hours": outcome.dpu_hours,
        "tables": [
            {
                "name": found.table.name,
                "change": found.change,
                "location": str(found.table.storage.location),
                "classification": found.table.parameters.get("classification"),
                "compression": found.table.parameters.get("compressionType"),
                "serde": found.table.storage.serde.library,
                "header": "skip.header.line.count" in found.table.parameters,
                "columns": [{"name": c.name, "type": c.type.hive} for c in found.table.columns],
                "partition_keys": [{"name": c.name, "type": c.type.hive} for c in found.table.partition_keys],
                "partitions": [list(partition.values) for partition in found.partitions],
                "values": {name: cells[:_SHOWN_VALUES] for name, cells in values.items()},
                "parameters": dict(found.table.parameters),
                "advice": told,
            }
            for found, values, told in findings
        ],
        "left_out": [{"object": uri, "reason": reason} for uri, reason in outcome.left_out],
        "warnings": list(outcome.remarks),
    }


def _print(place: str, outcome: CrawlOutcome, findings: list[Finding]) -> None:
    from rich.console import Console

    from lakebench.report.document import Document
    from lakebench.report.terminal import print_document
    from lakebench.units import format_milliseconds

    notes = [f"{found.table.name}: {line}" for found, _, told in findings for line in told]
    notes += [f"Left out: {uri} {reason}" for uri, reason in outcome.left_out]
    notes += outcome.remarks
    if not findings:
        notes.append("No table: nothing below that path can be read, or nothing is there.")
    if outcome.dpu_hours:
        notes.append(f"AWS bills {outcome.dpu_hours:g} DPU hours for this run.")
    if outcome.dry_run:
        notes.append(f"A dry run: database {outcome.database} is as it was.")
    count = f"{len(findings)} table{'' if len(findings) == 1 else 's'}"
    took = format_milliseconds(outcome.milliseconds)
    document = Document(
        title=f"{place} into {outcome.database}: {count}, {took}",
        tables=tuple(_table(found, values) for found, values, _ in findings),
        notes=tuple(notes),
    )
    print_document(document, Console())


def _table(found: FoundTable, values: dict[str, list[str]]) -> ReportTable:
    from lakebench.report.document import ReportTable

    rows = [
        (column.name, column.type.hive, _shown(values.get(column.name, []))) for column in found.table.columns
    ]
    for index, key in enumerate(found.table.partition_keys):
        distinct = list(dict.fromkeys(partition.values[index] for partition in found.partitions))
        rows.append((key.name, f"{key.type.hive} (partition)", _shown(distinct, _SHOWN_PARTITIONS)))
    return ReportTable(
        title=_title(found),
        header=("Column", "Type", "First values"),
        rows=tuple(rows),
        words=frozenset({0, 1, 2}),
    )


def _title(found: FoundTable) -> str:
    table = found.table
    facts = [table.parameters.get("classification", "?")]
    if "delimiter" in table.parameters:
        header = "with" if "skip.header.line.count" in table.parameters else "without"
        facts.append(f"delimiter {table.parameters['delimiter']!r}, {header} a header")
    if table.parameters.get("compressionType", "none") != "none":
        facts.append(table.parameters["compressionType"])
    if table.partition_keys:
        facts.append(f"{len(found.partitions)} partitions")
    return f"{table.name} ({found.change}): {', '.join(facts)}, {table.storage.location}"


def _shown(cells: list[str], most: int = _SHOWN_VALUES) -> str:
    cut = [
        cell if len(cell) <= _VALUE_WIDTH else f"{cell[: _VALUE_WIDTH - 1]}\N{HORIZONTAL ELLIPSIS}"
        for cell in cells[:most]
    ]
    more = ", \N{HORIZONTAL ELLIPSIS}" if len(cells) > most else ""
    return ", ".join(cut) + more
