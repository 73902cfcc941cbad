"""AWS's quotas, when they are asked for: calls a second with a burst, and queries that run or wait."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from lakebench.catalog import S3Uri
from lakebench.emulator.athena.execution import Execution, ExecutionRequest
from lakebench.emulator.athena.quotas import ACTIVE_DDL, ACTIVE_DML_ELSEWHERE, CallMeter, check_active
from lakebench.emulator.wire.provider import RequestContext, ServiceError


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(clock: Clock) -> CallMeter:
    return CallMeter(clock)


def context(operation: str, account: str = "123456789012", region: str = "us-east-1") -> RequestContext:
    return RequestContext(
        service="athena", operation=operation, account_id=account, region=region, request_id="r"
    )


def calls(meter: CallMeter, asked: RequestContext, number: int) -> int:
    """How many of so many calls at once are answered."""
    answered = 0
    with suppress(ServiceError):
        for _ in range(number):
            meter.spend(asked)
            answered += 1
    return answered


def test_a_call_too_many_is_told_as_aws_tells_it(meter: CallMeter) -> None:
    calls(meter, context("ListQueryExecutions"), 10)
    with pytest.raises(ServiceError, match="Rate exceeded") as refused:
        meter.spend(context("ListQueryExecutions"))
    assert (refused.value.code, refused.value.status) == ("ThrottlingException", 400)


@pytest.mark.parametrize(
    ("operation", "rate", "burst"),
    [
        ("ListQueryExecutions", 5, 10),
        ("BatchGetNamedQuery", 5, 10),
        ("CreateNamedQuery", 5, 20),
        ("BatchGetQueryExecution", 20, 40),
        ("StartQueryExecution", 20, 80),
        ("StopQueryExecution", 20, 80),
        ("GetQueryExecution", 100, 200),
        ("GetQueryResults", 100, 200),
    ],
)
def test_a_burst_is_answered_and_then_so_many_a_second(
    meter: CallMeter, clock: Clock, operation: str, rate: int, burst: int
) -> None:
    """AWS, Service Quotas: per account API call quotas."""
    assert calls(meter, context(operation), 300) == burst
    clock.now += 1
    assert calls(meter, context(operation), 300) == rate
    clock.now += 3600
    assert calls(meter, context(operation), 300) == burst


def test_accounts_regions_and_operations_are_counted_apart(meter: CallMeter) -> None:
    assert calls(meter, context("ListQueryExecutions"), 20) == 10
    assert calls(meter, context("ListQueryExecutions", account="999999999999"), 20) == 10
    assert calls(meter, context("ListQueryExecutions", region="eu-west-1"), 20) == 10
    assert calls(meter, context("ListNamedQueries"), 20) == 10


def test_an_operation_without_a_quota_is_always_answered(meter: CallMeter) -> None:
    assert calls(meter, context("GetWorkGroup"), 1000) == 1000


def queued(kind: str) -> Execution:
    """An execution that waits."""
    return Execution(
        ExecutionRequest(
            execution_id="e",
            sql="",
            statement_type=kind,
            substatement_type=None,
            database="default",
            workgroup="primary",
            engine_version={},
            location=S3Uri("bucket"),
            submitted=datetime.now(UTC),
        )
    )


@pytest.mark.parametrize(
    ("kind", "region", "allowed"),
    [
        ("DML", "us-east-1", 200),
        ("DML", "eu-west-1", 150),
        ("DML", "eu-north-1", ACTIVE_DML_ELSEWHERE),
        ("DDL", "us-east-1", ACTIVE_DDL),
    ],
)
def test_one_active_query_more_than_the_quota_is_refused(kind: str, region: str, allowed: int) -> None:
    """AWS, Service Quotas: running and queued ones count; DDL has a quota of its own."""
    executions = [queued(kind) for _ in range(allowed)]
    check_active(executions[1:], statement_type=kind, region=region)
    with pytest.raises(ServiceError, match="exceeded the limit for the number of queries") as refused:
        check_active(executions, statement_type=kind, region=region)
    assert refused.value.code == "TooManyRequestsException"
    assert refused.value.fields == {"Reason": "CONCURRENT_QUERY_LIMIT_EXCEEDED"}
    check_active(executions, statement_type="DML" if kind == "DDL" else "DDL", region=region)
