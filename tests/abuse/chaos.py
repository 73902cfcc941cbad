"""What goes wrong around a load: workers killed each second, clients that leave in mid-body and mid-result."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

from .raw import AUTHORIZATION

_BUCKET = "chaos"
_BIG = 4 << 20
_QUEUED = 500
LOST = "ended unexpectedly"
"""In the reason of a query whose worker was killed."""


class Chaos:
    """``counts`` tells how often what was done."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._chance = random.Random(7)
        self._athena = server.client("athena")
        self._s3 = server.client("s3")
        self._queued: list[str] = []
        self.counts = {"workers killed": 0, "bodies broken off": 0, "results broken off": 0, "queued": 0}

    def prepare(self) -> None:
        self._s3.create_bucket(Bucket=_BUCKET)
        self._s3.put_object(Bucket=_BUCKET, Key="big", Body=b"x" * _BIG)

    def start(self, until: float) -> threading.Thread:
        thread = threading.Thread(target=self._run, args=(until,), daemon=True)
        thread.start()
        return thread

    def check(self) -> None:
        """Each of the queued queries came to an end, and no broken body became an object."""
        deadline = time.monotonic() + 120
        for one in self._queued:
            while True:
                status = self._athena.get_query_execution(QueryExecutionId=one)["QueryExecution"]["Status"]
                if status["State"] not in {"QUEUED", "RUNNING"}:
                    break
                assert time.monotonic() < deadline, "a queued query never ends"
                time.sleep(0.05)
            assert status["State"] == "SUCCEEDED" or LOST in status["StateChangeReason"], status
        kept = self._s3.list_objects_v2(Bucket=_BUCKET)["Contents"]
        assert {one["Key"] for one in kept if not one["Key"].startswith("results/")} == {"big"}

    def _run(self, until: float) -> None:
        for _ in range(_QUEUED):
            started = self._athena.start_query_execution(
                QueryString="SELECT 1", ResultConfiguration={"OutputLocation": f"s3://{_BUCKET}/results/"}
            )
            self._queued.append(started["QueryExecutionId"])
            self.counts["queued"] += 1
        while time.monotonic() < until:
            for step in (self._kill, self._break_body, self._break_result):
                step()
            time.sleep(1)

    def _kill(self) -> None:
        if workers := _children(self._server.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._chance.choice(workers), signal.SIGKILL)
            self.counts["workers killed"] += 1

    def _break_body(self) -> None:
        head = _head("PUT", "broken") + f"Content-Length: {_BIG}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self._server.port), timeout=10) as connection:
            connection.sendall(head.encode() + b"y" * (_BIG // 2))
        self.counts["bodies broken off"] += 1

    def _break_result(self) -> None:
        with socket.create_connection(("127.0.0.1", self._server.port), timeout=10) as connection:
            connection.sendall((_head("GET", "big") + "\r\n").encode())
            connection.recv(1000)
        self.counts["results broken off"] += 1


def _head(method: str, key: str) -> str:
    signed = AUTHORIZATION.format(service="s3")
    return f"{method} /{_BUCKET}/{key} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {signed}\r\n"


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(one) for one in task.read_text().split()]
    return found
