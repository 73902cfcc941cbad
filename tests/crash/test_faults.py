"""A disk that fails at any call costs the request that met it, and nothing else.

At a call of the disk that a workload makes, that call fails once with ENOSPC (the disk is full), EIO or EMFILE (too
many open files): at every ninth call for each fault, at every call in the long mode. The client gets an error that S3 and Athena have, the server lives, the state is what it was before the
request. The rest of the workload then goes on, and ends as ever. Where only cleaning up fails, nobody is told.
"""

import os
import shutil

import pytest
from botocore.exceptions import ClientError

from lakebench.emulator.doctor import examine

from .observing import observe
from .workloads import BY_NAME, StepFailed

LONG = bool(os.environ.get("LAKEBENCH_CRASHES"))
CODES = {
    "InternalError",
    "SlowDown",
    "InternalServerException",
    "InternalServiceException",
    "ThrottlingException",
}
FAULTS = ("ENOSPC", "EIO", "EMFILE")


def _refusal(lake, step):
    """What the client is told; None when the step succeeded."""
    try:
        step(lake)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    except StepFailed as failed:
        return 500, "InternalError" if "disk" in str(failed) else str(failed)
    return None


def _run_once(lake, number, step, states):
    """Whether the step succeeded; a refused one has changed nothing."""
    refusal = _refusal(lake, step)
    if refusal is None:
        return True
    status, code = refusal
    assert (status in {500, 503}, code in CODES) == (True, True), refusal
    state = observe(lake)
    assert state == states[number], f"after step {number} was refused:\n{state}\n{states[number]}"
    return False


def _survive(host, rehearsal, fault, at):
    workload = rehearsal.workload
    place = host.new_directory(rehearsal.template)
    child = host.start(place, engine=workload.engine)
    child.plan(kind=fault, at=at)
    for number, step in enumerate(workload.steps):
        if not _run_once(child.lake, number, step, rehearsal.states):
            step(child.lake)
    assert observe(child.lake) == rehearsal.states[-1]
    child.kill()
    again = host.start(place, engine=workload.engine)
    assert observe(again.lake) == rehearsal.states[-1]
    again.kill()
    assert examine(place).faults == ()
    shutil.rmtree(place)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_failing_disk_costs_one_request(host, rehearse, name, fault):
    rehearsal = rehearse(name)
    first = FAULTS.index(fault) + 1
    for at in range(first, len(rehearsal.calls) + 1, 1 if LONG else 3 * len(FAULTS)):
        try:
            _survive(host, rehearsal, fault, at)
        except AssertionError as error:
            call = rehearsal.calls[at - 1]
            raise AssertionError(f"{fault} at call {at} ({call}): {error}") from error
