"""``lakebench sql``: one statement, its rows, and what Athena's console would show below them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lakebench.config import Target, TargetKind, target_for
from lakebench.errors import ClientError, ConfigError

if TYPE_CHECKING:
    from lakebench.client.athena import QueryRun

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
        str | None, typer.Option(help=f"OutputLocation; default: s3://{LOCAL_BUCKET}/, made if missing.")
    ] = None,
    endpoint: Annotated[str | None, typer.Option(help=f"The server; default: {LOCAL_ENDPOINT}.")] = None,
    workgroup: Annotated[str | None, typer.Option(help="The workgroup; default: primary.")] = None,
) -> None:
    """Run one statement on a local server: rows on stdout; run time, data scanned and cost on stderr."""
    text = statement_text(statement, file)
    flags = {"database": database, "endpoint": endpoint, "workgroup": workgroup}
    target = target_for(flags, environ=os.environ, directory=Path.cwd(), local_endpoint=LOCAL_ENDPOINT)
    if target.kind is not TargetKind.LOCAL:
        raise ConfigError(
            "sql runs on a local server only for now",
            hint="unset LAKEBENCH_TARGET; `lakebench demo --target aws` has a spending guard, this has none",
        )
    run_statement(text, target, row_format=row_format, max_rows=max_rows, output=output)


def statement_text(statement: str | None, file: Path | None) -> str:
    """The statement as given: text, standard input for ``-``, or a file."""
    if (statement is None) == (file is None):
        raise typer.BadParameter("give the statement, or - for standard input, or --file")
    if file is not None:
        return file.read_text(encoding="utf-8")
    return sys.stdin.read() if statement == "-" else str(statement)


def run_statement(text: str, target: Target, *, row_format: str, max_rows: int, output: str | None) -> None:
    """Run it and write what came out; raises ClientError with the place in the text marked."""
    from rich.console import Console  # heavy; --help is quick

    from lakebench.catalog import S3Uri
    from lakebench.client.athena import QueryContext, result_columns, result_rows, run_query
    from lakebench.client.s3 import ensure_bucket
    from lakebench.client.session import open_session
    from lakebench.report.parquet_rows import write_parquet
    from lakebench.report.rows import RowFormat, write_rows

    if row_format == "parquet" and sys.stdout.isatty():
        raise ConfigError(
            "Parquet is not for a terminal", hint="send it into a file: --format parquet > rows.parquet"
        )
    session = open_session(target)
    try:
        place = S3Uri.parse(output) if output else S3Uri(LOCAL_BUCKET)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if output is None:
        ensure_bucket(session, LOCAL_BUCKET)
    context = QueryContext(
        database=target.database or "default", output=place.as_prefix, workgroup=target.workgroup
    )
    try:
        run = run_query(session, text, context)
    except ClientError as error:
        error.hint = error.hint or mark(text, error.message)
        raise
    columns = result_columns(session, run.execution_id)
    if columns:
        rows = result_rows(session, run.execution_id)
        names = [column.name for column in columns]
        if row_format == "parquet":
            kinds = [column.type for column in columns]
            write_parquet(list(zip(names, kinds, strict=True)), rows, sys.stdout.buffer)
        else:
            write_rows(names, rows, row_format=RowFormat(row_format), console=Console(), at_most=max_rows)
    sys.stdout.flush()
    typer.echo(summary(run, target.region), err=True)


def summary(run: QueryRun, region: str) -> str:
    """One line in the words of Athena's console: time in queue, run time, data scanned; and the cost."""
    from lakebench.pricing import format_cost, known_tariffs, tariff_cost
    from lakebench.units import format_bytes, format_milliseconds

    figures = run.statistics
    tariff = known_tariffs().tariff(region)
    # AWS: DDL is free; a CTAS is reported as DDL and yet charged for what its SELECT scanned.
    billable = run.statement_type == "DML" or figures.scanned_bytes > 0
    cost = format_cost(tariff_cost(figures.scanned_bytes, tariff, billable=billable), tariff.currency)
    return "   ".join(
        (
            f"Time in queue: {format_milliseconds(figures.queue_ms)}",
            f"Run time: {format_milliseconds(figures.engine_ms)}",
            f"Data scanned: {format_bytes(figures.scanned_bytes)}",
            f"Billed: {cost}",
        )
    )


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
