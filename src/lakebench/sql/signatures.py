"""How a Trino function is declared: its arguments' kinds, its result's type, its DuckDB text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakebench.catalog import DataType, parse_type
from lakebench.sql import types

if TYPE_CHECKING:
    from sqlglot import exp

Types = Sequence[DataType | None]

# What a letter of a signature takes; a type that is not known fits every letter.
_KINDS: dict[str, tuple[str, ...]] = {
    "v": ("varchar", "char", "unknown"),
    "y": ("varbinary", "unknown"),
    "b": ("boolean", "unknown"),
    "i": ("tinyint", "smallint", "integer", "bigint", "unknown"),
    "c": ("decimal",),
    "r": ("real",),
    "n": ("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double", "unknown"),
    "d": ("date",),
    "s": ("timestamp", "timestamp with time zone"),
    "S": ("timestamp",),
    "Z": ("timestamp with time zone",),
    "t": ("time", "time with time zone"),
    "T": ("time with time zone",),
    "D": ("interval day to second",),
    "G": ("interval year to month",),
    "w": ("date", "timestamp", "timestamp with time zone", "unknown"),
    "g": ("interval day to second", "interval year to month"),
    "j": ("json", "varchar", "char", "unknown"),
    "J": ("json",),
    "A": ("ipaddress",),
    "a": ("array", "unknown"),
    "m": ("map",),
    "E": ("Geometry", "unknown"),
    "P": ("SphericalGeography", "unknown"),
    "B": ("BingTile", "unknown"),
    "H": ("HyperLogLog",),
    "K": ("tdigest",),
    "Q": ("qdigest",),
    "U": ("SetDigest",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call about to be written in DuckDB: arguments as text, their types, the nodes, the lambda writer.

    ``apply(lambda, *texts)`` gives a lambda's body with its parameters replaced by these texts;
    ``fresh("e")`` gives a name for DuckDB's parameter that no lambda around has.
    """

    name: str
    texts: Sequence[str]
    types: Types
    nodes: Sequence[exp.Expr]
    apply: Callable[..., str]
    fresh: Callable[[str], str]
    tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One overload. ``arguments`` has a letter a parameter; a last ``*`` repeats the letter before it.

    ``sql`` is a text with ``{0}``, ``{1}`` and ``{all}``, or a function of the call. ``finish`` is laid
    around an aggregate with its FILTER and OVER; its ``{type}`` is the result's. ``tail`` of a call is the
    ORDER BY that stands at the end of its last argument.
    ``lambdas`` gives the types of lambda parameters.
    """

    name: str
    arguments: str
    returns: Callable[[Types], DataType | None]
    sql: str | Callable[[Call], str]
    aggregate: bool = False
    window: bool = False
    finish: str | Callable[[Call, str], str] = "{0}"
    lambdas: Callable[[Types], tuple[DataType | None, ...]] | None = None

    def takes(self, count: int) -> bool:
        """Whether it is called with so many arguments."""
        if self.arguments.endswith("*"):
            return count >= len(self.arguments) - 2
        return count == len(self.arguments)

    def fits(self, given: Types) -> bool:
        """Whether arguments of these types go in."""
        if not self.takes(len(given)):
            return False
        letters = self.arguments
        if letters.endswith("*"):
            letters = letters[:-2] + letters[-2] * (len(given) - len(letters) + 2)
        return all(_fits(letter, data_type) for letter, data_type in zip(letters, given, strict=True))

    def write(self, call: Call) -> str:
        """The call in DuckDB's words."""
        if isinstance(self.sql, str):
            return self.sql.format(*call.texts, all=", ".join(call.texts))
        return self.sql(call)


def _fits(letter: str, data_type: DataType | None) -> bool:
    return data_type is None or letter not in _KINDS or data_type.name in _KINDS[letter]


def fixed(text: str) -> Callable[[Types], DataType | None]:
    """Always this type."""
    data_type = parse_type(text)
    return lambda _: data_type


def same(at: int) -> Callable[[Types], DataType | None]:
    """The type of an argument; a literal's length is dropped."""
    return lambda given: unbounded(given[at])


def unbounded(data_type: DataType | None) -> DataType | None:
    """A varchar without its length."""
    return types.VARCHAR if types.is_text(data_type) else data_type


def member(at: int, index: int = 0) -> Callable[[Types], DataType | None]:
    """The element of an array argument, or key (0) or value (1) of a map."""

    def find(given: Types) -> DataType | None:
        container = given[at]
        return container.fields[index].type if container is not None and container.fields else None

    return find


def array_of(inner: Callable[[Types], DataType | None]) -> Callable[[Types], DataType | None]:
    """An array of what ``inner`` gives."""
    return lambda given: types.array(inner(given))


def map_from(
    key: Callable[[Types], DataType | None], value: Callable[[Types], DataType | None]
) -> Callable[[Types], DataType | None]:
    """A map of what the two give."""
    return lambda given: types.map_of(key(given), value(given))


def widest(given: Types) -> DataType | None:
    """What all arguments become together."""
    found: DataType | None = types.UNKNOWN
    for data_type in given:
        found = types.common(found, data_type)
    return found


def nothing(_: Types) -> DataType | None:
    """Not known here; the engine will tell."""
    return None
