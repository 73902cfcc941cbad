"""The HTTP side: cheroot, with caps on threads, connections, time and header sizes."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from typing import Any

from cheroot.wsgi import Gateway_10, Server

from lakebench.emulator.connections import CONNECTIONS, HEAD_BYTES, PacedConnection, WaitingRoom
from lakebench.emulator.wire.http import HEADER_NAMES
from lakebench.errors import LaunchError

_THREADS = 32
_MOST_THREADS = 256  # more are started while all are held by requests under way
_IDLE_SECONDS = 60  # a client that sends or takes nothing for so long loses its connection
_DRAINED_BYTES = 1024 * 1024


class _Gateway(Gateway_10):
    """Remembers header names that WSGI folds: ``x-amz-meta-my_key`` is not ``x-amz-meta-my-key``."""

    def get_environ(self) -> Any:
        get_environ: Callable[[], dict[str, Any]] = super().get_environ
        environ = get_environ()
        names = (name.decode("latin-1") for name in self.req.inheaders if b"_" in name)
        environ[HEADER_NAMES] = {"HTTP_" + name.upper().replace("-", "_"): name for name in names}
        return environ

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """Close the connection where the answer says so, or where much of the body was left unread.

        cheroot would read the rest into memory to keep the connection.
        """
        left = getattr(self.req.rfile, "remaining", 0)
        broken_off = self.req.chunked_read and not self.req.body_is_read
        if left > _DRAINED_BYTES or broken_off or ("Connection", "close") in headers:
            self.req.close_connection = True
        respond: Callable[..., Any] = super().start_response
        return respond(status, headers, exc_info)


class _Server(Server):
    ConnectionClass = PacedConnection
    keep_alive_conn_limit = CONNECTIONS

    def prepare(self) -> None:
        """Bind, with our own room where connections wait."""
        super().prepare()
        self._connections = WaitingRoom(self)

    def process_conn(self, conn: Any) -> None:
        """Hand a request to a thread, and start more threads when all are held."""
        if self.requests.idle <= self.requests.qsize:
            self.requests.grow(8)
        super().process_conn(conn)

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Say nothing: cheroot reports clients that went away, and failures are logged by their handler."""


class Listener:
    """A bound port. Connections wait from now on and are answered once ``serve`` has an application."""

    def __init__(self, host: str, port: int) -> None:
        """Bind; raises LaunchError when the port is taken or the address is not ours."""
        self._server = _Server(
            (host, port),
            None,
            numthreads=_THREADS,
            max=_MOST_THREADS,
            request_queue_size=128,
            timeout=_IDLE_SECONDS,
            shutdown_timeout=1,
            server_name="lakebench",
        )
        self._server.gateway = _Gateway
        self._server.max_request_header_size = HEAD_BYTES
        self._server.nodelay = True
        self._thread: threading.Thread | None = None
        try:
            self._server.prepare()
        except OSError as error:
            raise _explained(host, port, error) from error
        self.host = host
        self.port = int(self._server.bind_addr[1])

    @property
    def endpoint(self) -> str:
        """``http://127.0.0.1:4566``; a wildcard address is reached by the loopback."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 (compared, not bound)
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"

    def serve(self, app: Callable[[dict[str, Any], Any], Any]) -> None:
        """Answer from now on, in threads of their own."""
        self._server.wsgi_app = app
        self._thread = threading.Thread(target=self._server.serve, name="lakebench-http", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering; requests under way get a second to end."""
        self._server.stop()
        if self._thread is not None:
            self._thread.join(timeout=2)


def _explained(host: str, port: int, error: OSError) -> LaunchError:
    taken = error.errno == errno.EADDRINUSE or "in use" in str(error).lower()
    if taken:
        return LaunchError(
            f"port {port} of {host} is in use", hint="stop what listens there, or pick a free port: --port 0"
        )
    return LaunchError(
        f"cannot listen on {host}:{port}: {error}",
        hint="use --host 127.0.0.1, and a port above 1023 or --port 0",
    )
