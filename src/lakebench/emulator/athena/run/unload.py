"""UNLOAD: a query's rows as data files below an S3 path, and no table."""

from __future__ import annotations

from lakebench.catalog import S3Uri
from lakebench.emulator.athena.columns import ROWS_COLUMN
from lakebench.emulator.athena.execution import RunResult
from lakebench.emulator.athena.metadata import encode_metadata
from lakebench.emulator.athena.result_location import companion
from lakebench.emulator.athena.run.column_names import check_column_names
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.ctas import check_partition_count
from lakebench.emulator.athena.run.data_files import Layout, Publication, manifest
from lakebench.emulator.athena.run.query import metered, resolve_query, run_query
from lakebench.emulator.engine.protocol import QueryOutcome, ResultColumn, TableSink
from lakebench.errors import QueryFailed
from lakebench.sql.statement import Unload


def run_unload(context: RunContext, statement: Unload) -> RunResult:
    """Run the query into files below the target, which must be empty; the manifest lists them.

    Raises QueryFailed HIVE_PATH_ALREADY_EXISTS, and what CTAS raises for columns and partitions.
    """
    _check_target(context, statement.location)
    resolved = resolve_query(context, statement.query)
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
        _check_partition_columns(statement, outcome.columns)
        check_partition_count(outcome)
        context.seal(*(file.path for file in outcome.written))
        place = _publish(context, statement, outcome)
    return RunResult(
        columns=(ROWS_COLUMN,),
        update_count=outcome.rows,
        data_scanned=scanned,
        planning_ms=outcome.planning_ms,
        engine_ms=outcome.planning_ms + outcome.execution_ms,
        rows=outcome.rows,
        manifest=place,
    )


def _check_target(context: RunContext, location: S3Uri) -> None:
    if not context.objects.bucket_exists(location.bucket):
        raise QueryFailed(
            "PERMISSION_DENIED", f"The specified bucket does not exist (Bucket: {location.bucket})"
        )
    if next(iter(context.objects.list(location)), None) is not None:
        raise QueryFailed("HIVE_PATH_ALREADY_EXISTS", f"Target directory already exists: {location}")


def _check_partition_columns(statement: Unload, columns: tuple[ResultColumn, ...]) -> None:
    keys = statement.partitioned_by
    if keys and tuple(column.name.lower() for column in columns)[-len(keys) :] != keys:
        raise QueryFailed(
            "HIVE_COLUMN_ORDER_MISMATCH",
            "Partition keys must be the last columns in the query and in the same order as in "
            f"partitioned_by: [{', '.join(keys)}]",
        )


def _publish(context: RunContext, statement: Unload, outcome: QueryOutcome) -> S3Uri:
    """Data files, then manifest and companion; all are taken back when one cannot be written."""
    result = context.execution.request.location
    place = companion(result, "-manifest.csv")
    publication = Publication(context)
    complete = False
    try:
        layout = Layout(location=statement.location, keys=statement.partitioned_by)
        added = publication.add_files(
            outcome.written, layout, data_format=statement.data_format, compression=statement.compression
        )
        publication.add_bytes(place, manifest(added))
        companion_bytes = encode_metadata(
            publication.query_id, [ROWS_COLUMN], update_type="UNLOAD", update_count=outcome.rows
        )
        publication.add_bytes(companion(result, ".metadata"), companion_bytes)
        complete = True
    finally:
        if not complete:
            publication.withdraw()
    return place
