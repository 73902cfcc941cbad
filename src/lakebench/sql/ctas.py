"""CREATE TABLE .. AS: its columns' names, its WITH properties, its query.

Source: AWS: create-table-as, ctas-considerations-limitations; facts/athena.md 4 (CTAS/INSERT output).
"""

from __future__ import annotations

from sqlglot.tokenizer_core import Token

from lakebench.catalog import DataFormat, S3Uri
from lakebench.errors import QueryFailed
from lakebench.sql.cursor import Cursor
from lakebench.sql.query import parse_query
from lakebench.sql.statement import CreateTableAs
from lakebench.sql.with_properties import WithProperty, with_properties
from lakebench.sql.write_properties import WriteProperties

_COMPRESSION_KEYS = {
    "write_compression": None,
    "parquet_compression": DataFormat.PARQUET,
    "orc_compression": DataFormat.ORC,
}
_ICEBERG_KEYS = {
    *("location", "partitioning", "write_target_data_file_size_bytes"),
    *("optimize_rewrite_min_data_file_size_bytes", "optimize_rewrite_max_data_file_size_bytes"),
    *("optimize_rewrite_data_file_threshold", "optimize_rewrite_delete_file_threshold"),
    *("vacuum_min_snapshots_to_keep", "vacuum_max_snapshot_age_seconds", "vacuum_max_metadata_files_to_keep"),
}
_KEYS = {
    *("format", "external_location", "partitioned_by", "bucketed_by", "bucket_count", "field_delimiter"),
    *("compression_level", "null_format", "table_type", "is_external"),
    *_COMPRESSION_KEYS,
}
_KIND = "catalog 'awsdatacatalog' table property"
_MAX_BUCKETS = 100_000


def create_table_as(cursor: Cursor) -> CreateTableAs:
    """Read from the table's name on (``CREATE TABLE`` is read)."""
    if_not_exists = bool(cursor.take("IF", "NOT", "EXISTS"))
    target = cursor.table_name(hive=False)
    names = _column_names(cursor)
    comment = cursor.string() if cursor.take("COMMENT") else None
    given = with_properties(cursor) if cursor.take("WITH") else {}
    cursor.expect("AS")
    tokens, with_data = _query_tokens(cursor)
    query = parse_query(cursor.text, tokens)
    _check_keys(given)
    written = WriteProperties(given=given, kind=_KIND)
    data_format = written.data_format(DataFormat.PARQUET)
    compression = written.compression(data_format, _COMPRESSION_KEYS)
    return CreateTableAs(
        target=target,
        query=query,
        columns=names,
        comment=comment,
        data_format=data_format,
        compression=compression,
        compression_level=written.compression_level(data_format, compression),
        external_location=_location(written),
        partitioned_by=written.names("partitioned_by"),
        bucketed_by=written.names("bucketed_by"),
        bucket_count=_bucket_count(written),
        field_delimiter=written.field_delimiter(data_format),
        null_format=written.null_format(data_format),
        with_data=with_data,
        if_not_exists=if_not_exists,
        properties={key: value.text or ",".join(value.items) for key, value in given.items()},
    )


def _column_names(cursor: Cursor) -> tuple[str, ...]:
    """``(a, b)`` after the table's name: the columns' own names."""
    if not cursor.take("("):
        return ()
    names = [cursor.name()]
    while cursor.take(","):
        names.append(cursor.name())
    cursor.expect(")")
    return tuple(name.lower() for name in names)


def _query_tokens(cursor: Cursor) -> tuple[list[Token], bool]:
    """The query's tokens, and whether its rows are wanted: ``WITH [NO] DATA`` stands at the end."""
    tokens = cursor.tokens[cursor.at :]
    words = [token.text.upper() for token in tokens[-3:]]
    if words == ["WITH", "NO", "DATA"]:
        return tokens[:-3], False
    if words[-2:] == ["WITH", "DATA"]:
        return tokens[:-2], True
    return tokens, True


def _check_keys(given: dict[str, WithProperty]) -> None:
    table_type = given.get("table_type")
    if table_type is not None and table_type.text.upper() == "ICEBERG":
        raise table_type.fail(
            "NOT_SUPPORTED", "Iceberg tables are not supported yet (table_type = 'ICEBERG')"
        )
    if table_type is not None and table_type.text.upper() != "HIVE":
        raise WriteProperties(given=given, kind=_KIND).unset(
            "table_type", f"Invalid value [{table_type.text}]. Valid values: [HIVE, ICEBERG]"
        )
    for key, value in given.items():
        if key in _ICEBERG_KEYS:
            raise value.fail(
                "INVALID_TABLE_PROPERTY", f"Table property '{key}' is supported for Iceberg tables only"
            )
        if key not in _KEYS:
            raise value.fail(
                "INVALID_TABLE_PROPERTY", f"Catalog 'awsdatacatalog' table property '{key}' does not exist"
            )
    external = given.get("is_external")
    if external is not None and external.text.lower() != "true":
        raise external.fail("NOT_SUPPORTED", "Creating managed Hive tables is not supported (is_external)")


def _bucket_count(written: WriteProperties) -> int:
    """Texts as in Trino's HiveTableProperties."""
    value = written.given.get("bucket_count")
    if value is None:
        if "bucketed_by" in written.given:
            raise _one_of_two(written.given["bucketed_by"])
        return 0
    count = value.number()
    if count is None or not 0 < count < _MAX_BUCKETS:
        raise value.fail("INVALID_TABLE_PROPERTY", f"bucket_count must be greater than zero: {value.text}")
    if not written.names("bucketed_by"):
        raise _one_of_two(value)
    return count


def _one_of_two(value: WithProperty) -> QueryFailed:
    return value.fail("INVALID_TABLE_PROPERTY", "bucketed_by and bucket_count must be specified together")


def _location(written: WriteProperties) -> S3Uri | None:
    value = written.given.get("external_location")
    if value is None:
        return None
    try:
        return S3Uri.parse(value.text).as_prefix
    except ValueError:
        raise value.fail(
            "INVALID_TABLE_PROPERTY",
            f"external_location must be an S3 path (s3://bucket/prefix/): '{value.text}'",
        ) from None
