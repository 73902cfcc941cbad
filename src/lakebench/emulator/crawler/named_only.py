"""Formats that are recognised and no more: a classification without columns (Ion, BSON)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lakebench.catalog import SerDe
from lakebench.emulator.crawler.columns import InferredColumn
from lakebench.emulator.crawler.format import Recognised
from lakebench.emulator.crawler.sample import Sample

_ION_MAGICS = (b"\xe0\x01\x00\xea", b"$ion_1_0")
_BSON_TYPES = frozenset({*range(0x01, 0x14), 0x7F, 0xFF})
_BSON_SMALLEST = 8  # a length, a type, a name's end, and the end


@dataclass(frozen=True, slots=True)
class NamedFormat:
    """A format of which nothing but the name is known here."""

    classification: str
    input_format: str = ""
    output_format: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)

    def serde(self, columns: Sequence[InferredColumn]) -> SerDe:
        """No SerDe."""
        del columns
        return SerDe(library="")


class BsonClassifier:
    """Recognises a BSON document by its length, its end and the type of its first member."""

    def classify(self, sample: Sample) -> Recognised | None:
        """The bare name, or None."""
        head = sample.head
        length = int.from_bytes(head[:4], "little")
        if not _BSON_SMALLEST <= length <= len(head) or head[length - 1] or head[4] not in _BSON_TYPES:
            return None
        name, found, _ = head[5:length].partition(b"\0")
        return Recognised(format=NamedFormat("bson")) if found and name.isascii() and name else None


class IonClassifier:
    """Recognises Ion by its version marker, binary or text."""

    def classify(self, sample: Sample) -> Recognised | None:
        """The bare name, or None."""
        return Recognised(format=NamedFormat("ion")) if sample.head.startswith(_ION_MAGICS) else None
