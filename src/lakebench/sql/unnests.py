"""UNNEST in FROM: its columns, and what it may be joined by (Trino: SELECT, UNNEST; TestUnnest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from lakebench.catalog import DataType, Field
from lakebench.sql import types
from lakebench.sql.errors import check_arguments, failure
from lakebench.sql.scope import Output, Scope
from lakebench.sql.types import type_of

if TYPE_CHECKING:
    from lakebench.sql.expressions import Expressions


def unnest_outputs(expressions: Expressions, node: exp.Unnest, lateral: Scope) -> tuple[Output, ...]:
    """The columns of an UNNEST that sees ``lateral``; a row's members keep their names."""
    check_arguments(node, frozenset({"expressions", "alias", "offset", "sample"}))
    expressions.resolve_all(list(node.expressions), lateral)
    found: list[Field] = []
    for item in node.expressions:
        found.extend(_unnested(item, type_of(item)))
    offset = node.args.get("offset")
    if offset:
        found.append(Field(name=None, type=types.BIGINT))
    if isinstance(offset, exp.Identifier):
        # sqlglot takes the last column alias for the ordinality's own name.
        alias = node.args["alias"]
        alias.set("columns", [*alias.columns, offset.copy()])
    return tuple(
        Output(
            name=field.name.lower() if field.name else f"_col{at}",
            ref=f"_u{at}",
            type=field.type,
            named=field.name is not None,
        )
        for at, field in enumerate(found)
    )


def _unnested(node: exp.Expr, given: DataType | None) -> tuple[Field, ...]:
    """The columns that UNNEST of one value gives: a map two, an array of rows one a member."""
    if given is None:
        raise failure(node, "NOT_SUPPORTED", "UNNEST of a value whose type is not known here")
    if given.name == "map":
        return given.fields
    if given.name != "array":
        raise failure(node, "TYPE_MISMATCH", f"Cannot unnest type: {given}")
    element = given.fields[0].type
    return element.fields if element.name == "row" else (Field(name=None, type=element),)


def join_unnest(join: exp.Join) -> None:
    """Only ON TRUE joins an UNNEST; a left join becomes a cross join with an UNNEST that is never empty."""
    on, side = join.args.get("on"), join.side or "INNER"
    if on is None:
        return
    if not (isinstance(on, exp.Boolean) and on.this):
        message = f"{side} JOIN involving UNNEST is only supported with condition ON TRUE"
        raise failure(on, "NOT_SUPPORTED", message)
    if side == "LEFT" and join.this.find(exp.Query) is None:
        join.this.meta["never_empty"] = True
        for key, value in (("side", None), ("on", None), ("kind", "CROSS")):
            join.set(key, value)
