import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lakebench.isolated import isolated_session

from .observing import observe
from .workloads import BY_NAME, Lake

NOWHERE = "http://127.0.0.1:1"
CONFIG = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=5, read_timeout=30)


class Host:
    """Starts servers by forking one process that has loaded everything."""

    def __init__(self, root):
        self._root = root
        self._numbers = itertools.count()
        self._clients = Clients()
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
            shutil.copytree(
                template, place, ignore=shutil.ignore_patterns("reserve"), copy_function=_copy_or_link
            )
        return place

    def start(self, place, *, engine, plan=None):
        """A server on the directory, or None when the plan killed it while it started."""
        orders = place.with_suffix(".plan")
        _write_plan(orders, plan)
        answer = self._ask(start={"data_dir": str(place), "plan": str(orders), "engine": engine})
        return Child(self, answer, orders, self._clients) if "pid" in answer else None

    def wait(self, pid):
        return self._ask(wait=pid)["status"]

    def _ask(self, **order):
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class Clients:
    """boto3's clients, made once: they take longer to make than a server. They speak to one server at a time."""

    def __init__(self):
        session = boto3.Session(botocore_session=isolated_session("us-east-1"))
        self._endpoint = ""
        self._made = {}
        for service in ("s3", "glue", "athena"):
            client = session.client(service, endpoint_url=NOWHERE, config=CONFIG)
            client.meta.events.register("before-call", self._redirect)
            self._made[service] = client

    def lake(self, endpoint):
        """A lake on this server; what was handed out before speaks to it too."""
        self.point_at(endpoint)
        return Lake(**self._made)

    def point_at(self, endpoint):
        """Speak to this server from now on."""
        self._endpoint = endpoint

    def _redirect(self, params, **_):
        params["url"] = params["url"].replace(NOWHERE, self._endpoint, 1)


class Child:
    """One server, and its clients."""

    def __init__(self, host, answer, orders, clients):
        self._host = host
        self.pid = answer["pid"]
        self._orders = orders
        self._clients = clients
        self._endpoint = answer["endpoint"]
        self._lake = clients.lake(self._endpoint)

    @property
    def lake(self):
        """The clients, which speak to this server until another's are asked for."""
        self._clients.point_at(self._endpoint)
        return self._lake

    def plan(self, **plan):
        """From the next call of the disk on; without arguments nothing more happens."""
        _write_plan(self._orders, plan)

    def calls(self):
        """The calls of the disk since the counting began."""
        noted = Path(f"{self._orders}.calls")
        return noted.read_text().splitlines() if noted.exists() else []

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        self.wait()

    def wait(self):
        return self._host.wait(self.pid)


def _copy_or_link(source, target):
    """Payloads are never written to once they have their name: a second name is as good as a copy."""
    if "objects" in Path(source).parts:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def _write_plan(orders, plan):
    new = orders.with_suffix(".new")
    new.write_text(json.dumps(plan) if plan else "")
    new.rename(orders)


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    running = Host(tmp_path_factory.mktemp("crash"))
    yield running
    running.close()


@dataclass(frozen=True)
class Moment:
    """What there is before a step: the data dir, what the client remembers, the state that clients see."""

    directory: Path
    memory: dict[str, Any]
    state: str


class Rehearsal:
    """A workload run whole: the moments before its steps and after the last, the calls of the disk by step."""

    def __init__(self, host, workload):
        self.workload = workload
        place = host.new_directory()
        child = host.start(place, engine=workload.engine)
        for step in workload.prepare:
            step(child.lake)
        child.plan(kind="count")
        self.moments = [self._moment(host, place, child)]
        self.calls = []
        seen = 0
        for step in workload.steps:
            step(child.lake)
            self.moments.append(self._moment(host, place, child))
            self.calls.append(child.calls()[seen:])
            seen += len(self.calls[-1])
        child.kill()

    @staticmethod
    def _moment(host, place, child):
        state = observe(child.lake)
        return Moment(host.new_directory(place), dict(child.lake.memory), state)

    @property
    def points(self):
        """All calls of the disk, as the number of the step and that of the call in it, from 1 on."""
        return [(step, call + 1) for step, calls in enumerate(self.calls) for call in range(len(calls))]

    def name_of(self, step, call):
        """A point for people."""
        calls = self.calls[step]
        return f"step {step}, call {call} ({calls[call - 1] if call <= len(calls) else 'after the last'})"


@pytest.fixture(scope="session")
def rehearse(host):
    return cache(lambda name: Rehearsal(host, BY_NAME[name]))
