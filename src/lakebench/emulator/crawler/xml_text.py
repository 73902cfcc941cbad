"""The XML classifiers: the built-in one, which finds the element of a record itself, and the custom one.

Athena reads no XML (AWS: custom-classifier, XML), so the table has a classification, ``rowTag`` and columns,
and neither formats nor a SerDe. Names of attributes begin with ``_``, text beside attributes is ``_VALUE``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from lakebench.catalog import DataType, SerDe
from lakebench.emulator.crawler.columns import BIGINT, DOUBLE, InferredColumn, merge_types
from lakebench.emulator.crawler.csv_text import column_type
from lakebench.emulator.crawler.format import Recognised
from lakebench.emulator.crawler.json_text import columns_of_keys, json_type
from lakebench.emulator.crawler.sample import Sample
from lakebench.errors import DataError

_MAX_OPEN = 200
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlFormat:
    """XML; nothing but Glue's own jobs reads it."""

    classification: str
    row_tag: str
    input_format: str = ""
    output_format: str = ""

    @property
    def parameters(self) -> Mapping[str, str]:
        """``rowTag``."""
        return {"rowTag": self.row_tag}

    def serde(self, columns: Sequence[InferredColumn]) -> SerDe:
        """None."""
        del columns
        return SerDe(library="")


class XmlClassifier:
    """Recognises XML. Without ``row_tag`` the record is the first element below the root with a content."""

    def __init__(self, *, classification: str = "xml", row_tag: str | None = None) -> None:
        self._classification = classification
        self._row_tag = row_tag

    def classify(self, sample: Sample) -> Recognised | None:
        """Columns by the children and attributes of the record's element.

        None for what is no XML or has no such element; raises DataError for XML that declares entities,
        since a small document can then be an endless one.
        """
        if not sample.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return None
        reader = _Rows(self._row_tag)
        well_formed = reader.read(sample.head)
        if not reader.types or (sample.whole and not well_formed):
            return None
        tag = reader.row_tag or ""
        return Recognised(
            format=XmlFormat(classification=self._classification, row_tag=tag),
            columns=columns_of_keys(reader.types),
            sampled_bytes=len(sample.head),
            sampled_records=reader.rows,
        )


@dataclass(slots=True)
class _Element:
    members: dict[str, Any]
    text: list[str]

    def value(self) -> Any:
        text = "".join(self.text).strip()
        if not self.members:
            return _scalar(text)
        if text:
            self.members["_VALUE"] = _scalar(text)
        return self.members


class _Rows:
    """Types of the members of each record, gathered while expat reads."""

    def __init__(self, row_tag: str | None) -> None:
        self.row_tag = row_tag
        self.rows = 0
        self.types: dict[str, DataType] = {}
        self._depth = 0
        self._open: list[_Element] = []  # from the record's element down
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity

    def read(self, data: bytes) -> bool:
        """Whether it was well-formed to its end; what was read before a fault counts."""
        try:
            self._parser.Parse(data, True)
        except (expat.ExpatError, ValueError, LookupError):
            return False
        return True

    def _entity(self, *_: Any) -> None:
        raise DataError("is XML that declares entities, which are not expanded here")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_OPEN:
            raise DataError(f"is XML of more than {_MAX_OPEN} levels")
        if self.row_tag is None and self._depth == 2:
            self.row_tag = name
        if self._open or name == self.row_tag:
            members = {f"_{key}": _scalar(value) for key, value in attributes.items()}
            self._open.append(_Element(members, []))

    def _text(self, data: str) -> None:
        if self._open:
            self._open[-1].text.append(data)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if not self._open:
            return
        value = self._open.pop().value()
        if not self._open:
            self._take(value)
            return
        members = self._open[-1].members
        if name not in members:
            members[name] = value
        elif isinstance(members[name], list):
            members[name].append(value)
        else:
            members[name] = [members[name], value]

    def _take(self, record: Any) -> None:
        self.rows += 1
        for key, value in (record if isinstance(record, dict) else {"_VALUE": record}).items():
            kind = json_type(value)
            self.types[key] = merge_types(self.types[key], kind) if key in self.types else kind


def _scalar(text: str) -> Any:
    """A text as the number or truth value that it spells."""
    if not text:
        return None
    kind = column_type([text])
    if kind == BIGINT:
        return int(text)
    if kind == DOUBLE:
        return float(text)
    return _BOOLEANS.get(text, text)
