import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from lakebench.isolated import isolated_session

from .observing import observe
from .workloads import BY_NAME, Lake

CONFIG = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=5, read_timeout=30)


class Host:
    """Starts servers by forking one process that has loaded everything."""

    def __init__(self, root):
        self._root = root
        self._numbers = itertools.count()
        self._session = boto3.Session(botocore_session=isolated_session("us-east-1"))
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("host.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self):
        self._process.stdin.close()
        self._process.wait()

    def new_directory(self, template=None):
        place = self._root / str(next(self._numbers))
        if template is None:
            place.mkdir()
        else:
            shutil.copytree(template, place)
        return place

    def start(self, place, *, engine, plan=None):
        """A server on the directory, or None when the plan killed it while it started."""
        orders = place.with_suffix(".plan")
        _write_plan(orders, plan)
        answer = self._ask(start={"data_dir": str(place), "plan": str(orders), "engine": engine})
        return Child(self, answer, orders, self._session) if "pid" in answer else None

    def wait(self, pid):
        return self._ask(wait=pid)["status"]

    def _ask(self, **order):
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class Child:
    """One server, and its clients."""

    def __init__(self, host, answer, orders, session):
        self._host = host
        self.pid = answer["pid"]
        self._orders = orders
        options = {"endpoint_url": answer["endpoint"], "config": CONFIG}
        self.lake = Lake(
            s3=session.client("s3", **options),
            glue=session.client("glue", **options),
            athena=session.client("athena", **options),
        )

    def plan(self, **plan):
        """From the next call of the disk on; without arguments nothing more happens."""
        _write_plan(self._orders, plan)

    def calls(self):
        """The calls of the disk since the counting began."""
        return Path(f"{self._orders}.calls").read_text().splitlines()

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        self.wait()

    def wait(self):
        return self._host.wait(self.pid)


def _write_plan(orders, plan):
    new = orders.with_suffix(".new")
    new.write_text(json.dumps(plan) if plan else "")
    new.rename(orders)


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    running = Host(tmp_path_factory.mktemp("crash"))
    yield running
    running.close()


class Rehearsal:
    """A workload run whole: the directory before it, the state after each step, the calls of the disk."""

    def __init__(self, host, workload):
        self.workload = workload
        self.template = host.new_directory()
        child = host.start(self.template, engine=workload.engine)
        for step in workload.prepare:
            step(child.lake)
        child.stop()
        place = host.new_directory(self.template)
        child = host.start(place, engine=workload.engine)
        self.states = [observe(child.lake)]
        child.plan(kind="count")
        for step in workload.steps:
            step(child.lake)
            self.states.append(observe(child.lake))
        self.calls = child.calls()
        child.kill()


@pytest.fixture(scope="session")
def rehearse(host):
    return cache(lambda name: Rehearsal(host, BY_NAME[name]))
