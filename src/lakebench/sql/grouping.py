"""What a SELECT may say once it groups: aggregates in their places, and nothing but keys outside of them.

Works on a resolved SELECT. The words and the order of the checks are Trino's (its AggregationAnalyzer and
StatementAnalyzer).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations

from sqlglot import exp

from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.calls import call_name, is_aggregate, is_window
from lakebench.sql.errors import failure
from lakebench.sql.scope import Scope
from lakebench.sql.types import type_of

_LAID_AROUND = (exp.Filter, exp.IgnoreNulls, exp.RespectNulls)


def here(node: exp.Expr) -> Iterator[exp.Expr]:
    """A node and what is below it, queries inside left out."""
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        yield inner
        for value in inner.args.values():
            if isinstance(value, exp.Expr):
                if not isinstance(value, exp.Query):
                    waiting.append(value)
            elif isinstance(value, list):
                waiting.extend(v for v in value if isinstance(v, exp.Expr) and not isinstance(v, exp.Query))


@dataclass(slots=True)
class _Found:
    """What one expression has in it, queries inside left out; ``bare`` are window functions without OVER."""

    aggregates: list[exp.Expr] = field(default_factory=list)
    windows: list[exp.Window] = field(default_factory=list)
    bare: list[exp.Expr] = field(default_factory=list)
    queries: list[exp.Query] = field(default_factory=list)


def _look(*nodes: exp.Expr) -> _Found:
    """Aggregates that are no window functions, and windows, outermost first."""
    found = _Found()
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.Query):
            found.queries.append(node)
            continue
        if isinstance(node, exp.Window):
            found.windows.append(node)
            waiting.extend(reversed([*_arguments(_called(node)), *_specification(node)]))
            continue
        if is_aggregate(node):
            found.aggregates.append(node)
        elif is_window(node):
            found.bare.append(node)
        waiting.extend(reversed(list(node.iter_expressions())))
    return found


def _called(node: exp.Expr) -> exp.Expr:
    inner = node
    while isinstance(inner, (exp.Window, *_LAID_AROUND)):
        inner = inner.this
    return inner


def _arguments(call: exp.Expr) -> list[exp.Expr]:
    return list(call.iter_expressions())


def _specification(window: exp.Window) -> list[exp.Expr]:
    """All of a window but the function's own arguments: PARTITION BY, ORDER BY, frame, FILTER."""
    rest: list[exp.Expr] = [child for child in window.iter_expressions() if child is not window.this]
    inner: exp.Expr = window.this
    while isinstance(inner, _LAID_AROUND):
        rest.extend(child for child in inner.iter_expressions() if child is not inner.this)
        inner = inner.this
    return rest


def _shown(nodes: Iterable[exp.Expr]) -> str:
    return f"[{', '.join(written(node) for node in nodes)}]"


def refuse_aggregates(node: exp.Expr, clause: str) -> None:
    """EXPRESSION_NOT_SCALAR where a clause works on single rows."""
    found = _look(node)
    if found.aggregates or found.windows or found.bare:
        told = _shown([*found.aggregates, *found.windows, *found.bare])
        message = f"{clause} cannot contain aggregations, window functions or grouping operations: {told}"
        raise failure(node, "EXPRESSION_NOT_SCALAR", message)


def check_grouping(tree: exp.Select, scope: Scope) -> None:
    """Raise Trino's failure for aggregates, windows and columns in the wrong places."""
    projections = [projection.this for projection in tree.expressions]
    having, order = tree.args.get("having"), tree.args.get("order")
    parts = [(part, _look(part)) for part in projections]
    if having is not None:
        parts.append((having.this, _look(having.this)))
        if parts[-1][1].windows:
            message = "HAVING clause cannot contain window functions or row pattern measures"
            raise failure(having.this, "NESTED_WINDOW", message)
    parts.extend((item.this, _look(item.this)) for item in ([] if order is None else order.expressions))
    for _, found in parts:
        _check_nesting(found)
    group = tree.args.get("group")
    if group is None:
        _refuse_grouping(parts)
    if group is None and having is None and not any(found.aggregates for _, found in parts):
        return
    _Grouped(_keys(group, projections), scope).check(parts)


def _refuse_grouping(parts: Sequence[tuple[exp.Expr, _Found]]) -> None:
    for call in (call for _, found in parts for call in found.aggregates):
        if isinstance(call, exp.Anonymous) and call_name(call) == "grouping":
            message = (
                "A GROUPING() operation can only be used with a corresponding "
                "GROUPING SET/CUBE/ROLLUP/GROUP BY clause"
            )
            raise failure(call, "MISSING_GROUP_BY", message)


