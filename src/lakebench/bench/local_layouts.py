"""Layouts that CTAS cannot make, written on this machine and uploaded: order, row groups, encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from lakebench.datagen.parquet_stream import parquet_chunks, with_empty_texts
from lakebench.datagen.source import RowSource

_ROWS_IN_FILE = 1_048_576  # which are sorted in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalParquet:
    """How Parquet is written: sorted within each file or not, rows of a group, dictionaries or none."""

    is_sorted: bool = False
    row_group_rows: int = 65_536
    dictionary: bool = True

    def file_count(self, source: RowSource) -> int:
        """How many files the rows make, of a million rows at most."""
        return min(-(-source.rows // _ROWS_IN_FILE), source.most_files)

    def chunks(
        self, source: RowSource, number: int, sorted_by: tuple[str, ...], advance: Callable[[int], None]
    ) -> Iterator[bytes]:
        """The bytes of a file; ``advance`` is told its rows as they are drawn."""
        tables = _typed(source, number, self.file_count(source), advance)
        if self.is_sorted and sorted_by:
            order = [(name, "ascending") for name in sorted_by]
            tables = iter([pa.concat_tables(tables).sort_by(order)])
        return parquet_chunks(tables, row_group_rows=self.row_group_rows, dictionary=self.dictionary)


def _typed(source: RowSource, number: int, files: int, advance: Callable[[int], None]) -> Iterator[Any]:
    for table in source.file(number, files):
        yield with_empty_texts(source.typed(table))
        advance(table.num_rows)
