"""CREATE TABLE .. AS: its WITH properties, checked and given Athena's defaults.

Source: AWS: create-table-as, ctas-considerations-limitations; facts/athena.md 4 (CTAS/INSERT output).
"""

from __future__ import annotations

from dataclasses import replace

from lakebench.catalog import DataFormat, S3Uri
from lakebench.errors import QueryFailed
from lakebench.sql.cursor import Cursor
from lakebench.sql.query import parse_query
from lakebench.sql.statement import CreateTableAs, Query, TableName
from lakebench.sql.with_properties import WithProperty, with_properties

_FORMATS = {"PARQUET": DataFormat.PARQUET, "TEXTFILE": DataFormat.TEXT}
_LATER_FORMATS = {"ORC", "AVRO", "JSON", "ION"}
_COMPRESSIONS = {
    "PARQUET": {"GZIP", "SNAPPY", "ZSTD", "LZ4", "NONE", "UNCOMPRESSED"},
    "TEXTFILE": {"GZIP", "ZSTD", "BZIP2", "SNAPPY", "LZ4", "DEFLATE", "NONE"},
}
_COMPRESSION_KEYS = ("write_compression", "parquet_compression", "orc_compression")
_LATER_KEYS = {"bucketed_by", "bucket_count", "table_type", "is_external", "location", "partitioning"}
_LATER_KEYS |= {"vacuum_max_snapshot_age_seconds", "optimize_rewrite_data_file_threshold"}
_KEYS = {"format", "external_location", "partitioned_by", "field_delimiter", *_COMPRESSION_KEYS}
_KEYS |= {"compression_level", "null_format"}


def create_table_as(cursor: Cursor) -> CreateTableAs:
    """Read from the table's name on (``CREATE TABLE`` is read)."""
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    target = cursor.table_name(hive=False)
    comment = cursor.string() if cursor.take("COMMENT") else None
    given = with_properties(cursor) if cursor.take("WITH") else {}
    cursor.expect("AS")
    tokens = cursor.tokens[cursor.at :]
    with_data = True
    words = [token.text.upper() for token in tokens[-3:]]
    if words[-2:] == ["WITH", "DATA"]:
        tokens = tokens[:-2]
    elif words == ["WITH", "NO", "DATA"]:
        tokens, with_data = tokens[:-3], False
    query = parse_query(cursor.text, tokens)
    if comment is not None:
        raise QueryFailed("NOT_SUPPORTED", "COMMENT in CREATE TABLE AS is not supported yet")
    return replace(_checked(target, given, query, with_data), if_not_exists=bool(if_not_exists))


def _checked(
    target: TableName, given: dict[str, WithProperty], query: Query, with_data: bool
) -> CreateTableAs:
    for key, value in given.items():
        if key in _LATER_KEYS:
            raise value.fail("NOT_SUPPORTED", f"Table property '{key}' is not supported yet")
        if key not in _KEYS:
            raise value.fail(
                "INVALID_TABLE_PROPERTY", f"Catalog 'awsdatacatalog' table property '{key}' does not exist"
            )
    format_name = _format(given)
    partitioned_by = given["partitioned_by"].items if "partitioned_by" in given else []
    return CreateTableAs(
        target=target,
        query=query,
        data_format=_FORMATS[format_name],
        compression=_compression(given, format_name),
        external_location=_location(given),
        partitioned_by=tuple(name.lower() for name in partitioned_by),
        field_delimiter=_delimiter(given, format_name),
        with_data=with_data,
        properties={key: value.text or ",".join(value.items) for key, value in given.items()},
    )


def _format(given: dict[str, WithProperty]) -> str:
    if "format" not in given:
        return "PARQUET"
    value = given["format"]
    name = value.text.upper()
    if name in _LATER_FORMATS:
        raise value.fail("NOT_SUPPORTED", f"CREATE TABLE AS in the format {name} is not supported yet")
    if name not in _FORMATS:
        raise value.fail("INVALID_TABLE_PROPERTY", f"Unable to set table property 'format' to '{value.text}'")
    return name


def _compression(given: dict[str, WithProperty], format_name: str) -> str:
    """Athena's default is GZIP for Parquet and text (AWS: compression-support, engine version 3)."""
    named = [key for key in _COMPRESSION_KEYS if key in given]
    if len(named) > 1:
        raise given[named[1]].fail(
            "INVALID_TABLE_PROPERTY",
            f"Only one of the properties {', '.join(_COMPRESSION_KEYS)} may be given",
        )
    if not named:
        return "gzip"
    value = given[named[0]]
    only_for = {"parquet_compression": "PARQUET", "orc_compression": "ORC"}.get(named[0], format_name)
    if only_for != format_name:
        raise value.fail("INVALID_TABLE_PROPERTY", f"{named[0]} may be given only with format = '{only_for}'")
    name = value.text.upper()
    if name not in _COMPRESSIONS[format_name]:
        raise value.fail(
            "INVALID_TABLE_PROPERTY", f"Unable to set table property '{named[0]}' to '{value.text}'"
        )
    if name in {"BZIP2", "LZ4", "DEFLATE", "SNAPPY", "ZSTD"} and format_name == "TEXTFILE":
        raise value.fail("NOT_SUPPORTED", f"Text compressed with {name} is not supported yet")
    return "none" if name in {"NONE", "UNCOMPRESSED"} else name.lower()


def _location(given: dict[str, WithProperty]) -> S3Uri | None:
    if "external_location" not in given:
        return None
    value = given["external_location"]
    try:
        return S3Uri.parse(value.text).as_prefix
    except ValueError:
        raise value.fail(
            "INVALID_TABLE_PROPERTY",
            f"external_location must be an S3 path (s3://bucket/prefix/): '{value.text}'",
        ) from None


def _delimiter(given: dict[str, WithProperty], format_name: str) -> str:
    if "field_delimiter" not in given:
        return "\x01"
    value = given["field_delimiter"]
    if format_name != "TEXTFILE":
        raise value.fail(
            "INVALID_TABLE_PROPERTY", "field_delimiter may be given only with format = 'TEXTFILE'"
        )
    delimiter = {"\\t": "\t", "\\001": "\x01"}.get(value.text, value.text)
    if len(delimiter) != 1:
        raise value.fail("INVALID_TABLE_PROPERTY", "field_delimiter must be one character")
    return delimiter