def _check_nesting(found: _Found) -> None:
    for call in found.bare:
        raise failure(call, "MISSING_OVER", f"Window function {call_name(call)} requires an OVER clause")
    for window in found.windows:
        _check_window(window)
    if len(found.aggregates) + len(found.windows) < 2:
        return
    for call in found.aggregates:
        name = "listagg" if isinstance(call, exp.GroupConcat) else call_name(call)
        inside = _look(*_arguments(call))
        if inside.windows:
            message = f"Cannot nest window functions or row pattern measures inside aggregation '{name}'"
            raise failure(call, "NESTED_WINDOW", f"{message}: {_shown(inside.windows)}")
        if inside.aggregates:
            message = f"Cannot nest aggregations inside aggregation '{name}': {_shown(inside.aggregates)}"
            raise failure(call, "NESTED_AGGREGATION", message)


def _check_window(window: exp.Window) -> None:
    if _look(*_arguments(_called(window))).windows:
        message = "Cannot nest window functions or row pattern measures inside window function arguments"
        raise failure(window, "NESTED_WINDOW", message)
    if _look(*_specification(window)).windows:
        message = "Cannot nest window functions or row pattern measures inside window specification"
        raise failure(window, "NESTED_WINDOW", message)


def _keys(group: exp.Group | None, projections: Sequence[exp.Expr]) -> list[exp.Expr]:
    """The grouping expressions of all grouping sets, a number being a select item's."""
    found: list[exp.Expr] = []
    waiting = [] if group is None else grouping_elements(group)
    while waiting:
        item = waiting.pop()
        if isinstance(item, (exp.GroupingSets, exp.Rollup, exp.Cube, exp.Tuple)):
            waiting.extend(item.expressions)
        elif isinstance(item, exp.Literal) and not item.is_string and item.name.isdigit():
            found.append(projections[int(item.name) - 1])
        else:
            found.append(item.unnest())
    return found


def set_apart(group: exp.Group) -> None:
    """GROUP BY DISTINCT: the grouping sets that all elements make together, each once."""
    whole: list[tuple[exp.Expr, ...]] = [()]
    for item in reversed(grouping_elements(group)):
        whole = [(*before, *after) for after in _sets_of(item) for before in whole]
    apart: list[tuple[exp.Expr, ...]] = []
    seen: list[set[exp.Expr]] = []
    for keys in whole:
        if set(keys) not in seen:
            seen.append(set(keys))
            apart.append(tuple(dict.fromkeys(keys)))
    for key in ("expressions", "rollup", "cube"):
        group.set(key, None)
    sets = [exp.Tuple(expressions=[key.copy() for key in keys]) for keys in apart]
    group.set("grouping_sets", [exp.GroupingSets(expressions=sets)])


def _sets_of(item: exp.Expr) -> list[tuple[exp.Expr, ...]]:
    units = [tuple(i.expressions) if isinstance(i, exp.Tuple) else (i,) for i in item.expressions]
    if isinstance(item, exp.GroupingSets):
        return [found for inner in item.expressions for found in _sets_of(inner)]
    if isinstance(item, exp.Rollup):
        return [tuple(chain(*units[:count])) for count in range(len(units), -1, -1)]
    if isinstance(item, exp.Cube):
        counts = range(len(units), -1, -1)
        return [tuple(chain(*some)) for count in counts for some in combinations(units, count)]
    return [tuple(item.expressions)] if isinstance(item, exp.Tuple) else [(item,)]


def grouping_elements(group: exp.Group) -> list[exp.Expr]:
    """What stands in GROUP BY, in no order."""
    return [
        item
        for key in ("expressions", "grouping_sets", "rollup", "cube")
        for item in group.args.get(key) or []
    ]


