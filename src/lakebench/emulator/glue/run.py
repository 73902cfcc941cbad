"""Runs of a crawler: the one that goes on, and the history of those that ended."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

from lakebench.emulator.crawler import CrawlReport, CrawlSpec


class Outcome(StrEnum):
    """LastCrawl's Status."""

    SUCCEEDED = "SUCCEEDED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


@dataclass(slots=True, kw_only=True)
class Run:
    """A run that goes on: ``stop`` tells it to end, ``thread`` is where it runs."""

    spec: CrawlSpec
    run_id: str = field(default_factory=lambda: str(uuid4()))
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """A run that ended, however it did; ``error`` says why when it failed."""

    run_id: str
    started: datetime
    ended: datetime
    outcome: Outcome
    error: str | None
    report: CrawlReport

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.started).total_seconds()
