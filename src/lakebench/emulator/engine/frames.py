"""Frames between the server and a worker: a length, then JSON.

JSON and nothing else, in both directions: a worker that a hostile file took over can send text, and the
server never builds an object from what it sends (facts/reliability.md 5).
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from typing import Any

_HEAD = struct.Struct(">I")
REQUEST_LIMIT = 1 << 30
"""Bytes of a frame to a worker: lists of objects, which the server made."""

ANSWER_LIMIT = 64 << 20
"""Bytes of a frame from a worker: what a hostile file makes it tell stays small beside the server."""

Message = dict[str, Any]


class StreamEnded(Exception):
    """The other side closed its end, in the middle of a frame or between two."""


class FrameTooLong(Exception):
    """A message is over the limit, and nothing of it was sent."""


class DeadlineExceeded(Exception):
    """No whole frame arrived in time."""


def write_frame(descriptor: int, message: Message, *, limit: int) -> None:
    """Send one message; raises StreamEnded when nobody reads any more, FrameTooLong."""
    body = json.dumps(message, separators=(",", ":")).encode()
    if len(body) > limit:
        raise FrameTooLong(f"a frame of {len(body)} bytes is over the limit of {limit}")
    data = memoryview(_HEAD.pack(len(body)) + body)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except BrokenPipeError as error:
        raise StreamEnded from error


def read_frame(descriptor: int, *, limit: int, deadline: float | None = None) -> Message:
    """Receive one message, waiting until ``deadline`` (time.monotonic seconds).

    Raises StreamEnded, DeadlineExceeded, or ValueError for a frame that is no JSON object.
    """
    (length,) = _HEAD.unpack(_read_exactly(descriptor, _HEAD.size, deadline))
    if length > limit:
        raise ValueError(f"a frame of {length} bytes is over the limit of {limit}")
    message = json.loads(_read_exactly(descriptor, length, deadline))
    if not isinstance(message, dict):
        raise ValueError("a frame holds one JSON object")  # noqa: TRY004 - the stream is at fault, not a caller
    return message


def _read_exactly(descriptor: int, count: int, deadline: float | None) -> bytes:
    parts: list[bytes] = []
    while count:
        if deadline is not None:
            wait_until_readable(descriptor, deadline)
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            raise StreamEnded
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def wait_until_readable(descriptor: int, deadline: float) -> None:
    """Return when there is something to read; raises DeadlineExceeded."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP)
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded
        if poll.poll(left * 1000):
            return
