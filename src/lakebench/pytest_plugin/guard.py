"""The guard of a test run: no name of AWS is resolved, so no connection to it is opened.

It stands at name resolution because every Python client passes there, whichever session it was made from. It
does not see other processes, nor a proxy that resolves names itself.
"""

from __future__ import annotations

import socket
from typing import Any

_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


class NameGuard:
    """Stands in for ``socket.getaddrinfo`` from ``install`` to ``remove``; ``stopped`` are refused hosts."""

    def __init__(self) -> None:
        self.stopped: list[str] = []
        self._resolve = socket.getaddrinfo

    def install(self) -> None:
        """Refuse from now on."""
        socket.getaddrinfo = self._guarded

    def remove(self) -> None:
        """Put the system's own resolution back."""
        socket.getaddrinfo = self._resolve

    def message(self) -> str:
        """What was stopped since the last ``clear``."""
        return f"stopped a test's request to {', '.join(dict.fromkeys(self.stopped))}; nothing was sent"

    def _guarded(self, host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
        if name.lower().rstrip(".").endswith(_DOMAINS):
            from lakebench.errors import GuardError

            self.stopped.append(name)
            raise GuardError(
                f"stopped a test's request to {name}; nothing was sent",
                hint="use the fixtures athena and lake, or run with --lakebench-allow-aws",
            )
        return self._resolve(host, *arguments, **options)
