"""Connections that cost nothing until they have asked for something.

cheroot gives each new connection a thread at once and lets a client send a byte a minute: 32 silent
connections would hold all threads. Here a connection waits in the selector until the head of a request is
there whole, and a body that dribbles ends the request (slow loris).
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections.abc import Callable
from typing import Any

from cheroot.connections import ConnectionManager
from cheroot.makefile import StreamReader, StreamWriter
from cheroot.server import HTTPConnection, HTTPRequest, KnownLengthRFile

from lakebench.emulator.chunked import ChunkedBody

HEAD_SECONDS = 4.0
"""From the first byte of a request to the end of its headers."""

HEAD_BYTES = 64 * 1024
BODY_WINDOW_SECONDS = 20.0
BODY_WINDOW_BYTES = 1024
"""A body brings so many bytes in each window of so many seconds, or it has ended early."""

CONNECTIONS = 512
"""Open connections; beyond it the one that was idle longest makes room."""

_LINGER_SECONDS = 1.0
_TICK_SECONDS = 0.02
_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Pace:
    """How long a read may still take; ``idle_seconds`` is the limit of the connection anyhow."""

    def __init__(self, *, idle_seconds: float, window_seconds: float, window_bytes: int) -> None:
        self.idle_seconds = idle_seconds
        self._window_seconds, self._window_bytes = window_seconds, window_bytes
        self._deadline: float | None = None
        self._received = 0
        self._in_body = False

    def begin_head(self, seconds: float) -> None:
        """A request's head must be there in so many seconds."""
        self._in_body = False
        self._deadline = time.monotonic() + seconds

    def begin_body(self) -> None:
        """The body's first window starts with its first read: a handler may think before it reads."""
        self._in_body = True
        self._deadline = None
        self._received = 0

    def before_read(self) -> float:
        """Seconds that the next read may take; raises TimeoutError."""
        now = time.monotonic()
        if self._deadline is None:
            self._deadline = now + self._window_seconds
        if now >= self._deadline:
            raise TimeoutError("timed out")
        return min(self.idle_seconds, self._deadline - now)

    def after_read(self, size: int) -> None:
        """Count what came; a full window starts the next one."""
        self._received += size
        if self._in_body and self._received >= self._window_bytes:
            self._deadline, self._received = None, 0


class _PacedSocket(socket.SocketIO):
    """A socket's bytes, as long as they come at the pace."""

    def __init__(self, sock: socket.socket, pace: Pace) -> None:
        super().__init__(sock, "r")
        self._socket, self._pace = sock, pace

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._pace.before_read())
        try:
            size = super().readinto(buffer)
        finally:
            with contextlib.suppress(OSError):
                self._socket.settimeout(self._pace.idle_seconds)
        self._pace.after_read(size or 0)
        return size


class _Reader(StreamReader):
    def __init__(self, sock: socket.socket, pace: Pace, size: int) -> None:
        super().__init__(sock, "r", size)
        self.raw.close()
        self._raw = _PacedSocket(sock, pace)


