"""The objects that questions are asked over, made in memory, and where in them each column's bytes lie.

The same seed gives the same objects; codecs and dictionaries are off unless a question is about them, so that
sizes are plain to see and no two answers are the same number.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakebench.metering.orc import read_layout

if TYPE_CHECKING:
    import pyarrow as pa

_SEED = 20_261_125


def numbers(count: int, *, seed: int = 0) -> list[int]:
    """Whole numbers of eight bytes with no order."""
    draw = random.Random(_SEED + seed)  # noqa: S311 (data, no secret)
    return [draw.getrandbits(60) for _ in range(count)]


def texts(count: int, width: int, *, seed: int = 0) -> list[str]:
    """Texts of this width that no codec makes much shorter."""
    draw = random.Random(_SEED + seed)  # noqa: S311 (data, no secret)
    return [draw.randbytes(width // 2).hex() for _ in range(count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkPlace:
    """A column chunk: its bytes from ``start`` to ``end``, its dictionary page's and bloom filter's sizes."""

    start: int
    size: int
    dictionary: int
    bloom: int

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetObject:
    """A Parquet object and the places of its chunks, by row group and column path."""

    data: bytes
    groups: tuple[dict[str, ChunkPlace], ...]

    @property
    def size(self) -> int:
        """All of it."""
        return len(self.data)

    def chunk(self, column: str, group: int = 0) -> ChunkPlace:
        """One chunk."""
        return self.groups[group][column]

    def read(self, *columns: str) -> int:
        """The bytes of these columns in all row groups."""
        return sum(group[column].size for group in self.groups for column in columns)


def parquet(table: pa.Table, **options: Any) -> ParquetObject:
    """Write a table; ``options`` are pyarrow's."""
    import pyarrow.parquet as pq

    settings: dict[str, Any] = {"compression": "none", "use_dictionary": False, "store_schema": False}
    file = io.BytesIO()
    pq.write_table(table, file, **(settings | options))
    metadata = pq.read_metadata(io.BytesIO(file.getvalue()))
    return ParquetObject(
        data=file.getvalue(),
        groups=tuple(_places(metadata.row_group(at)) for at in range(metadata.num_row_groups)),
    )


def _places(group: Any) -> dict[str, ChunkPlace]:
    found = {}
    for at in range(group.num_columns):
        chunk = group.column(at)
        first = chunk.dictionary_page_offset or chunk.data_page_offset
        found[chunk.path_in_schema] = ChunkPlace(
            start=first,
            size=chunk.total_compressed_size,
            dictionary=chunk.data_page_offset - first,
            bloom=chunk.bloom_filter_length or 0,
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OrcObject:
    """An ORC object and the bytes of each column's data streams, by stripe."""

    data: bytes
    stripes: tuple[dict[str, int], ...]

    @property
    def size(self) -> int:
        """All of it."""
        return len(self.data)

    def read(self, *columns: str) -> int:
        """The bytes of these columns' streams in all stripes."""
        return sum(stripe[column] for stripe in self.stripes for column in columns)


def orc(batches: list[pa.Table], *, stripe_size: int) -> OrcObject:
    """Write batches as stripes of about this size, in zlib."""
    from pyarrow import orc as arrow_orc

    file = io.BytesIO()
    with arrow_orc.ORCWriter(file, stripe_size=stripe_size, compression="zlib") as writer:
        for batch in batches:
            writer.write(batch)
    data = file.getvalue()
    layout = read_layout(lambda start, length: data[start : start + length], len(data))
    return OrcObject(
        data=data,
        stripes=tuple(
            {node.path[0]: stripe.sizes.get(at, 0) for at, node in layout.columns()}
            for stripe in layout.stripes
        ),
    )
