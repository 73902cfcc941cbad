"""Where rows go: the result file of a SELECT, the data files of CTAS and INSERT.

DuckDB writes below the worker's scratch directory; finished files are renamed to where the caller wants
them, which must lie on the same file system.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lakebench.catalog import DataFormat, DataType
from lakebench.emulator.engine.protocol import ResultColumn, RowsSink, TableSink, WrittenFile
from lakebench.emulator.engine.quoting import identifier, literal, literal_list
from lakebench.emulator.engine.relations.lines import LONG_LINES, line_reader
from lakebench.emulator.engine.staging import NULL_PARTITION
from lakebench.errors import QueryFailed
from lakebench.sql import duckdb_type, result_text

_MAX_PARTITIONS = 100  # AWS: 100 open writers per CTAS, INSERT and UNLOAD (facts/athena.md 4)
_ROW_GROUP_ROWS = 1_048_576
_PARQUET_CODECS = {
    "none": "uncompressed",
    "snappy": "snappy",
    "gzip": "gzip",
    "zstd": "zstd",
    "lz4": "lz4_raw",
}
_TEXT_CODECS = {"none": ("none", ""), "gzip": ("gzip", ".gz"), "zstd": ("zstd", ".zst")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A COPY statement and where its output lies until it is collected."""

    statement: str
    place: Path


def rows_copy(query: str, columns: Sequence[ResultColumn], place: Path) -> Copy:
    """Athena's result file: every value quoted, NULL an empty field.

    The header is left to collect_rows() when names repeat: DuckDB would number them.
    """
    names = [f"c{ordinal}" for ordinal in range(len(columns))]
    items = [
        f"{result_text(name, column.type)} AS {identifier(column.name)}"
        for name, column in zip(names, columns, strict=True)
    ]
    header = "true" if _distinct(columns) else "false"
    return Copy(
        statement=f"COPY (SELECT {', '.join(items)} FROM ({query}) AS q({', '.join(names)})) "
        f"TO {literal(str(place))} (FORMAT csv, HEADER {header}, DELIMITER ',', FORCE_QUOTE *)",
        place=place,
    )


def collect_rows(copy: Copy, columns: Sequence[ResultColumn], sink: RowsSink) -> None:
    """Move the result file to its place, with its header."""
    if _distinct(columns):
        copy.place.rename(sink.path)
        return
    quoted = ('"' + column.name.replace('"', '""') + '"' for column in columns)
    with sink.path.open("wb") as out, copy.place.open("rb") as body:
        out.write((",".join(quoted) + "\n").encode())
        shutil.copyfileobj(body, out, 1 << 20)


def _distinct(columns: Sequence[ResultColumn]) -> bool:
    return len({column.name.casefold() for column in columns}) == len(columns)