class _Writer(StreamWriter):
    """Keeps an answer's head until its body follows: one write for both, and one packet."""

    _write_buf: bytearray  # of the Python io module, which cheroot's type stubs leave out
    held = False

    def write(self, val: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # as in the stubs
        if not self.held:
            write: Callable[..., Any] = super().write
            return write(val, *args, **kwargs)
        self._write_buf.extend(val)
        self.bytes_written += len(val)
        return len(val)


class PacedRequest(HTTPRequest):
    """Reads its head and its body at the connection's pace."""

    def parse_request(self) -> None:
        """Read the head, in the seconds that it has."""
        self.conn.pace.begin_head(HEAD_SECONDS)
        super().parse_request()
        self.conn.unread = not self.ready

    def read_request_headers(self) -> bool:
        """Refuse a length that is no plain number, or two ways to tell it: requests could be smuggled."""
        read_headers: Callable[[], bool] = super().read_request_headers
        if not read_headers():
            return False
        coding = self.inheaders.get(b"Transfer-Encoding")
        blank = any(name != name.strip() or b" " in name for name in self.inheaders)
        if blank or (coding is not None and coding.strip().lower() != b"chunked"):
            self.simple_response("400 Bad Request", "Malformed Transfer-Encoding Header.")
            return False
        length = self.inheaders.get(b"Content-Length")
        if length is None or (length.isdigit() and not self.chunked_read):
            return True
        self.simple_response("400 Bad Request", "Malformed Content-Length Header.")
        return False

    def respond(self) -> None:
        """Run the application, which reads the body."""
        self.conn.pace.begin_body()
        length = int(self.inheaders.get(b"Content-Length", 0))
        stream = self.conn.rfile
        self.rfile = ChunkedBody(stream) if self.chunked_read else KnownLengthRFile(stream, length)
        try:
            self.server.gateway(self).respond()
            self.ensure_headers_sent()
        finally:
            self.conn.wfile.flush()
        self.conn.unread = not self.body_is_read
        if self.chunked_write:
            self.conn.wfile.write(b"0\r\n\r\n")

    def send_headers(self) -> None:
        """Leave the head with the connection, which sends it with what is written next."""
        self.conn.wfile.held = True
        try:
            super().send_headers()
        finally:
            self.conn.wfile.held = False

    @property
    def body_is_read(self) -> bool:
        """Whether nothing of the body is left on the connection."""
        body = self.rfile
        return body.ended if isinstance(body, ChunkedBody) else getattr(body, "remaining", 0) == 0


class PacedConnection(HTTPConnection):
    """A connection whose reads have an end."""

    RequestHandlerClass = PacedRequest

    def __init__(self, server: Any, sock: socket.socket, _makefile: Any = None) -> None:
        self.pace = Pace(
            idle_seconds=server.timeout,
            window_seconds=BODY_WINDOW_SECONDS,
            window_bytes=BODY_WINDOW_BYTES,
        )

        def make(made_of: socket.socket, mode: str, size: int) -> Any:
            return _Reader(made_of, self.pace, size) if "r" in mode else _Writer(made_of, mode, size)

        self.unread = False
        super().__init__(server, sock, make)

    def close(self) -> None:
        """Close; where much of a body is unread, let the client read our answer before the reset."""
        if self.unread:
            _drain(self.socket)
        super().close()


class WaitingRoom(ConnectionManager):
    """Keeps connections until the head of a request is there, and hands only those to a thread."""

    # cheroot's own, which its type stubs leave out
    _selector: Any
    _stop_requested: bool
    _num_connections: int
    _expire: Callable[..., None]
    _from_server_socket: Callable[[Any], Any]
    _remove_invalid_sockets: Callable[[], None]

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self._partial: dict[Any, float] = {}

    def _run(self, expiration_interval: float) -> None:
        checked = time.monotonic()
        while not self._stop_requested:
            wait = _TICK_SECONDS if self._partial else expiration_interval
            try:
                active = list(self._selector.select(timeout=wait))
            except OSError:
                self._remove_invalid_sockets()
                continue
            for descriptor, conn in active:
                if conn is self.server:
                    self._accept()
                else:
                    self._selector.unregister(descriptor)
                    self._partial[conn] = time.monotonic() + HEAD_SECONDS
            self._look_at_heads()
            now = time.monotonic()
            if now - checked > expiration_interval:
                self._expire(threshold=now - self.server.timeout)
                checked = now

    def put(self, conn: Any) -> None:
        """Take a connection back; how long it is idle is not counted by a clock that may be set."""
        super().put(conn)
        conn.last_used = time.monotonic()

    def _accept(self) -> None:
        conn = self._from_server_socket(self.server.socket)
        if conn is None:
            return
        if self._num_connections + len(self._partial) >= CONNECTIONS:
            self._make_room()
        conn.last_used = time.monotonic()
        self._selector.register(conn.socket.fileno(), selectors.EVENT_READ, data=conn)

    def _make_room(self) -> None:
        waiting = [pair for pair in self._selector.connections if pair[1] is not self.server]
        if waiting:
            descriptor, conn = min(waiting, key=lambda pair: pair[1].last_used)
            self._selector.unregister(descriptor)
            conn.close()
        elif self._partial:
            conn = min(self._partial, key=self._partial.__getitem__)
            del self._partial[conn]
            conn.close()

    def _look_at_heads(self) -> None:
        now = time.monotonic()
        for conn, deadline in list(self._partial.items()):
            head = _peek(conn.socket)
            if head is not None and (not head or _is_whole(head)):
                del self._partial[conn]
                if head:
                    self.server.process_conn(conn)
                else:
                    conn.close()
            elif now > deadline:
                del self._partial[conn]
                with contextlib.suppress(OSError):
                    conn.socket.send(_TIMED_OUT, socket.MSG_DONTWAIT)
                conn.close()

    def close(self) -> None:
        """Close all that wait."""
        for conn in self._partial:
            conn.close()
        self._partial.clear()
        super().close()


def _drain(sock: socket.socket) -> None:
    until = time.monotonic() + _LINGER_SECONDS
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        while (left := until - time.monotonic()) > 0:
            sock.settimeout(left)
            if not sock.recv(HEAD_BYTES):
                return


def _is_whole(head: bytes) -> bool:
    """Whether a request's head ends in these bytes, or is too long or too odd to wait for its end."""
    return b"\r\n\r\n" in head or b"\n\n" in head or len(head) >= HEAD_BYTES


def _peek(sock: socket.socket) -> bytes | None:
    """What has come and is not read yet; None when nothing has, empty at the end of the stream."""
    idle_seconds = sock.gettimeout()
    sock.settimeout(0)
    try:
        return sock.recv(HEAD_BYTES, socket.MSG_PEEK)
    except BlockingIOError:
        return None
    except OSError:
        return b""
    finally:
        with contextlib.suppress(OSError):
            sock.settimeout(idle_seconds)
