"""A disk that fails at any call costs the request that met it, and nothing else.

At a call of the disk that a step makes, that call fails once with ENOSPC (the disk is full), EIO or EMFILE (too many
open files): at every ninth call for each fault, at every call in the long mode. The client gets an error that S3 and
Athena have, the server lives, the state is what it was before the request. The same server goes on with the step and with the
rest of the workload, which ends as ever. Where only cleaning up fails, nobody is told.
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


def _runs(lake, rehearsal, step):
    """Whether the step succeeded; a refused one has changed nothing."""
    refusal = _refusal(lake, rehearsal.workload.steps[step])
    if refusal is None:
        return True
    status, code = refusal
    assert (status in {500, 503}, code in CODES) == (True, True), refusal
    state, before = observe(lake), rehearsal.moments[step].state
    assert state == before, f"after it was refused:\n{state}\n{before}"
    return False


def _survive(host, rehearsal, fault, calls):
    """One server goes through the workload, and meets the fault at a call of each step: ``calls`` by step."""
    workload = rehearsal.workload
    place = host.new_directory(rehearsal.moments[0].directory)
    child = host.start(place, engine=workload.engine)
    child.lake.memory = dict(rehearsal.moments[0].memory)
    for step, once_more in enumerate(workload.steps):
        if step in calls:
            child.plan(kind=fault, at=calls[step])
            try:
                if _runs(child.lake, rehearsal, step):
                    continue
            except AssertionError as error:
                raise AssertionError(f"{fault} at {rehearsal.name_of(step, calls[step])}: {error}") from error
        child.plan()
        once_more(child.lake)
    end = rehearsal.moments[-1].state
    assert observe(child.lake) == end
    child.kill()
    again = host.start(place, engine=False)
    assert observe(again.lake) == end
    again.kill()
    assert examine(place).faults == ()
    shutil.rmtree(place)


def _rounds(points):
    """The points as rounds of one call a step at most."""
    rounds = []
    for step, call in points:
        for one in rounds:
            if step not in one:
                one[step] = call
                break
        else:
            rounds.append({step: call})
    return rounds


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_failing_disk_costs_one_request(host, rehearse, name, fault):
    rehearsal = rehearse(name)
    every = 1 if LONG else 3 * len(FAULTS)
    for calls in _rounds(rehearsal.points[FAULTS.index(fault) :: every]):
        _survive(host, rehearsal, fault, calls)
