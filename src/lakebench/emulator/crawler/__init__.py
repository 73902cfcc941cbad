"""Crawls S3 prefixes into catalogue entries: listing, classify, infer, group, partition, merge.

Knows nothing of HTTP or of crawlers as an API has them: a ``CrawlSpec`` goes in, the catalogue is
changed, a ``CrawlReport`` comes out.
"""

from lakebench.emulator.crawler.builtin import builtin_classifiers
from lakebench.emulator.crawler.configuration import parse_configuration
from lakebench.emulator.crawler.crawl import Crawl, CrawlFailed, CrawlStopped
from lakebench.emulator.crawler.csv_custom import (
    CUSTOM_DATATYPES,
    ContainsHeader,
    CsvRules,
    CustomCsvClassifier,
)
from lakebench.emulator.crawler.format import Classifier
from lakebench.emulator.crawler.globs import compile_glob
from lakebench.emulator.crawler.grok_text import GrokClassifier
from lakebench.emulator.crawler.inspection import LeftOut
from lakebench.emulator.crawler.json_custom import CustomJsonClassifier
from lakebench.emulator.crawler.report import Change, CrawlReport
from lakebench.emulator.crawler.spec import (
    CrawlSpec,
    DeleteBehavior,
    OutputConfiguration,
    S3Target,
    UpdateBehavior,
)
from lakebench.emulator.crawler.xml_text import XmlClassifier

__all__ = [
    "CUSTOM_DATATYPES",
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
    "UpdateBehavior",
    "XmlClassifier",
    "builtin_classifiers",
    "compile_glob",
    "parse_configuration",
]
