"""The target of the harness: which AWS, with which names."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum

from lakebench.errors import ConfigError

DEFAULT_REGION = "us-east-1"


class TargetKind(StrEnum):
    """``local``: a lakebench server. ``aws``: the real account, with real cost."""

    LOCAL = "local"
    AWS = "aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the harness points, and the names it uses there.

    ``endpoint`` is the local server's URL, None for aws. ``profile`` names a profile of the user's AWS
    files (aws only). ``role`` is the ARN or name that a crawler runs under; ``max_usd`` is the most that
    may be spent on aws. ``database_prefix`` begins the names of databases that runs make,
    ``requester_pays`` says that we pay for reading others' buckets, ``kms_key`` encrypts what is written
    (aws only). ``allowed_hosts`` lists endpoints' hosts beyond the loopback that local may use,
    ``denied_accounts`` the 12-digit accounts that nothing may run in.
    """

    kind: TargetKind = TargetKind.LOCAL
    endpoint: str | None = None
    region: str = DEFAULT_REGION
    profile: str | None = None
    bucket: str | None = None
    workgroup: str = "primary"
    database: str | None = None
    database_prefix: str = ""
    role: str | None = None
    max_usd: Decimal | None = None
    requester_pays: bool = False
    kms_key: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    denied_accounts: tuple[str, ...] = ()


def parse_target_kind(text: str) -> TargetKind:
    """Read ``local`` or ``aws``; raises ConfigError naming the nearest one."""
    try:
        return TargetKind(text.strip().lower())
    except ValueError:
        names = [kind.value for kind in TargetKind]
        near = get_close_matches(text.strip().lower(), names, n=1, cutoff=0.4)
        guess = f"did you mean {near[0]}? " if near else ""
        raise ConfigError(
            f"unknown target {text!r}", hint=f"{guess}the targets are {' and '.join(names)}"
        ) from None
