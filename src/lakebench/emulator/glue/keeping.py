"""Crawlers and their runs as they outlive the server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler import Change, CrawlReport, LeftOut
from lakebench.emulator.glue.definition import CrawlerDefinition, read_spec
from lakebench.emulator.glue.run import FinishedRun, Outcome, Run
from lakebench.emulator.storage.codec import Codec
from lakebench.emulator.storage.ledger import Ledger
from lakebench.emulator.storage.shelves import Shelf

CRAWLER, CRAWL, CLASSIFIER = "glue.crawler", "glue.crawl", "glue.classifier"
"""Kinds of rows; a scope is account/region. A crawl's name is its crawler's, its part its number."""

INTERRUPTED = "The server ended while the crawl ran"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCrawler:
    """A crawler without what is read from its members. ``crawls`` is how many runs it has begun."""

    members: Mapping[str, Any]
    tags: Mapping[str, str]
    created: datetime
    updated: datetime
    version: int
    scheduled: bool
    folders: frozenset[S3Uri]
    crawls: int = 0
    listed_version: int = 0


_CODEC = Codec((Change, CrawlReport, FinishedRun, KeptCrawler, LeftOut, Outcome, S3Uri))


class CrawlerShelf:
    """The crawlers of one account and region and their runs, as rows."""

    def __init__(self, ledger: Ledger, account_id: str, region: str) -> None:
        scope = f"{account_id}/{region}"
        self._account_id = account_id
        self.crawlers = Shelf(ledger, CRAWLER, scope, _CODEC)
        self.crawls = Shelf(ledger, CRAWL, scope, _CODEC)
        self.unit = self.crawlers.unit

    def all(self) -> Iterator[tuple[CrawlerDefinition, KeptCrawler]]:
        """Each crawler."""
        for name, _, kept in self.crawlers.all():
            definition = CrawlerDefinition(
                name=name,
                members=kept.members,
                tags=kept.tags,
                spec=read_spec(name, kept.members, self._account_id),
                created=kept.created,
                updated=kept.updated,
                version=kept.version,
            )
            yield definition, kept

    def runs(self) -> Iterator[tuple[str, FinishedRun]]:
        """The crawler's name and each of its runs, oldest first."""
        for name, _, run in self.crawls.all():
            yield name, run

    def put_begun(self, name: str, number: int, run: Run) -> None:
        """A run that begins is kept as one that the server's end interrupted, until it has ended."""
        begun = FinishedRun(
            run_id=run.run_id,
            started=run.started,
            ended=run.started,
            outcome=Outcome.FAILED,
            error=INTERRUPTED,
            report=CrawlReport(),
        )
        self.crawls.put(name, begun, number)

    def leave(self) -> None:
        """Nobody uses these rows any more."""
        self.crawlers.leave()
        self.crawls.leave()
