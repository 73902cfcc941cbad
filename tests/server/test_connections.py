"""Slow, silent and endless clients, each on a real socket."""

import contextlib
import io
import socket
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from lakebench import Server
from lakebench.emulator.chunked import ChunkedBody
from lakebench.emulator.connections import Pace

REQUEST = b"GET /_lakebench/health HTTP/1.1\r\nHost: localhost\r\nX-Long: "


@pytest.fixture(scope="module")
def own_server():
    with Server() as server:
        yield server


def _seconds_of_a_request(server):
    started = time.monotonic()
    with urllib.request.urlopen(f"{server.endpoint}/_lakebench/health", timeout=20) as answer:
        answer.read()
    return time.monotonic() - started


def test_silent_connections_hold_nobody_up(own_server):
    silent = [socket.create_connection(("127.0.0.1", own_server.port)) for _ in range(200)]
    try:
        assert _seconds_of_a_request(own_server) < 1
    finally:
        for one in silent:
            one.close()


def test_a_byte_a_second_holds_nobody_up_and_ends(own_server):
    slow = [socket.create_connection(("127.0.0.1", own_server.port), timeout=10) for _ in range(100)]
    try:
        for one in slow:
            one.sendall(REQUEST)
        started = time.monotonic()
        while time.monotonic() - started < 4.5:
            for one in slow:
                try:
                    one.send(b"a")
                except OSError:
                    break
            assert _seconds_of_a_request(own_server) < 1
            time.sleep(0.5)
        for one in slow:
            with contextlib.suppress(ConnectionResetError):  # it sent once more after the end
                assert one.recv(100).startswith(b"HTTP/1.1 408")
    finally:
        for one in slow:
            one.close()


def test_dribbling_bodies_hold_nobody_up(own_server):
    own_server.client("s3").create_bucket(Bucket="slow")
    head = b"PUT /slow/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    slow = [socket.create_connection(("127.0.0.1", own_server.port), timeout=10) for _ in range(60)]
    try:
        for one in slow:
            one.sendall(head + b"abc")
        time.sleep(0.3)
        assert _seconds_of_a_request(own_server) < 2
        assert own_server.client("s3").list_objects_v2(Bucket="slow")["KeyCount"] == 0
    finally:
        for one in slow:
            one.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts in /proc")
def test_a_thousand_connections_make_room_for_each_other(own_server):
    many = []
    try:
        address = ("127.0.0.1", own_server.port)
        many.extend(socket.create_connection(address, timeout=10) for _ in range(1000))
        assert _seconds_of_a_request(own_server) < 2
        assert len(list(Path(f"/proc/{own_server.pid}/fd").iterdir())) < 650
    finally:
        for one in many:
            one.close()


def test_keep_alive_serves_many_clients_at_once(own_server):
    """Sixteen clients with a connection each, which is used again and again."""
    failures = []

    def ask():
        s3 = own_server.client("s3")
        try:
            for _ in range(20):
                s3.list_buckets()
        except Exception as error:  # noqa: BLE001 (told by the assertion)
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures


def test_a_body_that_dribbles_runs_out_of_time():
    pace = Pace(idle_seconds=60, window_seconds=0.2, window_bytes=100)
    pace.begin_body()
    started = time.monotonic()

    def dribble():
        while time.monotonic() - started < 5:
            pace.before_read()
            pace.after_read(1)
            time.sleep(0.01)

    with pytest.raises(TimeoutError):
        dribble()
    assert 0.15 < time.monotonic() - started < 2


def test_a_body_that_flows_goes_on():
    pace = Pace(idle_seconds=60, window_seconds=0.2, window_bytes=100)
    pace.begin_body()
    for _ in range(50):
        assert pace.before_read() < 0.21
        pace.after_read(200)
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("coded", "plain"),
    [
        (b"0\r\n\r\n", b""),
        (b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"3;name=value\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n", b"abcde"),
        (b"A\r\n0123456789\r\n00\r\n\r\n", b"0123456789"),
    ],
)
def test_chunks_become_the_body(coded, plain):
    stream = io.BytesIO(coded + b"GET / HTTP/1.1")
    body = ChunkedBody(stream)
    assert (body.read(2) + body.read(), body.ended) == (plain, True)
    assert stream.read() == b"GET / HTTP/1.1"


@pytest.mark.parametrize(
    "coded",
    [
        b"",
        b"3\r\nab",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"-1\r\n",
        b"zz\r\n",
        b"\r\n",
        b"0x3\r\nabc\r\n",
        b"1_0\r\n",
        b"1" * 5000,
        b"ffffffffffffffff\r\nabc",
        b"0\r\n" + b"a: b\r\n" * 200,
    ],
)
def test_broken_chunks_are_an_error(coded):
    with pytest.raises((ValueError, EOFError)):
        ChunkedBody(io.BytesIO(coded)).read()


def test_lines_are_read_across_chunks():
    body = ChunkedBody(io.BytesIO(b"2\r\nab\r\n3\r\nc\nd\r\n0\r\n\r\n"))
    assert [body.readline(), body.readline(), body.readline()] == [b"abc\n", b"d", b""]
