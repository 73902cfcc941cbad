"""The routes that change or tell the state as a whole: export, import, reset, snapshots.

They need the token of this run, which lies in the data dir for its owner alone: a web page, or whoever
reaches the port, cannot wipe the state (facts/reliability.md 3).
"""

from __future__ import annotations

import hmac
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from lakebench.emulator.moto.mount import MotoMount
from lakebench.emulator.storage.archive import (
    Contents,
    read_snapshot,
    read_tar,
    take_snapshot,
    tar_blocks,
    tar_size,
)
from lakebench.emulator.storage.data_dir import DataDir
from lakebench.emulator.wire.http import BodyIncomplete, Request, Response, json_response, read_block
from lakebench.emulator.wire.provider import Provider
from lakebench.errors import DataError
from lakebench.version import __version__

TOKEN_HEADER = "X-Lakebench-Token"  # noqa: S105 (a header's name)
_STATE = "/_lakebench/state/"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NOTHING = Contents(rows=(), payloads=())


class Control:
    """Answers the control routes of one server."""

    def __init__(self, *, data_dir: DataDir, moto: MotoMount, providers: Sequence[Provider]) -> None:
        self._data_dir = data_dir
        self._moto = moto
        self._ledger = moto.ledger
        self._providers = providers

    def answer(self, request: Request) -> Response | None:
        """A control route's answer; None for any other path."""
        action = self._action(request)
        if action is None:
            return None
        if not hmac.compare_digest(request.header(TOKEN_HEADER) or "", self._data_dir.token):
            message = (
                f"this route needs the header {TOKEN_HEADER}; its value is in the data dir's file `token`"
            )
            return _closing(json_response(403, {"message": message}))
        try:
            return action(request)
        except DataError as error:
            return _closing(json_response(400, {"message": error.message, "hint": error.hint}))

    def _action(self, request: Request) -> Callable[[Request], Response] | None:
        path = request.raw_path
        if request.method == "POST" and path in {"/_lakebench/reset", "/moto-api/reset"}:
            return self._reset
        if not path.startswith(_STATE):
            return None
        what, _, name = path.removeprefix(_STATE).partition("/")
        if name and not _NAME.fullmatch(name):
            return lambda _: json_response(400, {"message": f"a snapshot's name is like {_NAME.pattern}"})
        plain = {
            ("GET", "export"): self._export,
            ("POST", "import"): self._import,
            ("GET", "snapshots"): self._list,
        }
        named = {
            ("POST", "snapshots"): self._snapshot,
            ("POST", "restore"): self._restore,
            ("DELETE", "snapshots"): self._forget,
        }
        if not name:
            return plain.get((request.method, what))
        found = named.get((request.method, what))
        return None if found is None else lambda _: found(name)

    def _reset(self, _request: Request) -> Response:
        self._replace(_NOTHING)
        return json_response(200, {"status": "reset"})

    def _export(self, _request: Request) -> Response:
        place = self._data_dir.tmp / f"export-{secrets.token_hex(8)}"
        take_snapshot(self._ledger, place, version=__version__)
        headers = [("Content-Type", "application/x-tar"), ("Content-Length", str(tar_size(place)))]
        return Response(status=200, headers=headers, body=_Removing(place))

    def _import(self, request: Request) -> Response:
        contents = read_tar(cast("BinaryIO", _BodyStream(request)), self._ledger.payloads)
        self._replace(contents)
        return json_response(200, {"status": "imported", "objects": len(contents.payloads)})

    def _snapshot(self, name: str) -> Response:
        self._data_dir.snapshots.mkdir(exist_ok=True, mode=0o700)
        take_snapshot(self._ledger, self._data_dir.snapshots / name, version=__version__)
        return json_response(200, {"status": "taken", "name": name})

    def _restore(self, name: str) -> Response:
        place = self._data_dir.snapshots / name
        if not place.is_dir():
            return json_response(404, {"message": f"there is no snapshot {name}"})
        contents = read_snapshot(place, self._ledger.payloads)
        self._replace(contents)
        return json_response(200, {"status": "restored", "objects": len(contents.payloads)})

    def _list(self, _request: Request) -> Response:
        names: list[str] = []
        with suppress(FileNotFoundError):
            names = sorted(one.name for one in self._data_dir.snapshots.iterdir() if one.suffix != ".new")
        return json_response(200, {"snapshots": names})

    def _forget(self, name: str) -> Response:
        place = self._data_dir.snapshots / name
        if not place.is_dir():
            return json_response(404, {"message": f"there is no snapshot {name}"})
        shutil.rmtree(place)
        return json_response(200, {"status": "deleted", "name": name})

    def _replace(self, contents: Contents) -> None:
        """This state instead of that one, in one unit of work; what runs is stopped."""
        for provider in self._providers:
            provider.reset()
        complete = False
        try:
            with self._ledger.unit():
                for payload in contents.payloads:
                    self._ledger.made(payload)
                self._moto.replace_state(contents.rows)
            complete = True
        finally:
            if not complete:
                self._moto.reset()
                self._moto.restore()
            for provider in self._providers:
                provider.reset()
                provider.restore()


def _closing(response: Response) -> Response:
    """The rest of a body may not have been read: the connection cannot be used again."""
    response.headers.append(("Connection", "close"))
    return response


class _Removing:
    """The tar of a snapshot, which is removed when the client has it or went away."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __iter__(self) -> Iterator[bytes]:
        return tar_blocks(self._place)

    def close(self) -> None:
        """Let go of the files."""
        shutil.rmtree(self._place, ignore_errors=True)


class _BodyStream:
    """A request's body as tarfile reads it."""

    def __init__(self, request: Request) -> None:
        self._stream = request.body
        self._left = request.content_length

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes; none at the end."""
        wanted = size if self._left is None else min(size, self._left)
        if wanted <= 0:
            return b""
        block = read_block(self._stream, wanted)
        if self._left is not None:
            if not block:
                raise BodyIncomplete
            self._left -= len(block)
        return block
