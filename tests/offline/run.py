"""Runs a command in a network that has nothing but a loopback, and tells whether anything tried to leave it.

    python tests/offline/run.py python -m pytest ...

Where Linux lets us, the command gets a network namespace of its own: then the kernel refuses every connection
beyond the loopback, of native code too, and its counter of packets without a route (``OutNoRoutes``) notes each.
Elsewhere, and besides, tests/offline/sitecustomize.py sees what Python's own sockets do. One attempt, and the
command's success becomes exit code 1.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ATTEMPTS = "LAKEBENCH_TEST_ATTEMPTS"
NAMESPACE = "LAKEBENCH_TEST_NAMESPACE"
_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1


def enter_namespace() -> str | None:
    """Move this process to a network of its own; None, or why that is not possible here."""
    if sys.platform != "linux":
        return f"{sys.platform} has no network namespaces"
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_NETWORK):
        if libc.unshare(_NEW_NETWORK | _NEW_USER):
            return os.strerror(ctypes.get_errno())
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(any_socket, _GET_FLAGS, name), 16)
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))
    return None


def why_no_namespace() -> str | None:
    """Try it in a child first: a namespace that was entered by half cannot be left again."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            told = enter_namespace() or ""
        except OSError as error:
            told = str(error)
        os.write(write, told.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return told or None


def packets_without_route() -> int:
    """How often something in this network wanted to leave it: IPv4 and IPv6."""
    lines = [line.split() for line in Path("/proc/self/net/snmp").read_text().splitlines()]
    names, values = (line for line in lines if line[0] == "Ip:")
    found = int(dict(zip(names, values, strict=True))["OutNoRoutes"])
    six = Path("/proc/self/net/snmp6")
    for line in six.read_text().splitlines() if six.exists() else ():
        if line.startswith("Ip6OutNoRoutes"):
            found += int(line.split()[1])
    return found


def main(command: list[str]) -> int:
    """Run the command; its exit code, or 1 when something tried to leave."""
    why_not = why_no_namespace() or enter_namespace()
    begun = packets_without_route() if why_not is None else 0
    with tempfile.TemporaryDirectory() as folder:
        attempts = Path(folder, "attempts.txt")
        attempts.touch()
        path = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONPATH": path, ATTEMPTS: str(attempts)}
        environment[NAMESPACE] = "no" if why_not else "yes"
        code = subprocess.run(command, env=environment, check=False).returncode
        noted = attempts.read_text(encoding="utf-8").splitlines()
    dropped = packets_without_route() - begun if why_not is None else 0
    seen_by = (
        "the kernel and Python's audit hook" if why_not is None
        else f"Python's audit hook alone (no network namespace: {why_not})"
    )  # fmt: skip
    print(f"attempts to leave this machine: {max(len(noted), dropped)}, as seen by {seen_by}")
    for line in dict.fromkeys(noted):
        print(f"  {line}")
    if dropped:
        print(f"  the kernel dropped {dropped} packets that had no route")
    return code or int(bool(noted or dropped))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
