"""moto's WSGI applications behind our own: the state of record of S3, Glue, STS, IAM and all the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

import flask
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY, should_preserve_original_header_name
from moto.iam.models import get_account_id_from, iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sts.models import sts_backends
from werkzeug.exceptions import NotFound

from lakebench.emulator.moto.place import place_of
from lakebench.emulator.moto.rules import After, S3Rules
from lakebench.emulator.moto.s3_state import find_bucket
from lakebench.emulator.moto.substitutes import install
from lakebench.emulator.moto.uploads import UploadFront
from lakebench.emulator.storage.ledger import Ledger
from lakebench.emulator.storage.payloads import Payload
from lakebench.emulator.storage.state import Row
from lakebench.emulator.wire.cors import CorsRule
from lakebench.emulator.wire.http import DEFAULT_ACCOUNT, HEADER_NAMES, Request, Response, account_of

_READING = ("Get", "List", "BatchGet", "Search", "Query", "Check")
_CATALOGUE = ("Partition", "Table", "Column")
_OUTSIDE = frozenset({"lambda", "batch", "codebuild", "ecs"})
"""Services of moto that may run for long; what they do to S3 and Glue is a unit of work for each step."""


class IssuedKey(NamedTuple):
    """A secret of IAM, or of STS with its session token and end."""

    secret: str
    token: str | None
    expires: datetime | None


class MotoMount:
    """All of moto in this process, its S3 and Glue in a ledger's rows and payloads. Once a process.

    moto is not thread-safe: requests are answered one at a time, each as a unit of work, but bodies stream in
    before and out after that, so nobody waits for another's bytes. A request that is answered with an error
    has changed nothing.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.payloads = ledger.payloads
        self.uploads = UploadFront(ledger.payloads)
        self.s3, self.glue = install(ledger)
        self.rules = S3Rules(ledger)
        self._dispatcher = _dispatcher()
        self.restore()

    def restore(self) -> None:
        """Make moto's S3 and Glue again from the rows."""
        with self.ledger.unit():
            self.s3.restore()
            self.glue.restore()

    def reset(self) -> None:
        """Empty moto's S3 and Glue; rows and payloads are the caller's."""
        with self.ledger.unit():
            self.s3.reset()
            self.glue.reset()

    def warm_up(self) -> None:
        """Load what the first request to S3, Glue and STS would otherwise load while a client waits."""
        for service in ("s3", "glue", "sts"):
            self._dispatcher.app_instances[service] = create_app(service)

    def replace_state(self, rows: Sequence[Row]) -> None:
        """These rows instead of all others, in moto too; what the others had for payloads goes."""
        with self.ledger.unit():
            for name in self.ledger.state.files():
                self.ledger.discard(Payload(path=self.payloads.place(name), size=0))
            self.reset()
            self.ledger.state.replace_all(rows)
            self.restore()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep moto's state to this thread, as a unit of work."""
        with self.ledger.unit():
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

    def issued_key(self, access_key: str) -> IssuedKey | None:
        """What signs for a key that this server's IAM or STS made; None for others and for inactive ones."""
        for account in list(sts_backends.values()):
            for backend in list(account.values()):
                role = backend.get_assumed_role_from_access_key(access_key)
                if role is not None:
                    expires = role.expiration.replace(tzinfo=UTC)
                    return IssuedKey(str(role.secret_access_key), str(role.session_token), expires)
        for account in list(iam_backends.values()):
            for backend in list(account.values()):
                key = backend.access_keys.get(access_key)
                if key is not None and key.status == "Active" and key.role_arn is None:
                    return IssuedKey(str(key.secret_access_key), None, None)
        return None

    def cors_rules(self, bucket: str) -> list[CorsRule]:
        """The CORS rules of a bucket; none when there is no such bucket."""
        with self.lock():
            found = find_bucket(bucket)
            return [_cors_rule(rule) for rule in found.cors] if found is not None else []

    def answer(self, request: Request) -> Response:
        """Let moto answer. What moto cannot do raises NotImplementedError; its bugs raise what they will."""
        environ = request.environ
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = self.account_of(request.credentials.access_key)
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = _preserved(environ.get(HEADER_NAMES, {}))
        # Flask's routes do not match a line feed. They only pick the view: keys are read from RAW_URI.
        environ["PATH_INFO"] = str(environ["PATH_INFO"]).replace("\n", "_")
        service = request.credentials.service or "s3"
        captured: list[Any] = []
        after: After | None = None

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            captured[:] = [status, headers]

        if service in _OUTSIDE:
            body = self._dispatcher(environ, start_response)
        else:
            with self.ledger.unit() as unit:
                unit.deletes = _deletes(request)
                looked = self.rules.look(request) if service == "s3" else None
                if isinstance(looked, Response):
                    return looked
                after = looked
                self._note(request, service)
                body = self._dispatcher(environ, start_response)
                if int(captured[0].split()[0]) >= 400:
                    unit.abandon()
        status, headers = captured
        response = Response(status=int(status.split()[0]), headers=list(headers), body=body)
        return response if after is None else after(response)

    def _note(self, request: Request, service: str) -> None:
        """What this request may change and does not tell by itself: a bucket's settings, Glue's others."""
        if service == "s3":
            place = place_of(request)
            # What is done to an object is told by its keys; a bucket that is made notes itself.
            if request.method not in {"GET", "HEAD", "OPTIONS"} and place.bucket and not place.key:
                self.s3.note_bucket(place.bucket)
        elif service == "glue":
            operation = (request.header("X-Amz-Target") or "").rpartition(".")[2]
            if not operation.startswith(_READING) and not any(word in operation for word in _CATALOGUE):
                account_id = str(request.environ["HTTP_X_MOTO_ACCOUNT_ID"])
                self.glue.note_others(account_id, request.region)
        else:
            self.s3.note_all()


def _deletes(request: Request) -> bool:
    """Whether the request is there to delete something, a bulk of objects included."""
    operation = (request.header("X-Amz-Target") or "").rpartition(".")[2]
    return (
        request.method == "DELETE"
        or (request.method == "POST" and "delete" in request.query)
        or operation.startswith(("Delete", "BatchDelete"))
    )


def _cors_rule(rule: Any) -> CorsRule:
    return CorsRule(origins=_texts(rule.allowed_origins), methods=_texts(rule.allowed_methods))


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _dispatcher() -> Any:
    """moto's choice of a service by the request's host.

    moto looks through its own directory on the disk for each request.
    What it finds for a host never changes.
    """
    dispatcher = DomainDispatcherApplication(create_app)
    dispatcher.get_backend_for_host = lru_cache(maxsize=256)(dispatcher.get_backend_for_host)
    return dispatcher


@cache
def create_app(service: str) -> Any:
    """moto's Flask application of a service, made once a process."""
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
