"""What lies at the targets of a crawler, as definitions for the catalogue; nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from lakebench.catalog import S3Uri, Table
from lakebench.catalog.store import CatalogStore
from lakebench.emulator.crawler.definition import Definition, define, define_found, fitted
from lakebench.emulator.crawler.format import Classifier
from lakebench.emulator.crawler.grouping import Group, find_groups, single_object_group
from lakebench.emulator.crawler.inspection import Inspector, LeftOut
from lakebench.emulator.crawler.listing import list_target
from lakebench.emulator.crawler.naming import table_name, with_hash
from lakebench.emulator.crawler.spec import CatalogTarget, CrawlSpec, S3Target, TableFormatTarget
from lakebench.emulator.crawler.table_formats import FoundTable, NotReadable, describe, find_roots
from lakebench.emulator.storage.objects import BucketMissing, ObjectStore


class CrawlFailed(Exception):
    """The crawl cannot go on; the message is LastCrawl's ErrorMessage, and the catalogue is untouched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """``definitions`` are tables to make or refresh, ``named`` the finds for tables that a target names.

    ``manifests`` are texts to write, of tables of symlinks.
    """

    definitions: list[Definition] = field(default_factory=list)
    named: list[tuple[Table, Definition]] = field(default_factory=list)
    manifests: dict[S3Uri, str] = field(default_factory=dict)


class Discovery:
    """One look at all targets; remembers what it left out and what it has to warn of."""

    def __init__(
        self,
        spec: CrawlSpec,
        *,
        run_id: str,
        objects: ObjectStore,
        catalog: CatalogStore,
        check_stopped: Callable[[], None],
        classifiers: Sequence[Classifier],
    ) -> None:
        self._spec = spec
        self._run_id = run_id
        self._objects = objects
        self._catalog = catalog
        self._check_stopped = check_stopped
        self._inspector = Inspector(classifiers, objects, check_stopped)
        self.warnings: list[str] = []

    @property
    def left_out(self) -> list[LeftOut]:
        """The objects and folders that became part of no table, and why."""
        return self._inspector.left_out

    def look(self) -> Discovered:
        """Read the targets; raises CrawlFailed for a missing bucket or table."""
        found = Discovered()
        names = _Names(self._spec.table_prefix)
        for target in self._spec.targets:
            try:
                match target:
                    case S3Target():
                        found.definitions.extend(self._of_s3(target, names))
                    case TableFormatTarget():
                        found.definitions.extend(self._of_table_format(target, names, found.manifests))
                    case CatalogTarget():
                        found.named.extend(self._of_catalog(target))
            except BucketMissing as error:
                raise CrawlFailed(str(error)) from None
        return found

    def _of_s3(self, target: S3Target, names: _Names) -> Iterable[Definition]:
        for group in self._groups(target, self._spec):
            name = names.take(group.name, group.root)
            if name is not None:
                yield define(group, name=name, spec=self._spec, target=target, run_id=self._run_id)

    def _groups(self, target: S3Target, spec: CrawlSpec) -> list[Group]:
        listing = list_target(target, self._objects, self._check_stopped)
        if listing.single is not None:
            inspected = self._inspector.inspect(listing.single)
            return [] if inspected is None else [single_object_group(inspected)]
        return find_groups(listing.folder, self._inspector, spec.output, target.sample_size)

    def _of_table_format(
        self, target: TableFormatTarget, names: _Names, manifests: dict[S3Uri, str]
    ) -> Iterable[Definition]:
        roots = find_roots(target, self._objects, self._check_stopped)
        if not roots:
            self.warnings.append(f"{target.path}: no {target.table_format.value} table was found there")
        for root in roots:
            self._check_stopped()
            try:
                tables, texts = describe(root, target, self._objects)
            except NotReadable as error:
                self._inspector.leave_out(root, str(error))
                continue
            manifests.update(texts)
            for one in tables:
                name = names.take(_folder_name(root) + one.suffix, root, one.suffix)
                if name is not None:
                    yield self._defined(one, name, target)

    def _defined(self, found: FoundTable, name: str, target: TableFormatTarget) -> Definition:
        return define_found(found, name=name, spec=self._spec, target=target, run_id=self._run_id)

    def _of_catalog(self, target: CatalogTarget) -> Iterable[tuple[Table, Definition]]:
        """Alike or not, what lies in a table's folders is that table's (AWS: CombineCompatibleSchemas)."""
        combined = replace(self._spec.output, combine_compatible_schemas=True)
        for name in target.tables:
            current = self._catalog.table(target.database, name)
            place = None if current is None else current.storage.location
            if current is None or place is None:
                raise CrawlFailed(f"Table {target.database}.{name} does not exist, or lies nowhere in S3")
            spec = replace(self._spec, database=target.database, output=combined)
            own = S3Target(path=place)
            whole = [group for group in self._groups(own, spec) if group.root == place.as_prefix]
            if not whole:
                self.warnings.append(f"{target.database}.{name}: no one table lies at {place}; left as it is")
                continue
            definition = define(whole[0], name=name, spec=spec, target=own, run_id=self._run_id)
            fitting = fitted(definition, current)
            if fitting is None:
                self.warnings.append(
                    f"{target.database}.{name}: the folders at {place} make "
                    f"{len(definition.table.partition_keys)} partition keys, "
                    f"the table has {len(current.partition_keys)}; left as it is"
                )
                continue
            yield current, fitting


def _folder_name(root: S3Uri) -> str:
    return root.key.rstrip("/").rpartition("/")[2] or root.bucket


class _Names:
    """Distinct names for tables at distinct places; of overlapping targets the first one keeps a place."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._names: set[str] = set()
        self._places: set[tuple[S3Uri, str]] = set()

    def take(self, folder: str, root: S3Uri, suffix: str = "") -> str | None:
        """The table's name, or None for a place that has its table already."""
        if (root, suffix) in self._places:
            return None
        name = table_name(self._prefix, folder)
        if name in self._names:
            name = with_hash(name, root)
        self._names.add(name)
        self._places.add((root, suffix))
        return name
