"""The crawler operations of Glue, one method each (facts/glue-crawler.md 5)."""

from __future__ import annotations

import threading
from collections.abc import Callable

from lakebench.catalog.store import CatalogStore
from lakebench.emulator.glue.classifier_operations import ClassifierOperations
from lakebench.emulator.glue.crawler_wire import crawler_to_wire, metrics_to_wire
from lakebench.emulator.glue.definition import new_definition, updated_definition
from lakebench.emulator.glue.errors import invalid_input
from lakebench.emulator.glue.history import crawls_to_wire, filtered
from lakebench.emulator.glue.keeping import CRAWLER, CrawlerShelf
from lakebench.emulator.glue.registry import CrawlerRegistry
from lakebench.emulator.glue.scheduler import Scheduler
from lakebench.emulator.storage.ledger import Ledger
from lakebench.emulator.storage.objects import ObjectStore
from lakebench.emulator.storage.queues import Queues
from lakebench.emulator.wire.paging import page_of, with_token
from lakebench.emulator.wire.provider import RequestContext, Wire

_MAX_BATCH = 100
_CRAWLS_PAGE = 20


class CrawlerOperations:
    """Crawlers by account and region, over that account's objects and catalogue."""

    def __init__(
        self,
        *,
        objects: Callable[[str], ObjectStore],
        catalogs: Callable[[str, str], CatalogStore],
        queues: Callable[[str], Queues],
        classifiers: ClassifierOperations,
        scheduler: Scheduler,
        ledger: Ledger,
    ) -> None:
        self._ledger = ledger
        self._scheduler = scheduler
        self._classifiers = classifiers
        self._objects = objects
        self._catalogs = catalogs
        self._queues = queues
        self._lock = threading.Lock()
        self._registries: dict[tuple[str, str], CrawlerRegistry] = {}

        self.restore()

    def restore(self) -> None:
        """Make the registries that have crawlers, so that their schedules fire before anybody asks."""
        with self._ledger.unit():
            scopes = {row.scope for row in self._ledger.state.all(CRAWLER)}
        for scope in sorted(scopes):
            account_id, region = scope.split("/")
            self._registry_of(account_id, region)

    def _registry(self, context: RequestContext) -> CrawlerRegistry:
        return self._registry_of(context.account_id, context.region)

    def _registry_of(self, account_id: str, region: str) -> CrawlerRegistry:
        key = (account_id, region)
        with self._lock:
            if key not in self._registries:
                self._registries[key] = CrawlerRegistry(
                    objects=self._objects(account_id),
                    catalog=self._catalogs(*key),
                    queues=self._queues(account_id),
                    classifiers=self._classifiers.shelf_of(*key).resolve,
                    scheduler=self._scheduler,
                    shelf=CrawlerShelf(self._ledger, *key),
                )
            return self._registries[key]

    def reset(self) -> None:
        """End all runs and forget everything that is kept in memory; rows are the caller's."""
        with self._lock:
            registries, self._registries = list(self._registries.values()), {}
        for registry in registries:
            registry.close()
            registry.leave()
        self._classifiers.reset()

    def close(self) -> None:
        """End all schedules and runs, and wait for them."""
        self._scheduler.close()
        with self._lock:
            registries = list(self._registries.values())
        for registry in registries:
            registry.close()

    def create(self, context: RequestContext, request: Wire) -> Wire:
        """CreateCrawler."""
        self._classifiers.shelf(context).check(request.get("Classifiers") or ())
        self._registry(context).create(new_definition(request, account_id=context.account_id))
        return {}

    def update(self, context: RequestContext, request: Wire) -> Wire:
        """UpdateCrawler."""
        self._classifiers.shelf(context).check(request.get("Classifiers") or ())
        self._registry(context).change(
            request["Name"],
            lambda current: updated_definition(current, request, account_id=context.account_id),
        )
        return {}

    def delete(self, context: RequestContext, request: Wire) -> Wire:
        """DeleteCrawler: the tables stay."""
        self._registry(context).delete(request["Name"])
        return {}

    def get(self, context: RequestContext, request: Wire) -> Wire:
        """GetCrawler."""
        return {"Crawler": crawler_to_wire(self._registry(context).get(request["Name"]))}

    def get_all(self, context: RequestContext, request: Wire) -> Wire:
        """GetCrawlers."""
        page, token = page_of(self._registry(context).all(), request)
        return with_token({"Crawlers": [crawler_to_wire(crawler) for crawler in page]}, token)

    def batch_get(self, context: RequestContext, request: Wire) -> Wire:
        """BatchGetCrawlers: names that are not there are answered as CrawlersNotFound."""
        names = request["CrawlerNames"]
        if len(names) > _MAX_BATCH:
            raise invalid_input(f"CrawlerNames must not hold more than {_MAX_BATCH} names")
        registry = self._registry(context)
        found = [crawler for name in names if (crawler := registry.find(name)) is not None]
        return {
            "Crawlers": [crawler_to_wire(crawler) for crawler in found],
            "CrawlersNotFound": [name for name in names if registry.find(name) is None],
        }

    def list_names(self, context: RequestContext, request: Wire) -> Wire:
        """ListCrawlers; with Tags, those that bear all of them."""
        wanted = (request.get("Tags") or {}).items()
        names = [
            crawler.definition.name
            for crawler in self._registry(context).all()
            if wanted <= dict(crawler.definition.tags).items()
        ]
        page, token = page_of(names, request)
        return with_token({"CrawlerNames": list(page)}, token)

    def start(self, context: RequestContext, request: Wire) -> Wire:
        """StartCrawler: RUNNING when this answers."""
        self._registry(context).start(request["Name"])
        return {}

    def stop(self, context: RequestContext, request: Wire) -> Wire:
        """StopCrawler: STOPPING until the run has ended."""
        self._registry(context).stop(request["Name"])
        return {}

    def metrics(self, context: RequestContext, request: Wire) -> Wire:
        """GetCrawlerMetrics, of all crawlers unless names are given."""
        registry = self._registry(context)
        names = request.get("CrawlerNameList")
        chosen = registry.all() if not names else [c for name in names if (c := registry.find(name))]
        page, token = page_of(chosen, request)
        return with_token({"CrawlerMetricsList": [metrics_to_wire(crawler) for crawler in page]}, token)

    def crawls(self, context: RequestContext, request: Wire) -> Wire:
        """ListCrawls: 20 a page unless told otherwise, 100 at most."""
        crawler = self._registry(context).get(request["CrawlerName"])
        entries = filtered(crawls_to_wire(crawler), request.get("Filters") or [])
        page, token = page_of(entries, request, default=_CRAWLS_PAGE, largest=_MAX_BATCH)
        return with_token({"Crawls": list(page)}, token)

    def update_schedule(self, context: RequestContext, request: Wire) -> Wire:
        """UpdateCrawlerSchedule: a crawler that had none is scheduled, an empty text removes it."""
        return self.update(
            context, {"Name": request["CrawlerName"], "Schedule": request.get("Schedule") or ""}
        )

    def start_schedule(self, context: RequestContext, request: Wire) -> Wire:
        """StartCrawlerSchedule."""
        self._registry(context).start_schedule(request["CrawlerName"])
        return {}

    def stop_schedule(self, context: RequestContext, request: Wire) -> Wire:
        """StopCrawlerSchedule: a run that goes on is not stopped."""
        self._registry(context).stop_schedule(request["CrawlerName"])
        return {}
