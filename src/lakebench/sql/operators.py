"""Types of Trino's operators, and what does not go together."""

from __future__ import annotations

import re

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.containers import concatenated_type
from lakebench.sql.errors import column_not_found, failure
from lakebench.sql.jsons import casts_from_json
from lakebench.sql.types import type_of

_SIGNS: dict[type, str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.EQ: "=",
    exp.NEQ: "=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: "<",
    exp.GTE: "<=",
}
"""Operators as Trino's messages name them: it has no ``<>``, ``>`` and ``>=`` of their own."""
_CLOCKS = ("time", "time with time zone")
_SPANS = ("interval day to second", "interval year to month")
_UNITS = {
    "YEAR": 12,
    "MONTH": 1,
    "WEEK": 604_800_000,
    "DAY": 86_400_000,
    "HOUR": 3_600_000,
    "MINUTE": 60_000,
    "SECOND": 1000,
}
"""Months or milliseconds of each unit."""
_UNIT_TEXTS = {"SECOND": r"([+-]?)(\d+)(?:\.(\d{1,9}))?"}
_SPAN_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_SPAN_TEXTS = {
    ("DAY", "HOUR"): r"([+-]?)(?P<d>\d+) (?P<h>\d+)",
    ("DAY", "MINUTE"): r"([+-]?)(?P<d>\d+) (?P<h>\d+):(?P<m>\d+)",
    ("DAY", "SECOND"): r"([+-]?)(?P<d>\d+) (?P<h>\d+):(?P<m>\d+):(?P<s>\d+)(?:\.(?P<f>\d{1,3}))?",
    ("HOUR", "MINUTE"): r"([+-]?)(?P<h>\d+):(?P<m>\d+)",
    ("HOUR", "SECOND"): r"([+-]?)(?P<h>\d+):(?P<m>\d+):(?P<s>\d+)(?:\.(?P<f>\d{1,3}))?",
    ("MINUTE", "SECOND"): r"([+-]?)(?P<m>\d+):(?P<s>\d+)(?:\.(?P<f>\d{1,3}))?",
}
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
_DATE_SPANS = {"YEAR", "MONTH", "DAY", "WEEK", "QUARTER"}
_EXTRACTS = {
    *("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAY_OF_MONTH", "DAY_OF_WEEK", "DOW", "DAY_OF_YEAR", "DOY"),
    *("YEAR_OF_WEEK", "YOW", "HOUR", "MINUTE", "SECOND", "TIMEZONE_HOUR", "TIMEZONE_MINUTE"),
}


def _mismatch(node: exp.Expr, message: str) -> QueryFailed:
    return failure(node, "TYPE_MISMATCH", message)


def binary(node: exp.Binary, left: DataType | None, right: DataType | None) -> DataType | None:
    """The type of ``left op right``; TYPE_MISMATCH where Trino has no such operator."""
    if isinstance(node, exp.DPipe):
        return _concatenated(node, left, right)
    if not isinstance(node, _ARITHMETIC):
        return _compared(node, left, right)
    if left is None or right is None:
        return None
    if types.UNKNOWN in {left, right}:
        return left if right == types.UNKNOWN else right
    if types.is_number(left) and types.is_number(right):
        return _calculated(node, left, right)
    moved = _moved(node, left, right)
    if moved is not None:
        return moved
    raise _mismatch(node, f"Cannot apply operator: {left} {_SIGNS[type(node)]} {right}")


def _concatenated(node: exp.DPipe, left: DataType | None, right: DataType | None) -> DataType | None:
    if types.is_named(left, "array") or types.is_named(right, "array"):
        joined_type = concatenated_type([left, right])
        if joined_type is None and left is not None and right is not None:
            message = f"Unexpected parameters ({left}, {right}) for function concat"
            raise failure(node, "FUNCTION_NOT_FOUND", message)
        return joined_type
    joined = {given.name for given in (left, right) if given is not None and given != types.UNKNOWN}
    if not (joined <= {"varchar", "char"} or joined == {"varbinary"}):
        shown = f"({left}, {right})"
        raise failure(node, "FUNCTION_NOT_FOUND", f"Unexpected parameters {shown} for function concat")
    return types.VARBINARY if joined == {"varbinary"} else types.VARCHAR


def _compared(node: exp.Binary, left: DataType | None, right: DataType | None) -> DataType | None:
    if not types.compatible(left, right) or not (types.comparable(left) and types.comparable(right)):
        if isinstance(node, (exp.NullSafeEQ, exp.NullSafeNEQ)):
            raise _mismatch(node, f"Cannot check if {left} is distinct from {right}")
        raise _mismatch(node, f"Cannot apply operator: {left} {_SIGNS[type(node)]} {right}")
    return types.BOOLEAN


