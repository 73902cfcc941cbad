"""What a statement may scan on AWS, asked of Glue and S3 before it runs."""

from __future__ import annotations

from lakebench.bench.run_plan import PlannedScan
from lakebench.client.estimate import StatementEstimator
from lakebench.client.objects import NotEstimable
from lakebench.errors import DataError, StatementError


def planned_scans(
    estimator: StatementEstimator, sql: str, *, database: str, times: int = 1
) -> tuple[PlannedScan, ...]:
    """The scan of a statement at most; none of one that is free. Raises ClientError when AWS does not answer.

    A statement that is not understood here may still be Athena's: its bytes are not known.
    """
    try:
        found = estimator.estimate(sql, database=database)
    except (StatementError, DataError, NotEstimable) as error:
        return (PlannedScan(most=None, why_unknown=str(error), times=times),)
    return (PlannedScan(most=found.span.most, times=times),) if found.billable else ()
