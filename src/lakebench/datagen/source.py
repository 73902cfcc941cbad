"""What a data set gives: the rows of a table as files of consecutive rows, whatever makes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

import pyarrow as pa
import pyarrow.csv as pa_csv

from lakebench.datagen.extra import require_packages
from lakebench.errors import ConfigError

BLOCK_ROWS = 65_536
"""Rows drawn at once: some 12 MB of CSV, so that memory stays flat whatever the number of rows."""

MAX_ROWS = 10_000_000_000


class RowSource(Protocol):
    """The rows of one table.

    ``rows`` is how many; for a table that tells only when it is written, about how many. ``delimiter`` stands
    between the fields of its CSV, and in none of its texts.
    """

    @property
    def rows(self) -> int:
        """How many rows, or about how many."""
        ...

    @property
    def delimiter(self) -> str:
        """What stands between two fields of a line of CSV."""
        ...

    @property
    def most_files(self) -> int:
        """Into how many files the rows can be divided."""
        ...

    def file(self, number: int, files: int) -> Iterator[Any]:
        """The rows of file ``number`` (from 0) of ``files`` as Arrow tables, in order."""
        ...

    def typed(self, table: Any) -> Any:
        """One of these tables with the types that columnar formats get."""
        ...


class BlockSource(ABC):
    """Rows that are drawn block by block from a seed, each block by its number alone.

    So any number of workers makes the same bytes in any order (with the same releases of numpy and Faker).
    Raises ConfigError for bad counts or missing packages.
    """

    columns: ClassVar[tuple[str, ...]]
    delimiter = ","

    def __init__(self, *, rows: int, seed: int) -> None:
        if not 1 <= rows <= MAX_ROWS:
            raise ConfigError(f"rows must be between 1 and {MAX_ROWS:,}, not {rows:,}")
        if seed < 0:
            raise ConfigError(f"seed must be 0 or more, not {seed}")
        require_packages()
        self.rows = rows
        self.seed = seed

    @property
    def most_files(self) -> int:
        """A row in each file."""
        return self.rows

    @property
    def block_count(self) -> int:
        """How many blocks the rows make."""
        return -(-self.rows // BLOCK_ROWS)

    def rows_in(self, block: int) -> int:
        """How many rows block ``block`` has; only the last one may be short."""
        if not 0 <= block < self.block_count:
            raise IndexError(f"block {block} of {self.block_count}")
        return min(BLOCK_ROWS, self.rows - block * BLOCK_ROWS)

    @abstractmethod
    def table(self, block: int) -> Any:
        """Block ``block`` as an Arrow table with the columns of the data set."""

    def typed(self, table: Any) -> Any:
        """The table as it is, unless the data set has numbers that its CSV writes otherwise."""
        return table

    def file(self, number: int, files: int) -> Iterator[Any]:
        """The rows of a file, as equal a share as can be, cut out of the blocks."""
        begin, end = number * self.rows // files, (number + 1) * self.rows // files
        for block in range(begin // BLOCK_ROWS, -(-end // BLOCK_ROWS)):
            first = block * BLOCK_ROWS
            offset = max(begin - first, 0)
            yield self.table(block).slice(offset, min(end - first, BLOCK_ROWS) - offset)

    def csv_block(self, block: int) -> bytes:
        """Block ``block`` as CSV lines; block 0 begins with the header. UTF-8, LF, no quotes, null empty."""
        return csv_lines(self.table(block), self.delimiter, header=block == 0)

    def csv(self) -> Iterator[bytes]:
        """All blocks as CSV, in order, one at a time."""
        return (self.csv_block(block) for block in range(self.block_count))


def csv_lines(table: Any, delimiter: str, *, header: bool) -> bytes:
    """The lines of a table, null empty; no text holds a quote, the delimiter or a line's end."""
    sink = pa.BufferOutputStream()
    if header:
        sink.write(f"{delimiter.join(table.column_names)}\n".encode())
    options = pa_csv.WriteOptions(
        include_header=False, quoting_style="none", batch_size=16_384, delimiter=delimiter
    )
    pa_csv.write_csv(table, sink, options)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]  # pyarrow has no stubs here
