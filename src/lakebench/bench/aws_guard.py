"""Before a run on AWS: whose account it is, what a query may scan at most, and what it may not touch."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from lakebench.bench.money import Money
from lakebench.client.session import AwsSession
from lakebench.client.sts import account_of
from lakebench.client.workgroups import MIN_CUTOFF_BYTES, get_workgroup
from lakebench.errors import ConfigError
from lakebench.pricing import DEFAULT_BILLING


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """An account that a run may use, and the workgroup that it will run in.

    ``own_cutoff_bytes`` is None where the workgroup is there and cancels a query at ``cutoff_bytes``; else
    the run makes ``workgroup`` itself with this cutoff. ``why`` says why, in words.
    """

    account: str
    workgroup: str
    cutoff_bytes: int
    own_cutoff_bytes: int | None
    why: str


def clear(
    session: AwsSession, *, run: str, workgroup: str, max_usd: Decimal, denied_accounts: tuple[str, ...]
) -> Clearance:
    """Ask AWS who we are and what the workgroup allows; makes nothing.

    Raises ConfigError for a denied account or a disabled workgroup, ClientError when a call fails.
    """
    account = account_of(session)
    if account in denied_accounts:
        raise ConfigError(
            f"account {account} is one that nothing may run in (denied_accounts)",
            hint="choose another profile; nothing was made",
        )
    found = get_workgroup(session, workgroup)
    if not found.enabled:
        raise ConfigError(f"workgroup {workgroup} is disabled", hint="choose another one; nothing was made")
    if found.cutoff_bytes is not None and not found.enforced:
        return Clearance(
            account=account,
            workgroup=workgroup,
            cutoff_bytes=found.cutoff_bytes,
            own_cutoff_bytes=None,
            why="it has a cutoff",
        )
    affordable = cutoff_for(max_usd, Money(session.region))
    return Clearance(
        account=account,
        workgroup=f"lakebench-{run}",
        cutoff_bytes=affordable,
        own_cutoff_bytes=affordable,
        why=f"{workgroup} enforces its settings" if found.enforced else f"{workgroup} has no cutoff",
    )


def cutoff_for(max_usd: Decimal, money: Money) -> int:
    """The bytes that one query may scan for this much, 10,000,000 at least: AWS takes no smaller cutoff."""
    affordable = int(max_usd / money.tariff.price_per_tb * DEFAULT_BILLING.units.terabyte)
    return max(affordable, MIN_CUTOFF_BYTES)
