"""lakebench: an AWS endpoint on your laptop that runs S3, Glue and Athena for real.

    from lakebench import Server

    with Server() as server:              # a free port, nothing left behind
        athena = server.client("athena")  # plain boto3, pointed at it

Only names in ``__all__`` are public; the rooms behind them are drawn in docs/architecture.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lakebench.version import __version__

if TYPE_CHECKING:
    from lakebench.emulator.launch import Server

__all__ = ["Server", "__version__"]


def __getattr__(name: str) -> Any:
    # The launcher is loaded on first use: `import lakebench` alone stays cheap.
    if name == "Server":
        from lakebench.emulator.launch import Server

        return Server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
