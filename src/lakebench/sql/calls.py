"""Calls: is the name allowed, do the arguments fit, what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.errors import failure
from lakebench.sql.functions import find, overloads
from lakebench.sql.operators import one_type
from lakebench.sql.scope import Scope
from lakebench.sql.signatures import Function
from lakebench.sql.trino_functions import TRINO_FUNCTIONS
from lakebench.sql.types import type_of

if TYPE_CHECKING:
    from lakebench.sql.expressions import Expressions

_ORDERED = {
    **dict.fromkeys(("min", "max", "array_max", "array_min", "greatest", "least"), 0),
    **dict.fromkeys(("min_by", "max_by"), 1),
}
"""Functions that put values in order, and which argument has them."""
_MODIFIERS = (exp.Distinct, exp.Order, exp.IgnoreNulls, exp.RespectNulls)


def type_of_call(expressions: Expressions, node: exp.Anonymous, scope: Scope) -> DataType | None:
    """Resolve a call's arguments and choose its overload; FUNCTION_NOT_FOUND for what Trino lacks."""
    name = call_name(node)
    known = overloads(name)
    if not known:
        raise _unknown(node, name)
    if name == "count" and len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Star):
        node.set("expressions", [])
    given = _arguments(expressions, node, known, scope)
    if name in {"coalesce", "nullif", "greatest", "least"}:
        one_type(node, given, f"All {name.upper()} operands")
    function = find(name, given)
    if function is None:
        shown = ", ".join(str(t) if t else "?" for t in given)
        raise failure(node, "FUNCTION_NOT_FOUND", f"Unexpected parameters ({shown}) for function {name}")
    ordered = _ORDERED.get(name)
    if ordered is not None and not types.orderable(given[min(ordered, len(given) - 1)]):
        shown = ", ".join(str(t) if t else "?" for t in given)
        raise failure(node, "FUNCTION_NOT_FOUND", f"Unexpected parameters ({shown}) for function {name}")
    if not function.aggregate and any(isinstance(e, _MODIFIERS) for e in node.expressions):
        raise failure(
            node, "FUNCTION_NOT_AGGREGATE", f"DISTINCT or ORDER BY in {name}, which is no aggregate"
        )
    if function.aggregate or function.window:
        node.meta["kind"] = "aggregate" if function.aggregate else "window"
    try:
        return function.returns(given)
    except QueryFailed as error:
        raise failure(node, error.code, error.message) from error


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a resolved node calls an aggregate."""
    return isinstance(node, exp.GroupConcat) or node.meta_get("kind") == "aggregate"


def is_window(node: exp.Expr) -> bool:
    """Whether a resolved node calls a function that lives only with OVER."""
    return isinstance(node, exp.Anonymous) and node.meta_get("kind") == "window"


def call_name(node: exp.Expr) -> str:
    """A call's name in lower case."""
    this = node.this
    return (this.name if isinstance(this, exp.Identifier) else str(this)).lower()


def arguments_of(node: exp.Anonymous) -> list[exp.Expr]:
    """A call's arguments, freed of DISTINCT, ORDER BY and IGNORE NULLS."""
    found: list[exp.Expr] = []
    for argument in node.expressions:
        inner = argument
        while isinstance(inner, (exp.Order, exp.IgnoreNulls, exp.RespectNulls)) and inner.this is not None:
            inner = inner.this
        found.extend(inner.expressions if isinstance(inner, exp.Distinct) else [inner])
    return found


def argument_types(node: exp.Anonymous) -> list[DataType | None]:
    """The types that resolving found for a call's arguments; a lambda's is its body's."""
    return [
        type_of(argument.this) if isinstance(argument, exp.Lambda) else type_of(argument)
        for argument in arguments_of(node)
    ]


def _arguments(
    expressions: Expressions, node: exp.Anonymous, known: tuple[Function, ...], scope: Scope
) -> list[DataType | None]:
    for argument in list(node.expressions):
        if not isinstance(argument, exp.Lambda):
            expressions.resolve(argument, scope)
    nodes = arguments_of(node)
    lambdas = [argument for argument in nodes if isinstance(argument, exp.Lambda)]
    if lambdas:
        _lambdas(expressions, node, known, lambdas, scope)
    return argument_types(node)


def _lambdas(
    expressions: Expressions,
    node: exp.Anonymous,
    known: tuple[Function, ...],
    lambdas: list[exp.Lambda],
    scope: Scope,
) -> None:
    given = [None if isinstance(a, exp.Lambda) else type_of(a) for a in arguments_of(node)]
    function = next((f for f in known if f.lambdas is not None and f.fits(given)), None)
    if function is None or function.lambdas is None:
        raise failure(
            node, "FUNCTION_NOT_FOUND", f"Unexpected parameters (<function>) for function {known[0].name}"
        )
    parameters = function.lambdas(given)
    for at, node_lambda in enumerate(lambdas):
        # The last lambda of reduce takes the state alone.
        taken = parameters if at == 0 else parameters[:1]
        if at == 1 and call_name(node) == "reduce_agg":
            taken = (parameters[0], parameters[0])  # its last lambda joins two states
        expressions.resolve_lambda(node_lambda, taken, scope)


def _unknown(node: exp.Anonymous, name: str) -> QueryFailed:
    if name in TRINO_FUNCTIONS:
        return failure(node, "NOT_SUPPORTED", f"Function '{name}' is not supported yet")
    return failure(node, "FUNCTION_NOT_FOUND", f"Function '{name}' not registered")
