"""One door for all formats: the relation of a scan, whatever its SerDe."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lakebench.catalog import DataFormat
from lakebench.emulator.engine.relations.captures import Ask
from lakebench.emulator.engine.relations.grok import grok_relation
from lakebench.emulator.engine.relations.json_lines import json_relation
from lakebench.emulator.engine.relations.open_csv import open_csv_relation
from lakebench.emulator.engine.relations.parquet import file_groups, parquet_relation
from lakebench.emulator.engine.relations.partitions import check_partition_values, empty_relation
from lakebench.emulator.engine.relations.regex import regex_relation
from lakebench.emulator.engine.relations.rows import rows_relation
from lakebench.emulator.engine.relations.schema import FileSchema
from lakebench.emulator.engine.relations.text import text_relation
from lakebench.emulator.engine.staging import StagedScan
from lakebench.errors import QueryFailed

_BY_LINE: Mapping[DataFormat, Callable[[StagedScan, frozenset[str]], str]] = {
    DataFormat.TEXT: text_relation,
    DataFormat.OPEN_CSV: open_csv_relation,
    DataFormat.JSON: json_relation,
}

_BY_PATTERN: Mapping[DataFormat, Callable[[StagedScan, frozenset[str], Ask], str]] = {
    DataFormat.REGEX: regex_relation,
    DataFormat.GROK: grok_relation,
}


def is_columnar(data_format: DataFormat) -> bool:
    """Whether bytes are counted by column chunk and not by object."""
    return data_format in {DataFormat.PARQUET, DataFormat.ORC}


def reads_parquet(data_format: DataFormat) -> bool:
    """Whether the engine reads Parquet files: the objects themselves, or copies of them."""
    return data_format in {DataFormat.PARQUET, DataFormat.ORC, DataFormat.AVRO}


def relation(scan: StagedScan, wanted: frozenset[str], schemas: Mapping[str, FileSchema], ask: Ask) -> str:
    """The SELECT that gives the scan's rows: table columns, partition keys, hidden columns wanted.

    ``schemas`` are those of Parquet files, by the path of their link; ``ask`` tells whether the engine can
    read a pattern.
    Raises QueryFailed with NOT_SUPPORTED for a format that is not read.
    """
    table = scan.binding.table
    if table.is_system:
        return rows_relation(scan)
    data_format = table.data_format
    if not (reads_parquet(data_format) or data_format in _BY_LINE or data_format in _BY_PATTERN):
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Table {table.database}.{table.name} cannot be read: {data_format.value} "
            f"({table.storage.serde.library or 'no SerDe'}) is not supported",
        )
    check_partition_values(scan)
    if not scan.paths:
        return empty_relation(scan, wanted)
    if reads_parquet(data_format):
        return parquet_relation(scan, file_groups(scan, schemas), wanted)
    if data_format in _BY_PATTERN:
        return _BY_PATTERN[data_format](scan, wanted, ask)
    return _BY_LINE[data_format](scan, wanted)
