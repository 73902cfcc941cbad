"""INSERT INTO: rows become further files of a table, new partitions are registered."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from lakebench.catalog import Column, DataFormat, S3Uri, Table
from lakebench.emulator.athena.columns import ROWS_COLUMN
from lakebench.emulator.athena.execution import RunResult
from lakebench.emulator.athena.metadata import encode_metadata
from lakebench.emulator.athena.result_location import companion
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.ctas import check_partition_count
from lakebench.emulator.athena.run.data_files import Layout, Publication, manifest
from lakebench.emulator.athena.run.partitions import register_new_partitions
from lakebench.emulator.athena.run.query import as_relation, metered, resolve_query, run_query
from lakebench.emulator.engine.protocol import QueryOutcome, TableSink
from lakebench.errors import QueryFailed
from lakebench.sql.coercion import coerces
from lakebench.sql.resolve import result_types
from lakebench.sql.resolved import ResolvedQuery
from lakebench.sql.statement import InsertInto, Query

_COMPRESSION_KEYS = ("write.compression", "parquet.compression", "parquet.compress", "write_compression")


def run_insert(context: RunContext, statement: InsertInto) -> RunResult:
    """Run the query into new files of the table; all of them appear, or none."""
    table = _target(context, statement)
    resolved = _conformed(context, table, statement)
    keys = tuple(column.name for column in table.partition_keys)
    with context.scratch_directory() as directory:
        sink = TableSink(
            directory=directory,
            data_format=table.data_format,
            compression=_compression(table),
            partitioned_by=keys,
            field_delimiter=_delimiter(table.storage.serde.parameters),
        )
        outcome = run_query(context, resolved, sink)
        scanned = metered(context, outcome)
        check_partition_count(outcome)
        context.seal(*(file.path for file in outcome.written))
        place = _publish(context, table, outcome, sink)
    return RunResult(
        columns=(ROWS_COLUMN,),
        update_count=outcome.rows,
        data_scanned=scanned,
        planning_ms=outcome.planning_ms,
        engine_ms=outcome.planning_ms + outcome.execution_ms,
        rows=outcome.rows,
        manifest=place,
    )


def _target(context: RunContext, statement: InsertInto) -> Table:
    """The table, where Athena can insert into it."""
    table = context.find_table(statement.target)
    name = f"{context.database_of(statement.target)}.{statement.target.name}"
    if table is None:
        raise QueryFailed(
            "TABLE_NOT_FOUND", f"Table 'awsdatacatalog.{name}' does not exist", line=1, column=1
        )
    if table.is_view:
        raise QueryFailed("NOT_SUPPORTED", "Inserting into views is not supported", line=1, column=1)
    if table.data_format not in {DataFormat.PARQUET, DataFormat.TEXT}:
        raise QueryFailed(
            "NOT_SUPPORTED", f"Inserting into a {table.data_format} table is not supported ({name})"
        )
    if table.storage.bucket_columns:
        raise QueryFailed("NOT_SUPPORTED", f"Cannot write to bucketed table {name}")
    if _is_on(table, "projection.enabled") or table.parameters.get("table_type", "").lower() == "iceberg":
        raise QueryFailed("NOT_SUPPORTED", f"Inserting into {name} is not supported yet")
    if table.parameters.get("skip.header.line.count", "0").strip() not in {"", "0"}:
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Inserting into {name}, whose property skip.header.line.count is set, is not supported",
        )
    return table


def _conformed(context: RunContext, table: Table, statement: InsertInto) -> ResolvedQuery:
    """The query's columns by position, cast to the target's types; columns not named are NULL."""
    targets = (*table.columns, *table.partition_keys)
    named = _named_columns(targets, statement)
    _check_types(resolve_query(context, statement.query), named)
    sources = {column.name: f"_c{index}" for index, column in enumerate(named)}
    values = [
        exp.alias_(
            exp.cast(
                exp.column(sources[column.name], table="_rows") if column.name in sources else exp.null(),
                exp.DataType.build(column.type.trino, dialect="trino"),
            ),
            column.name,
            quoted=True,
        )
        for column in targets
    ]
    rows = as_relation(statement.query, "_rows", tuple(sources.values()))
    return resolve_query(context, Query(tree=exp.select(*values).from_(rows)))


def _named_columns(targets: tuple[Column, ...], statement: InsertInto) -> tuple[Column, ...]:
    if not statement.columns:
        return targets
    by_name = {column.name: column for column in targets}
    named: dict[str, Column] = {}
    for name in (column.lower() for column in statement.columns):
        if name not in by_name:
            raise QueryFailed(
                "COLUMN_NOT_FOUND",
                f"Insert column name does not exist in target table: {name}",
                line=1,
                column=1,
            )
        if name in named:
            raise QueryFailed(
                "DUPLICATE_COLUMN_NAME",
                f"Insert column name is specified more than once: {name}",
                line=1,
                column=1,
            )
        named[name] = by_name[name]
    return tuple(named.values())


def _check_types(resolved: ResolvedQuery, named: tuple[Column, ...]) -> None:
    """Athena's words for a query that does not fit the table."""
    found = result_types(resolved.tree)
    fits = len(found) == len(named) and all(
        source is None or coerces(source, column.type) for source, column in zip(found, named, strict=True)
    )
    if not fits:
        wanted = ", ".join(column.type.trino for column in named)
        given = ", ".join("unknown" if source is None else source.trino for source in found)
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"Insert query has mismatched column types: Table: [{wanted}], Query: [{given}]",
            line=1,
            column=1,
        )


def _publish(context: RunContext, table: Table, outcome: QueryOutcome, sink: TableSink) -> S3Uri | None:
    """Objects first, the catalogue last; a manifest only where rows were written (measured)."""
    location = table.storage.location
    if location is None:
        raise QueryFailed("HIVE_METASTORE_ERROR", f"Table {table.database}.{table.name} has no location")
    registered = context.catalog.partitions(table) if sink.partitioned_by else []
    folders = {found.values: found.storage.location for found in registered if found.storage.location}
    layout = Layout(location=location, keys=sink.partitioned_by, folders=folders)
    files = [file for file in outcome.written if file.rows]
    result = context.execution.request.location
    place = companion(result, "-manifest.csv") if files else None
    publication = Publication(context)
    complete = False
    try:
        added = publication.add_files(
            files, layout, data_format=sink.data_format, compression=sink.compression
        )
        if place is not None:
            publication.add_bytes(place, manifest(added))
        data = encode_metadata(
            publication.query_id, [ROWS_COLUMN], update_type="INSERT", update_count=outcome.rows
        )
        publication.add_bytes(companion(result, ".metadata"), data)
        register_new_partitions(context, table, files, layout)
        complete = True
    finally:
        if not complete:
            publication.withdraw()
    return place


def _compression(table: Table) -> str:
    """The table's own write compression; Athena's default is gzip for both formats."""
    parameters = {key.lower(): value.lower() for key, value in table.parameters.items()}
    found = next((parameters[key] for key in _COMPRESSION_KEYS if key in parameters), "gzip")
    return "none" if found == "uncompressed" else found


def _delimiter(parameters: Mapping[str, str]) -> str:
    return parameters.get("field.delim") or "\x01"


def _is_on(table: Table, key: str) -> bool:
    return table.parameters.get(key, "").strip().lower() == "true"
