"""UNLOAD: a query's rows as files below an S3 path (AWS: unload).

Parquet and text are written; gzip unless ``compression`` names something else (facts/athena.md 4).
"""

from __future__ import annotations

from lakebench.catalog import DataFormat
from lakebench.errors import QueryFailed
from lakebench.sql.cursor import Cursor
from lakebench.sql.query import parse_query
from lakebench.sql.statement import Unload
from lakebench.sql.with_properties import WithProperty, with_properties

_FORMATS = {"PARQUET": DataFormat.PARQUET, "TEXTFILE": DataFormat.TEXT}
_LATER_FORMATS = {"ORC", "AVRO", "JSON"}
_COMPRESSIONS = {
    DataFormat.PARQUET: {"GZIP", "SNAPPY", "ZSTD", "LZ4", "NONE", "UNCOMPRESSED"},
    DataFormat.TEXT: {"GZIP", "NONE"},
}
_KEYS = {"format", "compression", "compression_level", "field_delimiter", "partitioned_by"}


def parse_unload(cursor: Cursor) -> Unload:
    """Read from the parenthesis on (``UNLOAD`` is read)."""
    start = cursor.at
    cursor.skip_parentheses()
    query = parse_query(cursor.text, cursor.tokens[start + 1 : cursor.at - 1])
    cursor.expect("TO")
    location = cursor.place().as_prefix
    cursor.expect("WITH")
    given = with_properties(cursor)
    cursor.expect_end()
    for key, value in given.items():
        if key not in _KEYS:
            raise value.fail("INVALID_TABLE_PROPERTY", f"UNLOAD property '{key}' does not exist")
    data_format = _format(given)
    return Unload(
        query=query,
        location=location,
        data_format=data_format,
        compression=_compression(given, data_format),
        partitioned_by=tuple(
            name.lower() for name in (given["partitioned_by"].items if "partitioned_by" in given else ())
        ),
        field_delimiter=_delimiter(given, data_format),
    )


def _format(given: dict[str, WithProperty]) -> DataFormat:
    value = given.get("format")
    if value is None:
        raise QueryFailed("INVALID_TABLE_PROPERTY", "UNLOAD requires the property 'format'")
    name = value.text.upper()
    if name in _LATER_FORMATS:
        raise value.fail("NOT_SUPPORTED", f"UNLOAD in the format {name} is not supported yet")
    if name not in _FORMATS:
        raise value.fail("INVALID_TABLE_PROPERTY", f"Unable to set property 'format' to '{value.text}'")
    return _FORMATS[name]


def _compression(given: dict[str, WithProperty], data_format: DataFormat) -> str:
    value = given.get("compression")
    if value is None:
        return "gzip"
    name = value.text.upper()
    if name not in _COMPRESSIONS[data_format]:
        raise value.fail("NOT_SUPPORTED", f"UNLOAD with the compression '{value.text}' is not supported")
    return "none" if name in {"NONE", "UNCOMPRESSED"} else name.lower()


def _delimiter(given: dict[str, WithProperty], data_format: DataFormat) -> str:
    value = given.get("field_delimiter")
    if value is None:
        return "\x01"
    if data_format is not DataFormat.TEXT:
        raise value.fail(
            "INVALID_TABLE_PROPERTY", "field_delimiter may be given only with format = 'TEXTFILE'"
        )
    delimiter = {"\\t": "\t", "\\001": "\x01"}.get(value.text, value.text)
    if len(delimiter) != 1:
        raise value.fail("INVALID_TABLE_PROPERTY", "field_delimiter must be one character")
    return delimiter
