"""Real-looking access keys that arrive here were meant for AWS: their owner is told, once a key."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable

from lakebench.emulator.wire.http import Request

_KEY = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")
_EXAMPLE = "EXAMPLE"  # AWS's documentation uses AKIAIOSFODNN7EXAMPLE
_REMEMBERED = 1000


class RealKeys:
    """Warns of keys on stderr by their last four characters; nothing else of a key is kept or written."""

    def __init__(self, issued_here: Callable[[str], bool]) -> None:
        """``issued_here`` says whether this server's own IAM or STS made a key."""
        self._issued_here = issued_here
        self._seen: set[int] = set()
        self._lock = threading.Lock()

    def look(self, request: Request) -> None:
        """Look at what signs a request: the Authorization header or the query."""
        signed = f"{request.environ.get('HTTP_AUTHORIZATION', '')} {request.environ.get('QUERY_STRING', '')}"
        found = _KEY.search(signed)
        if found is None or found.group().endswith(_EXAMPLE):
            return
        key = found.group()
        with self._lock:
            if hash(key) in self._seen or len(self._seen) >= _REMEMBERED:
                return
            self._seen.add(hash(key))
        if not self._issued_here(key):
            sys.stderr.write(
                f"lakebench: warning: an access key that looks real, ending in {key[-4:]}, signs requests to "
                "this local server; it is not needed here: see lakebench env\n"
            )
