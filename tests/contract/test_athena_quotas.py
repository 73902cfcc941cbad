"""`lakebench serve --throttle`: clients meet AWS's throttling, and botocore's retries get them through."""

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lakebench import Server


@pytest.fixture(scope="module")
def throttled():
    with Server(throttle=True) as server:
        yield server


def _until_throttled(athena, most=1000):
    for _ in range(most):
        athena.list_query_executions()


def test_a_client_without_retries_is_told_rate_exceeded(throttled):
    athena = throttled.client("athena", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(ClientError, match="Rate exceeded") as refused:
        _until_throttled(athena)
    assert refused.value.response["Error"]["Code"] == "ThrottlingException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_botocores_retries_wait_until_a_call_is_allowed(throttled):
    impatient = throttled.client("athena", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(ClientError):
        _until_throttled(impatient)
    patient = throttled.client("athena", config=Config(retries={"total_max_attempts": 8, "mode": "standard"}))
    answers = [patient.list_query_executions() for _ in range(4)]
    assert all(answer["QueryExecutionIds"] == [] for answer in answers)
    assert sum(answer["ResponseMetadata"]["RetryAttempts"] for answer in answers) > 0


def test_without_the_option_nothing_is_throttled(athena):
    for _ in range(30):
        athena.list_named_queries()
