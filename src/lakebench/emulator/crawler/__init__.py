"""Crawls S3 prefixes into catalogue entries: listing, classify, infer, group, partition, merge.

Knows nothing of HTTP or of crawlers as an API has them: a ``CrawlSpec`` goes in, the catalogue is
changed, a ``CrawlReport`` comes out.
"""

from lakebench.emulator.crawler.configuration import parse_configuration
from lakebench.emulator.crawler.crawl import Crawl, CrawlFailed, CrawlStopped
from lakebench.emulator.crawler.globs import compile_glob
from lakebench.emulator.crawler.inspection import LeftOut
from lakebench.emulator.crawler.report import Change, CrawlReport
from lakebench.emulator.crawler.spec import (
    CrawlSpec,
    DeleteBehavior,
    OutputConfiguration,
    S3Target,
    UpdateBehavior,
)

__all__ = [
    "Change",
    "Crawl",
    "CrawlFailed",
    "CrawlReport",
    "CrawlSpec",
    "CrawlStopped",
    "DeleteBehavior",
    "LeftOut",
    "OutputConfiguration",
    "S3Target",
    "UpdateBehavior",
    "compile_glob",
    "parse_configuration",
]
