"""The seed's comparison in a run: one query that reads a part of a table, on CSV and on Parquet."""

from __future__ import annotations

from dataclasses import dataclass

from lakebench.bench.figures import PairFigures, RunFigures, source_first
from lakebench.bench.result import saved_share
from lakebench.bench.run_result import BenchRun, Layout
from lakebench.errors import ConfigError

_PARQUET = "parquet"
_SEEDS_PARQUET = "parquet_snappy"
_CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A query on the CSV layout and on a Parquet layout; ``full`` tells whether each read its whole table.

    They are None where neither sizes nor an explanation of the scan tell.
    """

    csv: PairFigures
    parquet: PairFigures
    csv_full: bool | None
    parquet_full: bool | None

    @property
    def reduction(self) -> float:
        """The share of bytes that Parquet saves; 0.82 is the seed's 82 %."""
        return saved_share(self.csv.scanned_bytes, self.parquet.scanned_bytes)


def headline_of(figures: RunFigures, query: str | None = None) -> Headline | None:
    """The comparison of ``query``, else of the first query that does not read all that the widest one reads.

    None for a run without a CSV or a Parquet layout; Snappy's Parquet is taken before another, as in the
    seed. Raises ConfigError for a query that the run does not have.
    """
    run = figures.run
    if query is not None and query not in run.sql:
        raise ConfigError(
            f"run {run.run_id} has no query {query!r}", hint=f"its queries: {', '.join(run.sql)}"
        )
    csv, parquet = source_first(run.layouts), _parquet(run)
    if csv is None or csv.data_format != _CSV or parquet is None:
        return None
    chosen = query if query is not None else _selective(figures, parquet.name)
    on_csv, on_parquet = figures.pairs[chosen, csv.name], figures.pairs[chosen, parquet.name]
    return Headline(
        csv=on_csv,
        parquet=on_parquet,
        csv_full=_full(on_csv, csv),
        parquet_full=_full(on_parquet, parquet),
    )


def _parquet(run: BenchRun) -> Layout | None:
    of_format = [layout for layout in run.layouts if layout.data_format == _PARQUET]
    named = [layout for layout in of_format if layout.name == _SEEDS_PARQUET]
    return next(iter(named or of_format), None)


def _selective(figures: RunFigures, layout: str) -> str:
    pairs = figures.of_layout(layout)
    most = max(pair.scanned_bytes for pair in pairs)
    return next((pair.query for pair in pairs if pair.scanned_bytes < most), pairs[0].query)


def _full(pair: PairFigures, layout: Layout) -> bool | None:
    """Text is read whole or not at all, so its size tells; for all else the explanation must."""
    if pair.scans:
        saved = (
            (scan.saved_by_partitions, scan.saved_by_row_groups, scan.saved_by_columns) for scan in pair.scans
        )
        return not any(any(one is None or one > 0 for one in three) for three in saved)
    return True if layout.data_format == _CSV and pair.scanned_bytes == layout.stored_bytes else None
