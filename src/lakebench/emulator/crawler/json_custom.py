"""The custom JSON classifier: the records are where a JsonPath leads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lakebench.catalog import DataType
from lakebench.emulator.crawler.columns import inferred, merge_types
from lakebench.emulator.crawler.format import Recognised
from lakebench.emulator.crawler.json_cut import read_cut_document
from lakebench.emulator.crawler.json_path import parse_json_path, select
from lakebench.emulator.crawler.json_text import JsonFormat, after_space, columns_of_keys, json_type
from lakebench.emulator.crawler.sample import Sample


class CustomJsonClassifier:
    """Recognises text that begins with a JSON object or array in which the path finds something."""

    def __init__(self, json_path: str) -> None:
        """Raises ConfigError for a path that is not understood."""
        self._path = json_path
        self._steps = parse_json_path(json_path)

    def classify(self, sample: Sample) -> Recognised | None:
        """The keys of the objects found; a path to anything else makes the one column ``array``."""
        if sample.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"["} or not sample.is_text:
            return None
        text = sample.head.decode(errors="replace").lstrip("\ufeff")
        try:
            return self._recognise(text, whole=sample.whole)
        except RecursionError:
            return None

    def _recognise(self, text: str, *, whole: bool) -> Recognised | None:
        types: dict[str, DataType] = {}
        other: DataType | None = None
        records = 0
        for document in _documents(text, whole=whole):
            for record in select(document, self._steps):
                records += 1
                if not isinstance(record, dict):
                    kind = json_type(record)
                    other = kind if other is None else merge_types(other, kind)
                    continue
                for key, member in record.items():
                    kind = json_type(member)
                    types[key] = merge_types(types[key], kind) if key in types else kind
        if not records or not (types or other):
            return None
        columns = columns_of_keys(types) if types or other is None else (inferred("array", other),)
        return Recognised(
            format=JsonFormat(self._path),
            columns=columns,
            sampled_bytes=len(text.encode()),
            sampled_records=records,
        )


def _documents(text: str, *, whole: bool) -> Iterator[Any]:
    """Whole documents one after the other; a first one that is cut is read as far as it goes."""
    decoder, at, found = json.JSONDecoder(), 0, False
    while (at := after_space(text, at)) < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            break
        found = True
        yield value
    if not found and not whole:
        document = read_cut_document(text)
        if document is not None:
            yield document
