"""A local server's state as a whole: exported, imported, reset, kept under names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from socket import gaierror
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

from lakebench.errors import ClientError, ConfigError

_BLOCK = 1 << 20
_SECONDS = 600

Watch = Callable[[int, int | None], None]
"""Told how many bytes have gone or come, and of how many."""


def _unwatched(done: int, total: int | None) -> None:
    """Nobody looks."""


class ServerState:
    """The control routes of the server at an endpoint.

    Without a ``token`` it is read from the data dir that the server names, which only its owner can.
    """

    def __init__(self, endpoint: str, token: str | None = None) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._place = urlsplit(self._endpoint)
        if self._place.scheme not in {"http", "https"} or not self._place.netloc:
            raise ConfigError(f"{endpoint!r} is no endpoint", hint="name one like http://127.0.0.1:4566")
        self._token = token or self._find_token()

    def export(self, file: Path, watch: Watch = _unwatched) -> int:
        """Write the state of this moment to the file; its size in bytes. The file is whole or not there."""
        making = file.with_name(file.name + ".new")
        try:
            with self._open("GET", "state/export") as answer, making.open("wb") as target:
                making.chmod(0o600)
                total, done = answer.length, 0
                while block := answer.read(_BLOCK):
                    done += target.write(block)
                    watch(done, total)
                if done < (total or 0):
                    raise ClientError(
                        f"the server at {self._endpoint} broke off: {done} of {total} bytes came"
                    )
            making.rename(file)
        except OSError as error:
            raise ClientError(f"{file} cannot be written: {error.strerror or error}") from error
        finally:
            with suppress(OSError):
                making.unlink(missing_ok=True)
        return file.stat().st_size

    def import_file(self, file: Path, watch: Watch = _unwatched) -> int:
        """Put the file's state in the place of the server's; how many objects it has."""
        size = file.stat().st_size
        with file.open("rb") as source:
            answer = self._ask("POST", "state/import", _watched(source, size, watch), size=size)
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
        with self._open("GET", "health", token=False) as answer:
            health = _document(answer)
        try:
            return Path(health["data_dir"], "token").read_text()
        except KeyError as error:
            raise ClientError(
                f"what answers at {self._endpoint} is not lakebench", hint="start one with `lakebench serve`"
            ) from error
        except OSError as error:
            raise ClientError(
                f"the token of the server at {self._endpoint} cannot be read: {error.strerror}",
                hint="run this as the server's user on its machine, or pass --token",
            ) from error

    def _ask(
        self, method: str, route: str, body: Iterable[bytes] | None = None, *, size: int = 0
    ) -> dict[str, Any]:
        with self._open(method, route, body, size=size) as answer:
            return _document(answer)

    @contextmanager
    def _open(
        self,
        method: str,
        route: str,
        body: Iterable[bytes] | None = None,
        *,
        size: int = 0,
        token: bool = True,
    ) -> Iterator[HTTPResponse]:
        headers = {"X-Lakebench-Token": self._token} if token else {}
        if method == "POST":
            headers["Content-Length"] = str(size)
        with closing(self._connect()) as connection:
            with self._told_errors():
                # Who refuses before all of the body was there tells why in the answer.
                with suppress(BrokenPipeError, ConnectionResetError):
                    connection.request(method, f"{self._place.path}/_lakebench/{route}", body, headers)
                answer = connection.getresponse()
            if answer.status >= 400:
                raise self._refusal(answer)
            try:
                yield answer
            except (HTTPException, ConnectionError, TimeoutError) as error:
                raise self._broke_off(error) from error

    def _connect(self) -> HTTPConnection:
        make = HTTPSConnection if self._place.scheme == "https" else HTTPConnection
        return make(self._place.netloc, timeout=_SECONDS, blocksize=_BLOCK)

    @contextmanager
    def _told_errors(self) -> Iterator[None]:
        try:
            yield
        except (ConnectionRefusedError, gaierror) as error:
            raise ClientError(
                f"no server answers at {self._endpoint}: {error}", hint="start one with `lakebench serve`"
            ) from error
        except (HTTPException, OSError) as error:
            raise self._broke_off(error) from error

    def _broke_off(self, error: Exception) -> ClientError:
        return ClientError(f"the server at {self._endpoint} broke off: {error or type(error).__name__}")

    def _refusal(self, answer: HTTPResponse) -> ClientError:
        told = _document(answer)
        message = told.get("message") or f"{self._endpoint} answered {answer.status} {answer.reason}"
        return ClientError(message, hint=told.get("hint"))


def _document(answer: HTTPResponse) -> dict[str, Any]:
    """The answer's JSON object; empty where it is none."""
    try:
        found = json.load(answer)
    except (ValueError, HTTPException, OSError):
        return {}
    return found if isinstance(found, dict) else {}


def _watched(source: BinaryIO, size: int, watch: Watch) -> Iterator[bytes]:
    done = 0
    while block := source.read(_BLOCK):
        yield block
        done += len(block)
        watch(done, size)
