"""The built-in classifiers in the order in which they are asked (AWS: add-classifier)."""

from __future__ import annotations

from collections.abc import Sequence

from lakebench.emulator.crawler.avro import AvroClassifier
from lakebench.emulator.crawler.columns import MAX_COLUMNS
from lakebench.emulator.crawler.csv_text import CsvClassifier
from lakebench.emulator.crawler.format import Classifier, Recognised, UnknownFormat
from lakebench.emulator.crawler.grok_text import log_classifiers
from lakebench.emulator.crawler.json_text import JsonClassifier
from lakebench.emulator.crawler.named_only import BsonClassifier, IonClassifier
from lakebench.emulator.crawler.orc import OrcClassifier
from lakebench.emulator.crawler.parquet import ParquetClassifier
from lakebench.emulator.crawler.sample import Sample
from lakebench.emulator.crawler.xml_text import XmlClassifier
from lakebench.errors import DataError


def builtin_classifiers() -> tuple[Classifier, ...]:
    """Avro, ORC, Parquet, JSON, BSON, XML, Ion, logs, and CSV last."""
    return (
        AvroClassifier(),
        OrcClassifier(),
        ParquetClassifier(),
        JsonClassifier(),
        BsonClassifier(),
        XmlClassifier(),
        IonClassifier(),
        *log_classifiers(),
        CsvClassifier(),
    )


def classify(sample: Sample, classifiers: Sequence[Classifier]) -> Recognised:
    """The first answer; the format UNKNOWN without columns when no classifier has one.

    Raises DataError for an object that is of a known format but cannot be read.
    """
    for classifier in classifiers:
        recognised = classifier.classify(sample)
        if recognised is not None:
            if len(recognised.columns) > MAX_COLUMNS:
                raise DataError(f"has more than {MAX_COLUMNS} columns")
            return recognised
    return Recognised(format=UnknownFormat())
