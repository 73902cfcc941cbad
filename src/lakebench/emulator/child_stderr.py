"""What a child process writes to its standard error: passed on, and remembered in case it dies."""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import suppress
from typing import IO

_LINES = 12
_LONGEST_LINE = 2000
_STDERR = 2
_END_SECONDS = 1


class ChildStderr:
    """Reads a child's standard error in a thread until its end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lines: deque[bytes] = deque(maxlen=_LINES)
        self._thread = threading.Thread(target=self._pass_on, name="lakebench-stderr", daemon=True)
        self._thread.start()

    def last_lines(self) -> str:
        """The last lines of a child that has ended; empty when it said nothing."""
        self._thread.join(timeout=_END_SECONDS)
        return b"".join(self._lines).decode(errors="replace").rstrip()

    def _pass_on(self) -> None:
        with self._stream:
            while line := self._stream.readline(_LONGEST_LINE):
                self._lines.append(line)
                with suppress(OSError):  # nobody listens to this process either
                    os.write(_STDERR, line)
