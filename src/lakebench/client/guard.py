"""The guard of a session: no request leaves for a host that is not the target's.

The hook runs on botocore's ``before-send`` event, after signing and for every attempt, so it also sees
redirects to another region's host and virtual-host addresses (facts/reliability.md 7).
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from lakebench.errors import ConfigError, GuardError

AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")

Allows = Callable[[str], bool]


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, lower-case, the port always written: ``http://127.0.0.1:4566``."""
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        port = None
    if not parts.hostname or port is None:
        raise ConfigError(f"not an endpoint URL: {url!r}", hint="write http://127.0.0.1:4566")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine: localhost, 127.0.0.0/8, ::1."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_local_endpoint(endpoint: str, allowed_hosts: tuple[str, ...]) -> str:
    """Return the endpoint's origin; raises ConfigError for a host neither loopback nor listed."""
    origin = origin_of(endpoint)
    host = urlsplit(endpoint).hostname or ""
    if not is_loopback(host) and host not in allowed_hosts:
        raise ConfigError(
            f"the local target's endpoint is not on this machine: {endpoint}",
            hint=f"list its host if you trust it: LAKEBENCH_ALLOWED_HOSTS={host}",
        )
    return origin


def guard_to_origin(origin: str) -> Callable[..., None]:
    """A before-send hook that lets requests to this origin pass and raises GuardError for all others."""

    def guard(request: Any, **_: Any) -> None:
        if origin_of(request.url) != origin:
            raise GuardError(
                f"stopped a request to {origin_of(request.url)}: the local target only talks to {origin}",
                hint="nothing was sent; use target aws to reach a real account",
            )

    return guard


def guard_to_aws(request: Any, **_: Any) -> None:
    """A before-send hook that lets HTTPS requests to AWS's domains pass and raises GuardError otherwise."""
    parts = urlsplit(request.url)
    if parts.scheme != "https" or not (parts.hostname or "").endswith(AWS_DOMAINS):
        raise GuardError(
            f"stopped a request to {origin_of(request.url)}: target aws only talks to AWS over HTTPS",
            hint="nothing was sent; use target local to reach a server of your own",
        )