class _Grouped:
    """The rule that outside of aggregates all columns are keys."""

    def __init__(self, keys: Sequence[exp.Expr], scope: Scope) -> None:
        self._keys: dict[type, list[exp.Expr]] = {}
        for key in keys:
            self._keys.setdefault(type(key), []).append(key)
        self._scope = id(scope)

    def check(self, parts: Sequence[tuple[exp.Expr, _Found]]) -> None:
        for part, found in parts:
            if self._column_outside(part) is not None:
                message = f"'{written(part)}' must be an aggregate expression or appear in GROUP BY clause"
                raise failure(part, "EXPRESSION_NOT_AGGREGATE", message)
            for query in found.queries:
                self._check_subquery(query, part)

    def _is_key(self, node: exp.Expr) -> bool:
        return any(node == key for key in self._keys.get(type(node), ()))

    def _column_outside(self, part: exp.Expr) -> exp.Expr | None:
        waiting = [part]
        while waiting:
            node = waiting.pop()
            if isinstance(node, exp.Query) or self._is_key(node):
                continue
            if isinstance(node, exp.Column):
                if node.meta_get("scope") == self._scope:
                    return node
                continue
            if isinstance(node, exp.Window):
                waiting.extend([*_arguments(_called(node)), *_specification(node)])
            elif not is_aggregate(node) and not isinstance(node, exp.Filter):
                waiting.extend(node.iter_expressions())
        return None

    def _check_subquery(self, query: exp.Query, part: exp.Expr) -> None:
        """Columns of this SELECT within a subquery must be keys too, unless an aggregate is around it."""
        if any(is_aggregate(around) for around in _above(query, part)):
            return
        for column in query.find_all(exp.Column):
            if column.meta_get("scope") != self._scope or self._is_key(column) or self._is_key_member(column):
                continue
            message = f"Subquery uses '{written(column)}' which must appear in GROUP BY clause"
            raise failure(column, "EXPRESSION_NOT_AGGREGATE", message)

    def _is_key_member(self, column: exp.Expr) -> bool:
        around = column.parent
        while around is not None and not isinstance(around, exp.Query):
            if self._is_key(around):
                return True
            around = around.parent
        return False


def _above(node: exp.Expr, top: exp.Expr) -> Iterator[exp.Expr]:
    around = node.parent
    while around is not None:
        yield around
        if around is top:
            return
        around = around.parent


def check_distinct(tree: exp.Select) -> None:
    """DISTINCT wants values that can be told equal, and an ORDER BY of what it selects."""
    projections = [projection.this.unnest() for projection in tree.expressions]
    for projection in projections:
        if not types.comparable(type_of(projection)):
            message = f"DISTINCT can only be applied to comparable types (actual: {type_of(projection)})"
            raise failure(projection, "TYPE_MISMATCH", f"{message}: {written(projection)}")
    order = tree.args.get("order")
    for item in [] if order is None else order.expressions:
        node = item.this
        if isinstance(node, exp.Literal) or node.unnest() in projections:
            continue
        message = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
        raise failure(node, "EXPRESSION_NOT_IN_DISTINCT", message)


def check_sorted(node: exp.Expr, given: exp.Expr) -> QueryFailed | None:
    """The failure for a sort key whose type has no order."""
    if types.orderable(type_of(given)):
        return None
    message = f"Type {type_of(given)} is not orderable, and therefore cannot be used in ORDER BY"
    return failure(node, "TYPE_MISMATCH", f"{message}: {written(given)}")


_BINARY_SIGNS: dict[type, str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.DPipe: "||",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.And: "AND",
    exp.Or: "OR",
}


def written(node: exp.Expr) -> str:
    """A resolved expression as Trino's messages write it: ``(a + 1)``, ``sum(t.x)``."""
    if isinstance(node, exp.Column):
        return str(node.meta.get("written") or node.name)
    if type(node) in _BINARY_SIGNS:
        sign = _BINARY_SIGNS[type(node)]
        return f"({written(node.this)} {sign} {written(node.expression)})"
    if isinstance(node, exp.Paren):
        return written(node.this)
    if isinstance(node, exp.Anonymous):
        arguments = ", ".join(written(argument) for argument in node.expressions)
        star = "*" if not node.expressions and call_name(node) == "count" else arguments
        return f"{call_name(node)}({star})"
    if isinstance(node, exp.Distinct):
        return "DISTINCT " + ", ".join(written(item) for item in node.expressions)
    if isinstance(node, exp.Dot):
        return f"{written(node.this)}.{node.expression.name}"
    if isinstance(node, exp.Window):
        return f"{written(node.this)} OVER ({_window_text(node)})"
    return node.sql(dialect="trino")


def _window_text(window: exp.Window) -> str:
    parts = []
    if window.args.get("partition_by"):
        parts.append("PARTITION BY " + ", ".join(written(item) for item in window.args["partition_by"]))
    order = window.args.get("order")
    if order is not None:
        items = (f"{written(i.this)} {'DESC' if i.args.get('desc') else 'ASC'}" for i in order.expressions)
        parts.append("ORDER BY " + ", ".join(items))
    return " ".join(parts)
