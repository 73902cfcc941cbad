"""CREATE EXTERNAL TABLE, DROP TABLE: entries of the catalogue; the data is never touched."""

from __future__ import annotations

from lakebench.catalog import S3Uri, Storage, Table
from lakebench.catalog.store import AlreadyExists, NotFound
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.databases import ensure_database
from lakebench.emulator.athena.run.hive import DDL_TASK, database_missing, hive_failed
from lakebench.emulator.athena.run.new_table import ddl_time
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.sql.statement import CreateExternalTable, DropTable


def create_external_table(context: RunContext, statement: CreateExternalTable) -> TextResult:
    """Register the table as Athena does: ``EXTERNAL`` and ``transient_lastDdlTime`` among the parameters."""
    database = context.database_of(statement.target)
    if not ensure_database(context, database):
        raise database_missing(database)
    parameters = {"EXTERNAL": "TRUE", "transient_lastDdlTime": ddl_time()}
    if statement.comment is not None:
        parameters["comment"] = statement.comment
    table = Table(
        database=database,
        name=statement.target.name,
        columns=statement.columns,
        partition_keys=statement.partition_keys,
        storage=Storage(
            location=_as_hive_keeps_it(statement.location),
            input_format=statement.input_format,
            output_format=statement.output_format,
            serde=statement.serde,
            number_of_buckets=statement.buckets,
            bucket_columns=statement.bucketed_by,
        ),
        parameters={**parameters, **statement.properties},
        owner="hadoop",
    )
    try:
        context.catalog.create_table(table)
    except AlreadyExists:
        if not statement.if_not_exists:
            # Athena's own text lacks the s of "exists" (measured, 166 bytes for a 30-character name).
            raise hive_failed(
                DDL_TASK + f"AlreadyExistsException(message:Table {table.name} already exist)"
            ) from None
    except NotFound:
        raise database_missing(database) from None
    return TextResult()


def _as_hive_keeps_it(location: S3Uri) -> S3Uri:
    """A path of Hadoop's ends without a slash: PyAthena's own tests read ``s3://b/t`` for ``LOCATION 's3://b/t/'``."""
    return S3Uri(location.bucket, location.key.rstrip("/"))


def drop_table(context: RunContext, statement: DropTable) -> TextResult:
    """DROP TABLE [IF EXISTS]; the objects stay, as all of Athena's Hive tables are external."""
    database = context.database_of(statement.target)
    missing = hive_failed(
        f"SemanticException [Error 10001]: Table not found {database}.{statement.target.name}"
    )
    table = context.catalog.table(database, statement.target.name)
    if table is None:
        if statement.if_exists:
            return TextResult()
        raise missing
    if table.is_view:
        raise hive_failed("SemanticException [Error 10019]: Cannot drop a view with DROP TABLE")
    try:
        context.catalog.delete_table(database, table.name)
    except NotFound:
        if not statement.if_exists:
            raise missing from None
    return TextResult()
