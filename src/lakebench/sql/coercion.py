"""Which types fit into which without being asked: how INSERT takes columns, and a view its query's.

Source: Trino's type coercion, which its analysis of both applies column by column.
"""

from __future__ import annotations

from lakebench.catalog import DataType

_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double")
_TEXTS = {"varchar", "char"}
_TIMES = ("date", "timestamp", "timestamp with time zone")


def coerces(source: DataType, target: DataType) -> bool:
    """Whether a value of ``source`` becomes one of ``target``: numbers widen, texts are texts."""
    if source.name == "unknown":
        return True
    if source.name in _NUMBERS and target.name in _NUMBERS:
        return _NUMBERS.index(source.name) <= _NUMBERS.index(target.name)
    if source.name in _TEXTS and target.name in _TEXTS:
        return True
    if source.name in _TIMES and target.name in _TIMES:
        return _TIMES.index(source.name) <= _TIMES.index(target.name)
    return source.name == target.name and all(
        coerces(inner.type, outer.type) for inner, outer in zip(source.fields, target.fields, strict=False)
    )
