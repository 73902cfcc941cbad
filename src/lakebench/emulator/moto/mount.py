"""moto's WSGI applications behind our own: the state of record of S3, Glue, STS, IAM and all the rest."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import flask
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY, should_preserve_original_header_name
from moto.iam.models import get_account_id_from, iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from moto.sts.models import sts_backends
from werkzeug.exceptions import NotFound

from lakebench.emulator.moto.substitutes import install
from lakebench.emulator.moto.uploads import UploadFront
from lakebench.emulator.storage.payloads import PayloadStore
from lakebench.emulator.wire.cors import CorsRule
from lakebench.emulator.wire.http import DEFAULT_ACCOUNT, HEADER_NAMES, Request, Response, account_of


class MotoMount:
    """All of moto in this process, with object bytes in ``payloads``.

    moto is not thread-safe. Requests to S3 and Glue are answered one at a time, but bodies stream in before
    and out after that, so nobody waits for another's bytes.
    """

    def __init__(self, payloads: PayloadStore) -> None:
        install(payloads)
        self.payloads = payloads
        self.uploads = UploadFront(payloads)
        self._locks = {"s3": threading.RLock(), "glue": threading.RLock()}
        self._dispatcher = DomainDispatcherApplication(_create_app)

    def warm_up(self) -> None:
        """Load what the first request to S3, Glue and STS would otherwise load while a client waits."""
        for service in ("s3", "glue", "sts"):
            self._dispatcher.app_instances[service] = _create_app(service)

    @contextmanager
    def lock(self, service: str) -> Iterator[None]:
        """Keep moto's state of ``s3`` or ``glue`` to this thread."""
        with self._locks[service]:
            yield

    def account_of(self, access_key: str) -> str:
        """The account of an access key: itself when it has 12 digits, else as moto's IAM knows it."""
        if account_of(access_key) != DEFAULT_ACCOUNT:
            return access_key
        return str(get_account_id_from(access_key))

    def issued(self, access_key: str) -> bool:
        """Whether this server's IAM or STS made the key."""
        known = any(
            access_key in backend.access_keys
            for account in list(iam_backends.values())
            for backend in list(account.values())
        )
        return known or any(
            role.access_key_id == access_key
            for account in list(sts_backends.values())
            for backend in list(account.values())
            for role in list(backend.assumed_roles)
        )

    def cors_rules(self, bucket: str) -> list[CorsRule]:
        """The CORS rules of a bucket; none when there is no such bucket."""
        with self._locks["s3"]:
            place = s3_backends.bucket_accounts.get(bucket)
            if place is None:
                return []
            partition, account_id = place
            found = s3_backends[account_id][partition].buckets.get(bucket)
            return [_cors_rule(rule) for rule in found.cors] if found is not None else []

    def answer(self, request: Request) -> Response:
        """Let moto answer. What moto cannot do raises NotImplementedError; its bugs raise what they will."""
        environ = request.environ
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = self.account_of(request.credentials.access_key)
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = _preserved(environ.get(HEADER_NAMES, {}))
        # Flask's routes do not match a line feed. They only pick the view: keys are read from RAW_URI.
        environ["PATH_INFO"] = str(environ["PATH_INFO"]).replace("\n", "_")
        service = request.credentials.service or "s3"
        lock = self._locks.get(service)
        captured: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            captured[:] = [status, headers]

        with lock or nullcontext():
            body = self._dispatcher(environ, start_response)
        status, headers = captured
        return Response(status=int(status.split()[0]), headers=list(headers), body=body)


def _cors_rule(rule: Any) -> CorsRule:
    return CorsRule(origins=_texts(rule.allowed_origins), methods=_texts(rule.allowed_methods))


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _create_app(service: str) -> Any:
    app = create_backend_app(service)
    # moto serves with Flask's debug mode on; errors come to our own last handler instead of a traceback.
    app.debug = False
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.register_error_handler(NotFound, _no_view)
    return app


def _no_view(error: Any) -> Any:
    """A path that no view of moto's has would be a page of HTML."""
    if flask.request.url_rule is None:
        raise NotImplementedError(f"moto has no {flask.request.method} {flask.request.path}")
    return error


def _preserved(names: Mapping[str, str]) -> dict[str, str]:
    return {key: name for key, name in names.items() if should_preserve_original_header_name(name)}
