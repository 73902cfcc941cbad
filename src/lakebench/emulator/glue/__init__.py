"""Glue's crawlers and classifiers over the wire; tables stay with whoever keeps the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from lakebench.catalog.store import CatalogStore
from lakebench.emulator.glue.classifier_operations import ClassifierOperations
from lakebench.emulator.glue.operations import CrawlerOperations
from lakebench.emulator.glue.scheduler import Scheduler, utc_now
from lakebench.emulator.storage.ledger import Ledger, memory_ledger
from lakebench.emulator.storage.objects import ObjectStore
from lakebench.emulator.storage.queues import Queues
from lakebench.emulator.wire.provider import Operation, Provider

__all__ = ["glue_provider"]


def glue_provider(
    *,
    objects: Callable[[str], ObjectStore],
    catalogs: Callable[[str, str], CatalogStore],
    queues: Callable[[str], Queues],
    ledger: Ledger | None = None,
    catalog: Mapping[str, Operation] = MappingProxyType({}),
    now: Callable[[], datetime] = utc_now,
) -> Provider:
    """Glue's crawler and classifier operations, beside those of the ``catalog``.

    ``objects`` and ``queues`` are asked by account, ``catalogs`` by account and region; ``ledger`` keeps what
    outlives the server, by default in memory; ``now`` is the clock of schedules. Closing the provider ends
    the crawls that go on.
    """
    ledger = ledger or memory_ledger()
    classifiers = ClassifierOperations(ledger)
    crawlers = CrawlerOperations(
        objects=objects,
        catalogs=catalogs,
        queues=queues,
        classifiers=classifiers,
        scheduler=Scheduler(now),
        ledger=ledger,
    )
    return Provider(
        service="glue",
        operations={
            **catalog,
            "CreateCrawler": crawlers.create,
            "UpdateCrawler": crawlers.update,
            "DeleteCrawler": crawlers.delete,
            "GetCrawler": crawlers.get,
            "GetCrawlers": crawlers.get_all,
            "BatchGetCrawlers": crawlers.batch_get,
            "ListCrawlers": crawlers.list_names,
            "StartCrawler": crawlers.start,
            "StopCrawler": crawlers.stop,
            "GetCrawlerMetrics": crawlers.metrics,
            "ListCrawls": crawlers.crawls,
            "UpdateCrawlerSchedule": crawlers.update_schedule,
            "StartCrawlerSchedule": crawlers.start_schedule,
            "StopCrawlerSchedule": crawlers.stop_schedule,
            "CreateClassifier": classifiers.create,
            "UpdateClassifier": classifiers.update,
            "DeleteClassifier": classifiers.delete,
            "GetClassifier": classifiers.get,
            "GetClassifiers": classifiers.get_all,
        },
        falls_through=True,
        close=crawlers.close,
        reset=crawlers.reset,
        restore=crawlers.restore,
    )
