"""The custom CSV classifier (AWS: custom-classifier; facts/glue-crawler.md 1, custom CSV classifier)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lakebench.catalog import DataType
from lakebench.catalog.types import simple
from lakebench.emulator.crawler.columns import BIGINT, BOOLEAN, DOUBLE, INT, STRING, distinct, inferred
from lakebench.emulator.crawler.csv_text import (
    CsvFormat,
    Records,
    column_types,
    csv_lines,
    data_size,
    find_delimiter,
    is_header,
    split_records,
    unquoted,
)
from lakebench.emulator.crawler.format import Recognised
from lakebench.emulator.crawler.sample import Sample

CUSTOM_DATATYPES = {
    "BINARY": simple("varbinary"),
    "BOOLEAN": BOOLEAN,
    "DATE": simple("date"),
    "DECIMAL": simple("decimal", 10, 2),
    "DOUBLE": DOUBLE,
    "FLOAT": simple("real"),
    "INT": INT,
    "LONG": BIGINT,
    "SHORT": simple("smallint"),
    "STRING": STRING,
    "TIMESTAMP": simple("timestamp"),
}
"""Types by the names of the API; DECIMAL has the precision that Glue's own DecimalType defaults to."""


class ContainsHeader(StrEnum):
    """Whether objects begin with a line of names."""

    UNKNOWN = "UNKNOWN"
    PRESENT = "PRESENT"
    ABSENT = "ABSENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvRules:
    """What a custom classifier is told. ``delimiter`` None means one of the five of the built-in one.

    ``header`` are the names of columns, whatever the first line says; ``datatypes`` their types in order,
    for as many as are given. ``open_csv`` None chooses OpenCSVSerde when there is a quote symbol.
    """

    delimiter: str | None = None
    quote: str | None = None
    contains_header: ContainsHeader = ContainsHeader.UNKNOWN
    header: tuple[str, ...] = ()
    trim: bool = False
    single_column: bool = False
    datatypes: tuple[DataType, ...] = ()
    open_csv: bool | None = None


class CustomCsvClassifier:
    """Delimited text by a person's rules; one record is enough."""

    def __init__(self, rules: CsvRules) -> None:
        self._rules = rules

    def classify(self, sample: Sample) -> Recognised | None:
        """Columns and types, or None for what is no text or has one column where two are needed."""
        if not sample.is_text:
            return None
        text = csv_lines(sample.text)
        delimiter = self._rules.delimiter or self._found_delimiter(text, whole=sample.whole)
        if delimiter is None:
            return None
        records = self._records(text, delimiter)
        if not records:
            return None
        width = Counter(map(len, records)).most_common(1)[0][0]
        if width < 2 and not self._rules.single_column:
            return None
        return self._recognise(sample.text, records, delimiter, width)

    def _found_delimiter(self, text: str, *, whole: bool) -> str | None:
        found = find_delimiter(text, whole=whole)
        if found is not None:
            return found[0]
        return "," if self._rules.single_column else None

    def _records(self, text: str, delimiter: str) -> Records:
        records = split_records(text, delimiter, self._rules.quote or '"')
        quote = self._rules.quote
        if quote is not None:
            records = [[unquoted(cell, quote) for cell in record] for record in records]
        if self._rules.trim:
            records = [[cell.strip() for cell in record] for record in records]
        return records

    def _recognise(self, raw: str, records: Records, delimiter: str, width: int) -> Recognised:
        rules = self._rules
        header = self._has_header(records, width)
        types = column_types(records[1:] if header else records, width)
        names = self._names(records[0] if header else (), width)
        types = [*types, *[STRING] * (len(names) - width)]
        types[: len(rules.datatypes)] = rules.datatypes[: len(types)]
        open_csv = rules.open_csv if rules.open_csv is not None else rules.quote is not None
        columns = [inferred(name, kind) for name, kind in zip(names, types, strict=True)]
        return Recognised(
            format=CsvFormat(delimiter=delimiter, header=header, quote=rules.quote, open_csv=open_csv),
            columns=distinct(columns),
            sampled_bytes=data_size(raw, header=header),
            sampled_records=len(records) - header,
        )

    def _has_header(self, records: Records, width: int) -> bool:
        rules = self._rules
        if rules.contains_header is not ContainsHeader.UNKNOWN:
            return rules.contains_header is ContainsHeader.PRESENT
        first = [unquoted(cell).strip().lower() for cell in records[0]]
        if rules.header and first == [name.strip().lower() for name in rules.header]:
            return True
        return len(records) > 1 and is_header(records[0], column_types(records[1:], width), records)

    def _names(self, first: Sequence[str], width: int) -> list[str]:
        """Given names come before found ones; what has neither is ``colN``."""
        found = [unquoted(cell) for cell in first[:width]]
        given = list(self._rules.header)
        names = given + found[len(given) :]
        names += [""] * (width - len(names))
        return [name if name.strip() else f"col{i}" for i, name in enumerate(names)]
