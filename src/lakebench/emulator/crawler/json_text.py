"""The built-in JSON classifier: objects one a line, or one after the other; arrays as one column.

Source: facts/glue-crawler.md 1, JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lakebench.catalog import DataType, Field, SerDe
from lakebench.emulator.crawler.columns import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INT,
    MAX_DEPTH,
    STRING,
    UNKNOWN,
    InferredColumn,
    inferred,
    merge_types,
    proper_name,
)
from lakebench.emulator.crawler.format import TEXT_INPUT, TEXT_OUTPUT, Recognised
from lakebench.emulator.crawler.json_cut import read_cut_document
from lakebench.emulator.crawler.sample import Sample

_OPENX = "org.openx.data.jsonserde.JsonSerDe"
_INT_LIMIT = 2**31
_LONG_LIMIT = 2**63
_SCALARS = {bool: BOOLEAN, float: DOUBLE, str: STRING, type(None): UNKNOWN}
_MAX_PASSED_OVER = 100
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """JSON text under the OpenX SerDe; ``json_path`` is a custom classifier's, which readers need too."""

    json_path: str | None = None

    classification = "json"
    input_format = TEXT_INPUT
    output_format = TEXT_OUTPUT

    @property
    def parameters(self) -> Mapping[str, str]:
        """``jsonPath`` of a custom classifier."""
        return {} if self.json_path is None else {"jsonPath": self.json_path}

    def serde(self, columns: Sequence[InferredColumn]) -> SerDe:
        """``paths`` are the top-level keys as the data spells them, sorted, upper case first."""
        paths = ",".join(sorted(column.original for column in columns))
        return SerDe(library=_OPENX, parameters={"paths": paths})


class JsonClassifier:
    """Recognises text that begins with a JSON object or array."""

    def classify(self, sample: Sample) -> Recognised | None:
        """Columns of the top-level keys in order of first appearance, or None."""
        if sample.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"["} or not sample.is_text:
            return None
        text = sample.head.decode(errors="replace").lstrip("\ufeff")
        try:
            found = _from_array(text) if text.lstrip()[0] == "[" else _from_objects(text)
            return found if found is not None or sample.whole else _from_cut(text, sample.stored.size)
        except RecursionError:  # nested deeper than the reader goes: no table could hold it
            return None


def _from_objects(text: str) -> Recognised | None:
    types: dict[str, DataType] = {}
    records = read = 0
    for value, length in _objects(text):
        records, read = records + 1, read + length
        for key, member in value.items():
            found = json_type(member)
            known = types.get(key)
            types[key] = found if known is None else merge_types(known, found)
    if not types or read < len(text) / 2:  # mostly something else
        return None
    return Recognised(
        format=JsonFormat(),
        columns=columns_of_keys(types),
        sampled_bytes=len(text.encode()) * read // len(text),
        sampled_records=records,
    )


def columns_of_keys(types: Mapping[str, DataType]) -> tuple[InferredColumn, ...]:
    """Keys that differ in case only are one column in Hive, of a type that holds the values of all."""
    columns: dict[str, InferredColumn] = {}
    for key, kind in types.items():
        column = inferred(key, kind)
        known = columns.get(column.name)
        columns[column.name] = column if known is None else replace(known, type=merge_types(known.type, kind))
    return tuple(columns.values())


def _from_cut(text: str, size: int) -> Recognised | None:
    """One document larger than what is read of it: its one record is the whole object."""
    document = read_cut_document(text)
    if isinstance(document, dict):
        columns = columns_of_keys({key: json_type(value) for key, value in document.items()})
    elif isinstance(document, list) and document:
        columns = (inferred("array", json_type(document)),)
    else:
        return None
    if not columns:
        return None
    return Recognised(format=JsonFormat(), columns=columns, sampled_bytes=size, sampled_records=1)


def _objects(text: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Objects one after the other and their lengths with the space after them.

    A line that is no object is passed over, the cut last one of a head among them; after a hundred such
    lines no more is read, since each costs a look over the whole text.
    """
    decoder, at, passed_over = json.JSONDecoder(), 0, 0
    while at < len(text) and passed_over < _MAX_PASSED_OVER:
        try:
            value, end = decoder.raw_decode(text, after_space(text, at))
        except ValueError:
            value, end = None, at
        if isinstance(value, dict):
            end = after_space(text, end)
            yield value, end - at
            at = end
        else:
            passed_over += 1
            line_end = text.find("\n", end)
            at = line_end + 1 if line_end >= 0 else len(text)


def _from_array(text: str) -> Recognised | None:
    """A document that is one array becomes a single column named ``array``."""
    decoder, at = json.JSONDecoder(), after_space(text, 0) + 1
    element: DataType | None = None
    while (at := after_space(text, at, " \t\r\n,")) < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:  # the closing bracket, or the cut end of a head
            break
        found = json_type(value)
        element = found if element is None else merge_types(element, found)
    if element is None:
        return None
    kind = DataType(name="array", fields=(Field(name=None, type=element),))
    return Recognised(
        format=JsonFormat(),
        columns=(inferred("array", kind),),
        sampled_bytes=len(text.encode()),
        sampled_records=1,
    )


def after_space(text: str, at: int, space: str = _SPACE) -> int:
    """The place of the next character that is no space."""
    while at < len(text) and text[at] in space:
        at += 1
    return at


def json_type(value: Any, depth: int = 0) -> DataType:
    """``int`` for whole numbers of 32 bits, ``bigint`` beyond; objects are structs, arrays arrays.

    ISO dates stay ``string``; null and the element of an empty array are ``unknown``.
    """
    if depth > MAX_DEPTH:
        return STRING
    if type(value) is int:
        if -_INT_LIMIT <= value < _INT_LIMIT:
            return INT
        return BIGINT if -_LONG_LIMIT <= value < _LONG_LIMIT else DOUBLE
    if isinstance(value, list):
        element = UNKNOWN
        for item in value:
            element = merge_types(element, json_type(item, depth + 1))
        return DataType(name="array", fields=(Field(name=None, type=element),))
    if isinstance(value, dict):
        members = tuple(
            Field(name=_member(key), type=json_type(item, depth + 1)) for key, item in value.items()
        )
        return DataType(name="row", fields=members)
    return _SCALARS[type(value)]


def _member(key: str) -> str:
    """A struct's member keeps its case; the backtick that would end its quotes is replaced."""
    return proper_name(key.replace("`", "_"))
