"""A small second engine behind the Engine seam: SQLite over comma-separated files.

It knows integers, doubles and text, and reads every object whole. That is enough to drive executions,
results, CTAS and INSERT without DuckDB, and shows that nothing outside the engine's room needs it.
"""

from __future__ import annotations

import functools
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlglot import exp

from lakebench.catalog import DataFormat
from lakebench.catalog.types import simple
from lakebench.emulator.engine.protocol import (
    Cancellation,
    QueryOutcome,
    QueryRequest,
    ResultColumn,
    RowsSink,
    ScanBinding,
    TableSink,
    WrittenFile,
)
from lakebench.errors import QueryCancelled, QueryFailed
from lakebench.metering import Explanation
from lakebench.metering.record import ObjectRead, ScanRecord

_TYPES = {int: simple("integer"), float: simple("double"), str: simple("varchar")}
Value = int | float | str | None


class SqliteEngine:
    """Runs each query in an in-memory database of its own."""

    def run(self, request: QueryRequest, cancellation: Cancellation) -> QueryOutcome:
        with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
            # interrupt() does nothing between two statements; asking now and then misses none.
            connection.set_progress_handler(lambda: int(cancellation.cancelled), 1000)
            if cancellation.cancelled:
                raise QueryCancelled("Query cancelled by user")
            for scan in request.scans:
                _load(connection, scan)
            try:
                cursor = connection.execute(_sqlite(request.tree))
                rows = cursor.fetchall()
            except sqlite3.Error as error:
                if cancellation.cancelled:
                    raise QueryCancelled("Query cancelled by user") from error
                raise QueryFailed("GENERIC_USER_ERROR", str(error)) from error
            columns = _columns([name for name, *_ in cursor.description], rows)
            cancellation_is_late(connection, cancellation)
        return QueryOutcome(
            columns=columns,
            rows=len(rows),
            written=_write(request.sink, columns, rows),
            scans=tuple(_record(scan) for scan in request.scans),
            explanation=Explanation(scans=()),
            planning_ms=1,
            execution_ms=2,
        )

    def close(self) -> None:
        pass


def cancellation_is_late(connection: sqlite3.Connection, cancellation: Cancellation) -> None:
    if cancellation.cancelled:
        raise QueryCancelled("Query cancelled by user")


def _sqlite(tree: exp.Expression) -> str:
    """The tree in SQLite's dialect, which cannot name the columns of a table alias."""
    tree = tree.copy()
    for values in list(tree.find_all(exp.Values)):
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in values.expressions]
        names = values.alias_column_names or [f"column{n}" for n, _ in enumerate(rows[0], 1)]
        selects = [
            exp.select(*[exp.alias_(value, name) for value, name in zip(row, names, strict=True)])
            for row in rows
        ]
        body = functools.reduce(lambda a, b: exp.union(a, b, distinct=False), selects)
        values.replace(exp.Subquery(this=body, alias=exp.TableAlias(this=exp.to_identifier(values.alias))))
    return tree.sql(dialect="sqlite")


def _load(connection: sqlite3.Connection, scan: ScanBinding) -> None:
    names = [column.name for column in (*scan.table.columns, *scan.table.partition_keys)]
    connection.execute(f'CREATE TABLE "{scan.scan_id}" ({", ".join(f"{_quoted(name)}" for name in names)})')
    delimiter = scan.table.storage.serde.parameters.get("field.delim", "\x01")
    marks = ", ".join("?" for _ in names)
    for file in scan.files:
        for line in file.path.read_text().splitlines():
            values = [*line.split(delimiter)[: len(scan.table.columns)], *file.partition]
            typed = [_typed(value) for value in values]
            connection.execute(f'INSERT INTO "{scan.scan_id}" VALUES ({marks})', typed)


def _typed(value: str | None) -> Value:
    if value is None or value == "\\N":
        return None
    return int(value) if value.lstrip("-").isdigit() else value


def _columns(names: list[str], rows: list[tuple[Value, ...]]) -> tuple[ResultColumn, ...]:
    columns = []
    for index, name in enumerate(names):
        sample = next((row[index] for row in rows if row[index] is not None), "")
        columns.append(ResultColumn(name=name, type=_TYPES[type(sample)]))
    return tuple(columns)


def _write(
    sink: RowsSink | TableSink, columns: tuple[ResultColumn, ...], rows: list[tuple[Value, ...]]
) -> tuple[WrittenFile, ...]:
    if isinstance(sink, RowsSink):
        lines = [",".join(_csv(column.name) for column in columns)]
        lines += [",".join(_csv(value) for value in row) for row in rows]
        sink.path.write_text("".join(f"{line}\n" for line in lines))
        return ()
    assert sink.data_format is DataFormat.TEXT
    return tuple(_data_files(sink, rows))


def _data_files(sink: TableSink, rows: list[tuple[Value, ...]]) -> Iterator[WrittenFile]:
    keys = len(sink.partitioned_by)
    groups: dict[tuple[str | None, ...], list[tuple[Value, ...]]] = defaultdict(list)
    for row in rows:
        key = tuple(None if value is None else str(value) for value in row[len(row) - keys :])
        groups[key].append(row[: len(row) - keys])
    delimiter = sink.serde.get("field.delim", "\x01")
    for number, (key, members) in enumerate(groups.items()):
        path = Path(sink.directory / f"part-{number}")
        lines = [delimiter.join("\\N" if v is None else str(v) for v in row) for row in members]
        path.write_text("".join(f"{line}\n" for line in lines))
        yield WrittenFile(path=path, rows=len(members), size=path.stat().st_size, partition=key)


def _record(scan: ScanBinding) -> ScanRecord:
    objects = tuple(ObjectRead(uri=file.uri, size=file.size, whole=True) for file in scan.files)
    return ScanRecord(
        scan_id=scan.scan_id, database=scan.table.database, table=scan.table.name, objects=objects
    )


def _csv(value: Value) -> str:
    return "" if value is None else '"' + str(value).replace('"', '""') + '"'


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
