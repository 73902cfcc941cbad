"""Who may come in: web pages of other sites and foreign host names are sent away before anything is read.

Command line tools and SDKs send neither ``Origin`` nor ``Sec-Fetch-Site`` and pass; a browser always does
(datasette's way, facts/reliability.md 3). A name that is not ours in ``Host`` is DNS rebinding.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from lakebench.emulator.failures import refuse
from lakebench.emulator.wire.cors import CorsRule
from lakebench.emulator.wire.http import HOST_AS_SENT, Request, Response

_METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"})
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 (compared with, not bound to)
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^:/@\[\]\s]+))(?::(\d{1,5}))?")
_OWN_SITE = frozenset({"same-origin", "none"})


class Door:
    """Refuses foreign hosts with 421, foreign web pages with 403 and methods that no service has with 405."""

    def __init__(
        self, *, host: str, allowed_hosts: Iterable[str], cors_rules: Callable[[str], Iterable[CorsRule]]
    ) -> None:
        """``host`` is what the server is bound to; ``allowed_hosts`` are further names, each with its
        subdomains; ``cors_rules`` answers the rules of a bucket by its name.
        """
        bound = host.strip("[]").lower()
        self._any_address = bound in _WILDCARDS
        names = {name.lower().strip("[]").rstrip(".") for name in allowed_hosts}
        self._names = _LOCAL_NAMES | names | {bound}
        self._added = frozenset(names)
        if self._any_address:
            self._names |= {socket.gethostname().lower()}
        self._suffixes = tuple(f".{name}" for name in {"localhost", *names})
        self._cors_rules = cors_rules

    def answer(self, request: Request) -> Response | None:
        """Refuse, or None to let the request in."""
        if request.method not in _METHODS:
            return refuse(request, 405, "MethodNotAllowed", "The specified method is not allowed")
        text = request.header("Host")
        if text is None:
            return refuse(request, 400, "MissingHost", "A request needs a Host header")
        host = self._host_of(text)
        if host is None:
            return refuse(
                request,
                421,
                "MisdirectedRequest",
                "This server does not answer to that Host; lakebench serve --allow-host NAME adds one",
            )
        if host in self._added:
            # moto takes the first label of a name that it does not know for a bucket.
            request.environ[HOST_AS_SENT] = text
            request.environ["HTTP_HOST"] = "localhost"
        if _is_foreign(request, text) and not self._bucket_allows(request, host):
            return refuse(
                request,
                403,
                "AccessDenied",
                "Requests of web pages from elsewhere are refused, unless a bucket's CORS rules allow them",
            )
        return None

    def _host_of(self, text: str) -> str | None:
        """The host's name when it is one of ours."""
        found = _HOST.fullmatch(text.strip())
        if found is None:
            return None
        name = (found.group(1) or found.group(2)).lower().rstrip(".")
        if name in self._names or name.endswith(self._suffixes):
            return name
        # An address cannot be rebound to another one, a name can.
        return name if self._any_address and _is_address(name) else None

    def _bucket_allows(self, request: Request, host: str) -> bool:
        """Whether the bucket that a path names has a CORS rule for this origin and method.

        A form or ``Action`` would be another service's request in disguise.
        """
        origin = request.header("Origin")
        asked = request.header("Access-Control-Request-Method") if request.method == "OPTIONS" else None
        if origin is None or request.credentials.service not in {"", "s3"} or host.endswith(self._suffixes):
            return False
        form = str(request.environ.get("CONTENT_TYPE") or "").startswith("application/x-www-form-urlencoded")
        if form or "Action" in request.query or request.header("X-Amz-Target") is not None:
            return False
        bucket = unquote(request.raw_path.lstrip("/").partition("/")[0])
        rules = self._cors_rules(bucket) if bucket else ()
        return any(rule.allows(origin, asked or request.method) for rule in rules)


def _is_foreign(request: Request, host: str) -> bool:
    """Whether a page of another site, scheme or port asks; an opaque origin (``null``) is one."""
    origin = request.header("Origin")
    if origin is not None and origin.lower() != f"http://{host.strip().lower()}":
        return True
    site = request.header("Sec-Fetch-Site")
    return site is not None and site.strip().lower() not in _OWN_SITE


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
