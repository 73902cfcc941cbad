"""The life of a request, as one list.

1. door        foreign hosts and web pages are sent away
2. control     export, import, reset: for who has the token
3. health      our own routes
4. signatures  SigV4 is checked, when the server is asked to
5. providers   Athena, Glue's crawlers: operations that we answer ourselves
6. uploads     bodies of S3 objects go to disk, others into memory up to a limit
7. moto        all the rest
8. failures    whatever was raised becomes a clean answer
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from lakebench.emulator.control import Control
from lakebench.emulator.door import Door
from lakebench.emulator.failures import answer_failure
from lakebench.emulator.health import Health
from lakebench.emulator.moto.mount import MotoMount
from lakebench.emulator.real_keys import RealKeys
from lakebench.emulator.signatures.verifier import SignatureVerifier
from lakebench.emulator.wire.http import Request, Response, request_from_wsgi
from lakebench.emulator.wire.json_service import JsonService
from lakebench.emulator.wire.provider import Provider

Handler = Callable[[Request], Response | None]


class App:
    """The WSGI application of one server."""

    def __init__(
        self,
        *,
        door: Door,
        control: Control,
        health: Health,
        providers: Sequence[Provider],
        moto: MotoMount,
        signatures: SignatureVerifier | None = None,
    ) -> None:
        self._moto = moto
        self._real_keys = RealKeys(moto.issued)
        self._services = [JsonService(provider, account_of=moto.account_of) for provider in providers]
        self._handlers: list[Handler] = [
            door.answer,
            control.answer,
            health.answer,
            *([] if signatures is None else [signatures.answer]),
            *(service.answer for service in self._services),
            moto.uploads.receive,
            self._answer_by_moto,
        ]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = request_from_wsgi(environ)
        response = self._answer(request)
        start_response(response.status_line, _headers(request, response))
        return _Body(response.body)

    def _answer(self, request: Request) -> Response:
        try:
            self._real_keys.look(request)
            for handler in self._handlers:
                response = handler(request)
                if response is not None:
                    return response
        except Exception as error:  # noqa: BLE001 (the last handler: a client always gets an answer)
            return answer_failure(request, error, self._declared_refusal(request))
        finally:
            self._moto.uploads.settle(request)
        return answer_failure(request, NotImplementedError("no handler answered"))

    def _answer_by_moto(self, request: Request) -> Response:
        response = self._moto.answer(request)
        for service in self._services:
            response = service.modelled(request, response)
        return response

    def _declared_refusal(self, request: Request) -> str | None:
        found = (service.declared_refusal(request) for service in self._services)
        return next(filter(None, found), None)


def _headers(request: Request, response: Response) -> list[tuple[str, str]]:
    names = {name.lower() for name, _ in response.headers}
    own = [] if "x-amzn-requestid" in names else [("x-amzn-RequestId", request.request_id)]
    return response.headers + own


class _Body:
    """A response's body that is closed when the client has it or went away."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """Let go of files."""
        close = getattr(self._body, "close", None)
        if close is not None:
            close()
