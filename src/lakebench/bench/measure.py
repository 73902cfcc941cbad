"""Runs one statement as often as it pays, and compares the answers of two layouts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest
from statistics import median

from lakebench.bench.guarded import Guard
from lakebench.bench.money import Money
from lakebench.bench.result import Measurement
from lakebench.client.athena import QueryContext, QueryRun, Row, Value, result_rows, run_query
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError

_LONG_ENOUGH_MS = 1_000.0  # a longer run needs no repetition to be told from noise
_RELATIVE_TOLERANCE = 1e-9  # sums of doubles differ in the last digits with the order of the rows


def measure(
    session: AwsSession,
    sql: str,
    context: QueryContext,
    *,
    money: Money,
    guard: Guard,
    max_runs: int = 1,
) -> tuple[Measurement, QueryRun]:
    """Run a statement up to ``max_runs`` times, fewer once it has taken a second; the last run as well.

    Raises ClientError if it fails, if two runs scan different bytes, or if the limit is passed.
    """
    runs: list[QueryRun] = []
    while len(runs) < max_runs and sum(run.wall_ms for run in runs) < _LONG_ENOUGH_MS:
        runs.append(fresh(run_query(session, sql, context)))
        guard.spend(runs[-1])
    counts = {run.statistics.scanned_bytes for run in runs}
    if len(counts) > 1:
        raise ClientError(f"two runs of one query scanned different bytes: {sorted(counts)}\n  in: {sql}")
    return summarise(runs, money), runs[-1]


def fresh(run: QueryRun) -> QueryRun:
    """The run itself; ClientError for one that answered with an earlier result: it measured nothing."""
    if run.reused:
        raise ClientError(f"query {run.execution_id} was answered by an earlier result: nothing was measured")
    return run


def summarise(runs: Sequence[QueryRun], money: Money) -> Measurement:
    """The figures of one or more runs of one statement; the first of several only warms up."""
    timed = runs[1:] or runs
    scanned = runs[-1].statistics.scanned_bytes
    return Measurement(
        scanned_bytes=scanned,
        list_usd=money.list_usd(scanned),
        billed_usd=money.billed_usd(scanned),
        engine_ms=float(median(run.statistics.engine_ms for run in timed)),
        wall_ms=round(float(median(run.wall_ms for run in timed)), 3),
        runs=len(runs),
        execution_id=runs[-1].execution_id,
    )


def fetch_rows(session: AwsSession, run: QueryRun) -> tuple[Row, ...]:
    """All rows of a finished SELECT."""
    return tuple(result_rows(session, run.execution_id))


def check_same_rows(name: str, csv: Sequence[Row], parquet: Sequence[Row]) -> None:
    """Raise ClientError unless both answers hold the same rows in the same order.

    Doubles may differ by one part in a billion: adding them up in another order moves their last digits.
    """
    for number, (one, other) in enumerate(zip_longest(csv, parquet), start=1):
        if one is None or other is None or not _same_row(one, other):
            raise ClientError(
                f"query {name}: row {number} of the CSV table is {one}, of the Parquet table {other}",
                hint="the two tables do not hold the same data; the figures would mean nothing",
            )


def _same_row(one: Row, other: Row) -> bool:
    return len(one) == len(other) and all(_same(left, right) for left, right in zip(one, other, strict=True))


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=_RELATIVE_TOLERANCE) or (
            math.isnan(left) and math.isnan(right)
        )
    return left == right
