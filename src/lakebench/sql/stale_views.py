"""Views whose query no longer gives what they were made with (Trino: StatementAnalyzer)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from lakebench.catalog import Column, DataType
from lakebench.errors import QueryFailed
from lakebench.sql.coercion import coerces
from lakebench.sql.errors import failure, unsupported
from lakebench.sql.scope import Output
from lakebench.sql.types import complete


def check_stale(node: exp.Expr, view: str, stored: Sequence[Column], derived: Sequence[Output]) -> None:
    """Raise QueryFailed VIEW_IS_STALE when columns were added, removed, renamed or changed in type.

    A type that has become a narrower one is refused with NOT_SUPPORTED: Trino casts there. Lengths of texts
    are not compared, since a literal's is not always known here as Trino knows it.
    """
    if len(stored) != len(derived):
        raise _stale(
            node,
            view,
            f"stored view column count ({len(stored)}) does not match column count derived from the view "
            f"query analysis ({len(derived)})",
        )
    for at, (column, output) in enumerate(zip(stored, derived, strict=True)):
        if column.name != output.name.lower():
            raise _stale(node, view, _differs(column, output, at, "has a different name from"))
        if output.type is None or _same(complete(column.type), output.type):
            continue
        if not coerces(output.type, complete(column.type)):
            raise _stale(node, view, _differs(column, output, at, "cannot be coerced to"))
        raise unsupported(node, f"A view whose column {column.name} has become {output.type.trino}")


def _same(stored: DataType, derived: DataType) -> bool:
    """Whether the values are the same in both types: lengths of texts and digits of decimals may differ."""
    if stored.name != derived.name or len(stored.fields) != len(derived.fields):
        return False
    return all(_same(a.type, b.type) for a, b in zip(stored.fields, derived.fields, strict=True))


def _differs(column: Column, output: Output, at: int, how: str) -> str:
    return (
        f"column [{output.name}] of type {output.type} projected from query view at position {at} {how} "
        f"column [{column.name}] of type {column.type} stored in view definition"
    )


def _stale(node: exp.Expr, view: str, why: str) -> QueryFailed:
    return failure(node, "VIEW_IS_STALE", f"View '{view}' is stale or in invalid state: {why}")
