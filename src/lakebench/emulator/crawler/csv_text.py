"""The built-in CSV classifier: delimiter, header, names and types (facts/glue-crawler.md 1, CSV rules 1-11).

It is the last file format tried, so anything that splits into a steady number of columns is CSV.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakebench.catalog import DataType, SerDe
from lakebench.emulator.crawler.columns import (
    BIGINT,
    DOUBLE,
    STRING,
    UNKNOWN,
    InferredColumn,
    distinct,
    inferred,
)
from lakebench.emulator.crawler.format import TEXT_INPUT, TEXT_OUTPUT, Recognised
from lakebench.emulator.crawler.sample import Sample

DELIMITERS = (",", "|", "\t", ";", "\x01")
_LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_PROBE_CHARS = 64 << 10
_PROBE_RECORDS = 200
_MIN_STEADY_SHARE = 0.5
_MAX_HEADER_CELL = 150  # characters; the last column is free (rule 3)

_BIGINT = re.compile(r"(?:[+-]?0*[0-9]{1,19}\n)*+")
_DOUBLE = re.compile(r"(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\n)*+")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)")
_LONG_LIMIT = 2**63
_COLUMN_NAME = re.compile(r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF\t]+")  # Glue's NameString

Records = list[list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFormat:
    """Delimited text; ``header`` says that every object begins with a line of names.

    ``quote`` is set by a custom classifier only. ``open_csv`` chooses OpenCSVSerde.
    """

    delimiter: str
    header: bool
    quote: str | None = None
    open_csv: bool = False

    classification = "csv"
    input_format = TEXT_INPUT
    output_format = TEXT_OUTPUT

    @property
    def parameters(self) -> Mapping[str, str]:
        """``areColumnsQuoted`` stays false for the built-in classifier, which never sets a quote symbol."""
        quoted = "false" if self.quote is None else "true"
        parameters = {"delimiter": self.delimiter, "columnsOrdered": "true", "areColumnsQuoted": quoted}
        if self.header:
            parameters["skip.header.line.count"] = "1"
        return parameters

    def serde(self, columns: Sequence[InferredColumn]) -> SerDe:
        """LazySimpleSerDe with nothing but the delimiter, also for quoted text (rule 7), or OpenCSVSerde."""
        del columns
        if self.open_csv:
            parameters = {"separatorChar": self.delimiter, "quoteChar": self.quote or '"'}
            return SerDe(library=_OPEN_CSV, parameters=parameters)
        return SerDe(library=_LAZY_SIMPLE, parameters={"field.delim": self.delimiter})


class CsvClassifier:
    """Glue's own CSV classifier: at least two columns and two records."""

    def classify(self, sample: Sample) -> Recognised | None:
        """Columns and types of delimited text, or None."""
        if not sample.is_text:
            return None
        raw = sample.text
        text = csv_lines(raw)
        found = find_delimiter(text, whole=sample.whole)
        if found is None:
            return None
        delimiter, width = found
        records = split_records(text, delimiter)
        if len(records) < 2:
            return None
        return _recognise(raw, records, delimiter, width)


def csv_lines(raw: str) -> str:
    """The text with one kind of line end, its byte order mark a question mark (rule 11)."""
    text = f"?{raw[1:]}" if raw.startswith("\ufeff") else raw
    return text.replace("\r\n", "\n").replace("\r", "\n")


def data_size(raw: str, *, header: bool) -> int:
    """Bytes of the records, without the line of names."""
    return len((_LINE.sub("", raw, count=1) if header else raw).encode())


def _recognise(raw: str, records: Records, delimiter: str, width: int) -> Recognised:
    types = column_types(records[1:], width)
    header = is_header(records[0], types, records)
    if header:
        names = [unquoted(cell) or f"col{i}" for i, cell in enumerate(records[0])]
    else:
        types = column_types(records, width)
        names = [f"col{i}" for i in range(width)]
    columns = [inferred(name, kind) for name, kind in zip(names, types, strict=True)]
    return Recognised(
        format=CsvFormat(delimiter=delimiter, header=header),
        columns=distinct(columns),
        sampled_bytes=data_size(raw, header=header),
        sampled_records=len(records) - header,
    )


