"""The Parquet classifier: the footer's schema as Hive types, its row counts and sizes.

Reads the last bytes of the object and nothing else. Types by AWS: glue crawlers take the file's own
schema (facts/glue-crawler.md 1, columnar).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakebench.catalog import DataType, Field, SerDe
from lakebench.catalog.types import simple
from lakebench.emulator.crawler.columns import MAX_DEPTH, STRING, InferredColumn, distinct, inferred
from lakebench.emulator.crawler.format import Recognised
from lakebench.emulator.crawler.sample import Sample
from lakebench.errors import DataError

_MAGIC = b"PAR1"
_HIVE = "org.apache.hadoop.hive.ql.io.parquet"

# Unsigned integers take the next wider type, as Spark and Hive read them.
_BY_ARROW_NAME = {
    "bool": "boolean",
    **dict.fromkeys(("int8",), "tinyint"),
    **dict.fromkeys(("int16", "uint8"), "smallint"),
    **dict.fromkeys(("int32", "uint16", "time32[ms]", "time32[s]"), "integer"),
    **dict.fromkeys(("int64", "uint32", "uint64", "time64[us]", "time64[ns]"), "bigint"),
    **dict.fromkeys(("halffloat", "float"), "real"),
    "double": "double",
    **dict.fromkeys(("string", "large_string", "string_view", "null", "extension<arrow.json>"), "varchar"),
    **dict.fromkeys(("binary", "large_binary", "binary_view"), "varbinary"),
    **dict.fromkeys(("date32[day]", "date64[ms]"), "date"),
}


@dataclass(frozen=True, slots=True)
class ParquetFormat:
    """Parquet under Hive's SerDe."""

    classification = "parquet"
    input_format = f"{_HIVE}.MapredParquetInputFormat"
    output_format = f"{_HIVE}.MapredParquetOutputFormat"

    @property
    def parameters(self) -> Mapping[str, str]:
        """None of its own."""
        return {}

    def serde(self, columns: Sequence[InferredColumn]) -> SerDe:
        """Hive's Parquet SerDe."""
        del columns
        return SerDe(library=f"{_HIVE}.serde.ParquetHiveSerDe", parameters={"serialization.format": "1"})


class ParquetClassifier:
    """Recognises objects that begin with Parquet's magic number."""

    def classify(self, sample: Sample) -> Recognised | None:
        """Columns by the footer, or None; raises DataError for a Parquet object whose footer is broken."""
        if sample.compression != "none" or not sample.head.startswith(_MAGIC):
            return None
        # Importing pyarrow takes 0.2 s, which a crawl of text objects need not wait for.
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        try:
            footer = pq.read_metadata(sample.path)
            schema = footer.schema.to_arrow_schema()
            columns = [inferred(field.name, hive_type(field.type)) for field in schema]
            sizes = [footer.row_group(i).total_byte_size for i in range(footer.num_row_groups)]
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise DataError(f"is not readable Parquet: {str(error).partition(chr(10))[0]}") from None
        if footer.num_rows < 0 or min(sizes, default=0) < 0:
            raise DataError("is not readable Parquet: its footer counts below zero")
        return Recognised(
            format=ParquetFormat(),
            columns=distinct(columns),
            sampled_bytes=sum(sizes),
            sampled_records=footer.num_rows,
            exact=True,
        )


def hive_type(arrow: Any, depth: int = 0) -> DataType:
    """An Arrow type as Hive's; a type that Hive does not have becomes ``string``."""
    from pyarrow import types  # noqa: PLC0415 - as above

    depth += 1
    if depth > MAX_DEPTH:
        return STRING
    if types.is_struct(arrow):
        members = (arrow.field(i) for i in range(arrow.num_fields))
        fields = tuple(Field(name=member.name, type=hive_type(member.type, depth)) for member in members)
        return DataType(name="row", fields=fields)
    if types.is_map(arrow):
        pair = (hive_type(arrow.key_type, depth), hive_type(arrow.item_type, depth))
        return DataType(name="map", fields=tuple(Field(name=None, type=kind) for kind in pair))
    if types.is_list(arrow) or types.is_large_list(arrow) or types.is_fixed_size_list(arrow):
        return DataType(name="array", fields=(Field(name=None, type=hive_type(arrow.value_type, depth)),))
    return _hive_scalar(arrow)


def _hive_scalar(arrow: Any) -> DataType:
    from pyarrow import types  # noqa: PLC0415 - as above

    if types.is_dictionary(arrow):
        return hive_type(arrow.value_type)
    if types.is_decimal(arrow):
        return simple("decimal", arrow.precision, arrow.scale)
    if types.is_timestamp(arrow):
        return simple("timestamp")
    if types.is_fixed_size_binary(arrow):
        return simple("varbinary")
    return simple(_BY_ARROW_NAME[str(arrow)]) if str(arrow) in _BY_ARROW_NAME else STRING
