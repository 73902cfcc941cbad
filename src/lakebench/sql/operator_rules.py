"""Rules for operators, predicates, conditionals and casts: see ``sql.rules``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import operators, temporal_literals, types
from lakebench.sql.errors import failure, unsupported
from lakebench.sql.scope import Scope
from lakebench.sql.types import type_of

if TYPE_CHECKING:
    from lakebench.sql.expressions import Expressions


def _binary(ex: Expressions, node: exp.Binary, scope: Scope) -> DataType | None:
    left = ex.of(node, "this", scope)
    right = ex.of(node, "expression", scope)
    return operators.binary(node, left, right)


def _between(ex: Expressions, node: exp.Between, scope: Scope) -> DataType | None:
    value, low, high = (ex.of(node, key, scope) for key in ("this", "low", "high"))
    if not (types.compatible(value, low) and types.compatible(value, high)):
        raise failure(node, "TYPE_MISMATCH", f"Cannot check if {value} is BETWEEN {low} and {high}")
    return types.BOOLEAN


def _is(ex: Expressions, node: exp.Is, scope: Scope) -> DataType | None:
    if not isinstance(node.expression, exp.Null):
        raise unsupported(node)
    ex.resolve(node.this, scope)
    return types.BOOLEAN


def _like(ex: Expressions, node: exp.Like, scope: Scope) -> DataType | None:
    for key in ("this", "expression"):
        given = ex.of(node, key, scope)
        if given is not None and not types.is_text(given) and given != types.UNKNOWN:
            raise failure(
                node.args[key],
                "TYPE_MISMATCH",
                f"Left side of LIKE expression must evaluate to a varchar (actual: {given})",
            )
    return types.BOOLEAN


def _escape(ex: Expressions, node: exp.Escape, scope: Scope) -> DataType | None:
    ex.resolve_all(list(node.iter_expressions()), scope)
    return types.BOOLEAN


def _logical(ex: Expressions, node: exp.Expr, scope: Scope) -> DataType | None:
    for key in ("this", "expression"):
        if node.args.get(key) is None:
            continue
        given = ex.of(node, key, scope)
        if given not in {None, types.BOOLEAN, types.UNKNOWN}:
            raise failure(
                node.args[key],
                "TYPE_MISMATCH",
                f"Logical expression term must evaluate to a boolean: {given}",
            )
    return types.BOOLEAN


def _paren(ex: Expressions, node: exp.Paren, scope: Scope) -> DataType | None:
    return ex.of(node, "this", scope)


def _negative(ex: Expressions, node: exp.Neg, scope: Scope) -> DataType | None:
    given = ex.of(node, "this", scope)
    if given is not None and not (
        types.is_number(given) or types.is_interval(given) or given == types.UNKNOWN
    ):
        raise failure(node, "TYPE_MISMATCH", f"Cannot negate {given}")
    return given


def _must_be_boolean(node: exp.Expr, what: str) -> None:
    given = type_of(node)
    if given not in {None, types.BOOLEAN, types.UNKNOWN}:
        raise failure(node, "TYPE_MISMATCH", f"{what} must evaluate to a boolean (actual: {given})")


def _case(ex: Expressions, node: exp.Case, scope: Scope) -> DataType | None:
    operand = ex.of(node, "this", scope) if node.args.get("this") is not None else None
    results: list[DataType | None] = []
    for branch in node.args["ifs"]:
        condition = ex.of(branch, "this", scope)
        if node.args.get("this") is None:
            _must_be_boolean(branch.this, "CASE WHEN clause")
        if node.args.get("this") is not None and not types.compatible(operand, condition):
            raise failure(
                branch,
                "TYPE_MISMATCH",
                f"CASE operand type does not match WHEN clause operand type: {operand} vs {condition}",
            )
        results.append(ex.of(branch, "true", scope))
    if node.args.get("default") is not None:
        results.append(ex.of(node, "default", scope))
    return operators.one_type(node, results, "All CASE results")


def _if(ex: Expressions, node: exp.If, scope: Scope) -> DataType | None:
    ex.of(node, "this", scope)
    _must_be_boolean(node.this, "IF condition")
    keys = [key for key in ("true", "false") if node.args.get(key) is not None]
    return operators.one_type(node, [ex.of(node, key, scope) for key in keys], "Result types for IF")


def _target(node: exp.Cast) -> DataType:
    try:
        return types.from_sqlglot(node.to)
    except QueryFailed as error:
        raise failure(node, error.code, error.message) from error


def _cast(ex: Expressions, node: exp.Cast, scope: Scope) -> DataType | None:
    if node.meta_get("literal") and temporal_literals.read(node.meta["literal"], node.this.name) is None:
        message = f"'{node.this.name}' is not a valid {node.meta['literal']} literal"
        raise failure(node, "INVALID_LITERAL", message)
    target = _target(node)
    given = ex.of(node, "this", scope)
    operators.check_cast(node, given, target)
    return target


Row = tuple[Callable[..., DataType | None], tuple[str, ...], tuple[type, ...]]
"""A rule, the arguments that it takes, the node classes that it is for."""

_BOTH = ("this", "expression")
OPERATOR_RULES: tuple[Row, ...] = (
    (_binary, (*_BOTH, "typed", "safe"), (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe)),
    (_binary, _BOTH, (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)),
    (_binary, _BOTH, (exp.NullSafeEQ, exp.NullSafeNEQ)),
    (_logical, _BOTH, (exp.And, exp.Or, exp.Not)),
    (_between, ("this", "low", "high"), (exp.Between,)),
    (_is, _BOTH, (exp.Is,)),
    (_like, (*_BOTH, "negate"), (exp.Like,)),
    (_escape, _BOTH, (exp.Escape,)),
    (_paren, ("this",), (exp.Paren,)),
    (_negative, ("this",), (exp.Neg,)),
    (_case, ("this", "ifs", "default"), (exp.Case,)),
    (_if, ("this", "true", "false"), (exp.If,)),
    (_cast, ("this", "to", "safe"), (exp.Cast, exp.TryCast)),
)
