"""Which types fit into which without being asked: how INSERT takes columns, and a view its query's.

Source: Trino's type coercion, which its analysis of both applies column by column.
"""

from __future__ import annotations

from lakebench.catalog import DataType

_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double")
_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_TEXTS = {"varchar", "char"}
_TIMES = ("date", "timestamp", "timestamp with time zone")


def coerces(source: DataType, target: DataType) -> bool:
    """Whether a value of ``source`` becomes one of ``target``: numbers widen, texts are texts."""
    if source.name == "unknown":
        return True
    if source.name in _NUMBERS and target.name in _NUMBERS:
        if target.name == "decimal" and source.name in {*_DIGITS, "decimal"}:
            return _holds_digits(source, target)
        return _NUMBERS.index(source.name) <= _NUMBERS.index(target.name)
    if source.name in _TEXTS and target.name in _TEXTS:
        return True
    if source.name == target.name == "timestamp":
        return _precision(source) <= _precision(target)
    if source.name in _TIMES and target.name in _TIMES:
        return _TIMES.index(source.name) <= _TIMES.index(target.name)
    return source.name == target.name and all(
        coerces(inner.type, outer.type) for inner, outer in zip(source.fields, target.fields, strict=False)
    )


def _holds_digits(source: DataType, target: DataType) -> bool:
    """Whether a decimal keeps all digits before and after the point of a number."""
    precision, scale = source.parameters if source.name == "decimal" else (_DIGITS[source.name], 0)
    wide, deep = target.parameters
    return deep >= scale and wide - deep >= precision - scale


def _precision(data_type: DataType) -> int:
    return data_type.parameters[0] if data_type.parameters else 3
