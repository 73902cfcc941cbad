"""CREATE TABLE AS: data files, catalogue entry and partitions appear together or not at all."""

from __future__ import annotations

from lakebench.catalog import DataFormat, S3Uri, Table
from lakebench.catalog.store import AlreadyExists
from lakebench.emulator.athena.columns import ROWS_COLUMN
from lakebench.emulator.athena.execution import RunResult
from lakebench.emulator.athena.metadata import encode_metadata
from lakebench.emulator.athena.result_location import companion
from lakebench.emulator.athena.run.column_names import check_column_names
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.data_files import Layout, Publication, manifest
from lakebench.emulator.athena.run.databases import require_database
from lakebench.emulator.athena.run.new_table import created_table
from lakebench.emulator.athena.run.partitions import register_new_partitions
from lakebench.emulator.athena.run.query import metered, resolve_query, run_query, without_rows
from lakebench.emulator.engine.protocol import QueryOutcome, TableSink
from lakebench.errors import QueryFailed
from lakebench.sql.statement import CreateTableAs

_WRITABLE = {DataFormat.PARQUET, DataFormat.TEXT}
MAX_NEW_PARTITIONS = 100


def run_ctas(context: RunContext, statement: CreateTableAs) -> RunResult:
    """Run the query into files below the target's location, then register the table.

    With IF NOT EXISTS a table that is there already stays as it is, and nothing is read or written.
    """
    if statement.if_not_exists and context.find_table(statement.target) is not None:
        return RunResult(columns=(ROWS_COLUMN,))
    database = _check_target(context, statement)
    location = _target_location(context, statement, database)
    query = statement.query if statement.with_data else without_rows(statement.query)
    resolved = resolve_query(context, query)
    check_column_names(statement.query, resolved)
    with context.scratch_directory() as directory:
        sink = TableSink(
            directory=directory,
            data_format=statement.data_format,
            compression=statement.compression,
            partitioned_by=statement.partitioned_by,
            field_delimiter=statement.field_delimiter,
        )
        outcome = run_query(context, resolved, sink)
        scanned = metered(context, outcome)
        table = created_table(statement, database, outcome.columns, location)
        check_partition_count(outcome)
        context.seal(*(file.path for file in outcome.written))
        place = _publish(context, statement, outcome, table)
    return RunResult(
        columns=(ROWS_COLUMN,),
        update_count=outcome.rows,
        data_scanned=scanned,
        planning_ms=outcome.planning_ms,
        engine_ms=outcome.planning_ms + outcome.execution_ms,
        rows=outcome.rows,
        manifest=place,
    )


def check_partition_count(outcome: QueryOutcome) -> None:
    """At most 100 partitions are written by one statement (facts/athena.md 4, limits)."""
    if len({file.partition for file in outcome.written}) > MAX_NEW_PARTITIONS:
        raise QueryFailed(
            "HIVE_TOO_MANY_OPEN_PARTITIONS",
            f"Exceeded limit of {MAX_NEW_PARTITIONS} open writers for partitions/buckets",
        )


def _check_target(context: RunContext, statement: CreateTableAs) -> str:
    database = context.database_of(statement.target)
    if statement.data_format not in _WRITABLE:
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Writing {statement.data_format} tables is not supported yet; use PARQUET or TEXTFILE",
        )
    if context.find_table(statement.target) is not None:
        raise QueryFailed(
            "TABLE_ALREADY_EXISTS",
            f"Destination table 'awsdatacatalog.{database}.{statement.target.name}' already exists",
            line=1,
            column=1,
        )
    require_database(context, database)
    return database


def _target_location(context: RunContext, statement: CreateTableAs, database: str) -> S3Uri:
    """``external_location``, or ``tables/<id>/`` below the output location; it must be empty."""
    given = statement.external_location
    location = (given or context.execution.request.location).as_prefix
    if not context.objects.bucket_exists(location.bucket):
        raise QueryFailed(
            "PERMISSION_DENIED", f"The specified bucket does not exist (Bucket: {location.bucket})"
        )
    if next(iter(context.objects.list(location)), None) is not None:
        raise QueryFailed(
            "HIVE_PATH_ALREADY_EXISTS",
            f"Target directory for table '{database}.{statement.target.name}' already exists: "
            f"{given or location}",
        )
    return location


def _publish(context: RunContext, statement: CreateTableAs, outcome: QueryOutcome, table: Table) -> S3Uri:
    """Objects first, the catalogue last; what was added is taken back when anything fails."""
    result = context.execution.request.location
    place = companion(result, "-manifest.csv")
    publication = Publication(context)
    registered = complete = False
    try:
        layout = Layout(location=_location_of(table), keys=statement.partitioned_by)
        added = publication.add_files(
            outcome.written, layout, data_format=statement.data_format, compression=statement.compression
        )
        publication.add_bytes(place, manifest(added))
        companion_bytes = encode_metadata(
            publication.query_id, [ROWS_COLUMN], update_type="CREATE TABLE", update_count=outcome.rows
        )
        publication.add_bytes(companion(result, ".metadata"), companion_bytes)
        _register(context, table)
        registered = True
        register_new_partitions(context, table, outcome.written, layout)
        complete = True
    finally:
        if not complete:
            publication.withdraw()
            if registered:
                context.catalog.delete_table(table.database, table.name)
    return place


def _register(context: RunContext, table: Table) -> None:
    try:
        context.catalog.create_table(table)
    except AlreadyExists:
        raise QueryFailed(
            "TABLE_ALREADY_EXISTS",
            f"Destination table 'awsdatacatalog.{table.database}.{table.name}' already exists",
            line=1,
            column=1,
        ) from None


def _location_of(table: Table) -> S3Uri:
    if table.storage.location is None:
        raise QueryFailed("HIVE_METASTORE_ERROR", f"Table {table.database}.{table.name} has no location")
    return table.storage.location
