"""Refuses and notes every attempt of a Python process to reach beyond this machine.

Python loads this at its start wherever the folder stands on PYTHONPATH and ``LAKEBENCH_TEST_ATTEMPTS`` names a
file: in the tests, and in the servers, workers and commands that they start. An audit hook sees each lookup of
a name, each connect and each datagram of Python's own sockets, whoever makes them. It does not see sockets that
native code opens by itself (DuckDB, pyarrow's S3): for those tests/offline/run.py has a network of its own.
"""

import os
import sys

ATTEMPTS = "LAKEBENCH_TEST_ATTEMPTS"
_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")
_EVENTS = {
    "socket.getaddrinfo": lambda args: args[0],
    "socket.gethostbyname": lambda args: args[0],
    "socket.gethostbyaddr": lambda args: args[0],
    "socket.connect": lambda args: args[1],
    "socket.sendto": lambda args: args[1],
    "socket.sendmsg": lambda args: args[1],
}


def reaches_out(target: object) -> bool:
    """Whether a host, or the address of a socket, lies beyond this machine."""
    host = target[0] if isinstance(target, tuple) and target else target
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("latin-1")
    if not isinstance(host, str) or host == "" or host.startswith(("/", "\0", "127.")):
        return False  # nobody, a socket of the file system, or the loopback
    host = host.lower().rstrip(".").partition("%")[0]
    if host in {"0.0.0.0", "::", "::1", "<broadcast>"} or host.startswith("::ffff:127."):
        return False
    return host not in _NAMES and not host.endswith(".localhost")


def _is_address(host: str) -> bool:
    return host.replace(".", "").isdigit() or ":" in host


def watch(event: str, args: tuple) -> None:
    """The audit hook."""
    told = _EVENTS.get(event)
    if told is None:
        return
    target = told(args)
    if not reaches_out(target):
        return
    if event == "socket.getaddrinfo" and isinstance(target, str) and _is_address(target):
        return  # an address is read, nobody is asked
    line = f"{event} {target!r} by {os.environ.get('PYTEST_CURRENT_TEST', '')} in {' '.join(sys.orig_argv)[:300]!r}\n"
    log = os.open(os.environ[ATTEMPTS], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, line.encode())
    os.close(log)
    raise ConnectionRefusedError(f"tests stay on this machine: {event} {target!r}")


if os.environ.get(ATTEMPTS):
    sys.addaudithook(watch)
