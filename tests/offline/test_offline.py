"""Tests stay on this machine: what would leave it is refused, noted, and fails the run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OUTSIDE = "192.0.2.1"  # RFC 5737: an address of nobody
CONNECT = f"import socket; socket.create_connection(('{OUTSIDE}', 443), timeout=1)"
NATIVE = """
import ctypes, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
number = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(443), bytes((192, 0, 2, 1)))
assert libc.connect(number, address, len(address)) == -1
"""


def hooked(code, log):
    """Python with the audit hook, noting in a file of its own, for these attempts are meant."""
    environment = {**os.environ, "PYTHONPATH": str(HERE), "LAKEBENCH_TEST_ATTEMPTS": str(log)}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "code",
    [
        CONNECT,
        "import socket; socket.getaddrinfo('athena.us-east-1.amazonaws.com', 443)",
        f"import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('{OUTSIDE}', 53))",
        "import urllib.request; urllib.request.urlopen('https://example.com', timeout=1)",
        "import boto3; boto3.client('s3', region_name='us-east-1', aws_access_key_id='a', "
        "aws_secret_access_key='b').list_buckets()",
    ],
)
def test_what_would_leave_is_refused_and_noted(tmp_path, code):
    log = tmp_path / "attempts.txt"
    done = hooked(code, log)
    assert done.returncode == 1
    assert "tests stay on this machine" in done.stderr
    assert log.read_text().splitlines()


def test_the_loopback_is_free(tmp_path):
    code = (
        "import socket; server = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(('localhost', server.getsockname()[1]))"
    )
    done = hooked(code, tmp_path / "attempts.txt")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "attempts.txt").exists()


def guarded(*code):
    """The command of make test around some Python."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, HERE / "run.py", sys.executable, *code],
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_without_attempts_keeps_its_exit_code():
    done = guarded("-c", "raise SystemExit(0)")
    assert (done.returncode, "attempts to leave this machine: 0" in done.stdout) == (0, True), done.stderr
    assert guarded("-c", "raise SystemExit(5)").returncode == 5


def test_one_attempt_fails_a_run_that_succeeds_otherwise():
    swallowed = CONNECT.replace("; ", "\ntry: ") + "\nexcept OSError: pass"
    done = guarded("-c", swallowed)
    assert done.returncode == 1, done.stdout + done.stderr
    assert OUTSIDE in done.stdout


def test_native_code_is_seen_by_the_kernel_where_there_is_a_namespace():
    done = guarded("-c", NATIVE)
    if "audit hook alone" in done.stdout:
        assert done.returncode == 0, "Python's hook does not see native sockets"
    else:
        assert done.returncode == 1, done.stdout
        assert "the kernel dropped 1 packets" in done.stdout


def test_this_run_is_watched():
    assert Path(os.environ["LAKEBENCH_TEST_ATTEMPTS"]).exists()
    assert str(HERE) in os.environ["PYTHONPATH"]
