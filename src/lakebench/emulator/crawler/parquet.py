"""The Parquet classifier: the footer's schema as Hive types, its row counts and sizes.

Reads the last bytes of the object and nothing else. Types by AWS: glue crawlers take the file's own
schema (facts/glue-crawler.md 1, columnar).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakebench.catalog import SerDe
from lakebench.emulator.crawler.arrow_types import hive_type
from lakebench.emulator.crawler.columns import MAX_COLUMNS, InferredColumn, distinct, inferred
from lakebench.emulator.crawler.format import Recognised
from lakebench.emulator.crawler.parquet_footer import schema_elements
from lakebench.emulator.crawler.sample import Sample
from lakebench.errors import DataError

_MAGIC = b"PAR1"
_MOST_ELEMENTS = 3 * MAX_COLUMNS
_HIVE = "org.apache.hadoop.hive.ql.io.parquet"


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
        if schema_elements(sample.path) > _MOST_ELEMENTS:  # lists and structs have some of their own
            raise DataError(f"has more than {MAX_COLUMNS} columns")
        # Importing pyarrow takes 0.2 s, which a crawl of text objects need not wait for.
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            footer = pq.read_metadata(sample.path)
            if footer.num_columns > MAX_COLUMNS:
                raise DataError(f"has more than {MAX_COLUMNS} columns")
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
