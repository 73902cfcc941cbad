"""HTTP by hand: requests that no client library would send."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import Any

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIALAKEBENCHLOCAL00/20261123/us-east-1/{service}/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


@dataclass(frozen=True)
class Answer:
    """``status`` is 0 when the server closed the connection without a word."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


def exchange(port: int, data: bytes, *, half_close: bool = True, timeout: float = 10) -> Answer:
    """Send these bytes and read until the server closes; raises TimeoutError when it does not."""
    started = time.monotonic()
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while block := connection.recv(65536):
                received += block
                if time.monotonic() - started > timeout:
                    raise TimeoutError
        except (ConnectionError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            # it had answered, or closed, before it read all
    return parse(received, time.monotonic() - started)


def parse(received: bytes, seconds: float = 0.0) -> Answer:
    """The last answer in what came; an interim 100 is passed over."""
    while received.startswith(b"HTTP/1.1 100"):
        received = received.partition(b"\r\n\r\n")[2]
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1]) if received.startswith(b"HTTP/") else 0
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return Answer(status=status, headers=headers, body=body, seconds=seconds)


def request(
    method: str, path: str, headers: dict[str, Any] | None = None, body: bytes = b"", *, service: str = "s3"
) -> bytes:
    """A whole request that closes its connection; a header of None leaves out the usual one."""
    usual: dict[str, Any] = {
        "Host": "127.0.0.1",
        "Authorization": AUTHORIZATION.format(service=service),
        "Content-Length": len(body),
        "Connection": "close",
    }
    named = {**usual, **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in named.items() if v is not None)]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body
