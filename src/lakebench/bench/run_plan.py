"""What a run is called, and what it will do and cost, before anything is made."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from lakebench.config import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class RunName:
    """A run's id, and the names that follow from it: all that a run makes on AWS carries the id."""

    run: str
    database_prefix: str = ""

    @classmethod
    def new(cls, target: Target) -> Self:
        """A run that nobody had before."""
        return cls(run=secrets.token_hex(4), database_prefix=target.database_prefix)

    @property
    def name(self) -> str:
        """Of its bucket, workgroup and crawler."""
        return f"lakebench-{self.run}"

    @property
    def database(self) -> str:
        """Of its database, behind the target's prefix."""
        return f"{self.database_prefix}lakebench_{self.run}"

    @property
    def prefix(self) -> str:
        """Of its objects in a bucket that others use as well."""
        return f"{self.name}/"

    @property
    def tags(self) -> Mapping[str, str]:
        """For all that can carry tags."""
        return {"lakebench-run": self.run}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedScan:
    """What a query may scan at most, and how often it will be asked.

    ``most`` is None where listings and footers do not tell, ``why_unknown`` says why: such a query may cost
    what the workgroup's cutoff lets through.
    """

    most: int | None
    why_unknown: str = ""
    times: int = 1

    def bounds(self, cutoff_bytes: int) -> Iterator[int]:
        """The bytes of each time, at most."""
        for _ in range(self.times):
            yield cutoff_bytes if self.most is None else self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What is billed beside bytes scanned: in words, and in dollars."""

    what: str
    usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What a run will make, in words, and what it will be billed.

    ``unpriced`` are things that cost as well and are not in the sum, since nobody can tell how much.
    """

    makes: tuple[str, ...] = ()
    scans: tuple[PlannedScan, ...] = ()
    charges: tuple[Charge, ...] = ()
    unpriced: tuple[str, ...] = ()
