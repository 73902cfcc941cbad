"""What CTAS, INSERT and UNLOAD share: run a query into files, then make all of it visible, or nothing.

Objects come first, the catalogue last. Athena may leave orphans when a statement fails; here they are
taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from lakebench.catalog import S3Uri
from lakebench.emulator.athena.columns import ROWS_COLUMN
from lakebench.emulator.athena.execution import RunResult
from lakebench.emulator.athena.metadata import encode_metadata
from lakebench.emulator.athena.result_location import companion
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.data_files import Layout, Publication, manifest
from lakebench.emulator.athena.run.query import metered, run_query
from lakebench.emulator.engine.protocol import QueryOutcome, ResultColumn, TableSink
from lakebench.errors import QueryFailed
from lakebench.sql import result_columns, result_types
from lakebench.sql.resolved import ResolvedQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a run left: its outcome, the engine's id of it, and what is to be done if a later step fails."""

    outcome: QueryOutcome
    query_id: str
    undo: ExitStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """One writing statement.

    ``check`` sees the columns as soon as they are known and raises QueryFailed; ``register`` adds entries to
    the catalogue. ``update_type`` is what the result's companion tells. ``always_listed``: a manifest is
    written although no file was.
    """

    resolved: ResolvedQuery
    sink: TableSink
    layout: Layout
    update_type: str
    check: Callable[[Sequence[ResultColumn]], None] | None = None
    register: Callable[[Written], None] | None = None
    always_listed: bool = True


def write_files(context: RunContext, writing: Writing) -> RunResult:
    """Run the query, publish its files and the manifest, register them; all of it or nothing."""
    planned = _planned_columns(writing.resolved)
    if planned is not None and writing.check is not None:
        writing.check(planned)
    with context.scratch_directory() as directory:
        outcome = run_query(context, writing.resolved, replace(writing.sink, directory=directory))
        scanned = metered(context, outcome)
        if planned is None and writing.check is not None:
            writing.check(outcome.columns)
        context.seal(*(file.path for file in outcome.written))
        place = _publish(context, writing, outcome)
    return RunResult(
        columns=(ROWS_COLUMN,),
        update_count=outcome.rows,
        data_scanned=scanned,
        planning_ms=outcome.planning_ms,
        engine_ms=outcome.planning_ms + outcome.execution_ms,
        rows=outcome.rows,
        manifest=place,
    )


NOWHERE = Path()
"""Stands in a sink for the directory that ``write_files`` makes."""


def _planned_columns(resolved: ResolvedQuery) -> tuple[ResultColumn, ...] | None:
    """The columns before the query runs; None where the engine must be asked for a type."""
    columns = []
    for name, data_type in zip(result_columns(resolved.tree), result_types(resolved.tree), strict=True):
        if data_type is None:
            return None
        columns.append(ResultColumn(name=name, type=data_type))
    return tuple(columns)


def _publish(context: RunContext, writing: Writing, outcome: QueryOutcome) -> S3Uri | None:
    result = context.execution.request.location
    place = companion(result, "-manifest.csv") if outcome.written or writing.always_listed else None
    publication = Publication(context)
    with ExitStack() as undo:
        undo.callback(publication.withdraw)
        added = publication.add_files(outcome.written, writing.layout, writing.sink)
        if place is not None:
            publication.add_bytes(place, manifest(added))
        told = encode_metadata(
            publication.query_id, [ROWS_COLUMN], update_type=writing.update_type, update_count=outcome.rows
        )
        publication.add_bytes(companion(result, ".metadata"), told)
        if writing.register is not None:
            writing.register(Written(outcome=outcome, query_id=publication.query_id, undo=undo))
        undo.pop_all()
    return place


def require_empty(context: RunContext, location: S3Uri, message: str) -> None:
    """Refuse a target whose bucket is missing, or below which objects lie."""
    if not context.objects.bucket_exists(location.bucket):
        raise QueryFailed(
            "PERMISSION_DENIED", f"The specified bucket does not exist (Bucket: {location.bucket})"
        )
    if next(iter(context.objects.list(location)), None) is not None:
        raise QueryFailed("HIVE_PATH_ALREADY_EXISTS", message)
