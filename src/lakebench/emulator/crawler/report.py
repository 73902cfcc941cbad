"""What a crawl did: tables and partitions by name, objects left out, warnings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.inspection import LeftOut


class Change(StrEnum):
    """What happened to a table or partition."""

    ADDED = "ADDED"
    UPDATED = "UPDATED"
    DELETED = "DELETED"
    DEPRECATED = "DEPRECATED"


@dataclass(slots=True)
class CrawlReport:
    """Filled in while the crawl runs, so that it also tells what a stopped or failed one had done.

    ``folders`` are the places of objects that became part of tables, told by a crawl that ended well.
    """

    tables: dict[Change, list[str]] = field(default_factory=lambda: {change: [] for change in Change})
    partitions: dict[Change, int] = field(default_factory=lambda: dict.fromkeys(Change, 0))
    left_out: list[LeftOut] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    folders: frozenset[S3Uri] = frozenset()

    def table(self, change: Change, name: str) -> None:
        """Note a changed table, once a kind of change."""
        if name not in self.tables[change]:
            self.tables[change].append(name)

    def partition(self, change: Change, count: int = 1) -> None:
        """Note changed partitions."""
        self.partitions[change] += count
