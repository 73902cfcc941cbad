"""``GET /_lakebench/...``: what runs here, and what services have to show, as JSON."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lakebench.emulator.wire.http import Request, Response, json_response
from lakebench.version import __version__

PREFIX = "/_lakebench/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Answers the health route; ``services`` are those that lakebench answers itself or mounts by name.

    ``documents`` answer what stands at other paths below the prefix.
    """

    services: tuple[str, ...]
    data_dir: str
    ephemeral: bool
    workers: int
    documents: tuple[Callable[[str], dict[str, Any] | None], ...] = ()

    def answer(self, request: Request) -> Response | None:
        """The health route, and 404 for what else begins like our own routes or moto's."""
        path = request.raw_path
        if path == PREFIX + "health" and request.method in {"GET", "HEAD"}:
            return json_response(
                200,
                {
                    "status": "running",
                    "version": __version__,
                    "services": list(self.services),
                    "data_dir": self.data_dir,
                    "ephemeral": self.ephemeral,
                    "pid": os.getpid(),
                    "workers": self.workers,
                },
            )
        if path.startswith(PREFIX) and request.method in {"GET", "HEAD"}:
            for document in self.documents:
                shown = document(path.removeprefix(PREFIX))
                if shown is not None:
                    return json_response(200, shown)
        # moto's control routes can wipe all state from a web page (facts/reliability.md 3).
        if path.startswith((PREFIX, "/moto-api")):
            return json_response(404, {"message": f"no such route: {path}"})
        return None
