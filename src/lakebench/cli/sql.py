"""``lakebench sql``: one statement, its rows, and what Athena's console would show below them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lakebench.cli.aws_options import Agreed, Bucket, Keep, MaxUsd, Profile, Region, TargetName
from lakebench.cli.billing import UnitsOption, ZeroMinimumOption, billing_of
from lakebench.config import target_for
from lakebench.errors import ConfigError

if TYPE_CHECKING:
    from lakebench.catalog import S3Uri

LOCAL_ENDPOINT = "http://127.0.0.1:4566"
LOCAL_BUCKET = "lakebench-results"


def sql(
    *,
    statement: Annotated[str | None, typer.Argument(help="The statement; - reads standard input.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", exists=True, dir_okay=False, help="Read it from a file.")
    ] = None,
    database: Annotated[str | None, typer.Option(help="The database; default: default.")] = None,
    row_format: Annotated[
        Literal["table", "csv", "json", "parquet"], typer.Option("--format", help="How to write the rows.")
    ] = "table",
    max_rows: Annotated[int, typer.Option(min=1, help="Rows that a table shows.")] = 100,
    output: Annotated[
        str | None,
        typer.Option(help=f"OutputLocation, left in place; default: s3://{LOCAL_BUCKET}/, made if missing."),
    ] = None,
    endpoint: Annotated[str | None, typer.Option(help=f"The server; default: {LOCAL_ENDPOINT}.")] = None,
    workgroup: Annotated[str | None, typer.Option(help="The workgroup; default: primary.")] = None,
    reuse_minutes: Annotated[
        int | None, typer.Option(min=0, max=10080, help="Take an earlier result that is no older.")
    ] = None,
    target: TargetName = None,
    region: Region = None,
    aws: Agreed = False,
    max_usd: MaxUsd = None,
    aws_profile: Profile = None,
    aws_bucket: Bucket = None,
    keep: Keep = False,
    units: UnitsOption = "binary",
    zero_minimum: ZeroMinimumOption = True,
) -> None:
    """Run one statement: rows on stdout; run time, data scanned and cost on stderr."""
    text = statement_text(statement, file)
    flags = {
        "database": database,
        "endpoint": endpoint,
        "workgroup": workgroup,
        "target": target,
        "region": region,
        "max_usd": max_usd,
        "profile": aws_profile,
        "bucket": aws_bucket,
    }
    chosen = target_for(flags, environ=os.environ, directory=Path.cwd(), local_endpoint=LOCAL_ENDPOINT)
    from lakebench.bench.guarded import check_consent  # heavy; --help is quick
    from lakebench.cli.sql_run import SqlOptions, run_statement

    check_consent(chosen, agreed=aws)
    options = SqlOptions(
        text=text,
        target=chosen,
        row_format=row_format,
        max_rows=max_rows,
        output=_place(output),
        reuse_minutes=reuse_minutes,
        keep=keep,
        billing=billing_of(units, zero_minimum=zero_minimum),
    )
    raise typer.Exit(run_statement(options))


def _place(output: str | None) -> S3Uri | None:
    from lakebench.catalog.s3 import S3Uri

    try:
        return S3Uri.parse(output) if output else None
    except ValueError as error:
        raise ConfigError(str(error)) from error


def statement_text(statement: str | None, file: Path | None) -> str:
    """The statement as given: text, standard input for ``-``, or a file."""
    if (statement is None) == (file is None):
        raise typer.BadParameter("give the statement, or - for standard input, or --file")
    if file is not None:
        return file.read_text(encoding="utf-8")
    return sys.stdin.read() if statement == "-" else str(statement)


def mark(text: str, message: str) -> str | None:
    """The line that Athena's ``line L:C:`` points at, with a caret below the place."""
    words = message.partition("line ")[2].partition(": ")[0].split(":")
    if len(words) != 2 or not all(word.isdigit() for word in words):
        return None
    line, column = int(words[0]), int(words[1])
    lines = text.splitlines()
    if not 1 <= line <= len(lines):
        return None
    return f"at line {line}, column {column}\n  {lines[line - 1]}\n  {' ' * (column - 1)}^"
