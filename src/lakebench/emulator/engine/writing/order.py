"""What a worker is told to write: the query's text, and how its columns become files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lakebench.catalog import DataFormat, DataType
from lakebench.emulator.engine.failures import raised
from lakebench.emulator.engine.protocol import ResultColumn, TableSink
from lakebench.emulator.engine.quoting import identifier, literal
from lakebench.emulator.engine.relations.text import Delimiters
from lakebench.emulator.engine.writing.json_line import json_line
from lakebench.emulator.engine.writing.text_line import text_line
from lakebench.errors import QueryFailed
from lakebench.sql import duckdb_type, result_text
from lakebench.sql.hive_types import check_hive_type

_BY_COLUMN = frozenset({DataFormat.PARQUET, DataFormat.ORC, DataFormat.AVRO})
WriteOrder = Mapping[str, Any]


def write_order(query: str, columns: Sequence[ResultColumn], sink: TableSink, directory: Path) -> WriteOrder:
    """The order as JSON carries it; raises QueryFailed for what cannot be written."""
    kept = len(columns) - len(sink.partitioned_by)
    if kept < 1:
        raise QueryFailed("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    for column in columns:
        if column.type.name == "unknown":
            raise QueryFailed("COLUMN_TYPE_UNKNOWN", f"Column type is unknown: {column.name}")
        check_hive_type(column.name, column.type, sink.data_format)
    names = [f"c{ordinal}" for ordinal in range(len(columns))]
    rows = f"({query}) AS q({', '.join(names)})"
    if sink.narrowed:
        narrow = [_narrow(name, column, sink) for name, column in zip(names, columns, strict=True)]
        rows = f"(SELECT {', '.join(narrow)} FROM {rows}) AS r"
        columns = [_narrowed(column, sink) for column in columns]
    data = [(column.name.lower(), column.type) for column in columns[:kept]]
    buckets = [names[at] for at in _positions(sink.bucketed_by, data)]
    bucket_types = [data[at][1].trino for at in _positions(sink.bucketed_by, data)]
    items = [*_data_items(names[:kept], data, sink)]
    items += [
        f"{result_text(name, column.type)} AS k{at}"
        for at, (name, column) in enumerate(zip(names[kept:], columns[kept:], strict=True))
    ]
    items += [
        f"CAST({name} AS {duckdb_type(data[int(name[1:])][1])}) AS b{at}" for at, name in enumerate(buckets)
    ]
    return {
        "query": f"SELECT {', '.join(items)} FROM {rows}",
        "directory": str(directory),
        "format": sink.data_format.value,
        "codec": sink.compression,
        "level": sink.compression_level,
        "columns": [[name, data_type.trino] for name, data_type in data],
        "keys": len(sink.partitioned_by),
        "bucket_types": bucket_types,
        "bucket_count": sink.bucket_count,
    }


def _narrowed(column: ResultColumn, sink: TableSink) -> ResultColumn:
    narrowing = sink.narrowed.get(column.name.lower())
    return column if narrowing is None else replace(column, type=narrowing.target)


def _narrow(name: str, column: ResultColumn, sink: TableSink) -> str:
    """The column, cut to what its target holds (Trino: LogicalPlanner.noTruncationCast)."""
    narrowing = sink.narrowed.get(column.name.lower())
    if narrowing is None:
        return name
    (length,) = narrowing.target.parameters
    cut = f"left({name}, {length})"
    message = (
        f"Cannot truncate non-space characters when casting from {narrowing.source.trino} to "
        f"{narrowing.target.trino} on INSERT"
    )
    failure = raised("INVALID_CAST_ARGUMENT", literal(message), of=name)
    fits = f"{name} IS NULL OR rtrim({name}, ' ') = rtrim({cut}, ' ')"
    return f"CASE WHEN {fits} THEN {cut} ELSE {failure} END AS {name}"


def _positions(wanted: Sequence[str], data: Sequence[tuple[str, DataType]]) -> list[int]:
    places = {name: at for at, (name, _) in enumerate(data)}
    return [places[name] for name in wanted]


def _typed(name: str, data_type: DataType) -> str:
    """A column as Athena and Spark read it: wide integers as decimals, char without its padding."""
    if data_type.name == "char":
        return f"rtrim({name}, ' ')"
    return f"CAST({name} AS {duckdb_type(data_type)})"


def _data_items(names: Sequence[str], data: Sequence[tuple[str, DataType]], sink: TableSink) -> list[str]:
    """One item a column where the file has columns, else the whole line with its line feed."""
    types = [data_type for _, data_type in data]
    if sink.data_format in _BY_COLUMN:
        pairs = zip(names, types, strict=True)
        return [f"{_typed(name, kind)} AS {identifier(name)}" for name, kind in pairs]
    if sink.data_format is DataFormat.JSON:
        line = json_line(names, data)
    elif sink.data_format is DataFormat.TEXT:
        line = text_line(names, types, Delimiters.of(sink.serde))
    else:
        raise QueryFailed("NOT_SUPPORTED", f"Writing tables as {sink.data_format.value} is not supported")
    return [f"{line} || chr(10) AS line"]
