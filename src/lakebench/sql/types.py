"""Trino's types where queries need them: spelling in sqlglot, and how two types meet.

A type is None where it is not known; whatever is not known is left to the engine.
"""

from __future__ import annotations

from sqlglot import exp

from lakebench.catalog import DataType, Field
from lakebench.errors import QueryFailed


def _plain(name: str) -> DataType:
    return DataType(name=name)


BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT = map(
    _plain, ("boolean", "tinyint", "smallint", "integer", "bigint")
)
REAL, DOUBLE, VARCHAR, VARBINARY, JSON = map(_plain, ("real", "double", "varchar", "varbinary", "json"))
DATE, UNKNOWN, UUID, IPADDRESS = map(_plain, ("date", "unknown", "uuid", "ipaddress"))
GEOMETRY, SPHERICAL, BING_TILE = map(_plain, ("Geometry", "SphericalGeography", "BingTile"))
HYPER_LOG_LOG, SET_DIGEST, T_DIGEST = map(_plain, ("HyperLogLog", "SetDigest", "tdigest"))
SKETCHES = ("HyperLogLog", "SetDigest", "tdigest", "qdigest")
TIMESTAMP = DataType(name="timestamp", parameters=(3,))
TIMESTAMP_TZ = DataType(name="timestamp with time zone", parameters=(3,))
TIME = DataType(name="time", parameters=(3,))
TIME_TZ = DataType(name="time with time zone", parameters=(3,))
DAY_TO_SECOND, YEAR_TO_MONTH = _plain("interval day to second"), _plain("interval year to month")

_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
NUMBERS = (*_INTEGERS, "decimal", "real", "double")
"""The names of the numeric types, from the narrowest to the widest."""

_INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_TEXTS = {"varchar", "char"}
_INCOMPARABLE = {"Geometry", "SphericalGeography", *SKETCHES}
_ORDERLESS = _INCOMPARABLE | {"map", "json", "BingTile"}
_UNWRITTEN = {
    "hyperloglog",
    "p4hyperloglog",
    "setdigest",
    "tdigest",
    "qdigest",
    "bingtile",
    "sphericalgeography",
    "kdbtree",
}
INTERVALS = ("interval day to second", "interval year to month")
_TIMES = ("date", "timestamp", "timestamp with time zone")
_CLOCKS = ("time", "time with time zone")
_DIGITED = ("time", "time with time zone", "timestamp", "timestamp with time zone")
MAX_DIGITS, _COARSE_DIGITS = 12, 6
_TRINO_NAMES = {
    exp.DType.BOOLEAN: "boolean",
    exp.DType.TINYINT: "tinyint",
    exp.DType.SMALLINT: "smallint",
    exp.DType.INT: "integer",
    exp.DType.BIGINT: "bigint",
    exp.DType.FLOAT: "real",
    exp.DType.DOUBLE: "double",
    exp.DType.DECIMAL: "decimal",
    exp.DType.VARCHAR: "varchar",
    exp.DType.CHAR: "char",
    exp.DType.VARBINARY: "varbinary",
    exp.DType.JSON: "json",
    exp.DType.DATE: "date",
    exp.DType.TIME: "time",
    exp.DType.TIMETZ: "time with time zone",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPTZ: "timestamp with time zone",
    exp.DType.UUID: "uuid",
    exp.DType.GEOMETRY: "Geometry",
    exp.DType.IPADDRESS: "ipaddress",
}


def decimal(precision: int, scale: int) -> DataType:
    """A decimal; the precision stops at 38, as Trino's does."""
    return DataType(name="decimal", parameters=(min(precision, 38), scale))


def timestamp(digits: int) -> DataType:
    """A timestamp with so many digits of its second."""
    return DataType(name="timestamp", parameters=(digits,))


def varchar(length: int) -> DataType:
    """A bounded varchar."""
    return DataType(name="varchar", parameters=(length,))


def array(element: DataType | None) -> DataType | None:
    """An array of this; unknown if the element is."""
    return DataType(name="array", fields=(Field(name=None, type=element),)) if element else None


def map_of(key: DataType | None, value: DataType | None) -> DataType | None:
    """A map; unknown if key or value is."""
    if key is None or value is None:
        return None
    return DataType(name="map", fields=(Field(name=None, type=key), Field(name=None, type=value)))


