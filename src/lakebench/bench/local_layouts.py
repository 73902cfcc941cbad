"""Layouts that CTAS cannot make, written on this machine and uploaded: order, row groups, encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from lakebench.datagen import VentasGenerator
from lakebench.datagen.parquet_stream import parquet_chunks, with_empty_texts, with_numbers

_BLOCKS_IN_FILE = 16  # a million rows, which are sorted in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalParquet:
    """How Parquet is written: sorted within each file or not, rows of a group, dictionaries or none."""

    sorted_by: tuple[str, ...] = ()
    row_group_rows: int = 65_536
    dictionary: bool = True

    def file_count(self, generator: VentasGenerator) -> int:
        """How many files the rows make, of a million rows at most."""
        return -(-generator.block_count // _BLOCKS_IN_FILE)

    def chunks(
        self, generator: VentasGenerator, number: int, advance: Callable[[int], None]
    ) -> Iterator[bytes]:
        """The bytes of a file; ``advance`` is told its rows as they are drawn."""
        tables = self._tables(generator, number, advance)
        return parquet_chunks(tables, row_group_rows=self.row_group_rows, dictionary=self.dictionary)

    def _tables(
        self, generator: VentasGenerator, number: int, advance: Callable[[int], None]
    ) -> Iterator[Any]:
        first = number * _BLOCKS_IN_FILE
        blocks = range(first, min(first + _BLOCKS_IN_FILE, generator.block_count))
        tables = (_block(generator, block, advance) for block in blocks)
        if not self.sorted_by:
            return tables
        return iter([pa.concat_tables(tables).sort_by([(name, "ascending") for name in self.sorted_by])])


def _block(generator: VentasGenerator, block: int, advance: Callable[[int], None]) -> Any:
    table = with_empty_texts(with_numbers(generator.table(block)))
    advance(table.num_rows)
    return table
