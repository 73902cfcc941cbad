"""A process that has loaded the server and forks one for each command: a start costs milliseconds.

Commands are JSON lines on standard input, answers JSON lines on standard output:

    {"start": {"data_dir": ..., "plan": ..., "engine": false}}  ->  {"pid": ..., "endpoint": ...} or {"died": ...}
    {"wait": pid}                                            ->  {"status": ...}
"""

import gc
import json
import os
import random
import signal
import sys
import traceback
from contextlib import closing
from pathlib import Path

from moto.moto_api._internal import mock_random

from lakebench.emulator import app, athena, control, doctor, glue, stack  # noqa: F401 (loaded before the fork)
from lakebench.emulator.launch import ServerConfig, Stop, serve_forever
from lakebench.emulator.listener import Listener
from lakebench.emulator.moto import catalog, mount, objects, queues  # noqa: F401
from lakebench.emulator.storage import faults  # noqa: F401
from lakebench.emulator.storage.data_dir import DataDir
from lakebench.emulator.wire.json_service import service_model


class NoEngine:
    """For workloads without queries: workers take most of a second to start."""

    def run(self, request, cancellation):
        raise AssertionError("no query was expected")

    def close(self):
        pass


def serve(order, pipe):
    os.environ["LAKEBENCH_DISK_FAULTS"] = order["plan"]
    for one in (random, mock_random):
        one.seed()  # else each server would give the same ids as the one before
    stop = Stop()
    signal.signal(signal.SIGTERM, lambda *_: stop.throw())
    place = Path(order["data_dir"])
    if order["engine"]:
        bound = []
        serve_forever(
            ServerConfig(port=0, data_dir=place, workers=1),
            stop=stop,
            on_bound=bound.append,
            on_ready=lambda: os.write(pipe, bound[0].endpoint.encode() + b"\n"),
        )
        return
    with (
        closing(Listener("127.0.0.1", 0)) as listener,
        DataDir.open(place) as data_dir,
        stack.Stack(data_dir=data_dir, workers=1, engine=NoEngine()) as built,
    ):
        listener.serve(built.app)
        os.write(pipe, listener.endpoint.encode() + b"\n")
        stop.wait()
        listener.close()


def start(order):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os.setpgid(0, 0)
        try:
            serve(order, writing)
        except BaseException:  # noqa: BLE001 (a forked child must never return into its parent's code)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        endpoint = pipe.readline().strip()
    if endpoint:
        return {"pid": pid, "endpoint": endpoint}
    return {"died": os.waitpid(pid, 0)[1]}


def load():
    """What a server makes once a process, made here once for all of them."""
    for service in ("athena", "glue"):
        service_model(service)
    mount.create_app("s3")  # not Glue's: it makes a backend, whose state would not be noted
    gc.freeze()  # what is there already is not looked at again, nor copied, by each server


def main():
    load()
    for line in sys.stdin:
        order = json.loads(line)
        starts = order.get("start")
        answer = start(starts) if starts else {"status": os.waitpid(order["wait"], 0)[1]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