def row(members: list[DataType | None]) -> DataType | None:
    """A row of members without names; unknown if a member is."""
    fields = tuple(Field(name=None, type=member) for member in members if member is not None)
    return DataType(name="row", fields=fields) if len(fields) == len(members) else None


def complete(data_type: DataType) -> DataType:
    """A catalogue's type as queries see it: ``timestamp`` is timestamp(3), at every depth."""
    if data_type.fields:
        fields = tuple(Field(name=f.name, type=complete(f.type)) for f in data_type.fields)
        return DataType(name=data_type.name, fields=fields)
    return _numbered(data_type.name, data_type.parameters)


def is_integer(data_type: DataType | None) -> bool:
    """tinyint to bigint."""
    return data_type is not None and data_type.name in _INTEGERS


_LEAST = {"tinyint": -(2**7), "smallint": -(2**15), "integer": -(2**31)}


def least(data_type: DataType) -> int:
    """The least value of an integer type."""
    return _LEAST.get(data_type.name, -(2**63))


def is_float(data_type: DataType | None) -> bool:
    """Real or double."""
    return data_type is not None and data_type.name in {"real", "double"}


def is_decimal(data_type: DataType | None) -> bool:
    """Decimal of any precision."""
    return data_type is not None and data_type.name == "decimal"


def is_number(data_type: DataType | None) -> bool:
    """Any numeric type."""
    return data_type is not None and data_type.name in NUMBERS


def is_text(data_type: DataType | None) -> bool:
    """Varchar or char."""
    return data_type is not None and data_type.name in _TEXTS


def is_named(data_type: DataType | None, *names: str) -> bool:
    """Whether the type is known and of one of these base names."""
    return data_type is not None and data_type.name in names


def is_interval(data_type: DataType | None) -> bool:
    """Either of Trino's intervals."""
    return data_type in {DAY_TO_SECOND, YEAR_TO_MONTH}


def is_fine(data_type: DataType | None) -> bool:
    """A time or timestamp of more digits than DuckDB's own types have."""
    return (
        data_type is not None
        and data_type.name in _DIGITED
        and bool(data_type.parameters)
        and data_type.parameters[0] > _COARSE_DIGITS
    )


def as_decimal(data_type: DataType) -> DataType:
    """An integer type as the decimal that holds it; a decimal as it is."""
    return decimal(_INTEGER_DIGITS[data_type.name], 0) if data_type.name in _INTEGER_DIGITS else data_type


def common(left: DataType | None, right: DataType | None) -> DataType | None:
    """The type that both become when they meet (CASE, coalesce, UNION, =); None if not known.

    Check ``compatible`` first. Source: Trino's TypeCoercion.
    """
    if left is None or right is None or left == right:
        return left if right is not None else None
    if UNKNOWN in {left, right}:
        return right if left == UNKNOWN else left
    if left.name in NUMBERS and right.name in NUMBERS:
        return _common_number(left, right)
    if left.name in _TEXTS and right.name in _TEXTS:
        bounded = bool(left.parameters and right.parameters)
        return varchar(max(left.parameters[0], right.parameters[0])) if bounded else VARCHAR
    for times in (_TIMES, _CLOCKS):
        if left.name in times and right.name in times:
            name = max(left.name, right.name, key=times.index)
            return DataType(name=name, parameters=max(left.parameters, right.parameters))
    if left.name == right.name and len(left.fields) == len(right.fields):
        types = [common(a.type, b.type) for a, b in zip(left.fields, right.fields, strict=True)]
        if all(types):
            names = [a.name or b.name for a, b in zip(left.fields, right.fields, strict=True)]
            fields = tuple(Field(name=n, type=t) for n, t in zip(names, types, strict=True) if t is not None)
            return DataType(name=left.name, fields=fields)
    return None


def _common_number(left: DataType, right: DataType) -> DataType:
    if "decimal" in {left.name, right.name} and not (is_float(left) or is_float(right)):
        (p1, s1), (p2, s2) = as_decimal(left).parameters, as_decimal(right).parameters
        scale = max(s1, s2)
        return decimal(max(p1 - s1, p2 - s2) + scale, scale)
    return max(left, right, key=lambda t: NUMBERS.index(t.name))


