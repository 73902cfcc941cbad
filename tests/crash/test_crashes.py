"""A server that is killed at any call of its disk has lost nothing that it acknowledged, and kept no half of anything.

Each workload is run once whole, and its state is recorded after each step. Then a server is killed just before each
call of the disk that a step makes. After a restart the state must be that before the step, or that after it when the step
was acknowledged or had come so far; nothing runs, and the doctor finds no fault. The server that recovered then goes
on to the next crash, as long as it stands where that begins.

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


class Walk:
    """A data dir, and one server after the other on it: each is killed, the next one recovers and goes on."""

    def __init__(self, host, rehearsal):
        self._host = host
        self._rehearsal = rehearsal
        self._place = self._child = self._at = None
        self._crashes = 0

    def crash(self, kind, step, call):
        """Kill the server at a call of a step, and look at what the next one finds."""
        self._stand_before(step)
        self._child.plan(kind=kind, at=call)
        acknowledged = _runs_to_its_end(self._child.lake, self._rehearsal.workload.steps[step])
        if acknowledged:
            self._child.kill()
        else:
            self._child.wait()
        self._crashes += 1
        where = f"{kind} at {self._rehearsal.name_of(step, call)}"
        memory = self._child.lake.memory
        if call % 10 == 0:
            self._die_while_recovering(kind)
        self._child = self._start()
        self._child.lake.memory = memory
        self._check(step, where, acknowledged=acknowledged)

    def end(self):
        """Nothing is left of the walk."""
        if self._child is not None:
            self._child.kill()
            self._child = None
            shutil.rmtree(self._place)

    def _stand_before(self, step):
        if self._child is not None and self._at == step:
            return
        self.end()
        moment = self._rehearsal.moments[step]
        self._place = self._host.new_directory(moment.directory)
        self._child = self._start()
        self._child.lake.memory = dict(moment.memory)
        self._at, self._crashes = step, 0

    def _start(self, plan=None):
        return self._host.start(self._place, engine=self._rehearsal.workload.engine, plan=plan)

    def _die_while_recovering(self, kind):
        child = self._start(plan={"kind": kind, "at": 1})
        if child is not None:
            child.kill()

    def _check(self, step, where, *, acknowledged):
        before, after = self._rehearsal.moments[step : step + 2]
        expected = [after.state] if acknowledged else [before.state, after.state]
        state = observe(self._child.lake)
        assert state in expected, f"{where}:\n{state}\nis none of\n" + "\n".join(expected)
        self._at = step if state == before.state else step + 1
        self._check_executions(where)
        copy = self._host.new_directory(self._place)
        assert examine(copy).faults == (), where
        shutil.rmtree(copy)
        if self._at > step and before.memory != after.memory:
            self._at = None  # the client was not told what it needs for the next step

    def _check_executions(self, where):
        if not self._rehearsal.workload.engine:
            return
        states = executions(self._child.lake)
        assert set(states) <= {"SUCCEEDED", "FAILED"}, where
        assert states.count("FAILED") <= self._crashes, where
        assert states.count("SUCCEEDED") == self._at, f"{where}: one FAILED and its effect is there"


def _runs_to_its_end(lake, step):
    """Whether the step was acknowledged before the server was gone."""
    try:
        step(lake)
    except DIED:
        return False
    except (ClientError, StepFailed) as error:
        raise AssertionError(f"the step was refused: {error}") from error
    return True


@pytest.fixture
def walk(host, rehearse):
    """Makes walks, and ends them."""
    walks = []

    def make(name):
        walks.append(Walk(host, rehearse(name)))
        return walks[-1]

    yield make
    for one in walks:
        one.end()


@pytest.mark.parametrize("kind", ["kill", "power"])
@pytest.mark.parametrize("name", list(BY_NAME))
def test_nothing_is_lost_and_nothing_is_half_there(rehearse, walk, name, kind):
    rehearsal = rehearse(name)
    points = rehearsal.points
    assert len(points) >= 25
    last, call = points[-1]
    points.append((last, call + 1))
    going = walk(name)
    for step, at in points[:: 9 if kind == "power" and not LONG else 1]:
        going.crash(kind, step, at)


def test_the_points_of_all_workloads_are_at_least_three_hundred(rehearse):
    assert sum(len(rehearse(name).points) for name in BY_NAME) >= 300


@pytest.mark.skipif(not LONG, reason="make crash-long")
def test_random_kills(rehearse, walk):
    chance = random.Random(7)
    going = {name: walk(name) for name in BY_NAME}
    for _ in range(LONG):
        name = chance.choice(list(BY_NAME))
        going[name].crash(chance.choice(["kill", "power"]), *chance.choice(rehearse(name).points))
