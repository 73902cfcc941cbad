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

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from lakebench.datagen.source import BLOCK_ROWS, BlockSource

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


class VentasGenerator(BlockSource):
    """Draws the sales of one seed block by block; raises ConfigError for bad counts or missing packages."""

    columns = COLUMNS

    def __init__(self, *, rows: int = DEFAULT_ROWS, seed: int = DEFAULT_SEED) -> None:
        super().__init__(rows=rows, seed=seed)
        from lakebench.datagen.pools import build_pools  # needs the extra packages

        self._pools: Pools = build_pools(seed)

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

    def typed(self, table: Any) -> Any:
        """The types that a crawler finds in the CSV: ``descuento`` is a number there."""
        place = table.column_names.index("descuento")
        return table.set_column(place, "descuento", pc.cast(table["descuento"], pa.float64()))
