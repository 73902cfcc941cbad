"""Before a run on AWS: whose account it is, what a query may scan at most, and what it may not touch."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from lakebench.bench.money import Money
from lakebench.catalog.s3 import S3Uri
from lakebench.client.session import AwsSession
from lakebench.client.sts import account_of
from lakebench.client.workgroups import MIN_CUTOFF_BYTES, WorkgroupSettings, get_workgroup
from lakebench.errors import ConfigError
from lakebench.pricing import DEFAULT_BILLING
from lakebench.units import format_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """An account that a run may use, and the workgroup that it will run in.

    ``own_cutoff_bytes`` is None where the workgroup is there and cancels a query at ``cutoff_bytes``; else
    the run makes ``workgroup`` itself with this cutoff. ``why`` says why, in words. ``output`` is where a
    workgroup that is there puts results by itself, ``enforced`` whether it takes no other place.
    """

    account: str
    workgroup: str
    cutoff_bytes: int
    own_cutoff_bytes: int | None
    why: str
    output: S3Uri | None = None
    enforced: bool = False


def clear_account(session: AwsSession, denied_accounts: tuple[str, ...]) -> str:
    """Ask AWS who we are; the account. Raises ConfigError for a denied one, ClientError."""
    account = account_of(session)
    if account in denied_accounts:
        raise ConfigError(
            f"account {account} is one that nothing may run in (denied_accounts)",
            hint="choose another profile; nothing was made",
        )
    return account


def clear(
    session: AwsSession,
    *,
    run: str,
    workgroup: str,
    max_usd: Decimal,
    denied_accounts: tuple[str, ...],
    takes_enforced: bool = False,
) -> Clearance:
    """Ask AWS who we are and what the workgroup allows; makes nothing.

    A workgroup is taken as it is when one query in it can cost no more than ``max_usd``, and when it lets the
    run say where results go, unless the run ``takes_enforced`` ones.

    Raises ConfigError for a denied account or a disabled workgroup, ClientError when a call fails.
    """
    account = clear_account(session, denied_accounts)
    found = get_workgroup(session, workgroup)
    if not found.enabled:
        raise ConfigError(f"workgroup {workgroup} is disabled", hint="choose another one; nothing was made")
    affordable = cutoff_for(max_usd, Money(session.region))
    cutoff = found.cutoff_bytes
    if cutoff is not None and cutoff <= affordable and (takes_enforced or not found.enforced):
        return Clearance(
            account=account,
            workgroup=workgroup,
            cutoff_bytes=cutoff,
            own_cutoff_bytes=None,
            why="it has a cutoff",
            output=found.output,
            enforced=found.enforced,
        )
    return Clearance(
        account=account,
        workgroup=f"lakebench-{run}",
        cutoff_bytes=affordable,
        own_cutoff_bytes=affordable,
        why=_why_own(found, affordable),
    )


def _why_own(found: WorkgroupSettings, affordable: int) -> str:
    if found.cutoff_bytes is None:
        return f"{found.name} has no cutoff"
    if found.cutoff_bytes > affordable:
        return f"the cutoff of {found.name}, {format_bytes(found.cutoff_bytes)}, costs more than --max-usd"
    return f"{found.name} enforces its settings"


def cutoff_for(max_usd: Decimal, money: Money) -> int:
    """The bytes that one query may scan for this much, 10,000,000 at least: AWS takes no smaller cutoff."""
    affordable = int(max_usd / money.tariff.price_per_tb * DEFAULT_BILLING.units.terabyte)
    return max(affordable, MIN_CUTOFF_BYTES)
