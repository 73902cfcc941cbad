"""``ventas``: the seed's synthetic sales, as Arrow blocks and as CSV, the same bytes for the same seed.

Rows are in time order, as a till writes them: row ``i`` of ``n`` falls in the ``i``-th n-th part of the
years, by the weight of its day. A block depends on (seed, rows, block number) alone, so any number of
workers in any order makes the same bytes (with the same releases of numpy and Faker).

Skew and correlation: Zipf over products and customers; days weighted by month, weekday and growth; a
customer keeps one city; the price follows product and year; the channel sets quantity, discount and way
to pay. Nulls: ``id_cliente`` and ``cliente`` of anonymous shop sales, ``vendedor`` where nobody sold,
``metodo_pago`` and ``descuento`` now and then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from lakebench.datagen.extra import require_packages
from lakebench.errors import ConfigError

if TYPE_CHECKING:
    from lakebench.datagen.pools import Pools

COLUMNS: tuple[str, ...] = (
    "id_venta",
    "fecha",
    "id_cliente",
    "cliente",
    "producto",
    "categoria",
    "pais",
    "region",
    "ciudad",
    "vendedor",
    "canal",
    "metodo_pago",
    "cantidad",
    "precio_unitario",
    "descuento",
    "total",
)
"""The columns in file order. The crawler infers bigint for id_venta, id_cliente and cantidad, double for
precio_unitario, descuento and total, string for the rest (facts/glue-crawler.md 1.8)."""

DEFAULT_ROWS = 2_266
"""Rows whose CSV is about as large as the seed's file of 341,350 bytes."""

DEFAULT_SEED = 7

BLOCK_ROWS = 65_536
"""Rows drawn at once: some 12 MB of CSV, so that memory stays flat whatever the number of rows."""

MAX_ROWS = 10_000_000_000


class VentasGenerator:
    """Draws the sales of one seed block by block; raises ConfigError for bad counts or missing packages."""

    def __init__(self, *, rows: int = DEFAULT_ROWS, seed: int = DEFAULT_SEED) -> None:
        if not 1 <= rows <= MAX_ROWS:
            raise ConfigError(f"rows must be between 1 and {MAX_ROWS:,}, not {rows:,}")
        if seed < 0:
            raise ConfigError(f"seed must be 0 or more, not {seed}")
        require_packages()
        from lakebench.datagen.pools import build_pools  # needs the extra packages

        self.rows = rows
        self.seed = seed
        self._pools: Pools = build_pools(seed)

    @property
    def block_count(self) -> int:
        """How many blocks the rows make."""
        return -(-self.rows // BLOCK_ROWS)

    def rows_in(self, block: int) -> int:
        """How many rows block ``block`` has; only the last one may be short."""
        if not 0 <= block < self.block_count:
            raise IndexError(f"block {block} of {self.block_count}")
        return min(BLOCK_ROWS, self.rows - block * BLOCK_ROWS)

    def table(self, block: int) -> Any:
        """Block ``block`` as an Arrow table with the columns COLUMNS; money is decimal(12,2)."""
        from lakebench.datagen.draw import draw_block  # needs the extra packages

        return draw_block(
            self._pools,
            seed=self.seed,
            block=block,
            start=block * BLOCK_ROWS,
            count=self.rows_in(block),
            rows=self.rows,
        )

    def csv_block(self, block: int) -> bytes:
        """Block ``block`` as CSV lines; block 0 begins with the header. UTF-8, LF, no quotes, null empty."""
        sink = pa.BufferOutputStream()
        options = pa_csv.WriteOptions(include_header=False, quoting_style="none", batch_size=16_384)
        pa_csv.write_csv(self.table(block), sink, options)
        lines = bytes(sink.getvalue())
        return f"{','.join(COLUMNS)}\n".encode() + lines if block == 0 else lines

    def csv(self) -> Iterator[bytes]:
        """All blocks as CSV, in order, one at a time."""
        return (self.csv_block(block) for block in range(self.block_count))
