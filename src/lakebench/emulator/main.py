"""``python -m lakebench.emulator``: a server that speaks JSON lines with the process that started it.

It prints one line when it answers requests (or why it cannot), and ends when its standard input does.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from lakebench.emulator.launch import Bound, ServerConfig, Stop, serve_forever
from lakebench.errors import LaunchError


def main(arguments: list[str] | None = None) -> int:
    """Run until the parent ends or asks; the exit code is 0 then, and 1 when the server cannot start."""
    parser = argparse.ArgumentParser(prog="python -m lakebench.emulator")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--allow-host", action="append", default=[], dest="allow_hosts")
    parser.add_argument("--relaxed", action="store_false", dest="durable")
    parser.add_argument("--verify-signatures", action="store_true")
    parser.add_argument("--signing-keys", type=Path)
    parser.add_argument("--throttle", action="store_true")
    options = parser.parse_args(arguments)
    options.allow_hosts = tuple(options.allow_hosts)
    stop = Stop()
    stop.throw_on_signals()
    stop.throw_at_end_of(sys.stdin.buffer)
    bound: list[Bound] = []
    try:
        serve_forever(
            ServerConfig(**vars(options)),
            stop=stop,
            on_bound=bound.append,
            on_ready=lambda: _say(_ready(bound[0])),
        )
    except LaunchError as error:
        _say({"error": error.message, "hint": error.hint})
        return 1
    return 0


def _ready(bound: Bound) -> dict[str, object]:
    return {**asdict(bound), "data_dir": str(bound.data_dir), "pid": os.getpid()}


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
