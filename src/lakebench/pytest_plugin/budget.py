"""Budgets of a test's queries in bytes and dollars, and the words in which one fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lakebench.bench.run_result import TableScan
from lakebench.client.glue import get_table
from lakebench.errors import ConfigError
from lakebench.pytest_plugin.lake import Lake, QueryResult
from lakebench.units import format_bytes, parse_bytes

_COLUMNS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the queries of one test may scan and cost in all; None is no limit."""

    max_bytes: int | None
    max_usd: Decimal | None


def read_budget(*, max_bytes: str | int | None = None, max_usd: str | int | None = None) -> Budget:
    """The marker's arguments; raises ConfigError for one that cannot be read, or for none at all."""
    if max_bytes is None and max_usd is None:
        raise ConfigError("query_budget has no limit", hint='write max_bytes="50 MB" or max_usd="0.0003"')
    if isinstance(max_usd, float):
        raise ConfigError("query_budget: max_usd is a text, which is exact", hint='write max_usd="0.0003"')
    try:
        usd = None if max_usd is None else Decimal(max_usd)
    except InvalidOperation as error:
        raise ConfigError(f"query_budget: not an amount: {max_usd!r}") from error
    if usd is not None and (not usd.is_finite() or usd < 0):
        raise ConfigError(f"query_budget: not an amount: {max_usd!r}")
    limit = parse_bytes(max_bytes) if isinstance(max_bytes, str) else max_bytes
    return Budget(max_bytes=limit, max_usd=usd)


def overrun(budget: Budget, queries: Sequence[QueryResult], lake: Lake) -> str | None:
    """Why the queries exceed the budget, with the scan that took most; None if they keep it."""
    scanned = sum(query.scanned_bytes for query in queries)
    cost = sum((query.cost_usd for query in queries), Decimal(0))
    lines = []
    if budget.max_bytes is not None and scanned > budget.max_bytes:
        lines.append(f"  scanned {_bytes(scanned)}, the budget is {_bytes(budget.max_bytes)}")
    if budget.max_usd is not None and cost > budget.max_usd:
        lines.append(f"  cost ${cost:f}, the budget is ${budget.max_usd:f}")
    if not lines:
        return None
    asked = "1 query" if len(queries) == 1 else f"{len(queries)} queries"
    lines.insert(0, f"query budget exceeded by {asked}:")
    pairs = [(query, scan) for query in queries for scan in query.scans]
    if pairs:
        query, scan = max(pairs, key=lambda pair: pair[1].scanned_bytes)
        lines += [*_explain(scan, lake), "  in: " + " ".join(query.sql.split())]
    return "\n".join(lines)


def _explain(scan: TableScan, lake: Lake) -> list[str]:
    at_most = "" if scan.exact else "at most "
    name = f"{scan.database}.{scan.table}"
    lines = [f"  most by table {name} ({scan.data_format}): {at_most}{_bytes(scan.scanned_bytes)}"]
    columns = sorted(scan.columns, key=lambda column: -column.scanned_bytes)
    if columns:
        shown = [f"{column.name} {_bytes(column.scanned_bytes)}" for column in columns[:_COLUMNS_SHOWN]]
        more = f", and {len(columns) - _COLUMNS_SHOWN} more" if len(columns) > _COLUMNS_SHOWN else ""
        lines.append("  columns: " + ", ".join(shown) + more)
    else:
        lines.append("  columns: all, because objects of this format are read whole")
    if scan.partitions is not None:
        keys = [key.name for key in get_table(lake.session, scan.database, scan.table).partition_keys]
        missing = [key for key in keys if key not in scan.filtered_partition_keys]
        if missing:
            lines.append(f"  no filter on partition key: {', '.join(missing)}")
    return lines


def _bytes(count: int) -> str:
    return f"{format_bytes(count)} ({count:,} bytes)"
