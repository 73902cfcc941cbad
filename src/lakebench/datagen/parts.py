"""A data set as files of a format: each a run of consecutive rows, its bytes made as they are asked for.

The bytes of a file depend on (seed, rows, number of files, format) alone, so files may be made in any order
and by any number of workers (with the same releases of numpy, Faker, pyarrow and zlib).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from lakebench.datagen.parquet_stream import parquet_chunks, with_numbers
from lakebench.datagen.ventas import BLOCK_ROWS, VentasGenerator
from lakebench.errors import ConfigError

_GZIP = 16 + zlib.MAX_WBITS  # a gzip header without name and time


class PartFormat(StrEnum):
    """How files are written; CSV has a header in each file, JSON is a document a line."""

    CSV = "csv"
    CSV_GZ = "csv.gz"
    JSON = "json"
    JSON_GZ = "json.gz"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    """A generator's rows in ``files`` files, as equal as can be; ConfigError for more files than rows."""

    generator: VentasGenerator
    files: int
    part_format: PartFormat

    def __post_init__(self) -> None:
        if not 1 <= self.files <= self.generator.rows:
            raise ConfigError(
                f"files must be between 1 and the {self.generator.rows:,} rows, not {self.files}"
            )

    def name(self, number: int) -> str:
        """The name of a file, in the order of the rows: ``part-00000.csv.gz``."""
        return f"part-{number:05d}.{self.part_format.value}"

    def bounds(self, number: int) -> tuple[int, int]:
        """The first row of a file, and the first of the next one."""
        rows = self.generator.rows
        return number * rows // self.files, (number + 1) * rows // self.files

    def chunks(self, number: int, advance: Callable[[int], None]) -> Iterator[bytes]:
        """The bytes of a file; ``advance`` is told the rows of each chunk."""
        tables = self._tables(number, advance)
        if self.part_format is PartFormat.PARQUET:
            return parquet_chunks(with_numbers(table) for table in tables)
        texts = _csv(tables) if self.part_format in {PartFormat.CSV, PartFormat.CSV_GZ} else _json(tables)
        return _gzip(texts) if self.part_format.value.endswith(".gz") else texts

    def _tables(self, number: int, advance: Callable[[int], None]) -> Iterator[Any]:
        begin, end = self.bounds(number)
        for block in range(begin // BLOCK_ROWS, -(-end // BLOCK_ROWS)):
            first = block * BLOCK_ROWS
            table = self.generator.table(block)
            cut = table.slice(max(begin - first, 0), min(end - first, BLOCK_ROWS) - max(begin - first, 0))
            yield cut
            advance(cut.num_rows)


def _csv(tables: Iterable[Any]) -> Iterator[bytes]:
    for number, table in enumerate(tables):
        sink = pa.BufferOutputStream()
        options = pa_csv.WriteOptions(include_header=False, quoting_style="none", batch_size=16_384)
        pa_csv.write_csv(table, sink, options)
        head = f"{','.join(table.column_names)}\n".encode() if number == 0 else b""
        yield head + bytes(sink.getvalue())


def _json(tables: Iterable[Any]) -> Iterator[bytes]:
    for table in tables:
        typed = with_numbers(table)
        heads = [json.dumps(name) for name in typed.column_names]
        columns = [_json_values(column) for column in typed.columns]
        lines = (
            "{" + ", ".join(f"{head}: {value}" for head, value in zip(heads, values, strict=True)) + "}\n"
            for values in zip(*columns, strict=True)
        )
        yield "".join(lines).encode()


def _json_values(column: Any) -> list[str]:
    """The JSON text of each cell; a decimal is a number with its digits."""
    if pa.types.is_decimal(column.type):
        return ["null" if cell is None else format(cell, "f") for cell in column.to_pylist()]
    return [json.dumps(cell, ensure_ascii=False) for cell in column.to_pylist()]


def _gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=_GZIP)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()
