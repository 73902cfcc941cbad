"""The crawlers of one account and region, their states and their runs; thread-safe."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from lakebench.catalog import S3Uri
from lakebench.catalog.store import CatalogStore
from lakebench.emulator.crawler import Classifier, builtin_classifiers
from lakebench.emulator.glue.definition import CrawlerDefinition, definition_queues, read_cron
from lakebench.emulator.glue.errors import (
    already_exists,
    crawler_not_running,
    crawler_running,
    crawler_stopping,
    no_schedule,
    not_found,
    scheduler_not_running,
    scheduler_running,
)
from lakebench.emulator.glue.keeping import CrawlerShelf, KeptCrawler
from lakebench.emulator.glue.run import Ended, FinishedRun, Outcome, Run, crawl_once
from lakebench.emulator.glue.scheduler import Scheduler
from lakebench.emulator.storage.objects import ObjectStore
from lakebench.emulator.storage.queues import Queues
from lakebench.emulator.wire.provider import ServiceError

_HISTORY = 1000  # runs remembered of each crawler; AWS keeps twelve months
_CLOSE_SECONDS = 10.0


@dataclass(slots=True, kw_only=True)
class Crawler:
    """A crawler: its definition, the run that goes on, if any, and finished ones, newest first.

    ``folders`` are those that its crawls have found so far; ``scheduled`` says that its schedule fires.
    ``listed_version`` is the version of its definition whose last crawl ended well; ``crawls`` is how many
    runs it has begun.
    """

    definition: CrawlerDefinition
    run: Run | None = None
    history: deque[FinishedRun] = field(default_factory=lambda: deque(maxlen=_HISTORY))
    folders: frozenset[S3Uri] = frozenset()
    scheduled: bool = False
    crawls: int = 0
    listed_version: int = 0

    @property
    def is_listed(self) -> bool:
        """Whether its targets have been listed whole as they are now: then events tell what has changed."""
        return self.listed_version == self.definition.version

    @property
    def state(self) -> str:
        """READY, RUNNING or STOPPING."""
        run = self.run
        if run is None:
            return "READY"
        return "STOPPING" if run.stop.is_set() else "RUNNING"


class CrawlerRegistry:
    """Crawlers by name. Each run has a thread of its own; the state is READY again once it has ended.

    ``classifiers`` gives custom classifiers by name; raises ServiceError for one that is not there.
    """

    def __init__(
        self,
        *,
        objects: ObjectStore,
        catalog: CatalogStore,
        queues: Queues,
        classifiers: Callable[[Sequence[str]], Sequence[Classifier]],
        scheduler: Scheduler,
        shelf: CrawlerShelf,
    ) -> None:
        self._shelf = shelf
        self._scheduler = scheduler
        self._objects = objects
        self._classifiers = classifiers
        self._catalog = catalog
        self._queues = queues
        self._lock = threading.Lock()
        self._by_name: dict[str, Crawler] = {}
        self._closed = False
        shelf.crawlers.reload = self._load
        self._load()
        for name, finished in shelf.runs():
            if name in self._by_name:
                self._by_name[name].history.appendleft(finished)

    def _load(self) -> None:
        known, self._by_name = self._by_name, {}
        for definition, kept in self._shelf.all():
            crawler = known.get(definition.name) or Crawler(definition=definition)
            crawler.definition, crawler.folders, crawler.crawls = definition, kept.folders, kept.crawls
            crawler.listed_version = kept.listed_version
            self._by_name[definition.name] = crawler
            self._schedule(crawler, on=kept.scheduled)

    def _keep(self, crawler: Crawler) -> None:
        definition = crawler.definition
        kept = KeptCrawler(
            members=definition.members,
            tags=definition.tags,
            created=definition.created,
            updated=definition.updated,
            version=definition.version,
            scheduled=crawler.scheduled,
            folders=crawler.folders,
            crawls=crawler.crawls,
            listed_version=crawler.listed_version,
        )
        self._shelf.crawlers.put(definition.name, kept)

    def get(self, name: str) -> Crawler:
        """The crawler of this name; raises EntityNotFoundException."""
        crawler = self._by_name.get(name)
        if crawler is None:
            raise not_found(name)
        return crawler

    def find(self, name: str) -> Crawler | None:
        """The crawler of this name, or None."""
        return self._by_name.get(name)

    def all(self) -> list[Crawler]:
        """All crawlers by name."""
        with self._lock:
            return [self._by_name[name] for name in sorted(self._by_name)]

    def create(self, definition: CrawlerDefinition) -> None:
        """Add it; raises AlreadyExistsException."""
        with self._shelf.unit(), self._lock:
            if definition.name in self._by_name:
                raise already_exists(definition.name)
            crawler = Crawler(definition=definition)
            self._by_name[definition.name] = crawler
            self._schedule(crawler, on=bool(definition.members.get("Schedule")))
            self._keep(crawler)

    def change(self, name: str, change: Callable[[CrawlerDefinition], CrawlerDefinition]) -> None:
        """Replace the definition; raises EntityNotFoundException, CrawlerRunningException."""
        with self._shelf.unit(), self._lock:
            crawler = self._idle(name)
            before = crawler.definition.members.get("Schedule")
            crawler.definition = change(crawler.definition)
            after = crawler.definition.members.get("Schedule")
            if after != before:
                self._schedule(crawler, on=after is not None and (before is None or crawler.scheduled))
            self._keep(crawler)

    def delete(self, name: str) -> None:
        """Remove it, not its tables; raises EntityNotFoundException, CrawlerRunningException."""
        with self._shelf.unit(), self._lock:
            self._schedule(self._idle(name), on=False)
            del self._by_name[name]
            self._shelf.crawlers.remove(name)
            self._shelf.crawls.remove(name)

    def start_schedule(self, name: str) -> None:
        """Raises NoScheduleException, SchedulerRunningException."""
        with self._shelf.unit(), self._lock:
            crawler = self.get(name)
            if not crawler.definition.members.get("Schedule"):
                raise no_schedule(name)
            if crawler.scheduled:
                raise scheduler_running(name)
            self._schedule(crawler, on=True)
            self._keep(crawler)

    def stop_schedule(self, name: str) -> None:
        """Raises SchedulerNotRunningException."""
        with self._shelf.unit(), self._lock:
            crawler = self.get(name)
            if not crawler.scheduled:
                raise scheduler_not_running(name)
            self._schedule(crawler, on=False)
            self._keep(crawler)

    def _schedule(self, crawler: Crawler, *, on: bool) -> None:
        crawler.scheduled = on
        name = crawler.definition.name
        if on:
            cron = read_cron(crawler.definition.members["Schedule"])
            self._scheduler.set((id(self), name), cron, lambda: self._start_by_schedule(name))
        else:
            self._scheduler.remove((id(self), name))

    def _start_by_schedule(self, name: str) -> None:
        """Start it; one that runs, or lacks a classifier, lets this moment pass."""
        with suppress(ServiceError):
            self.start(name)

    def start(self, name: str) -> None:
        """Begin a run; raises EntityNotFoundException, CrawlerRunningException."""
        with self._shelf.unit(), self._lock:
            crawler = self._idle(name)
            custom = self._classifiers(crawler.definition.members.get("Classifiers") or ())
            if self._closed:
                return
            definition = crawler.definition
            run = Run(spec=definition.spec, queues=definition_queues(definition), version=definition.version)
            run.thread = threading.Thread(
                target=self._crawl, args=(crawler, run, custom), name=f"crawl-{run.run_id}", daemon=True
            )
            crawler.crawls += 1
            self._shelf.put_begun(name, crawler.crawls, run)
            self._keep(crawler)
        with self._lock:
            self._idle(name)
            crawler.run = run
        run.thread.start()

    def stop(self, name: str) -> None:
        """Tell the run to end; raises CrawlerNotRunningException, CrawlerStoppingException."""
        with self._lock:
            run = self.get(name).run
            if run is None:
                raise crawler_not_running(name)
            if run.stop.is_set():
                raise crawler_stopping(name)
            run.stop.set()

    def close(self) -> None:
        """End all runs and wait for them."""
        with self._lock:
            self._closed = True
            runs = [crawler.run for crawler in self._by_name.values() if crawler.run is not None]
        for run in runs:
            run.stop.set()
        for run in runs:
            if run.thread is not None and run.thread.is_alive():
                run.thread.join(_CLOSE_SECONDS)

    def leave(self) -> None:
        """Forget the crawlers and their schedules; rows stay as they are."""
        with self._shelf.unit(), self._lock:
            for name in self._by_name:
                self._scheduler.remove((id(self), name))
            self._by_name.clear()
        self._shelf.leave()

    def _idle(self, name: str) -> Crawler:
        crawler = self.get(name)
        if crawler.run is not None:
            raise crawler_running(name)
        return crawler

    def _crawl(self, crawler: Crawler, run: Run, custom: Sequence[Classifier]) -> None:
        # Stands when the crawl ends by an error nobody foresaw: the crawler must not run for ever.
        ended = Ended(outcome=Outcome.FAILED, error="Internal Service Exception")
        try:
            ended = crawl_once(
                run,
                objects=self._objects,
                catalog=self._catalog,
                queues=self._queues,
                classifiers=(*custom, *builtin_classifiers()),
                known_folders=crawler.folders,
                by_events=crawler.is_listed,
            )
        finally:
            finished = FinishedRun(
                run_id=run.run_id,
                started=run.started,
                ended=run.watch.now(),
                outcome=ended.outcome,
                error=ended.error,
                report=ended.report,
            )
            self._finish(crawler, run, finished)

    def _finish(self, crawler: Crawler, run: Run, finished: FinishedRun) -> None:
        """READY again, whatever the disk says; a run that cannot be kept stays an interrupted one there."""
        with suppress(OSError), self._shelf.unit(), self._lock:
            crawler.history.appendleft(finished)
            crawler.folders |= finished.report.folders
            if finished.outcome is Outcome.SUCCEEDED:
                crawler.listed_version = run.version
            crawler.run = None
            name = crawler.definition.name
            self._shelf.crawls.put(name, finished, crawler.crawls)
            if crawler.crawls > _HISTORY:
                self._shelf.crawls.remove(name, crawler.crawls - _HISTORY)
            self._keep(crawler)