def find_delimiter(text: str, *, whole: bool) -> tuple[str, int] | None:
    """The delimiter that gives the steadiest count of two or more columns, and that count."""
    probe = text[:_PROBE_CHARS]
    if len(probe) < len(text) or not whole:
        probe = probe[: probe.rfind("\n") + 1] or probe
    best: tuple[float, str, int] | None = None
    for delimiter in DELIMITERS:
        if delimiter not in probe:
            continue
        widths = Counter(len(record) for record in split_records(probe, delimiter)[:_PROBE_RECORDS])
        width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
        share = times / widths.total()
        if width < 2 or share <= _MIN_STEADY_SHARE:
            continue
        if best is None or share > best[0]:
            best = share, delimiter, width
    return None if best is None else best[1:]


def split_records(text: str, delimiter: str, quote: str = '"') -> Records:
    """Cells by record, quotes kept; a quoted cell may hold delimiters and line ends. Blank lines are none."""
    if quote not in text:
        return [line.split(delimiter) for line in text.split("\n") if line.strip(" ")]
    bare, q = re.escape(delimiter), re.escape(quote)
    cell = re.compile(rf"({q}(?:[^{q}]|{q}{q})*+{q}(?=[{bare}\n]|\Z)|[^{bare}\n]*+)({bare}|\n|\Z)")
    records: Records = []
    record: list[str] = []
    for match in cell.finditer(text):
        record.append(match[1])
        if match[2] != delimiter:
            if len(record) > 1 or record[0].strip(" "):
                records.append(record)
            record = []
    return records


def column_types(records: Records, width: int) -> list[DataType]:
    """Types by column; short records leave their missing cells out, long ones their extra cells."""
    by_column: list[list[str]] = [[] for _ in range(width)]
    if all(len(record) == width for record in records):
        by_column = [list(column) for column in zip(*records, strict=True)] or by_column
    else:
        for record in records:
            for cells, cell in zip(by_column, record, strict=False):
                cells.append(cell)
    return [column_type(cells) for cells in by_column]


def column_type(cells: Sequence[str]) -> DataType:
    """``bigint`` for whole numbers of 64 bits, ``double`` for numbers, ``string`` for all else.

    Empty cells count for nothing; a column of nothing else is ``unknown``. Dates, times and booleans stay
    ``string``, so do quoted and blank-padded numbers (rules 8 and 10).
    """
    values = [cell for cell in cells if cell]
    if not values:
        return UNKNOWN
    joined = "\n".join(values) + "\n"
    if _BIGINT.fullmatch(joined) and _fit_64_bits(values):
        return BIGINT
    return DOUBLE if _DOUBLE.fullmatch(joined) else STRING


def _fit_64_bits(values: Sequence[str]) -> bool:
    """Leading zeros do not count: ``00000000000000000000042`` is 42 to whoever parses a long."""
    long = (value for value in values if len(value) >= 19)
    return all(-_LONG_LIMIT <= int(_without_zeros(value)) < _LONG_LIMIT for value in long)


def _without_zeros(value: str) -> str:
    sign = value[0] if value[0] in "+-" else ""
    return sign + (value[len(sign) :].lstrip("0") or "0")


def is_header(first: Sequence[str], types: Sequence[DataType], records: Records) -> bool:
    """Rule 3: all cells are proper names, and the data differs by at least one column that is no string."""
    if len(first) != len(types) or not {BIGINT, DOUBLE} & set(types):
        return False
    *most, last = first
    if any(len(cell) >= _MAX_HEADER_CELL or not _is_name(cell) for cell in most):
        return False
    if last == "":
        return all(len(record) < len(types) or not record[len(types) - 1] for record in records)
    return _is_name(last)


def _is_name(cell: str) -> bool:
    name = unquoted(cell)
    return bool(name.strip()) and column_type([name]) == STRING and _COLUMN_NAME.fullmatch(name) is not None


def unquoted(cell: str, quote: str = '"') -> str:
    """The cell without the quotes around it."""
    if len(cell) >= 2 and cell[0] == cell[-1] == quote:
        return cell[1:-1].replace(quote * 2, quote)
    return cell
