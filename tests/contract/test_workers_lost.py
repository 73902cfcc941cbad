"""A worker that dies or is stopped costs its own query; the server and the next query go on."""

import os
import signal
import time
from pathlib import Path

import pytest

from lakebench import Server

ENDLESS = """SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x)
    CROSS JOIN UNNEST(sequence(1, 10000)) b(y) CROSS JOIN UNNEST(sequence(1, 10000)) c(z)
    WHERE x + y + z = 7"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


@pytest.fixture(scope="module")
def server():
    """A server of our own: its workers are killed."""
    with Server() as running:
        running.client("s3").create_bucket(Bucket="lake")
        yield running


@pytest.fixture
def athena(server):
    return server.client("athena")


def _stat(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None


def _cpu_seconds(pid):
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else None


def _children(pid):
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [child for child in pids if (fields := _stat(child)) and int(fields[1]) == pid]


def _wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
    return answer


def _start(athena, sql):
    return athena.start_query_execution(
        QueryString=sql, ResultConfiguration={"OutputLocation": "s3://lake/results/"}
    )["QueryExecutionId"]


def _status(athena, query):
    return athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]


def _start_endless(server, athena):
    """The endless query, and the worker that runs it: the one that uses more CPU than a worker's start does."""
    before = {pid: _cpu_seconds(pid) or 0 for pid in _children(server.pid)}

    def busy():
        for pid in _children(server.pid):
            if (_cpu_seconds(pid) or 0) - before.get(pid, 0) > 2:
                return pid
        return None

    query = _start(athena, ENDLESS)
    return query, _wait_until(busy, seconds=60)


def _finish(athena, query):
    return _wait_until(lambda: (s := _status(athena, query))["State"] not in {"QUEUED", "RUNNING"} and s)


def test_a_worker_killed_in_mid_query_fails_that_query_and_the_next_one_works(server, athena):
    query, worker = _start_endless(server, athena)
    os.kill(worker, signal.SIGKILL)
    status = _finish(athena, query)
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"]
    assert status["AthenaError"]["ErrorCategory"] == 1, "the system's fault, not the user's"
    assert _finish(athena, _start(athena, "SELECT 1"))["State"] == "SUCCEEDED"


def test_a_stopped_query_ends_its_worker_and_the_next_one_works(server, athena):
    """How soon it ends is a figure: benchmarks/bench_latency.py."""
    query, worker = _start_endless(server, athena)
    athena.stop_query_execution(QueryExecutionId=query)
    _wait_until(lambda: (fields := _stat(worker)) is None or fields[0] == "Z")
    status = _finish(athena, query)
    assert status["State"] == "CANCELLED"
    assert status["StateChangeReason"] == "Query cancelled by user"  # facts/athena.md 4
    assert _finish(athena, _start(athena, "SELECT 1"))["State"] == "SUCCEEDED"


def test_workers_killed_in_their_rest_are_replaced_and_no_query_pays_for_it(server, athena):
    _wait_until(lambda: len(_children(server.pid)) == 2)
    _finish(athena, _start(athena, "SELECT 1"))
    killed = _children(server.pid)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    _wait_until(lambda: all((fields := _stat(pid)) is None or fields[0] == "Z" for pid in killed))
    states = [_finish(athena, _start(athena, "SELECT 1"))["State"] for _ in range(4)]
    assert states == ["SUCCEEDED"] * 4
