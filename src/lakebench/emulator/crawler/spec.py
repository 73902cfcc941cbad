"""What a crawler is told: where to look, what to leave out, and how to change the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from lakebench.catalog import S3Uri


class UpdateBehavior(StrEnum):
    """What happens to a table whose objects have changed; new tables are made in any case."""

    UPDATE = "UPDATE_IN_DATABASE"
    LOG = "LOG"


class DeleteBehavior(StrEnum):
    """What happens to a table of this crawler whose objects are gone."""

    DEPRECATE = "DEPRECATE_IN_DATABASE"
    DELETE = "DELETE_FROM_DATABASE"
    LOG = "LOG"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Target:
    """One include path. ``exclusions`` are globs relative to it (facts/glue-crawler.md 4).

    ``sample_size`` is how many objects of each folder are read, 1 to 249; all when None.
    """

    path: S3Uri
    exclusions: tuple[str, ...] = ()
    sample_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogTarget:
    """Tables of the catalogue to bring up to date where they lie; none is made (AWS: define-crawler)."""

    database: str
    tables: tuple[str, ...]


class TableFormat(StrEnum):
    """Formats whose tables tell of themselves in metadata files of their own; the classification."""

    DELTA = "delta"
    ICEBERG = "iceberg"
    HUDI = "hudi"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFormatTarget:
    """A path at which, or below which, tables of one format lie.

    ``depth`` is how many folders below the path are looked into (AWS: MaximumTraversalDepth). A Delta path
    is the table itself; ``native`` makes a table for engines that read Delta's log, otherwise one of
    symlink manifests, which ``write_manifest`` writes (AWS: crawler-delta-lake).
    """

    table_format: TableFormat
    path: S3Uri
    exclusions: tuple[str, ...] = ()
    depth: int = 0
    native: bool = False
    write_manifest: bool = False


Target = S3Target | CatalogTarget | TableFormatTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputConfiguration:
    """The crawler's Configuration JSON (AWS: crawler-configuration)."""

    partitions_inherit: bool = False
    merge_new_columns: bool = False
    combine_compatible_schemas: bool = False
    table_level: int | None = None
    table_threshold: int | None = None
    partition_index: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlSpec:
    """Everything that one run needs to know of its crawler.

    With ``new_folders_only`` tables and partitions are added and nothing else is touched.
    """

    crawler: str
    database: str
    targets: tuple[Target, ...]
    table_prefix: str = ""
    update_behavior: UpdateBehavior = UpdateBehavior.UPDATE
    delete_behavior: DeleteBehavior = DeleteBehavior.DEPRECATE
    output: OutputConfiguration = field(default_factory=OutputConfiguration)
    new_folders_only: bool = False