def table_copy(query: str, columns: Sequence[ResultColumn], sink: TableSink, place: Path) -> Copy:
    """Data files: one, or one a partition and a flush. Raises QueryFailed for what cannot be written."""
    kept = len(columns) - len(sink.partitioned_by)
    if kept < 1:
        raise QueryFailed("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    for column in columns:
        if column.type.name == "unknown":
            raise QueryFailed("COLUMN_TYPE_UNKNOWN", f"Column type is unknown: {column.name}")
    names = [f"c{ordinal}" for ordinal in range(len(columns))]
    if sink.data_format is DataFormat.PARQUET:
        items = [_parquet_item(name, column) for name, column in zip(names[:kept], columns, strict=False)]
        options, suffix = _parquet_options(sink), ".parquet"
    elif sink.data_format is DataFormat.TEXT:
        items = [_text_item(names[:kept], columns, sink)]
        options, suffix = _text_options(sink)
    else:
        raise QueryFailed("NOT_SUPPORTED", f"Writing tables as {sink.data_format.value} is not supported")
    keys = [f"k{ordinal}" for ordinal in range(len(sink.partitioned_by))]
    items += [
        f"{result_text(name, column.type)} AS {key}"
        for key, name, column in zip(keys, names[kept:], columns[kept:], strict=True)
    ]
    if keys:
        options += f", PARTITION_BY ({', '.join(keys)})"
        options += f", FILE_EXTENSION {literal(suffix.split('.')[1])}, FILENAME_PATTERN 'part-{{i}}'"
    target = place if keys else place / f"part-0{suffix}"
    return Copy(
        statement=f"COPY (SELECT {', '.join(items)} FROM ({query}) AS q({', '.join(names)})) "
        f"TO {literal(str(target))} ({options}, RETURN_FILES true)",
        place=place,
    )


def _parquet_item(name: str, column: ResultColumn) -> str:
    """A column as Spark and Athena read it: plain types, DuckDB's own wide integers as decimals."""
    return f"CAST({name} AS {duckdb_type(column.type)}) AS {identifier(column.name)}"


def _parquet_options(sink: TableSink) -> str:
    codec = _PARQUET_CODECS.get(sink.compression)
    if codec is None:
        raise QueryFailed("NOT_SUPPORTED", f"Compression {sink.compression} is not supported for PARQUET")
    # No bloom filters: Athena's files carry none, and DuckDB would read them (design decision 6).
    return f"FORMAT parquet, COMPRESSION {codec}, write_bloom_filter false, ROW_GROUP_SIZE {_ROW_GROUP_ROWS}"


def _text_item(names: Sequence[str], columns: Sequence[ResultColumn], sink: TableSink) -> str:
    fields = []
    for name, column in zip(names, columns, strict=False):
        if column.type.fields:
            raise QueryFailed(
                "NOT_SUPPORTED",
                f"Column {column.name} of type {column.type.trino} cannot be written as TEXTFILE",
            )
        fields.append(f"coalesce({_hive_text(name, column.type)}, '\\N')")
    return f" || {literal(sink.field_delimiter)} || ".join(fields) + " AS line"


def _hive_text(name: str, data_type: DataType) -> str:
    """A value as LazySimpleSerDe writes it: binary in base64, all else as in a result file."""
    if data_type.name == "varbinary":
        return f"to_base64({name})"
    return result_text(name, data_type)


def _text_options(sink: TableSink) -> tuple[str, str]:
    codec = _TEXT_CODECS.get(sink.compression)
    if codec is None:
        raise QueryFailed("NOT_SUPPORTED", f"Compression {sink.compression} is not supported for TEXTFILE")
    compression, suffix = codec
    options = f"FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '', COMPRESSION {compression}"
    return options, f".txt{suffix}"


def rows_query(files: Sequence[str], sink: TableSink) -> str:
    """The statement that counts each written file's rows; a text file's rows are its lines."""
    if sink.data_format is DataFormat.PARQUET:
        return f"SELECT file_name, num_rows FROM parquet_file_metadata({literal_list(files)})"
    lines = line_reader(files, f"filename=true, {LONG_LINES}")
    return f"SELECT filename, count(*) FROM {lines} GROUP BY filename"


def collect_table(rows: Mapping[str, int], sink: TableSink) -> tuple[WrittenFile, ...]:
    """Move the data files into the sink's directory; files without rows are not kept.

    Raises QueryFailed HIVE_TOO_MANY_OPEN_PARTITIONS.
    """
    written = []
    for ordinal, name in enumerate(sorted(name for name, count in rows.items() if count)):
        source = Path(name)
        target = sink.directory / f"{ordinal:05d}{''.join(source.suffixes)}"
        size = source.stat().st_size
        source.rename(target)
        values = _partition_of(source, len(sink.partitioned_by))
        written.append(WrittenFile(path=target, rows=rows[name], size=size, partition=values))
    if len({file.partition for file in written}) > _MAX_PARTITIONS:
        raise QueryFailed(
            "HIVE_TOO_MANY_OPEN_PARTITIONS",
            f"Exceeded limit of {_MAX_PARTITIONS} open writers for partitions/buckets",
        )
    return tuple(written)


def _partition_of(path: Path, keys: int) -> tuple[str | None, ...]:
    """The values in the folders' names, as DuckDB wrote them: ``k0=2024/k1=a%20b``."""
    folders = path.parts[-1 - keys : -1]
    texts = (folder.partition("=")[2] for folder in folders)
    return tuple(None if text == NULL_PARTITION else unquote(text) for text in texts)
