"""LIMIT: which queries must run in order, and how the engine is kept from reading less than Athena.

A LIMIT without ORDER BY stops its scans early, so how much is read depends on who is first: such queries
run on one thread, in listing order. A LIMIT with ORDER BY reads its columns whole in Athena; DuckDB's
top-N would skip row groups by their statistics, unless its first key is no plain column.
"""

from __future__ import annotations

from sqlglot import exp


def read_in_full(tree: exp.Expression) -> exp.Expression:
    """The tree with each top-N sorted first by a key that is equal for all rows and no column.

    A set operation or a query in parentheses is wrapped in a SELECT, since it sorts by its own columns
    alone; DISTINCT and grouped queries need nothing: no filter passes through them.
    """
    if not any(query.args.get("order") and query.args.get("limit") for query in tree.find_all(exp.Query)):
        return tree
    tree = tree.copy()
    for query in list(tree.find_all(exp.Query)):
        order = query.args.get("order")
        if order is None or not query.args.get("limit"):
            continue
        if isinstance(query, exp.SetOperation | exp.Subquery):
            tree = _wrapped(query, tree)
        elif isinstance(query, exp.Select) and not query.args.get("distinct"):
            order.set("expressions", [_equal_key(), *order.expressions])
    return tree


def _equal_key() -> exp.Ordered:
    never = exp.LT(this=exp.Rand(), expression=exp.Literal.number(0))
    return exp.Ordered(this=never, desc=False, nulls_first=False)


def _wrapped(query: exp.SetOperation | exp.Subquery, tree: exp.Expression) -> exp.Expression:
    moved = {name: query.args.get(name) for name in ("order", "limit", "offset", "with_")}
    inner = query.copy()
    for name in moved:
        inner.set(name, None)
    outer = exp.select("*").from_(exp.Subquery(this=inner, alias=exp.to_identifier("q")))
    for name, part in moved.items():
        if part is not None:
            outer.set(name, part.copy())
    outer.args["order"].set("expressions", [_equal_key(), *outer.args["order"].expressions])
    if query is tree:
        return outer
    query.replace(outer)
    return tree
