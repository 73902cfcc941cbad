"""One crawl from listing to catalogue: list, inspect, group, name, define, write."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lakebench.catalog import S3Uri
from lakebench.catalog.store import CatalogStore
from lakebench.emulator.crawler.builtin import builtin_classifiers
from lakebench.emulator.crawler.changes import CatalogChanges
from lakebench.emulator.crawler.definition import Definition, define
from lakebench.emulator.crawler.format import Classifier
from lakebench.emulator.crawler.grouping import Group, find_groups, single_object_group
from lakebench.emulator.crawler.inspection import Inspector
from lakebench.emulator.crawler.listing import list_target
from lakebench.emulator.crawler.naming import table_name, with_hash
from lakebench.emulator.crawler.report import CrawlReport
from lakebench.emulator.crawler.spec import CrawlSpec, S3Target
from lakebench.emulator.storage.objects import BucketMissing, ObjectStore


class CrawlStopped(Exception):
    """The crawl was told to stop; tables that it had written stay whole."""


class CrawlFailed(Exception):
    """The crawl cannot go on; the message is LastCrawl's ErrorMessage, and the catalogue is untouched."""


class Crawl:
    """A run of a crawler. All that is read is read before the first entry is written."""

    def __init__(
        self,
        spec: CrawlSpec,
        *,
        run_id: str,
        objects: ObjectStore,
        catalog: CatalogStore,
        stopped: Callable[[], bool] = lambda: False,
        classifiers: Sequence[Classifier] | None = None,
        known_folders: frozenset[S3Uri] = frozenset(),
    ) -> None:
        self._known_folders = known_folders
        self.report = CrawlReport()
        self._spec = spec
        self._run_id = run_id
        self._objects = objects
        self._catalog = catalog
        self._stopped = stopped
        self._classifiers = builtin_classifiers() if classifiers is None else classifiers

    def run(self) -> CrawlReport:
        """Crawl; raises CrawlStopped, or CrawlFailed for a missing bucket or too many tables.

        An include path without objects is no failure: it makes no table.
        """
        inspector = Inspector(self._classifiers, self._check_stopped)
        self.report.left_out = inspector.left_out
        found = [
            (target, group) for target in self._spec.targets for group in self._groups(target, inspector)
        ]
        definitions = self._definitions(found)
        self._check_threshold(len(definitions))
        changes = CatalogChanges(
            spec=self._spec,
            catalog=self._catalog,
            report=self.report,
            check_stopped=self._check_stopped,
            protected=[left.uri for left in inspector.left_out],
            known_folders=self._known_folders,
        )
        changes.ensure_database()
        changes.apply(definitions)
        self.report.folders = frozenset().union(*(definition.folders for definition in definitions))
        return self.report

    def _check_stopped(self) -> None:
        if self._stopped():
            raise CrawlStopped

    def _groups(self, target: S3Target, inspector: Inspector) -> list[Group]:
        try:
            listing = list_target(target, self._objects, self._check_stopped)
        except BucketMissing as error:
            raise CrawlFailed(str(error)) from None
        if listing.single is not None:
            inspected = inspector.inspect(listing.single)
            return [] if inspected is None else [single_object_group(inspected)]
        return find_groups(listing.folder, inspector, self._spec.output, target.sample_size)

    def _definitions(self, found: Sequence[tuple[S3Target, Group]]) -> list[Definition]:
        """Definitions under distinct names; of overlapping targets the first one keeps a location."""
        by_location: dict[str, Definition] = {}
        names: set[str] = set()
        for target, group in found:
            if str(group.root) in by_location:
                continue
            name = table_name(self._spec.table_prefix, group.name)
            if name in names:
                name = with_hash(name, group.root)
            names.add(name)
            by_location[str(group.root)] = define(
                group, name=name, spec=self._spec, target=target, run_id=self._run_id
            )
        return list(by_location.values())

    def _check_threshold(self, tables: int) -> None:
        threshold = self._spec.output.table_threshold
        if threshold is not None and tables > threshold:
            raise CrawlFailed(
                f"The number of tables detected by crawler: {tables} is greater than the table threshold "
                f"value provided: {threshold}. Failing crawler without writing to Data Catalog."
            )
