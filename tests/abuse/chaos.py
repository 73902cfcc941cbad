"""What goes wrong around a load: workers killed, a full disk, a clock that is set, clients that leave in mid-body and mid-result."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from .clock import JumpingClock
from .disk import SmallDisk
from .raw import AUTHORIZATION

_BUCKET = "chaos"
_BIG = 4 << 20
_QUEUED = 500
_DAY = 86_400
_JUMPS = (3 * _DAY, 0, -2 * _DAY, 3600, -60, 30, -3 * _DAY, 0)
_FULL_EVERY, _FULL_SECONDS = 15, 3
_MID_RESULT = "SELECT lpad('x', 2000, 'x') AS a, n FROM UNNEST(sequence(1, 1000)) t(n)"  # a page of 2 MB
EXPECTED = ("ended unexpectedly", "No engine process", "server's disk", "the local disk", "No space left")
"""In the reasons of queries that a killed worker or a full disk cost."""


class Chaos:
    """``counts`` tells how often what was done."""

    def __init__(self, server: Any, disk: SmallDisk, clock: JumpingClock) -> None:
        self._server, self._disk, self._clock = server, disk, clock
        self._chance = random.Random(7)
        self._athena = server.client("athena")
        self._s3 = server.client("s3")
        self._queued: list[str] = []
        self._wide = ""
        self._failed: BaseException | None = None
        self.counts = dict.fromkeys(
            ("workers killed", "bodies broken off", "results broken off", "disk full", "clock set", "queued"),
            0,
        )

    def prepare(self) -> None:
        self._s3.create_bucket(Bucket=_BUCKET)
        self._s3.put_object(Bucket=_BUCKET, Key="big", Body=b"x" * _BIG)
        self._wide = self._start(_MID_RESULT)
        assert self._ended(self._wide)["State"] == "SUCCEEDED"

    def start(self, until: float) -> threading.Thread:
        thread = threading.Thread(target=self._run, args=(until,), daemon=True)
        thread.start()
        return thread

    def check(self) -> None:
        """Each of the queued queries came to an end, and no broken body became an object."""
        if self._failed is not None:
            raise self._failed
        for one in self._queued:
            status = self._ended(one)
            assert status["State"] == "SUCCEEDED" or is_expected(status), status
        kept = self._s3.list_objects_v2(Bucket=_BUCKET)["Contents"]
        assert {one["Key"] for one in kept if not one["Key"].startswith("results/")} == {"big"}

    def _start(self, sql: str) -> str:
        output = {"OutputLocation": f"s3://{_BUCKET}/results/"}
        started = self._athena.start_query_execution(QueryString=sql, ResultConfiguration=output)
        return str(started["QueryExecutionId"])

    def _ended(self, execution_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + 120
        while True:
            found = self._athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
            if found["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                return dict(found["Status"])
            assert time.monotonic() < deadline, "a queued query never ends"
            time.sleep(0.05)

    def _queue(self) -> None:
        while len(self._queued) < _QUEUED and self._failed is None:
            try:
                self._queued.append(self._start("SELECT 1"))
            except ClientError as error:
                if "disk" not in str(error):
                    self._failed = error
        self.counts["queued"] = len(self._queued)

    def _run(self, until: float) -> None:
        others = [
            threading.Thread(target=run, daemon=True) for run in (self._queue, lambda: self._leave(until))
        ]
        for other in others:
            other.start()
        try:
            second = 0
            while time.monotonic() < until:
                self._turn(second)
                second += 1
                time.sleep(1)
        except BaseException as error:  # noqa: BLE001 (told by check)
            self._failed = error
        finally:
            self._disk.empty()
            self._clock.set(0)
            for other in others:
                other.join(60)

    def _leave(self, until: float) -> None:
        """Clients that go: a busy server takes its time with them, and nothing else waits for that."""
        try:
            while time.monotonic() < until:
                for step in (self._break_body, self._break_result, self._break_page):
                    step()
                time.sleep(1)
        except BaseException as error:  # noqa: BLE001 (told by check)
            self._failed = error

    def _turn(self, second: int) -> None:
        self._kill()
        if second % _FULL_EVERY == 1:
            self._disk.fill()
            self.counts["disk full"] += 1
        if second % _FULL_EVERY == 1 + _FULL_SECONDS:
            self._disk.empty()
        if self._clock.works and second % 5 == 3:
            self._clock.set(_JUMPS[second // 5 % len(_JUMPS)])
            self.counts["clock set"] += 1

    def _kill(self) -> None:
        if workers := _children(self._server.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._chance.choice(workers), signal.SIGKILL)
            self.counts["workers killed"] += 1

    def _break_body(self) -> None:
        head = _head("PUT", f"/{_BUCKET}/broken") + f"Content-Length: {_BIG}\r\n\r\n"
        self._break(head.encode() + b"y" * (_BIG // 2))
        self.counts["bodies broken off"] += 1

    def _break_result(self) -> None:
        self._break((_head("GET", f"/{_BUCKET}/big") + "\r\n").encode(), receive=1000)
        self.counts["results broken off"] += 1

    def _break_page(self) -> None:
        body = json.dumps({"QueryExecutionId": self._wide, "MaxResults": 1000})
        target = "X-Amz-Target: AmazonAthena.GetQueryResults\r\n"
        head = _head("POST", "/", "athena") + f"{target}Content-Length: {len(body)}\r\n\r\n"
        self._break((head + body).encode(), receive=1000)
        self.counts["results broken off"] += 1

    def _break(self, data: bytes, receive: int = 0) -> None:
        """Send, take some of the answer, and go; on a full disk the server may be the one that goes."""
        address = ("127.0.0.1", self._server.port)
        with (
            socket.create_connection(address, timeout=30) as connection,
            contextlib.suppress(ConnectionError),
        ):
            connection.sendall(data)
            if receive:
                connection.recv(receive)


def is_expected(status: dict[str, Any]) -> bool:
    """Whether a query failed by what was done to its worker, or to the disk."""
    reason = status.get("StateChangeReason", "")
    return status["State"] == "FAILED" and any(words in reason for words in EXPECTED)


def _head(method: str, path: str, service: str = "s3") -> str:
    signed = AUTHORIZATION.format(service=service)
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {signed}\r\n"


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(one) for one in task.read_text().split()]
    return found
