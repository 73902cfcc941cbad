"""More queries than workers: they queue as on AWS, none is lost, and workgroups take turns."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def start(athena, bucket):
    def start(sql, workgroup="primary"):
        return athena.start_query_execution(
            QueryString=sql,
            WorkGroup=workgroup,
            ResultConfiguration={"OutputLocation": f"s3://{bucket}/results/"},
        )["QueryExecutionId"]

    return start


def _ended(athena, ids, seconds=120):
    """The executions once all of them have ended, in the order of their completion."""
    deadline = time.monotonic() + seconds
    found = {}
    while len(found) < len(ids):
        left = [one for one in ids if one not in found][:50]
        for one in athena.batch_get_query_execution(QueryExecutionIds=left)["QueryExecutions"]:
            if one["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                found[one["QueryExecutionId"]] = one
        assert time.monotonic() < deadline, f"{len(ids) - len(found)} have not ended"
        time.sleep(0.02)
    return sorted(found.values(), key=lambda one: one["Status"]["CompletionDateTime"])


def test_five_hundred_at_once_are_queued_and_all_succeed(athena, start):
    ids = [start(f"SELECT {number}") for number in range(500)]
    states = [one["Status"]["State"] for one in _ended(athena, ids)]
    assert states == ["SUCCEEDED"] * 500


def test_a_workgroup_with_many_queries_does_not_hold_up_another(athena, start):
    for name in ("crowd", "single"):
        athena.create_work_group(
            Name=f"{name}-{uuid.uuid4().hex[:6]}", Configuration={"EnforceWorkGroupConfiguration": False}
        )
    names = {one["Name"].partition("-")[0]: one["Name"] for one in athena.list_work_groups()["WorkGroups"]}
    slow = "SELECT count(*) FROM UNNEST(sequence(1, 9000)) a(x) CROSS JOIN UNNEST(sequence(1, 9000)) b(y)"
    with ThreadPoolExecutor(12) as clients:
        asked = [f"{slow} WHERE x + y > {number}" for number in range(12)]
        crowd = list(clients.map(lambda sql: start(sql, names["crowd"]), asked))
    single = start("SELECT 1", names["single"])
    order = [one["QueryExecutionId"] for one in _ended(athena, [*crowd, single])]
    assert order.index(single) < 8


def test_what_waits_is_seen_queued_and_can_be_stopped(athena, start):
    slow = """SELECT count(*) FROM UNNEST(sequence(1, 9000)) a(x) CROSS JOIN UNNEST(sequence(1, 9000)) b(y)
        CROSS JOIN UNNEST(sequence(1, 9000)) c(z) WHERE x * y * z = 7"""
    ids = [start(slow) for _ in range(6)]
    states = [
        one["Status"]["State"]
        for one in athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
    ]
    assert "QUEUED" in states
    for one in reversed(ids):
        athena.stop_query_execution(QueryExecutionId=one)
    assert {one["Status"]["State"] for one in _ended(athena, ids)} == {"CANCELLED"}