def _calculated(node: exp.Binary, left: DataType, right: DataType) -> DataType | None:
    if (
        not (types.is_decimal(left) or types.is_decimal(right))
        or types.is_float(left)
        or types.is_float(right)
    ):
        return types.common(left, right)
    (p1, s1), (p2, s2) = types.as_decimal(left).parameters, types.as_decimal(right).parameters
    scale = max(s1, s2)
    if isinstance(node, exp.Mul):
        return types.decimal(p1 + p2, s1 + s2)
    if isinstance(node, exp.Div):
        return types.decimal(p1 + s2 + max(0, s2 - s1), scale)
    if isinstance(node, exp.Mod):
        return types.decimal(min(p2 - s2, p1 - s1) + scale, scale)
    return types.decimal(max(p1 - s1, p2 - s2) + scale + 1, scale)


def _to_the_millisecond(clock: DataType) -> DataType:
    """A time that an interval has moved has an interval's digits, if it had fewer (Trino: ``max(3, p)``)."""
    return DataType(name=clock.name, parameters=(max(3, *clock.parameters),)) if clock.parameters else clock


def _moved(node: exp.Binary, left: DataType, right: DataType) -> DataType | None:
    """Dates and intervals; None where they do not go together."""
    if not isinstance(node, (exp.Add, exp.Sub)):
        number, span = (left, right) if types.is_number(left) else (right, left)
        return span if types.is_interval(span) and types.is_number(number) else None
    whens = ("date", "timestamp", "timestamp with time zone")
    if types.is_named(left, *whens) and types.is_interval(right):
        return left
    if isinstance(node, exp.Add) and types.is_interval(left) and types.is_named(right, *whens):
        return right
    if types.is_named(left, *_CLOCKS) and right == types.DAY_TO_SECOND:
        return _to_the_millisecond(left)
    if isinstance(node, exp.Add) and left == types.DAY_TO_SECOND and types.is_named(right, *_CLOCKS):
        return _to_the_millisecond(right)
    if types.is_interval(left) and left == right:
        return left
    both = types.is_named(left, *whens) and types.is_named(right, *whens)
    return types.DAY_TO_SECOND if both and isinstance(node, exp.Sub) else None


def literal(node: exp.Literal) -> DataType:
    """Athena types ``1.5`` as double (facts/athena.md 4); a string literal has its length."""
    if node.is_string:
        return types.varchar(len(node.name))
    text = node.name
    if not text.isascii():
        raise failure(node, "SYNTAX_ERROR", f"Invalid numeric literal: {text}")
    if not text.isdigit():
        return types.DOUBLE
    value = int(text)
    negated = isinstance(node.parent, exp.Neg)
    if value > 2**63 - 1 + negated:
        raise failure(node, "SYNTAX_ERROR", f"Invalid numeric literal: {text}")
    return types.INTEGER if value <= 2**31 - 1 + negated else types.BIGINT


def one_type(node: exp.Expr, given: list[DataType | None], what: str) -> DataType | None:
    """The type that all of these become; TYPE_MISMATCH if there is none."""
    found: DataType | None = types.UNKNOWN
    for data_type in given:
        if not types.compatible(found, data_type):
            raise _mismatch(
                node,
                f"{what} must be the same type or coercible to a common type. "
                f"Cannot find common type between {found} and {data_type}",
            )
        found = types.common(found, data_type)
    return found


def must_be_boolean(node: exp.Expr, clause: str) -> None:
    """TYPE_MISMATCH unless a clause's condition is a boolean."""
    given = type_of(node)
    if given not in {None, types.BOOLEAN, types.UNKNOWN}:
        raise _mismatch(node, f"{clause} must evaluate to a boolean: actual type {given}")


def row_member(node: exp.Expr, row: DataType | None, name: str) -> DataType | None:
    """The type of ``row.name``."""
    if row is None:
        return None
    if row.name != "row":
        raise _mismatch(node, f"Expression is not of type ROW: {row}")
    for at, member in enumerate(row.fields):
        if types.field_name(member, at).lower() == name:
            return member.type

    raise column_not_found(node, name)


def subscript(node: exp.Bracket, container: DataType | None, index: DataType | None) -> DataType | None:
    """The type of ``container[index]``."""
    if len(node.expressions) != 1:
        raise failure(node, "SYNTAX_ERROR", "A subscript is one value")
    if container is None:
        raise failure(node, "NOT_SUPPORTED", "A subscript on a value whose type is not known here")
    if container.name == "array":
        if index is not None and not types.is_integer(index):
            raise _mismatch(node, f"Cannot use {index} for subscript of {container}")
        return container.fields[0].type
    if container.name == "map":
        if not types.compatible(index, container.fields[0].type):
            raise _mismatch(node, f"Cannot use {index} for subscript of {container}")
        return container.fields[1].type
    position = node.expressions[0]
    if container.name == "row" and isinstance(position, exp.Literal) and not position.is_string:
        if not 1 <= int(position.name) <= len(container.fields):
            message = f"ROW index out of bounds: {position.name}"
            raise failure(node, "INVALID_FUNCTION_ARGUMENT", message)
        return container.fields[int(position.name) - 1].type
    raise _mismatch(node, f"Cannot use {index} for subscript of {container}")


