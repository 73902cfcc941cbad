"""Trino's types as DuckDB spells them, and back."""

from __future__ import annotations

from lakebench.catalog import DataType, Field, parse_type
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.types import field_name, is_fine

_DUCKDB_NAMES = {
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "json": "JSON",
    "date": "DATE",
    "time": "TIME",
    "time with time zone": "STRUCT(c TIME, o INTEGER)",
    "timestamp": "TIMESTAMP",
    "timestamp with time zone": "STRUCT(t TIMESTAMP WITH TIME ZONE, z VARCHAR)",
    "uuid": "UUID",
    "ipaddress": "BLOB",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
    "unknown": "INTEGER",
    "Geometry": "BLOB",
    "SphericalGeography": "BLOB",
    "BingTile": "VARCHAR",
    **dict.fromkeys(types.SKETCHES, "BLOB"),
}
# Held in DuckDB as a type of another name.
_BORROWED = {"char", "unknown", "ipaddress", "Geometry", "SphericalGeography", "BingTile", *types.SKETCHES}
_FINE_NAMES = {
    "time": "STRUCT(t TIME, f BIGINT)",
    "time with time zone": "STRUCT(c TIME, f BIGINT, o INTEGER)",
    "timestamp": "STRUCT(t TIMESTAMP, f BIGINT)",
    "timestamp with time zone": "STRUCT(t TIMESTAMP WITH TIME ZONE, f BIGINT, z VARCHAR)",
}
"""Times of more than six digits: DuckDB's microseconds, and picoseconds beyond (``sql.fractions``)."""
_FROM_DUCKDB = {
    **{duckdb: DataType(name=name) for name, duckdb in _DUCKDB_NAMES.items() if name not in _BORROWED},
    "TIMESTAMP": types.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": types.TIMESTAMP_TZ,
    "TIME": types.TIME,
    "INTERVAL": types.DAY_TO_SECOND,
    "HUGEINT": DataType(name="decimal", parameters=(38, 0)),
    "UTINYINT": types.SMALLINT,
    "USMALLINT": types.INTEGER,
    "UINTEGER": types.BIGINT,
    "UBIGINT": types.BIGINT,
    "UHUGEINT": DataType(name="decimal", parameters=(38, 0)),
    "BIGNUM": DataType(name="decimal", parameters=(38, 0)),
    '"NULL"': types.UNKNOWN,
    "NULL": types.UNKNOWN,
    "TIMESTAMP_S": types.TIMESTAMP,
    "TIMESTAMP_MS": types.TIMESTAMP,
    "TIMESTAMP_NS": types.TIMESTAMP,
    "TIME WITH TIME ZONE": types.TIME,
    **{text: DataType(name=name, parameters=(types.MAX_DIGITS,)) for name, text in _FINE_NAMES.items()},
    _DUCKDB_NAMES["time with time zone"]: types.TIME_TZ,
    _DUCKDB_NAMES["timestamp with time zone"]: types.TIMESTAMP_TZ,
}


def duckdb_type(data_type: DataType) -> str:
    """DuckDB's spelling: ``DECIMAL(10,2)``, ``VARCHAR[]``, ``MAP(VARCHAR, BIGINT)``, ``STRUCT("a" INTEGER)``.

    Raises QueryFailed NOT_SUPPORTED for a type that DuckDB cannot hold.
    """
    if data_type.name == "array":
        return f"{duckdb_type(data_type.fields[0].type)}[]"
    if data_type.name == "map":
        key, value = (duckdb_type(member.type) for member in data_type.fields)
        return f"MAP({key}, {value})"
    if data_type.name == "row":
        members = (
            f'"{field_name(field, at).replace(chr(34), chr(34) * 2)}" {duckdb_type(field.type)}'
            for at, field in enumerate(data_type.fields)
        )
        return f"STRUCT({', '.join(members)})"
    if data_type.name == "decimal":
        precision, scale = (*data_type.parameters, 0)[:2] if data_type.parameters else (38, 0)
        return f"DECIMAL({precision},{scale})"
    if is_fine(data_type):
        return _FINE_NAMES[data_type.name]
    name = _DUCKDB_NAMES.get(data_type.name)
    if name is None:
        raise QueryFailed("NOT_SUPPORTED", f"The type {data_type.trino} is not supported")
    return name


def member_text(row_sql: str, at: int) -> str:
    """A row's member by its place, from 0, whether DuckDB has names for the members or not."""
    return f"struct_extract_at({row_sql}, {at + 1})"


def from_duckdb_type(text: str) -> DataType:
    """The Trino type of what DuckDB calls ``text``: ``STRUCT(a INTEGER)[]`` is ``array(row(a integer))``.

    HUGEINT is decimal(38,0), an enumeration is varchar. Raises ValueError for a type Trino has not.
    """
    text = text.strip()
    if text in _FROM_DUCKDB:
        return _FROM_DUCKDB[text]
    if text.endswith("[]"):
        return DataType(name="array", fields=(Field(name=None, type=from_duckdb_type(text[:-2])),))
    name, _, inner = text.partition("(")
    upper = name.strip().upper()
    if inner and upper in {"MAP", "STRUCT", "TUPLE"}:
        parts = _split(inner[:-1])
        if upper == "MAP":
            return DataType(
                name="map", fields=tuple(Field(name=None, type=from_duckdb_type(p)) for p in parts)
            )
        if upper == "TUPLE":
            return DataType(
                name="row", fields=tuple(Field(name=None, type=from_duckdb_type(p)) for p in parts)
            )
        return DataType(name="row", fields=tuple(_struct_field(p) for p in parts))
    if upper == "ENUM":
        return types.VARCHAR
    if upper == "DECIMAL":
        return parse_type(text.lower())
    if text.upper() not in _FROM_DUCKDB:
        raise ValueError(f"not a type of Trino: {text!r}")
    return _FROM_DUCKDB[text.upper()]


def _struct_field(text: str) -> Field:
    text = text.strip()
    if text.startswith('"'):
        end = 1
        while text[end] != '"' or text[end : end + 2] == '""':
            end += 2 if text[end : end + 2] == '""' else 1
        return Field(name=text[1:end].replace('""', '"'), type=from_duckdb_type(text[end + 1 :]))
    name, _, rest = text.partition(" ")
    return Field(name=name, type=from_duckdb_type(rest))


def _split(text: str) -> list[str]:
    """Split at the commas of the outermost level."""
    parts, depth, start, quoted = [], 0, 0, False
    for at, sign in enumerate(text):
        if sign == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]
