"""UNLOAD: a query's rows as data files below an S3 path, and no table."""

from __future__ import annotations

from lakebench.emulator.athena.execution import RunResult
from lakebench.emulator.athena.run.column_names import check_column_names
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.data_files import Layout
from lakebench.emulator.athena.run.new_table import check_columns
from lakebench.emulator.athena.run.query import resolve_query
from lakebench.emulator.athena.run.writing import NOWHERE, Writing, require_empty, write_files
from lakebench.emulator.engine.protocol import TableSink
from lakebench.sql.statement import Unload


def run_unload(context: RunContext, statement: Unload) -> RunResult:
    """Run the query into files below the target, which must be empty; the manifest lists them.

    Raises QueryFailed HIVE_PATH_ALREADY_EXISTS, and what CTAS raises for columns and partitions.
    """
    location = statement.location
    require_empty(context, location, f"Target directory already exists: {location}")
    resolved = resolve_query(context, statement.query)
    check_column_names(statement.query, resolved)
    writing = Writing(
        resolved=resolved,
        sink=TableSink(
            directory=NOWHERE,
            data_format=statement.data_format,
            compression=statement.compression,
            compression_level=statement.compression_level,
            partitioned_by=statement.partitioned_by,
            serde={"field.delim": statement.field_delimiter},
        ),
        layout=Layout(location=location, keys=statement.partitioned_by),
        update_type="UNLOAD",
        check=lambda columns: check_columns(columns, statement.data_format, statement.partitioned_by),
    )
    return write_files(context, writing)
