"""Runs of a crawler: the one that goes on, and the history of those that ended."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from lakebench.catalog import S3Uri
from lakebench.catalog.store import AlreadyExists, CatalogStore, NotFound
from lakebench.emulator.clock import Stopwatch
from lakebench.emulator.crawler import (
    Classifier,
    Crawl,
    CrawlFailed,
    CrawlReport,
    CrawlSpec,
    CrawlStopped,
)
from lakebench.emulator.glue.events import Events
from lakebench.emulator.storage.objects import ObjectStore
from lakebench.emulator.storage.queues import QueueMissing, Queues


class Outcome(StrEnum):
    """LastCrawl's Status."""

    SUCCEEDED = "SUCCEEDED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


@dataclass(slots=True, kw_only=True)
class Run:
    """A run that goes on: ``stop`` tells it to end, ``thread`` is where it runs.

    ``queues`` are those of a crawler in event mode, each with its dead-letter queue; ``version`` is that of
    the crawler's definition.
    """

    spec: CrawlSpec
    version: int
    queues: Sequence[tuple[str, str | None]] = ()
    run_id: str = field(default_factory=lambda: str(uuid4()))
    watch: Stopwatch = field(default_factory=Stopwatch)
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def started(self) -> datetime:
        """When it began."""
        return self.watch.started


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a crawl ended, and what it had done by then."""

    outcome: Outcome
    error: str | None = None
    report: CrawlReport = field(default_factory=CrawlReport)


def crawl_once(
    run: Run,
    *,
    objects: ObjectStore,
    catalog: CatalogStore,
    queues: Queues,
    classifiers: Sequence[Classifier],
    known_folders: frozenset[S3Uri],
    by_events: bool,
) -> Ended:
    """Crawl to the end, whatever the end is.

    In event mode the first crawl lists everything; ``by_events`` says that this one need only look where
    the events are, and without events it does nothing (AWS: crawler-s3-event-notifications).
    """
    try:
        events = Events(queues, run.queues)
    except QueueMissing as error:
        return Ended(outcome=Outcome.FAILED, error=str(error))
    touched = events.folders if run.queues and by_events else None
    if touched is not None and not touched:
        events.settle()
        return Ended(outcome=Outcome.SUCCEEDED)
    crawl = Crawl(
        run.spec,
        run_id=run.run_id,
        objects=objects,
        catalog=catalog,
        stopped=run.stop.is_set,
        classifiers=classifiers,
        known_folders=known_folders,
        touched=touched,
    )
    try:
        crawl.run()
        events.settle()
    except CrawlStopped:
        return Ended(outcome=Outcome.CANCELLED, report=crawl.report)
    except (CrawlFailed, QueueMissing) as error:
        return Ended(outcome=Outcome.FAILED, error=str(error), report=crawl.report)
    except (AlreadyExists, NotFound) as error:
        message = f"The catalog was changed by someone else during the crawl: {error}"
        return Ended(outcome=Outcome.FAILED, error=message, report=crawl.report)
    return Ended(outcome=Outcome.SUCCEEDED, report=crawl.report)
