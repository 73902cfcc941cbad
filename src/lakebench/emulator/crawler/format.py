"""What a classifier is and what it answers: the seam behind which formats are added.

The crawler asks an ordered list of classifiers; the first that recognises an object decides its format
and its columns (AWS: add-classifier, built-in classifiers answer with certainty 1.0 or 0.0). A new format
is one more class with ``classify`` and one more frozen value with the properties of ``Format``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lakebench.catalog import SerDe
from lakebench.emulator.crawler.columns import InferredColumn
from lakebench.emulator.crawler.sample import Sample

TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


class Format(Protocol):
    """How the objects of a table are written; objects of unequal formats never share a table."""

    @property
    def classification(self) -> str:
        """Glue's word: ``csv``, ``json``, ``parquet``, ``UNKNOWN``."""

    @property
    def input_format(self) -> str:
        """Hadoop's class that reads the objects."""

    @property
    def output_format(self) -> str:
        """Hadoop's class that would write them."""

    @property
    def parameters(self) -> Mapping[str, str]:
        """Table parameters that this format adds."""

    def serde(self, columns: Sequence[InferredColumn]) -> SerDe:
        """The SerDe for these columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a classifier says of an object.

    ``sampled_bytes`` and ``sampled_records`` give the average record; with ``exact`` the records are all
    that the object has.
    """

    format: Format
    columns: tuple[InferredColumn, ...] = ()
    sampled_bytes: int = 0
    sampled_records: int = 0
    exact: bool = False


class Classifier(Protocol):
    """Recognises one format."""

    def classify(self, sample: Sample) -> Recognised | None:
        """What the object is, or None if it is not of this format.

        Raises DataError when it is of this format beyond doubt but cannot be read.
        """


@dataclass(frozen=True, slots=True)
class UnknownFormat:
    """Objects that no classifier recognises: a table without columns (AWS: add-classifier, UNKNOWN)."""

    classification: str = "UNKNOWN"
    input_format: str = ""
    output_format: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)

    def serde(self, columns: Sequence[InferredColumn]) -> SerDe:
        """No SerDe."""
        del columns
        return SerDe(library="")
