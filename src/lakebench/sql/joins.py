"""JOIN .. USING: an equality of columns, and one merged column for each (Trino: JOIN, columns order)."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from lakebench.sql import operators, types
from lakebench.sql.errors import column_not_found, failure
from lakebench.sql.scope import Scope, ScopeField


def join_using(join: exp.Join, left: Scope, right: Scope) -> None:
    """Turn USING into ON, and join the scopes with the columns merged as the kind of join asks."""
    names: set[str] = set()
    merged: list[ScopeField] = []
    conditions: list[exp.Expr] = []
    for node in join.args["using"]:
        name = node.name.lower()
        if name in names:
            message = f"Column '{name}' appears multiple times in USING clause"
            raise failure(node, "DUPLICATE_COLUMN_NAME", message)
        names.add(name)
        sides = _side(left, name, node), _side(right, name, node)
        equal = exp.EQ(this=sides[0].column(), expression=sides[1].column())
        given = sides[0].output.type, sides[1].output.type
        if not types.compatible(*given):
            message = f"Column Types of left and right side are not comparable: {given[0]} vs {given[1]}"
            raise failure(node, "TYPE_MISMATCH", message)
        found = operators.binary(equal, *given)
        if found is not None:
            equal.meta["type"] = found
        conditions.append(equal)
        kept = {"RIGHT": sides[1:], "FULL": sides}.get(join.side or "", sides[:1])
        output = replace(sides[0].output, type=types.common(*given))
        merged.append(ScopeField(output=output, relation=None, merged=kept))
    join.set("using", None)
    on = conditions[0] if len(conditions) == 1 else exp.and_(*conditions, copy=False, wrap=False)
    join.set("on", on)
    left.merge(merged, right)


def _side(scope: Scope, name: str, node: exp.Expr) -> ScopeField:
    found = [f for f in scope.fields if f.output.named and not f.output.hidden and f.output.name == name]
    if not found:
        raise column_not_found(node, name)
    if len(found) > 1:
        raise failure(node, "AMBIGUOUS_NAME", f"Column '{name}' is ambiguous")
    return found[0]
