"""Athena's quotas of an account and region: calls a second, and active queries. Off unless asked for.

Sources: AWS, Service Quotas of Athena ("Per account API call quotas", "Active DML queries"), and the quotas
page of the AWS General Reference for the numbers by region. Operations that AWS lists no quota for have none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lakebench.emulator.athena.execution import Execution
from lakebench.emulator.wire.provider import Operation, RequestContext, ServiceError, Wire


@dataclass(frozen=True, slots=True)
class CallQuota:
    """So many calls a second; who has not called for a while may make ``burst`` at once."""

    rate: int
    burst: int


_LISTING, _NAMED = CallQuota(5, 10), CallQuota(5, 20)
_BATCH, _START, _LOOK = CallQuota(20, 40), CallQuota(20, 80), CallQuota(100, 200)
CALL_QUOTAS: Mapping[str, CallQuota] = {
    "BatchGetNamedQuery": _LISTING,
    "ListNamedQueries": _LISTING,
    "ListQueryExecutions": _LISTING,
    "CreateNamedQuery": _NAMED,
    "DeleteNamedQuery": _NAMED,
    "GetNamedQuery": _NAMED,
    "BatchGetQueryExecution": _BATCH,
    "StartQueryExecution": _START,
    "StopQueryExecution": _START,
    "GetQueryExecution": _LOOK,
    "GetQueryResults": _LOOK,
}
ACTIVE_DDL = 20
ACTIVE_DML: Mapping[str, int] = {
    "us-east-1": 200,
    **dict.fromkeys(("us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1"), 150),
    **dict.fromkeys(("ap-south-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "eu-west-2"), 100),
}
ACTIVE_DML_ELSEWHERE = 20

_TOO_MANY_QUERIES = (
    "You have exceeded the limit for the number of queries you can run concurrently. Please reduce the "
    "number of concurrent queries submitted by this account. Contact customer support to request a "
    "concurrent query limit increase."
)


class CallMeter:
    """Counts the calls of each account and region by operation; thread-safe. ``clock`` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[tuple[str, str, str], tuple[float, float]] = {}

    def spend(self, context: RequestContext) -> None:
        """Take one call; raises ThrottlingException ``Rate exceeded`` when none is left."""
        quota = CALL_QUOTAS.get(context.operation)
        if quota is None:
            return
        key = (context.account_id, context.region, context.operation)
        with self._lock:
            now = self._clock()
            left, counted_at = self._left.get(key, (float(quota.burst), now))
            left = min(quota.burst, left + (now - counted_at) * quota.rate)
            spent = left >= 1
            self._left[key] = (left - 1 if spent else left, now)
        if not spent:
            raise ServiceError("ThrottlingException", "Rate exceeded")

    def metered(self, operation: Operation) -> Operation:
        """The operation, which costs a call each time."""

        def run(context: RequestContext, wire: Wire) -> Wire:
            self.spend(context)
            return operation(context, wire)

        return run


def check_active(executions: Sequence[Execution], *, statement_type: str, region: str) -> None:
    """Refuse one query more than may be active; ``executions`` are those that have not ended.

    DDL and everything else are counted apart. Raises TooManyRequestsException.
    """
    ddl = statement_type == "DDL"
    active = sum((found.request.statement_type == "DDL") == ddl for found in executions)
    allowed = ACTIVE_DDL if ddl else ACTIVE_DML.get(region, ACTIVE_DML_ELSEWHERE)
    if active >= allowed:
        raise ServiceError(
            "TooManyRequestsException", _TOO_MANY_QUERIES, Reason="CONCURRENT_QUERY_LIMIT_EXCEEDED"
        )
