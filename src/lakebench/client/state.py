"""A local server's state as a whole: exported, imported, reset, kept under names."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from lakebench.errors import ClientError

_BLOCK = 1 << 20
_SECONDS = 600


class ServerState:
    """The control routes of the server at an endpoint.

    Without a ``token`` it is read from the data dir that the server names, which only its owner can.
    """

    def __init__(self, endpoint: str, token: str | None = None) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._token = token or self._find_token()

    def export(self, file: Path) -> int:
        """Write the state of this moment to the file; its size in bytes."""
        making = file.with_name(file.name + ".new")
        try:
            with self._open("GET", "state/export") as answer, making.open("wb") as target:
                making.chmod(0o600)
                while block := answer.read(_BLOCK):
                    target.write(block)
            making.rename(file)
        finally:
            making.unlink(missing_ok=True)
        return file.stat().st_size

    def import_file(self, file: Path) -> int:
        """Put the file's state in the place of the server's; how many objects it has."""
        with file.open("rb") as source:
            answer = self._ask("POST", "state/import", source, size=file.stat().st_size)
        return int(answer["objects"])

    def reset(self) -> None:
        """Remove everything."""
        self._ask("POST", "reset")

    def snapshot(self, name: str) -> None:
        """Keep the state of this moment under a name."""
        self._ask("POST", f"state/snapshots/{quote(name, safe='')}")

    def restore(self, name: str) -> int:
        """Put a named state in the place of the server's; how many objects it has."""
        return int(self._ask("POST", f"state/restore/{quote(name, safe='')}")["objects"])

    def delete(self, name: str) -> None:
        """Forget a named state."""
        self._ask("DELETE", f"state/snapshots/{quote(name, safe='')}")

    def snapshots(self) -> list[str]:
        """The names."""
        return [str(name) for name in self._ask("GET", "state/snapshots")["snapshots"]]

    def _find_token(self) -> str:
        with _told_errors(self._endpoint):
            place = f"{self._endpoint}/_lakebench/health"
            with urllib.request.urlopen(place, timeout=10) as answer:  # noqa: S310 (an endpoint of the user's)
                health = json.load(answer)
        try:
            return Path(health["data_dir"], "token").read_text()
        except OSError as error:
            raise ClientError(
                f"the token of the server at {self._endpoint} cannot be read: {error.strerror}",
                hint="run this as the server's user on its machine, or pass --token",
            ) from error

    def _ask(self, method: str, route: str, body: BinaryIO | None = None, *, size: int = 0) -> dict[str, Any]:
        with self._open(method, route, body, size=size) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    @contextmanager
    def _open(self, method: str, route: str, body: BinaryIO | None = None, *, size: int = 0) -> Iterator[Any]:
        headers = {"X-Lakebench-Token": self._token}
        if method == "POST":
            headers["Content-Length"] = str(size)
        request = urllib.request.Request(  # noqa: S310 (an endpoint of the user's)
            f"{self._endpoint}/_lakebench/{route}", data=body, method=method, headers=headers
        )
        with (
            _told_errors(self._endpoint),
            urllib.request.urlopen(request, timeout=_SECONDS) as answer,  # noqa: S310
        ):
            yield answer


@contextmanager
def _told_errors(endpoint: str) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as error:
        try:
            told = json.load(error)
        except ValueError:
            told = {}
        raise ClientError(
            told.get("message") or f"{endpoint} answered {error}", hint=told.get("hint")
        ) from None
    except urllib.error.URLError as error:
        raise ClientError(
            f"no server answers at {endpoint}: {error.reason}", hint="start one with `lakebench serve`"
        ) from error
