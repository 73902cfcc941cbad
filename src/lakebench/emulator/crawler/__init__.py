"""Crawls S3 prefixes into catalogue entries: listing, classify, infer, group, partition, merge.

Knows nothing of HTTP or of crawlers as an API has them: a ``CrawlSpec`` goes in, the catalogue is
changed, a ``CrawlReport`` comes out.
"""

from lakebench.emulator.crawler.builtin import builtin_classifiers
from lakebench.emulator.crawler.configuration import parse_configuration
from lakebench.emulator.crawler.crawl import Crawl, CrawlStopped
from lakebench.emulator.crawler.csv_custom import (
    CUSTOM_DATATYPES,
    ContainsHeader,
    CsvRules,
    CustomCsvClassifier,
)
from lakebench.emulator.crawler.discovery import CrawlFailed
from lakebench.emulator.crawler.format import Classifier
from lakebench.emulator.crawler.globs import compile_glob
from lakebench.emulator.crawler.grok_text import GrokClassifier
from lakebench.emulator.crawler.inspection import LeftOut
from lakebench.emulator.crawler.json_custom import CustomJsonClassifier
from lakebench.emulator.crawler.report import Change, CrawlReport
from lakebench.emulator.crawler.spec import (
    CatalogTarget,
    CrawlSpec,
    DeleteBehavior,
    OutputConfiguration,
    S3Target,
    TableFormat,
    TableFormatTarget,
    Target,
    UpdateBehavior,
)
from lakebench.emulator.crawler.xml_text import XmlClassifier

__all__ = [
    "CUSTOM_DATATYPES",
    "CatalogTarget",
    "Change",
    "Classifier",
    "ContainsHeader",
    "Crawl",
    "CrawlFailed",
    "CrawlReport",
    "CrawlSpec",
    "CrawlStopped",
    "CsvRules",
    "CustomCsvClassifier",
    "CustomJsonClassifier",
    "DeleteBehavior",
    "GrokClassifier",
    "LeftOut",
    "OutputConfiguration",
    "S3Target",
    "TableFormat",
    "TableFormatTarget",
    "Target",
    "UpdateBehavior",
    "XmlClassifier",
    "builtin_classifiers",
    "compile_glob",
    "parse_configuration",
]
