"""A data set as files of a format: each a run of consecutive rows, its bytes made as they are asked for.

The bytes of a file depend on (seed, rows, number of files, format) alone, so files may be made in any order
and by any number of workers (with the same releases of numpy, Faker, pyarrow and zlib).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lakebench.datagen.data_sets import DataSet, row_sources
from lakebench.datagen.json_lines import json_lines
from lakebench.datagen.parquet_stream import parquet_chunks
from lakebench.datagen.source import RowSource, csv_lines
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

    generator: RowSource
    files: int
    part_format: PartFormat

    def __post_init__(self) -> None:
        if not 1 <= self.files <= self.generator.most_files:
            raise ConfigError(
                f"files must be between 1 and the {self.generator.most_files:,} rows, not {self.files}"
            )

    def name(self, number: int) -> str:
        """The name of a file, in the order of the rows: ``part-00000.csv.gz``."""
        return f"part-{number:05d}.{self.part_format.value}"

    def chunks(self, number: int, advance: Callable[[int], None]) -> Iterator[bytes]:
        """The bytes of a file; ``advance`` is told the rows of each chunk."""
        source = self.generator
        tables = _told(source.file(number, self.files), advance)
        if self.part_format is PartFormat.PARQUET:
            return parquet_chunks(source.typed(table) for table in tables)
        texts = (
            _csv(tables, source.delimiter)
            if self.part_format in {PartFormat.CSV, PartFormat.CSV_GZ}
            else (json_lines(source.typed(table)) for table in tables)
        )
        return _gzip(texts) if self.part_format.value.endswith(".gz") else texts


def part_plans(
    data_set: DataSet,
    part_format: PartFormat,
    *,
    rows: int | None,
    scale: float | None,
    seed: int,
    files: int,
) -> Mapping[str, PartPlan]:
    """The files of every table by its folder, ``""`` for a data set of one table.

    A small table of several has fewer files. Raises ConfigError as ``row_sources`` and ``PartPlan``.
    """
    sources = row_sources(data_set, rows=rows, scale=scale, seed=seed)
    if len(sources) == 1:
        [alone] = sources.values()
        return {"": PartPlan(generator=alone, files=files, part_format=part_format)}
    return {
        name: PartPlan(generator=one, files=min(files, one.most_files), part_format=part_format)
        for name, one in sources.items()
    }


def _told(tables: Iterable[Any], advance: Callable[[int], None]) -> Iterator[Any]:
    for table in tables:
        yield table
        advance(table.num_rows)


def _csv(tables: Iterable[Any], delimiter: str) -> Iterator[bytes]:
    return (csv_lines(table, delimiter, header=number == 0) for number, table in enumerate(tables))


def _gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=_GZIP)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()
