"""The Avro classifier: the schema in the header of an object container file, read by hand.

Types as Hive's Avro SerDe has them; a published crawl shows ``["string","null"]`` as string, enums as string,
``long`` as bigint and decimal bytes as decimal(p,s), and the schema as ``avro.schema.literal`` among the
parameters of SerDe and table alike (facts/glue-crawler.md 1, columnar).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lakebench.catalog import SerDe
from lakebench.emulator.crawler.avro_schema import columns_of
from lakebench.emulator.crawler.columns import InferredColumn, distinct, inferred
from lakebench.emulator.crawler.format import Recognised
from lakebench.emulator.crawler.sample import Sample
from lakebench.errors import DataError

_MAGIC = b"Obj\x01"
_SYNC_BYTES = 16
_HIVE = "org.apache.hadoop.hive.ql.io.avro"
_LONG_BYTES = 10


@dataclass(frozen=True, slots=True)
class AvroFormat:
    """Avro under Hive's SerDe. Objects of unlike schemas may share a table: the first one's is written."""

    schema: str = field(compare=False)

    classification = "avro"
    input_format = f"{_HIVE}.AvroContainerInputFormat"
    output_format = f"{_HIVE}.AvroContainerOutputFormat"

    @property
    def parameters(self) -> Mapping[str, str]:
        """``avro.schema.literal``."""
        return {"avro.schema.literal": self.schema}

    def serde(self, columns: Sequence[InferredColumn]) -> SerDe:
        """Hive's Avro SerDe with the schema."""
        del columns
        parameters = {"serialization.format": "1", "avro.schema.literal": self.schema}
        return SerDe(library="org.apache.hadoop.hive.serde2.avro.AvroSerDe", parameters=parameters)


class AvroClassifier:
    """Recognises Avro object container files."""

    def classify(self, sample: Sample) -> Recognised | None:
        """Columns by the header, or None; raises DataError for an Avro object whose header is broken.

        Records are counted from the blocks that begin in the head: all there are when the head is the
        whole object, an average otherwise.
        """
        if not sample.head.startswith(_MAGIC):
            return None
        reader = _Reader(sample.head, len(_MAGIC))
        try:
            text = reader.metadata().get("avro.schema", b"").decode()
            reader.skip(_SYNC_BYTES)
            schema = json.loads(text)
            columns = [inferred(name, kind) for name, kind in columns_of(schema)]
        except (IndexError, ValueError, RecursionError) as error:
            raise DataError(f"is not readable Avro: {error}") from None
        size, records = reader.blocks()
        return Recognised(
            format=AvroFormat(json.dumps(schema, separators=(",", ":"), ensure_ascii=False)),
            columns=distinct(columns),
            sampled_bytes=size,
            sampled_records=records,
            exact=sample.whole,
        )


class _Reader:
    """Avro's binary encoding, as much of it as a header and block counts need."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    def skip(self, count: int) -> None:
        if count < 0 or self.at + count > len(self.data):
            raise IndexError("its header has no end")
        self.at += count

    def long(self) -> int:
        """A zigzag number; raises IndexError at the end of the data."""
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)
            if shift >= 7 * _LONG_BYTES:
                raise ValueError("a number has no end")

    def bytes_(self) -> bytes:
        size = self.long()
        self.skip(size)
        return self.data[self.at - size : self.at]

    def metadata(self) -> dict[str, bytes]:
        """The map of the header; its blocks may be preceded by their size, told by a negative count."""
        found: dict[str, bytes] = {}
        while count := self.long():
            if count < 0:
                self.long()
            for _ in range(abs(count)):
                key = self.bytes_().decode()
                found[key] = self.bytes_()
        return found

    def blocks(self) -> tuple[int, int]:
        """Stored bytes and records of the blocks that begin in the data, the last one cut or not."""
        size = records = 0
        try:
            while self.at < len(self.data):
                count, length = self.long(), self.long()
                if count < 0 or length < 0:
                    break
                self.at += length + _SYNC_BYTES
                size, records = size + length, records + count
        except (IndexError, ValueError):
            pass  # a block's first bytes are beyond the head, or are none: what was read before counts
        return size, records
