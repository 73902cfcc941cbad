"""Settings by name from several sources, the stronger over the weaker.

A source is a mapping of setting name to text; ``read_target`` takes the sources in rising strength and does
not care where they come from. ``resolution`` knows the order: defaults, a file, variables, flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from lakebench.config.target import DEFAULT_REGION, Target, TargetKind, parse_target_kind
from lakebench.errors import ConfigError

SETTINGS: tuple[str, ...] = (
    "target",
    "endpoint",
    "region",
    "profile",
    "bucket",
    "workgroup",
    "database",
    "database_prefix",
    "role",
    "max_usd",
    "requester_pays",
    "kms_key",
    "allowed_hosts",
    "denied_accounts",
)
"""Every setting of a target; the variable of ``max_usd`` is ``LAKEBENCH_MAX_USD``."""

_PREFIX = "LAKEBENCH_"

Source = Mapping[str, str | None]


def variables_of(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings that LAKEBENCH_* variables give; empty ones and other rooms' variables are left out."""
    found = {name: environ.get(_PREFIX + name.upper(), "").strip() for name in SETTINGS}
    return {name: value for name, value in found.items() if value}


def read_settings(*sources: Source) -> dict[str, str]:
    """Merge sources given in rising strength; a None is no answer. Raises ConfigError for unknown names."""
    merged: dict[str, str] = {}
    for source in sources:
        for name, value in source.items():
            if name not in SETTINGS:
                near = get_close_matches(name, SETTINGS, n=1)
                raise ConfigError(
                    f"unknown setting {name!r}",
                    hint=f"did you mean {near[0]}?" if near else f"the settings are {', '.join(SETTINGS)}",
                )
            if value is not None:
                merged[name] = value
    return merged


def read_target(*sources: Source) -> Target:
    """Build the target from sources given in rising strength; raises ConfigError for bad values."""
    settings = read_settings(*sources)
    kind = parse_target_kind(settings.get("target", TargetKind.LOCAL))
    endpoint = settings.get("endpoint")
    if kind is TargetKind.AWS and endpoint is not None:
        raise ConfigError(
            f"target aws never uses an endpoint, yet one is set: {endpoint}",
            hint="drop --endpoint and LAKEBENCH_ENDPOINT, or use target local",
        )
    return Target(
        kind=kind,
        endpoint=endpoint,
        region=settings.get("region", DEFAULT_REGION),
        profile=settings.get("profile"),
        bucket=settings.get("bucket"),
        workgroup=settings.get("workgroup", "primary"),
        database=settings.get("database"),
        database_prefix=settings.get("database_prefix", ""),
        role=settings.get("role"),
        max_usd=_parse_usd(settings["max_usd"]) if "max_usd" in settings else None,
        requester_pays=_parse_yes("requester_pays", settings.get("requester_pays", "false")),
        kms_key=settings.get("kms_key"),
        allowed_hosts=_listed(settings.get("allowed_hosts", "")),
        denied_accounts=_listed(settings.get("denied_accounts", "")),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _parse_yes(name: str, text: str) -> bool:
    found = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.lower())
    if found is None:
        raise ConfigError(f"{name} is yes or no, not {text!r}", hint="write true or false")
    return found


def _parse_usd(text: str) -> Decimal:
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        raise ConfigError(f"max_usd is not an amount in dollars: {text!r}", hint="write 0.10") from None
    if not amount.is_finite() or amount <= 0:
        raise ConfigError(f"max_usd must be more than 0, not {text}")
    return amount
