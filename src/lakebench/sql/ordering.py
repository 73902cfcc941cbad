"""ORDER BY, OFFSET, LIMIT and FETCH FIRST of a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from lakebench.sql import types
from lakebench.sql.errors import check_arguments, column_not_found, failure, unsupported
from lakebench.sql.grouping import check_sorted
from lakebench.sql.scope import Output, Scope
from lakebench.sql.types import type_of

if TYPE_CHECKING:
    from lakebench.sql.resolve import Resolver

MAX_LIMIT = 2_147_483_647


class Ordering:
    """Resolves what stands after a query's body, in place."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def tail(self, tree: exp.Query, outputs: Sequence[Output], scope: Scope | None) -> None:
        """ORDER BY sees output names before input columns; a set operation has output names alone."""
        order = tree.args.get("order")
        if order is not None:
            check_arguments(order, frozenset({"expressions"}))
            for item in list(order.expressions):
                check_arguments(item, frozenset({"this", "desc", "nulls_first"}))
                if isinstance(item.this, exp.Literal) and not item.this.name.isdigit():
                    item.pop()  # a constant sorts nothing, and engines refuse it
                    continue
                self._item(tree, item, outputs, scope)
            if not order.expressions:
                tree.set("order", None)
        self._limit(tree)

    def _item(
        self, tree: exp.Query, item: exp.Ordered, outputs: Sequence[Output], scope: Scope | None
    ) -> None:
        node = item.this
        at = _position(node, outputs) or _output_number(node, outputs)
        if at is not None:
            _check_orderable(tree, node, at, outputs)
            if not isinstance(node, exp.Literal):
                item.set("this", exp.Literal.number(at))
            return
        if scope is None:
            if isinstance(node, exp.Column):
                raise column_not_found(node, node.name.lower())
            raise unsupported(node, "An expression in the ORDER BY of a set operation")
        if isinstance(tree, exp.Select):
            _use_outputs(tree, node, outputs)
        self._resolver.expressions.resolve(item.this, scope)
        problem = check_sorted(item.this, item.this)
        if problem is not None:
            raise problem

    def _limit(self, tree: exp.Query) -> None:
        limit = tree.args.get("limit")
        if isinstance(limit, exp.Fetch):
            check_arguments(limit, frozenset({"count", "direction", "limit_options"}))
            options = limit.args.get("limit_options")
            count = limit.args.get("count") or exp.Literal.number(1)
            limit = exp.Limit(expression=count)
            tree.set("limit", limit)
            if options is not None and options.args.get("with_ties"):
                _with_ties(tree, count)
        for clause in (tree.args.get("limit"), tree.args.get("offset")):
            if clause is not None:
                _check_count(tree, clause)


def _check_count(tree: exp.Query, clause: exp.Expr) -> None:
    check_arguments(clause, frozenset({"expression"}))
    count = clause.args["expression"]
    if isinstance(count, (exp.Column, exp.Var)) and count.name.lower() == "all":
        tree.set("limit", None)
        return
    if not (isinstance(count, exp.Literal) and count.name.isdigit()):
        raise unsupported(tree, "LIMIT or OFFSET by an expression")
    if int(count.name) > MAX_LIMIT and isinstance(clause, exp.Limit):
        raise failure(tree, "NOT_SUPPORTED", f"ORDER BY LIMIT > {MAX_LIMIT} is not supported")


def _position(node: exp.Expr, outputs: Sequence[Output]) -> int | None:
    """``ORDER BY 2``."""
    if not isinstance(node, exp.Literal) or node.is_string or not node.name.isdigit():
        return None
    if not 1 <= int(node.name) <= len(outputs):
        message = f"ORDER BY position {node.name} is not in select list"
        raise failure(node, "INVALID_COLUMN_REFERENCE", message)
    return int(node.name)


def _output_number(node: exp.Expr, outputs: Sequence[Output]) -> int | None:
    if not isinstance(node, exp.Column) or node.args.get("table") is not None:
        return None
    name = node.name.lower()
    numbers = [at for at, output in enumerate(outputs, 1) if output.named and output.name == name]
    if len(numbers) > 1:
        raise failure(node, "AMBIGUOUS_NAME", f"Column '{name}' is ambiguous")
    return numbers[0] if numbers else None


def _check_orderable(tree: exp.Query, node: exp.Expr, at: int, outputs: Sequence[Output]) -> None:
    if not types.orderable(outputs[at - 1].type):
        given = tree.expressions[at - 1].this if isinstance(tree, exp.Select) else node
        problem = check_sorted(node, given)
        if problem is not None:
            raise problem


def _use_outputs(tree: exp.Select, node: exp.Expr, outputs: Sequence[Output]) -> None:
    """Put the expression behind an output name in its place: ``ORDER BY total / 2``."""
    for column in list(node.find_all(exp.Column)):
        at = _output_number(column, outputs)
        if at is None or column.find_ancestor(exp.Query) is not tree:
            continue
        projection = tree.expressions[at - 1].this
        resolved = exp.Paren(this=projection.copy())
        resolved.meta.update(type=type_of(projection), resolved=True)
        column.replace(resolved)


def _with_ties(tree: exp.Query, count: exp.Expr) -> None:
    """All rows that sort like the last one: those whose rank is within the count.

    OFFSET takes the first rows away from the same order, so that it adds to the count.
    """
    order = tree.args.get("order")
    if order is None:
        raise failure(tree, "MISSING_ORDER_BY", "FETCH FIRST WITH TIES clause requires ORDER BY")
    if not isinstance(tree, exp.Select) or tree.args.get("distinct") is not None:
        raise unsupported(tree, "FETCH FIRST .. WITH TIES of a set operation or of SELECT DISTINCT")
    offset = tree.args.get("offset")
    skipped = int(offset.expression.name) if offset is not None else 0
    keys = []
    for item in order.expressions:
        key = item.copy()
        if isinstance(item.this, exp.Literal) and not item.this.is_string:
            key.set("this", tree.expressions[int(item.this.name) - 1].this.copy())
        keys.append(key)
    rank = exp.Window(this=exp.Anonymous(this="rank"), order=exp.Order(expressions=keys))
    last = exp.Literal.number(int(count.name) + skipped)
    tree.set("qualify", exp.Qualify(this=exp.LTE(this=rank, expression=last)))
    tree.set("limit", None)
