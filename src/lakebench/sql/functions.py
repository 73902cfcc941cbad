"""The functions that queries may call: an allow-list by Trino's name (the security boundary).

A name that is not here never reaches DuckDB, whatever DuckDB has under that name. One row is one
overload; the texts are DuckDB's, ``lb_`` names are macros of ``sql.macros``. Which rows differ from
DuckDB's own functions and why: facts/sql.md, "Traps".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from lakebench.catalog import DataType, Field
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.addresses import ADDRESSES
from lakebench.sql.aggregates import AGGREGATES
from lakebench.sql.comparing import compare, differs
from lakebench.sql.containers import CONTAINERS
from lakebench.sql.dates import DATES
from lakebench.sql.encodings import ENCODINGS
from lakebench.sql.geospatial import GEOSPATIAL
from lakebench.sql.jsons import JSONS
from lakebench.sql.numbers import NUMBERS
from lakebench.sql.regexps import REGEXPS
from lakebench.sql.signatures import Call, Function, Types, fixed, nothing, same, unbounded, widest
from lakebench.sql.sketches import SKETCHES
from lakebench.sql.texts import TEXTS
from lakebench.sql.urls import URLS


def _row(
    name: str,
    arguments: str,
    returns: str | Callable[[Types], DataType | None],
    sql: str | Callable[[Call], str],
) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    return Function(name=name, arguments=arguments, returns=result, sql=sql)


def _typeof(call: Call) -> str:
    given = call.types[0]
    if given is None:
        raise _unsupported("typeof of an expression whose type is not known here")
    shown = "'" + given.trino.replace("'", "''") + "'"
    if any(inner.meta.get("kind") == "aggregate" for inner in call.nodes[0].walk()):
        return f"CASE WHEN ({call.texts[0]}) IS NULL THEN {shown} ELSE {shown} END"  # it still makes one row
    return shown


def _unsupported(what: str) -> Exception:
    return QueryFailed("NOT_SUPPORTED", f"{what} is not supported yet")


def _row_type(given: Types) -> DataType | None:
    members = [unbounded(t) for t in given]
    if not all(members):
        return None
    return DataType(name="row", fields=tuple(Field(name=None, type=m) for m in members if m is not None))


def _extreme(call: Call, macro: str) -> str:
    """Of one argument the greatest is itself; Trino takes one."""
    if any(types.is_named(kind, "time with time zone") for kind in call.types):
        raise types.not_supported(f"{call.name} of times with time zone")
    return call.texts[0] if len(call.texts) == 1 else f"{macro}({', '.join(call.texts)})"


def _nullif(call: Call) -> str:
    """Equality is Trino's: NaN equals nothing, blanks at a char's end do not count."""
    left, right = call.nodes
    if not any(kind is not None and differs(kind) for kind in call.types):
        return f"nullif({call.texts[0]}, {call.texts[1]})"
    same = compare("=", left, right, (call.texts[0], call.texts[1]))
    return f"(CASE WHEN {same} THEN NULL ELSE {call.texts[0]} END)"


_CONDITIONAL = [
    _row("greatest", "xx*", widest, lambda c: _extreme(c, "lb_greatest")),
    _row("least", "xx*", widest, lambda c: _extreme(c, "lb_least")),
    _row("uuid", "", "uuid", "uuid()"),
    _row("typeof", "x", "varchar", _typeof),
    _row("coalesce", "xx*", widest, "coalesce({all})"),
    _row("nullif", "xx", same(0), _nullif),
    _row("try", "x", same(0), "TRY({0})"),
    _row("row", "x*", _row_type, "row({all})"),
]


_ALL = [
    *NUMBERS,
    *TEXTS,
    *ENCODINGS,
    *URLS,
    *ADDRESSES,
    *REGEXPS,
    *JSONS,
    *_CONDITIONAL,
    *DATES,
    *CONTAINERS,
    *AGGREGATES,
    *GEOSPATIAL,
    *SKETCHES,
]


@cache
def overloads(name: str) -> tuple[Function, ...]:
    """All overloads of a name (lower case), none if it may not be called."""
    return tuple(function for function in _ALL if function.name == name)


def find(name: str, given: Types) -> Function | None:
    """The first overload that takes arguments of these types."""
    return next((function for function in overloads(name) if function.fits(given)), None)


__all__ = ["find", "nothing", "overloads"]
