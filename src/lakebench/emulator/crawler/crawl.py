"""One crawl from listing to catalogue: look at the targets, then write what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lakebench.catalog import S3Uri
from lakebench.catalog.store import CatalogStore
from lakebench.emulator.crawler.builtin import builtin_classifiers
from lakebench.emulator.crawler.changes import CatalogChanges
from lakebench.emulator.crawler.discovery import CrawlFailed, Discovered, Discovery
from lakebench.emulator.crawler.format import Classifier
from lakebench.emulator.crawler.report import CrawlReport
from lakebench.emulator.crawler.spec import CatalogTarget, CrawlSpec
from lakebench.emulator.storage.objects import ObjectStore


class CrawlStopped(Exception):
    """The crawl was told to stop; tables that it had written stay whole."""


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
        touched: frozenset[S3Uri] | None = None,
    ) -> None:
        """``known_folders`` are those of earlier crawls, for a crawl of new folders only.

        ``touched`` are the folders in which objects came or went: the rest is left as it is. With None
        anything may have changed.
        """
        self.report = CrawlReport()
        self._spec = spec
        self._objects = objects
        self._stopped = stopped
        self._discovery = Discovery(
            spec,
            run_id=run_id,
            objects=objects,
            catalog=catalog,
            check_stopped=self._check_stopped,
            classifiers=builtin_classifiers() if classifiers is None else classifiers,
        )
        self._changes = CatalogChanges(
            spec=spec,
            catalog=catalog,
            report=self.report,
            check_stopped=self._check_stopped,
            left_out=self._discovery.left_out,
            known_folders=known_folders,
            touched=touched,
        )

    def run(self) -> CrawlReport:
        """Crawl; raises CrawlStopped, or CrawlFailed for a missing bucket or table, or too many tables.

        An include path without objects is no failure: it makes no table.
        """
        self.report.left_out = self._discovery.left_out
        self.report.warnings = self._discovery.warnings
        found = self._discovery.look()
        self._check_threshold(len(found.definitions))
        self._write(found)
        definitions = [*found.definitions, *(definition for _, definition in found.named)]
        self.report.folders = frozenset().union(*(definition.folders for definition in definitions))
        return self.report

    def _write(self, found: Discovered) -> None:
        for place, text in found.manifests.items():
            self._objects.put_bytes(place, text.encode())
        if not all(isinstance(target, CatalogTarget) for target in self._spec.targets):
            self._changes.ensure_database()
            self._changes.apply(found.definitions)
        for current, definition in found.named:
            self._changes.apply_to(current, definition)

    def _check_stopped(self) -> None:
        if self._stopped():
            raise CrawlStopped

    def _check_threshold(self, tables: int) -> None:
        threshold = self._spec.output.table_threshold
        if threshold is not None and tables > threshold:
            raise CrawlFailed(
                f"The number of tables detected by crawler: {tables} is greater than the table threshold "
                f"value provided: {threshold}. Failing crawler without writing to Data Catalog."
            )