def compatible(left: DataType | None, right: DataType | None) -> bool:
    """Whether the two meet without a cast; what is not known is taken to fit."""
    if left is None or right is None or left == right or UNKNOWN in {left, right}:
        return True
    for family in (NUMBERS, _TEXTS, _TIMES, _CLOCKS):
        if left.name in family or right.name in family:
            return left.name in family and right.name in family
    same = left.name == right.name and len(left.fields) == len(right.fields)
    return same and all(compatible(a.type, b.type) for a, b in zip(left.fields, right.fields, strict=True))


def comparable(data_type: DataType | None) -> bool:
    """Whether values can be told equal, as Trino has it; what is not known is taken to be."""
    if data_type is None:
        return True
    if data_type.name in _INCOMPARABLE:
        return False
    return all(comparable(field.type) for field in data_type.fields)


def orderable(data_type: DataType | None) -> bool:
    """Whether values have an order, as Trino has it; what is not known is taken to have one."""
    if data_type is None:
        return True
    if data_type.name in _ORDERLESS:
        return False
    return all(orderable(field.type) for field in data_type.fields)


def from_sqlglot(node: exp.DataType, line: int | None = None, column: int | None = None) -> DataType:
    """The type that a CAST names; QueryFailed TYPE_NOT_FOUND for what Trino does not know."""
    dtype = node.this
    if isinstance(dtype, exp.Interval):
        unit = dtype.args["unit"]
        first = unit.this if isinstance(unit, exp.IntervalSpan) else unit
        return YEAR_TO_MONTH if first.name.upper() in {"YEAR", "MONTH"} else DAY_TO_SECOND
    if dtype == exp.DType.STRUCT:
        return DataType(name="row", fields=tuple(_row_field(member) for member in node.expressions))
    if dtype in {exp.DType.ARRAY, exp.DType.MAP}:
        name = "array" if dtype == exp.DType.ARRAY else "map"
        members = [from_sqlglot(member, line, column) for member in node.expressions]
        if len(members) == (1 if name == "array" else 2):
            return DataType(name=name, fields=tuple(Field(name=None, type=m) for m in members))
    name = _TRINO_NAMES.get(dtype, "")
    if not name or node.args.get("nested"):
        known = node.sql(dialect="trino").lower()
        if known.partition("(")[0] in _UNWRITTEN:
            raise QueryFailed(
                "NOT_SUPPORTED", f"The type {known} in a cast is not supported yet", line=line, column=column
            )
        raise QueryFailed("TYPE_NOT_FOUND", f"Unknown type: {known}", line=line, column=column)
    return _numbered(name, tuple(int(p.name) for p in node.expressions))


def _numbered(name: str, numbers: tuple[int, ...]) -> DataType:
    """Give a type its default numbers: decimal is (38,0), char is (1), timestamp is (3)."""
    if name == "decimal":
        numbers = (*(numbers or (38,)), 0)[:2]
    elif name == "char":
        numbers = numbers or (1,)
    elif name.startswith("time"):
        numbers = numbers or (3,)
        if numbers[0] > MAX_DIGITS:
            shown = name.partition(" ")[0].upper()
            message = f"{shown} precision must be in range [0, {MAX_DIGITS}]: {numbers[0]}"
            raise QueryFailed("NUMERIC_VALUE_OUT_OF_RANGE", message)
    return DataType(name=name, parameters=numbers)


def _row_field(member: exp.Expr) -> Field:
    if isinstance(member, exp.ColumnDef):
        kind = member.args["kind"]
        return Field(name=member.name.lower(), type=from_sqlglot(kind))
    if isinstance(member, exp.DataType):
        return Field(name=None, type=from_sqlglot(member))
    raise QueryFailed("TYPE_NOT_FOUND", f"Unknown type: {member.sql(dialect='trino')}")


def field_name(field: Field, at: int) -> str:
    """A member's name; Trino calls an anonymous one ``field0``, ``field1``, ..."""
    return field.name or f"field{at}"


def not_supported(what: str) -> QueryFailed:
    """The failure for what Athena takes and we do not translate."""
    return QueryFailed("NOT_SUPPORTED", f"{what} is not supported yet")


def type_of(node: object) -> DataType | None:
    """The Trino type that resolving found for a node; None if it found none."""
    found = node.meta_get("type") if isinstance(node, exp.Expr) else None
    return found if isinstance(found, DataType) else None
