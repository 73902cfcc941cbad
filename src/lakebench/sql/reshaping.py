"""Parsed queries in the shapes that resolving knows: VALUES as queries, set operations that sort freely.

Nothing here needs the catalogue; what a text means does not change.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

_TAIL = ("order", "limit", "offset")
_QUANTIFIERS: dict[str, type[exp.Expr]] = {"all": exp.All, "any": exp.Any, "some": exp.Any}


def reshaped(tree: exp.Expr, nodes: Sequence[exp.Expr]) -> exp.Expr:
    """The tree, or what stands in its place; ``nodes`` are all of it, outermost first."""
    for node in nodes:
        if isinstance(node, exp.Values):
            tree = _values_as_query(node, tree)
    for node in nodes:
        if isinstance(node, exp.Anonymous):
            _subquery_predicate(node)
        elif isinstance(node, exp.SetOperation):
            if _sorts_by_expressions(node):
                tree = _wrapped(node, tree)
        elif isinstance(node, exp.Select):
            _sample_to_its_relation(node)
    return tree


def _values_as_query(values: exp.Values, tree: exp.Expr) -> exp.Expr:
    """VALUES that stands for a query becomes ``SELECT * FROM VALUES``, as Trino reads it."""
    if isinstance(values.parent, (exp.From, exp.Join)):
        _tail_to_query(values, values.parent.parent)
        return tree
    query = exp.Select(expressions=[exp.Star()])
    if values is tree:
        tree = query
    elif isinstance(values.parent, exp.In):
        values.parent.set("query", exp.Subquery(this=query))
        values.parent.set("expressions", None)
    else:
        values.replace(query)
        _query_as_relation(query)
    query.set("from_", exp.From(this=values))
    _tail_to_query(values, query)
    return tree


def _query_as_relation(query: exp.Select) -> None:
    """``((VALUES 1) a JOIN ..)``: sqlglot takes the VALUES for a table's name."""
    table = query.parent
    if isinstance(table, exp.Table):
        parts = {key: table.args[key] for key in ("alias", "joins", "sample") if table.args.get(key)}
        table.replace(exp.Subquery(this=query, **parts))


def _tail_to_query(values: exp.Expr, query: exp.Expr | None) -> None:
    """ORDER BY and LIMIT after VALUES are the query's."""
    if not isinstance(query, exp.Query):
        return
    for key in _TAIL:
        part = values.args.get(key)
        if part is not None and query.args.get(key) is None:
            values.set(key, None)
            query.set(key, part)


def _subquery_predicate(call: exp.Anonymous) -> None:
    """``ALL (VALUES 1)``, ``EXISTS (VALUES 1)``: sqlglot takes them for functions."""
    name = call.name.lower()
    arguments = call.expressions
    if len(arguments) != 1 or not isinstance(arguments[0], exp.Query):
        return
    if name in _QUANTIFIERS:
        call.replace(_QUANTIFIERS[name](this=arguments[0]))
    elif name == "exists":
        call.replace(exp.Exists(this=arguments[0]))


def _sorts_by_expressions(operation: exp.SetOperation) -> bool:
    limit = operation.args.get("limit")
    options = limit.args.get("limit_options") if isinstance(limit, exp.Fetch) else None
    if options is not None and options.args.get("with_ties"):
        return True
    order = operation.args.get("order")
    return order is not None and any(
        not isinstance(item.this, (exp.Column, exp.Literal)) for item in order.expressions
    )


def _wrapped(operation: exp.SetOperation, tree: exp.Expr) -> exp.Expr:
    """``SELECT * FROM (a UNION b) ORDER BY ..``: its names are all that ORDER BY sees, in both."""
    around = exp.Select(expressions=[exp.Star()])
    for key in (*_TAIL, "with_"):
        part = operation.args.get(key)
        if part is not None:
            operation.set(key, None)
            around.set(key, part)
    if operation is tree:
        tree = around
    else:
        operation.replace(around)
    around.set("from_", exp.From(this=exp.Subquery(this=operation)))
    return tree


def _sample_to_its_relation(select: exp.Select) -> None:
    """TABLESAMPLE after a subquery or VALUES belongs to that relation, not to the SELECT."""
    sample = select.args.get("sample")
    source = select.args.get("from_")
    if sample is None or source is None:
        return
    joins = select.args.get("joins") or []
    relation = joins[-1].this if joins else source.this
    select.set("sample", None)
    relation.set("sample", sample)
