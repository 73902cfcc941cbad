"""The block that a command runs in: at home it only cleans up, on AWS it guards the account and the purse.

    check_consent(target, agreed=aws)                  # before a session: without its yes nothing is sent
    session, run = open_session(target), RunName.new(target)
    with guarded(session, target, run, watch, plan) as guard:
        context = QueryContext(database=run.database, output=..., workgroup=guard.workgroup)
        with guard.making(ResourceKind.DATABASE, run.database):
            glue.create_database(session, run.database, guard.tags)
        guard.check(scans)                              # once there are objects to be listed
        guard.spend(run_query(session, sql, context))   # stops the run once the sum is over --max-usd

On AWS the block asks STS for the account and Athena for the workgroup; ``plan(clearance)`` then says what
will be made and what each query may scan at most. Both are printed, what is over the limit is refused, each
thing is written to a journal before it is made, and where no workgroup has a cutoff the run makes one. At its
end, also after an error or Ctrl-C, what was made is taken away, unless ``keep`` or ``guard.keep()``. What a
crash leaves is in the journal, for ``lakebench aws sweep``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal

from lakebench.bench.aws_guard import Clearance, clear, clear_account
from lakebench.bench.cleanup import Cleanup
from lakebench.bench.journal import JOURNALS, Journal, NoJournal, RunJournal
from lakebench.bench.money import Money
from lakebench.bench.resources import Resource, ResourceKind
from lakebench.bench.run_plan import PlannedScan, RunName, RunPlan
from lakebench.bench.spending import SpendingLimit
from lakebench.bench.watch import Watcher
from lakebench.client.athena import QueryRun
from lakebench.client.session import AwsSession
from lakebench.client.workgroups import create_workgroup
from lakebench.config import Target, TargetKind
from lakebench.errors import ConfigError
from lakebench.pricing import format_cost
from lakebench.units import format_bytes

Plan = Callable[[Clearance | None], RunPlan]
"""Asked on AWS alone; the clearance is None for a run without queries."""


class Guard:
    """What the block hands to the run. ``workgroup`` is the one to query in, ``tags`` go on all it makes.

    ``clearance`` is what AWS said of the account and the workgroup; None at home and without queries.
    """

    def __init__(
        self,
        cleanup: Cleanup,
        watch: Watcher,
        *,
        workgroup: str,
        tags: Mapping[str, str],
        limit: SpendingLimit | None = None,
        clearance: Clearance | None = None,
    ) -> None:
        self.workgroup = workgroup
        self.tags = tags
        self.clearance = clearance
        self._cleanup = cleanup
        self._watch = watch
        self._limit = limit

    @property
    def on_aws(self) -> bool:
        """Whether anything is billed."""
        return self._limit is not None

    def making(self, kind: ResourceKind, name: str, *, own_name: bool = True) -> AbstractContextManager[None]:
        """The block makes this: written down before, taken away at the end. See ``Cleanup.making``."""
        return self._cleanup.making(Resource(kind=kind, name=name), own_name=own_name)

    def keep(self) -> None:
        """What was made is what was asked for, and stays."""
        self._cleanup.keep()

    def check(self, scans: Iterable[PlannedScan]) -> None:
        """Say what queries to come may be billed; ConfigError if that is over what is left. Free at home."""
        if self._limit is not None:
            most = self._limit.check_plan(_bounds(scans, self.clearance))
            self._watch.note(
                f"The queries to come are billed {format_cost(most)} at most, by listings and footers"
            )

    def spend(self, run: QueryRun) -> None:
        """Add a query that has run; ClientError as soon as the sum is over the limit."""
        if self._limit is not None and run.billable:
            self._limit.spend(run.statistics.scanned_bytes)

    def charge(self, usd: Decimal) -> None:
        """Add what else was billed, in dollars; ClientError as soon as the sum is over the limit."""
        if self._limit is not None:
            self._limit.charge(usd)


def check_consent(target: Target, *, agreed: bool, needs_role: bool = False) -> None:
    """Refuse a run on AWS without its yes and its limit, before anything is sent; ConfigError."""
    if target.kind is TargetKind.LOCAL:
        return
    given = {"--aws": agreed, "--aws-role": not needs_role or target.role, "--max-usd": target.max_usd}
    missing = [flag for flag, value in given.items() if not value]
    if missing:
        raise ConfigError(
            f"target aws makes things in your account and costs money; it needs {' and '.join(missing)}",
            hint="nothing was sent; --max-usd is the most that may be billed, as 0.01",
        )


@contextmanager
def guarded(
    session: AwsSession,
    target: Target,
    run: RunName,
    watch: Watcher,
    plan: Plan,
    *,
    keep: bool = False,
    queries: bool = True,
    takes_enforced: bool = False,
) -> Iterator[Guard]:
    """The block of a run, see above; ``queries`` False is for one that asks Athena nothing.

    Raises ConfigError for what is refused before anything is made, PricingError for queries in a
    region that has no price in dollars, ClientError, and OSError when the journal cannot be written.
    """
    if session.kind is TargetKind.LOCAL:
        with unguarded(session, watch, workgroup=target.workgroup, keep=keep) as guard:
            yield guard
        return
    money = Money(session.region) if queries else None
    limit = SpendingLimit(money=money, max_usd=target.max_usd or Decimal(0))
    account, clearance = _clear(session, target, run, queries=queries, takes_enforced=takes_enforced)
    planned = plan(clearance)
    for line in _announcement(target, account, clearance, planned, limit):
        watch.note(line)
    limit.check_plan(_bounds(planned.scans, clearance), (charge.usd for charge in planned.charges))
    journal = RunJournal(
        JOURNALS, run=run.run, account=account, region=session.region, profile=target.profile
    )
    with Cleanup(session, watch, journal, keep=keep) as cleanup:
        workgroup = target.workgroup if clearance is None else clearance.workgroup
        guard = Guard(cleanup, watch, workgroup=workgroup, tags=run.tags, limit=limit, clearance=clearance)
        if clearance is not None and clearance.own_cutoff_bytes is not None:
            with guard.making(ResourceKind.WORKGROUP, workgroup):
                create_workgroup(
                    session,
                    workgroup,
                    cutoff_bytes=clearance.own_cutoff_bytes,
                    tags=run.tags,
                    requester_pays=target.requester_pays,
                )
        yield guard


@contextmanager
def unguarded(
    session: AwsSession, watch: Watcher, *, workgroup: str = "primary", keep: bool = False
) -> Iterator[Guard]:
    """The block at home: nothing is billed, what was made is taken away all the same."""
    journal: Journal = NoJournal()
    with Cleanup(session, watch, journal, keep=keep) as cleanup:
        yield Guard(cleanup, watch, workgroup=workgroup, tags={})


def _clear(
    session: AwsSession, target: Target, run: RunName, *, queries: bool, takes_enforced: bool
) -> tuple[str, Clearance | None]:
    if not queries:
        return clear_account(session, target.denied_accounts), None
    clearance = clear(
        session,
        run=run.run,
        workgroup=target.workgroup,
        max_usd=target.max_usd or Decimal(0),
        denied_accounts=target.denied_accounts,
        takes_enforced=takes_enforced,
    )
    return clearance.account, clearance


def _bounds(scans: Iterable[PlannedScan], clearance: Clearance | None) -> Iterator[int]:
    cutoff_bytes = 0 if clearance is None else clearance.cutoff_bytes
    for scan in scans:
        yield from scan.bounds(cutoff_bytes)


def _announcement(
    target: Target, account: str, clearance: Clearance | None, plan: RunPlan, limit: SpendingLimit
) -> Iterator[str]:
    """Whose account it is, what will be made, and what it will be billed."""
    makes = list(plan.makes)
    if clearance is None:
        yield f"AWS account {account}, {target.region}"
    else:
        cutoff = format_bytes(clearance.cutoff_bytes)
        yield (
            f"AWS account {account}, {target.region}, workgroup {clearance.workgroup} "
            f"(a query is cancelled at {cutoff})"
        )
        if clearance.own_cutoff_bytes is not None:
            makes.append(f"workgroup {clearance.workgroup}, since {clearance.why}")
    yield f"To be made: {'; '.join(makes) or 'nothing'}"
    planned = limit.planned(_bounds(plan.scans, clearance), (charge.usd for charge in plan.charges))
    cutoff_bytes = 0 if clearance is None else clearance.cutoff_bytes
    details = [
        *_scan_words(plan.scans, cutoff_bytes),
        *(f"{one.what} {format_cost(one.usd)}" for one in plan.charges),
    ]
    at_most = "" if plan.charges else " at most"  # a crawl has no known end, requests may be repeated
    limited = "the limit is" if clearance is None else "queries stop at"
    yield (
        f"Planned to be billed: {format_cost(planned)}{at_most} ({', '.join(details) or 'nothing'}); "
        f"{limited} {target.max_usd} USD"
    )
    if plan.unpriced:
        yield f"Not in that sum: {'; '.join(plan.unpriced)}"


def _scan_words(scans: Sequence[PlannedScan], cutoff_bytes: int) -> Iterator[str]:
    times = sum(scan.times for scan in scans)
    if not times:
        return
    known = sum(scan.most * scan.times for scan in scans if scan.most is not None)
    yield f"{times:,} {'query' if times == 1 else 'queries'}, {format_bytes(known)} scanned at most"
    for why in dict.fromkeys(scan.why_unknown for scan in scans if scan.most is None):
        yield f"up to the cutoff of {format_bytes(cutoff_bytes)} where bytes are not known: {why}"
