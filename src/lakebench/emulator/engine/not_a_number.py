"""is_nan(): kept from DuckDB's reader, which answers it from statistics that know nothing of NaN.

Parquet's minima and maxima leave NaN out, so DuckDB 2.0 takes a column with both for free of NaN and finds
no rows; inside a CASE it looks at the values.
"""

from __future__ import annotations

from sqlglot import exp


def looked_at(tree: exp.Expr) -> exp.Expr:
    """The tree with each is_nan(x) as a CASE of the same value."""
    if not any(_is_nan(node) for node in tree.find_all(exp.Anonymous)):
        return tree
    tree = tree.copy()
    for node in list(tree.find_all(exp.Anonymous)):
        if _is_nan(node) and node.parent is not None:
            node.replace(_case(node))
    return tree


def _is_nan(node: exp.Anonymous) -> bool:
    return node.name.lower() == "is_nan"


def _case(node: exp.Anonymous) -> exp.Case:
    case = exp.Case(
        ifs=[
            exp.If(this=exp.Is(this=node.copy(), expression=exp.Null()), true=exp.Null()),
            exp.If(this=node.copy(), true=exp.true()),
        ],
        default=exp.false(),
    )
    case.meta.update(node.meta)
    return case