def interval(node: exp.Interval) -> DataType:
    """``INTERVAL '3' DAY``, ``INTERVAL -'1-2' YEAR TO MONTH``; notes the milliseconds or months."""
    unit, value = node.args.get("unit"), node.this
    negative = isinstance(value, exp.Neg)
    value = value.this if negative else value
    text = value.name if isinstance(value, exp.Literal) and value.is_string else ""
    if isinstance(unit, exp.IntervalSpan):
        return _span(node, unit, text, negative)
    if unit is None:
        raise failure(node, "NOT_SUPPORTED", "An interval without a unit is not supported yet")
    name = unit.name.upper()
    if name not in _UNITS:
        raise failure(node, "SYNTAX_ERROR", f"mismatched input '{name}'")
    found = re.fullmatch(_UNIT_TEXTS.get(name, r"([+-]?)(\d+)(\d{0})"), text)
    if found is None:
        raise failure(node, "INVALID_LITERAL", f"'{text}' is not a valid interval literal")
    amount = int(found[2]) * _UNITS[name] + int(((found[3] or "") + "000")[:3])
    node.meta["amount"] = -amount if (found[1] == "-") != negative else amount
    return types.YEAR_TO_MONTH if name in {"YEAR", "MONTH"} else types.DAY_TO_SECOND


def _span(node: exp.Interval, unit: exp.IntervalSpan, text: str, negative: bool) -> DataType:
    """``INTERVAL '1-2' YEAR TO MONTH``, ``INTERVAL '3 10:45:32.123' DAY TO SECOND``; notes the amount."""
    first, last = unit.this.name.upper(), unit.expression.name.upper()
    if (first, last) == ("YEAR", "MONTH"):
        found = re.fullmatch(r"([+-]?)(\d+)-(\d+)", text)
        amount = int(found[2]) * 12 + int(found[3]) if found else 0
    else:
        found = re.fullmatch(_SPAN_TEXTS.get((first, last), "(?!)"), text)
        parts = found.groupdict() if found else {}
        seconds = sum(int(parts.get(name) or 0) * size for name, size in _SPAN_SECONDS.items())
        amount = seconds * 1000 + int(((parts.get("f") or "") + "000")[:3])
    if found is None:
        raise failure(node, "INVALID_LITERAL", f"'{text}' is not a valid interval literal")
    node.meta["amount"] = -amount if (found[1] == "-") != negative else amount
    return types.YEAR_TO_MONTH if first == "YEAR" else types.DAY_TO_SECOND


def extract(node: exp.Extract, given: DataType | None) -> DataType:
    """EXTRACT gives a bigint."""
    unit = node.name.upper()
    if unit not in _EXTRACTS:
        raise failure(node, "NOT_SUPPORTED", f"EXTRACT({unit} ...) is not supported yet")
    if given is not None and not types.is_named(
        given, "date", "timestamp", "timestamp with time zone", *_CLOCKS, "unknown", *_SPANS
    ):
        raise _mismatch(node, f"Cannot extract {unit.lower()} from {given}")
    zoned = types.is_named(given, "timestamp with time zone", "time with time zone")
    if unit.startswith("TIMEZONE") and not zoned:
        raise _mismatch(node, f"Cannot extract {unit.lower()} from {given}")
    return types.BIGINT


_FROM_NUMBERS = {*types.NUMBERS, "boolean", "varchar"}
_CASTS: dict[str, set[str]] = {
    **dict.fromkeys(types.NUMBERS, _FROM_NUMBERS),
    "boolean": _FROM_NUMBERS,
    "varbinary": {"varbinary", "uuid", "ipaddress"},
    "uuid": {"uuid", "varchar", "varbinary"},
    "ipaddress": {"ipaddress", "varchar", "varbinary"},
    "char": {"char", "varchar"},
    "interval day to second": {"interval day to second", "varchar"},
    "interval year to month": {"interval year to month", "varchar"},
}
"""What Trino casts these types to; json and unknown go everywhere."""


def _check_row_cast(node: exp.Cast, given: DataType, target: DataType) -> None:
    if len(given.fields) != len(target.fields):
        raise _mismatch(node, f"Cannot cast {given} to {target}")
    for before, after in zip(given.fields, target.fields, strict=True):
        check_cast(node, before.type, after.type)


def check_cast(node: exp.Cast, given: DataType | None, target: DataType) -> None:
    """Refuse casts that Trino has not, or that are not translated."""
    if given is None or given == types.UNKNOWN or target.name == "json":
        return
    if given.name == "json" and not casts_from_json(target):
        raise _mismatch(node, f"Cannot cast {given} to {target}")
    if given.name == "json":
        return
    if "Geometry" in {given.name, target.name} and given != target:
        raise _mismatch(node, f"Cannot cast {given} to {target}")
    scalars = {"array", "map", "row"}
    wrong = (given.name in scalars or target.name in scalars) and given.name != target.name
    if given.name == target.name == "row":
        _check_row_cast(node, given, target)
    numbers_to_dates = types.is_number(given) and target.name in {"date", "timestamp"}
    dates_to_numbers = given.name in {"date", "timestamp"} and types.is_number(target)
    spans = types.is_interval(target) and given != target
    unknown = spans or (given.name in _CASTS and target.name not in _CASTS[given.name])
    if wrong or numbers_to_dates or dates_to_numbers or unknown:
        raise _mismatch(node, f"Cannot cast {given} to {target}")
