"""UNLOAD: a query's rows as files below an S3 path (AWS: unload)."""

from __future__ import annotations

from lakebench.catalog import DataFormat
from lakebench.sql.cursor import Cursor
from lakebench.sql.query import parse_query
from lakebench.sql.statement import Unload
from lakebench.sql.with_properties import with_properties
from lakebench.sql.write_properties import WriteProperties

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
    written = WriteProperties(given=given, kind="UNLOAD property")
    data_format = written.data_format(None)
    if data_format is DataFormat.AVRO and "compression" in given:
        raise given["compression"].fail(
            "INVALID_TABLE_PROPERTY", "UNLOAD property 'compression' does not apply to the AVRO format"
        )
    compression = written.compression(data_format, {"compression": None})
    return Unload(
        query=query,
        location=location,
        data_format=data_format,
        compression=compression,
        compression_level=written.compression_level(data_format, compression),
        partitioned_by=written.names("partitioned_by"),
        field_delimiter=written.field_delimiter(data_format),
    )
