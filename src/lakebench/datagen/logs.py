"""``logs``: the access log of a web shop behind a content delivery network, as CloudFront writes such logs.

Rows are in time order over one month. Skew and correlation: Zipf over clients and paths; hours and days have
their weights; a client keeps country, edge and agent; the kind of a path sets size, cache and method; misses
are slower; errors cluster in the hours in which the origin failed. Nulls: ``referer`` of direct requests and
robots, ``query_string`` of most.
Names and meaning of the fields: AWS, CloudFront, "Standard log file fields", without its prefixes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lakebench.datagen.source import BLOCK_ROWS, BlockSource

if TYPE_CHECKING:
    from lakebench.datagen.draw_logs import LogPools

LOG_COLUMNS: tuple[str, ...] = (
    "log_date",
    "log_time",
    "edge_location",
    "bytes_sent",
    "client_ip",
    "method",
    "host",
    "uri",
    "status",
    "referer",
    "user_agent",
    "query_string",
    "result_type",
    "request_id",
    "protocol",
    "bytes_received",
    "time_taken",
    "country",
)
"""The columns in file order."""


class LogsGenerator(BlockSource):
    """Draws the requests of one seed block by block; raises ConfigError."""

    columns = LOG_COLUMNS

    def __init__(self, *, rows: int, seed: int) -> None:
        super().__init__(rows=rows, seed=seed)
        from lakebench.datagen.draw_logs import build_log_pools  # needs the extra packages

        self._pools: LogPools = build_log_pools(seed)

    def table(self, block: int) -> Any:
        """Block ``block`` as an Arrow table; ``time_taken`` is seconds as decimal(9,3)."""
        from lakebench.datagen.draw_logs import draw_log_block  # needs the extra packages

        return draw_log_block(
            self._pools,
            seed=self.seed,
            block=block,
            start=block * BLOCK_ROWS,
            count=self.rows_in(block),
            rows=self.rows,
        )
