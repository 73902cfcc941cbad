"""Runs the statement of ``lakebench sql`` and writes what came out; loaded only when it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer
from rich.console import Console

from lakebench.bench.aws_guard import Clearance
from lakebench.bench.guarded import Guard, guarded
from lakebench.bench.resources import ResourceKind
from lakebench.bench.result_place import ResultPlace, check_lasting, check_region, result_place
from lakebench.bench.run_plan import RunName, RunPlan
from lakebench.bench.scan_plan import planned_scans
from lakebench.catalog.s3 import S3Uri
from lakebench.cli.demo_story import interruptible
from lakebench.cli.sql import LOCAL_BUCKET, mark
from lakebench.client.athena import QueryContext, QueryRun, result_columns, result_rows, run_query
from lakebench.client.estimate import StatementEstimator
from lakebench.client.execution_scan import execution_scan
from lakebench.client.s3 import create_bucket, ensure_bucket
from lakebench.client.session import AwsSession, open_session
from lakebench.config import Target
from lakebench.errors import ClientError, ConfigError
from lakebench.pricing import DEFAULT_BILLING, Billing, format_cost, known_tariffs, tariff_cost
from lakebench.report import Language
from lakebench.report.beside import Beside, beside_note
from lakebench.report.parquet_rows import write_parquet
from lakebench.report.progress import watcher_for
from lakebench.report.rows import RowFormat, write_rows
from lakebench.units import format_bytes, format_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlOptions:
    """What the user asked for; ``output`` None is the default place for results."""

    text: str
    target: Target
    row_format: str
    max_rows: int
    output: S3Uri | None
    reuse_minutes: int | None
    keep: bool
    billing: Billing

    @property
    def database(self) -> str:
        """The database that names without one are of."""
        return self.target.database or "default"


def run_statement(options: SqlOptions) -> int:
    """Run it and write what came out; the exit code: 0, or 130 when interrupted.

    Raises ClientError with the place in the text marked, and after the rows when they cost over the limit.
    """
    if options.row_format == "parquet" and sys.stdout.isatty():
        raise ConfigError(
            "Parquet is not for a terminal", hint="send it into a file: --format parquet > rows.parquet"
        )
    session, run = open_session(options.target), RunName.new(options.target)
    watch = watcher_for(Console(stderr=True), Language.EN)
    try:
        with (
            interruptible(),
            guarded(
                session,
                options.target,
                run,
                watch,
                lambda clearance: _plan(session, options, run, clearance),
                keep=options.keep,
                takes_enforced=True,
            ) as guard,
            _results(session, options, run, guard) as output,
        ):
            context = QueryContext(
                database=options.database,
                output=output,
                workgroup=guard.workgroup,
                reuse_minutes=options.reuse_minutes,
            )
            found = _run(session, options.text, context)
            _write(session, found, options)
            typer.echo(summary(found, options.target.region, options.billing), err=True)
            if (note := beside_note(_beside(session, found), options.target.region)) is not None:
                typer.echo(note, err=True)
            guard.spend(found)
    except KeyboardInterrupt:
        watch.note("stopped; a query that was under way is cancelled")
        return 130
    return 0


def _plan(session: AwsSession, options: SqlOptions, run: RunName, clearance: Clearance | None) -> RunPlan:
    """What will be made and scanned on AWS; refuses places that cannot work."""
    if clearance is None:
        return RunPlan()
    place = result_place(options.target.bucket, run, options.output, clearance)
    check_lasting(options.text, place)
    if place.output is not None and not place.makes_bucket:
        check_region(session, place.output.bucket)
    scans = planned_scans(StatementEstimator(session), options.text, database=options.database)
    makes = (f"bucket {place.output.bucket}",) if place.output is not None and place.makes_bucket else ()
    where = clearance.output if place.output is None else place.output
    return RunPlan(
        makes=(*makes, f"results below {where}{', removed at the end' if place.temporary else ''}"),
        scans=scans,
        unpriced=("requests of Glue and S3",),
    )


@contextmanager
def _results(session: AwsSession, options: SqlOptions, run: RunName, guard: Guard) -> Iterator[S3Uri | None]:
    """The place for results, made where it has to be."""
    if guard.clearance is None:
        if options.output is None:
            ensure_bucket(session, LOCAL_BUCKET)
        yield (options.output or S3Uri(LOCAL_BUCKET)).as_prefix
        return
    place = result_place(options.target.bucket, run, options.output, guard.clearance)
    _make(session, place, guard)
    yield place.output


def _make(session: AwsSession, place: ResultPlace, guard: Guard) -> None:
    if place.output is None or not place.temporary:
        return
    if place.makes_bucket:
        with guard.making(ResourceKind.BUCKET, place.output.bucket):
            create_bucket(session, place.output.bucket, guard.tags)
    with guard.making(ResourceKind.OBJECTS, str(place.output)):
        pass  # whatever comes to lie there from here on


def _run(session: AwsSession, text: str, context: QueryContext) -> QueryRun:
    try:
        return run_query(session, text, context)
    except ClientError as error:
        error.hint = error.hint or mark(text, error.message)
        raise


def _write(session: AwsSession, run: QueryRun, options: SqlOptions) -> None:
    columns = result_columns(session, run.execution_id)
    if not columns:
        return
    rows = result_rows(session, run.execution_id)
    names = [column.name for column in columns]
    if options.row_format == "parquet":
        kinds = [column.type for column in columns]
        write_parquet(list(zip(names, kinds, strict=True)), rows, sys.stdout.buffer)
    else:
        write_rows(
            names,
            rows,
            row_format=RowFormat(options.row_format),
            console=Console(),
            at_most=options.max_rows,
        )
    sys.stdout.flush()


def _beside(session: AwsSession, run: QueryRun) -> Beside:
    """What S3 was asked for at least: the objects that were read, the result that was written."""
    if run.reused or not run.statistics.scanned_bytes:
        return Beside()
    document = execution_scan(session, run.execution_id) or {"scans": []}
    return Beside(gets=sum(scan["objects"]["kept"] for scan in document["scans"]), puts=1)


def summary(run: QueryRun, region: str, billing: Billing = DEFAULT_BILLING) -> str:
    """One line in the words of Athena's console: time in queue, run time, data scanned; and the cost."""
    figures = run.statistics
    tariff = known_tariffs().tariff(region)
    amount = tariff_cost(figures.scanned_bytes, tariff, billable=run.billable, billing=billing)
    cost = format_cost(amount, tariff.currency)
    reused = ("An earlier result was reused",) if run.reused else ()
    return "   ".join(
        (
            f"Time in queue: {format_milliseconds(figures.queue_ms)}",
            f"Run time: {format_milliseconds(figures.engine_ms)}",
            f"Data scanned: {format_bytes(figures.scanned_bytes)}",
            f"Billed: {cost}",
            *reused,
        )
    )
