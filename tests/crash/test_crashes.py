"""A server that is killed at any call of its disk has lost nothing that it acknowledged, and kept no half of anything.

Each workload is run once whole, and its state is recorded after each step. Then it is run again and again: the
server is killed just before its first, second, ... call of the disk. After a restart the state must be that after the
steps that were acknowledged, or that after the step that was under way; nothing runs, and the doctor finds no fault.

``power`` also loses what was not synced: bytes of files are cut, new names vanish.
"""

import os
import random
import shutil

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from lakebench.emulator.doctor import examine

from .observing import executions, observe
from .workloads import BY_NAME, StepFailed

LONG = int(os.environ.get("LAKEBENCH_CRASHES", "0"))
DIED = (BotoCoreError, ConnectionError)


def _run(lake, steps):
    """How many steps were acknowledged before the server was gone."""
    for number, step in enumerate(steps):
        try:
            step(lake)
        except DIED:
            return number
        except (ClientError, StepFailed) as error:
            raise AssertionError(f"step {number} was refused: {error}") from error
    return len(steps)


def _crash(host, rehearsal, kind, at):
    workload = rehearsal.workload
    place = host.new_directory(rehearsal.template)
    child = host.start(place, engine=workload.engine)
    child.plan(kind=kind, at=at)
    done = _run(child.lake, workload.steps)
    if done == len(workload.steps):
        child.kill()
    else:
        child.wait()
    if at % 10 == 0:  # the recovery dies too
        again = host.start(place, engine=workload.engine, plan={"kind": kind, "at": 1})
        if again is not None:
            again.kill()
    again = host.start(place, engine=workload.engine)
    state = observe(again.lake)
    call = rehearsal.calls[at - 1] if at <= len(rehearsal.calls) else "the end"
    where = f"{kind} {at} ({call}) after {done} steps"
    expected = rehearsal.states[done : done + 2]
    assert state in expected, f"{where}:\n{state}\nis neither of\n" + "\n".join(expected)
    _check_executions(again.lake, workload, done + expected.index(state), where)
    again.kill()
    assert examine(place).faults == (), where
    shutil.rmtree(place)


def _check_executions(lake, workload, effects, where):
    if not workload.engine:
        return
    states = executions(lake)
    assert set(states) <= {"SUCCEEDED", "FAILED"}, where
    assert states.count("FAILED") <= 1, where
    if states and states[-1] == "FAILED":
        assert states.count("SUCCEEDED") == effects, f"{where}: it FAILED and its effect is there"


@pytest.mark.parametrize("kind", ["kill", "power"])
@pytest.mark.parametrize("name", list(BY_NAME))
def test_nothing_is_lost_and_nothing_is_half_there(host, rehearse, name, kind):
    rehearsal = rehearse(name)
    points = len(rehearsal.calls)
    assert points >= 25
    every = 9 if kind == "power" and not LONG else 1
    for at in range(1, points + 2, every):
        _crash(host, rehearsal, kind, at)


def test_the_points_of_all_workloads_are_at_least_three_hundred(rehearse):
    assert sum(len(rehearse(name).calls) for name in BY_NAME) >= 300


@pytest.mark.skipif(not LONG, reason="make crash-long")
def test_random_kills(host, rehearse):
    chance = random.Random(7)
    for _ in range(LONG):
        rehearsal = rehearse(chance.choice(list(BY_NAME)))
        _crash(host, rehearsal, chance.choice(["kill", "power"]), chance.randint(1, len(rehearsal.calls)))
