"""Inferred columns, and how the types of many objects become one.

Inside the crawler the type ``unknown`` stands for a column without a single value; it gives way to any
other type and is written as ``string``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from lakebench.catalog import Column, DataType, Field
from lakebench.catalog.types import simple

UNKNOWN = simple("unknown")
STRING = simple("varchar")
BIGINT = simple("bigint")
INT = simple("integer")
DOUBLE = simple("double")
BOOLEAN = simple("boolean")

SIMILARITY_THRESHOLD = 0.7
"""Share of common columns from which schemas are similar: a documented guess, facts/glue-crawler.md 7."""

_WIDTH = {"tinyint": 1, "smallint": 2, "integer": 3, "bigint": 4}
_INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_FLOATING = {"real", "double"}
_MAX_PRECISION = 38
MAX_COLUMNS = 20_000
"""Of an object; one that has more, or says so, is left out."""

MAX_DEPTH = 64
"""Levels of arrays and structs that a column may have; what lies deeper is text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredColumn:
    """A column as it was found: lower-case name, and the name that the data has for it."""

    name: str
    original: str
    type: DataType


def inferred(original: str, data_type: DataType) -> InferredColumn:
    """A column under its lower-case name (facts/glue-crawler.md 1, CSV rule 9)."""
    original = proper_name(original)
    return InferredColumn(name=original.lower(), original=original, type=data_type)


def proper_name(found: str) -> str:
    """A name that can be written: not empty, and no half of a surrogate pair, which no UTF-8 holds."""
    return found.encode("utf-8", "replace").decode() or "_"


def distinct(columns: Sequence[InferredColumn]) -> tuple[InferredColumn, ...]:
    """The columns with names made unequal: a second ``id`` becomes ``id_1``, since Hive takes no pair."""
    taken: set[str] = set()
    result = []
    for column in columns:
        name, count = column.name, 0
        while name in taken:
            count += 1
            name = f"{column.name}_{count}"
        taken.add(name)
        result.append(column if name == column.name else replace(column, name=name))
    return tuple(result)


def to_catalog(columns: Iterable[InferredColumn]) -> tuple[Column, ...]:
    """The columns as the catalogue has them."""
    return tuple(Column(name=column.name, type=settled(column.type)) for column in columns)


def settled(found: DataType) -> DataType:
    """The type with ``string`` where no value was ever seen."""
    if found.name == "unknown" or (found.name == "row" and not found.fields):
        return STRING
    if not found.fields:
        return found
    return replace(found, fields=tuple(replace(f, type=settled(f.type)) for f in found.fields))


def merge_columns(
    first: Sequence[InferredColumn], second: Sequence[InferredColumn]
) -> tuple[InferredColumn, ...]:
    """All columns of both, in order of first appearance, with merged types."""
    if first is second or first == second:
        return tuple(first)
    merged = {column.name: column for column in first}
    for column in second:
        known = merged.get(column.name)
        merged[column.name] = (
            column if known is None else replace(known, type=merge_types(known.type, column.type))
        )
    return tuple(merged.values())


def similarity(first: Sequence[InferredColumn], second: Sequence[InferredColumn]) -> float:
    """Columns of equal name and compatible type, as a share of all names of both; 1.0 for none at all."""
    if first == second:
        return 1.0
    mine, theirs = ({column.name: column.type for column in side} for side in (first, second))
    everything = len(mine.keys() | theirs.keys())
    common = sum(common_type(mine[name], theirs[name]) is not None for name in mine.keys() & theirs.keys())
    return common / everything


def may_be_similar(first: Set[str], second: Set[str]) -> bool:
    """Whether columns of these names can be similar at all; cheap, since types are not looked at."""
    shared = len(first & second)
    return shared >= SIMILARITY_THRESHOLD * (len(first) + len(second) - shared)


def merge_types(first: DataType, second: DataType) -> DataType:
    """One type that holds both; ``string`` when nothing else does."""
    return common_type(first, second) or STRING


def common_type(first: DataType, second: DataType) -> DataType | None:
    """The narrowest type that holds both without becoming text, or None."""
    if first is second or first == second or second.name == "unknown":
        return first
    if first.name == "unknown":
        return second
    if first.name == second.name and first.fields:
        return _common_container(first, second)
    names = {first.name, second.name}
    if names <= _WIDTH.keys():
        return max(first, second, key=lambda t: _WIDTH[t.name])
    if names & _FLOATING and names <= _FLOATING | _WIDTH.keys() | {"decimal"}:
        return DOUBLE
    if "decimal" in names and names <= _WIDTH.keys() | {"decimal"}:
        return _common_decimal(first, second)
    return None


def _common_decimal(first: DataType, second: DataType) -> DataType:
    pairs = [t.parameters or (_INTEGER_DIGITS[t.name], 0) for t in (first, second)]
    scale = max(scale for _, scale in pairs)
    whole = max(precision - scale for precision, scale in pairs)
    return simple("decimal", min(whole + scale, _MAX_PRECISION), scale)


def _common_container(first: DataType, second: DataType) -> DataType:
    if first.name != "row":
        pairs = zip(first.fields, second.fields, strict=True)
        fields = tuple(Field(name=None, type=merge_types(a.type, b.type)) for a, b in pairs)
        return replace(first, fields=fields)
    merged = {member.name: member for member in first.fields}
    for member in second.fields:
        known = merged.get(member.name)
        kind = member.type if known is None else merge_types(known.type, member.type)
        merged[member.name] = Field(name=member.name, type=kind)
    return replace(first, fields=tuple(merged.values()))
