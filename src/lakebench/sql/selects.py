"""One SELECT: FROM, then the clauses in the order in which Trino gives names their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from lakebench.sql import types
from lakebench.sql.errors import check_arguments, column_not_found, failure, unsupported
from lakebench.sql.scope import Output, Scope, unique
from lakebench.sql.types import type_of

if TYPE_CHECKING:
    from lakebench.sql.resolve import Resolver

_CLAUSES = frozenset(
    {
        "expressions",
        "distinct",
        "from_",
        "joins",
        "where",
        "group",
        "having",
        "windows",
        "order",
        "limit",
        "offset",
    }
)
_GROUP_CLAUSES = frozenset({"expressions", "grouping_sets", "cube", "rollup"})
MAX_LIMIT = 2_147_483_647


class Selects:
    """Resolves SELECTs in place."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def select(self, tree: exp.Select, parent: Scope | None) -> Sequence[Output]:
        """Resolve all clauses; the output columns become aliases that are unique."""
        check_arguments(tree, _CLAUSES)
        scope = self._resolver.relations.scope_of(tree, parent)
        expressions = self._resolver.expressions
        where = tree.args.get("where")
        if where is not None:
            expressions.resolve(where, scope)
            self._must_be_boolean(where.this, "WHERE")
        self._group(tree, scope)
        having = tree.args.get("having")
        if having is not None:
            expressions.resolve(having.this, scope)
        for window in tree.args.get("windows") or []:
            self._named_window(window, scope)
        self._distinct(tree)
        outputs = self._projections(tree, scope)
        self.tail(tree, outputs, scope)
        return outputs

    def _must_be_boolean(self, node: exp.Expr, clause: str) -> None:
        given = type_of(node)
        if given not in {None, types.BOOLEAN, types.UNKNOWN}:
            message = f"{clause} clause must evaluate to a boolean: actual type {given}"
            raise failure(node, "TYPE_MISMATCH", message)

    def _distinct(self, tree: exp.Select) -> None:
        distinct = tree.args.get("distinct")
        if isinstance(distinct, exp.Distinct):
            check_arguments(distinct, frozenset())

    def _named_window(self, window: exp.Window, scope: Scope) -> None:
        check_arguments(window, frozenset({"this", "partition_by", "order", "spec"}))
        expressions = self._resolver.expressions
        expressions.resolve_all(window.args.get("partition_by") or [], scope)
        for key in ("order", "spec"):
            if window.args.get(key) is not None:
                expressions.resolve(window.args[key], scope)

    def _group(self, tree: exp.Select, scope: Scope) -> None:
        """GROUP BY sees the input columns and the numbers of output columns, never output names."""
        group = tree.args.get("group")
        if group is None:
            return
        check_arguments(group, _GROUP_CLAUSES)
        for key in _GROUP_CLAUSES:
            for item in list(group.args.get(key) or []):
                if isinstance(item, exp.Literal) and not item.is_string:
                    continue
                self._resolver.expressions.resolve(item, scope)

    def _projections(self, tree: exp.Select, scope: Scope) -> list[Output]:
        projections: list[exp.Expr] = []
        outputs: list[Output] = []
        refs: set[str] = set()

        def add(node: exp.Expr, name: str | None) -> None:
            visible = name if name is not None else f"_col{len(outputs)}"
            ref = unique(visible, refs)
            refs.add(ref)
            projections.append(exp.Alias(this=node, alias=exp.Identifier(this=ref, quoted=True)))
            outputs.append(Output(name=visible, ref=ref, type=type_of(node)))

        for item in list(tree.expressions):
            if isinstance(item, exp.Star) or (
                isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
            ):
                for name, column in self._star(item, scope):
                    add(column, name)
                continue
            self._projection(item, scope, add)
        tree.set("expressions", projections)
        return outputs

    def _projection(self, item: exp.Expr, scope: Scope, add: Callable[[exp.Expr, str | None], None]) -> None:
        name = item.alias.lower() if isinstance(item, exp.Alias) else _own_name(item)
        node = item.this if isinstance(item, exp.Alias) else item
        holder = exp.Paren(this=node)  # a column may be replaced by the dots that follow it
        self._resolver.expressions.resolve(node, scope)
        add(holder.this, name)

    def _star(self, item: exp.Expr, scope: Scope) -> list[tuple[str, exp.Expr]]:
        fields = scope.fields
        if isinstance(item, exp.Column):
            names = [part.name.lower() for part in item.parts[:-1]]
            relation = scope.named(names)
            if relation is None:
                raise failure(item, "TABLE_NOT_FOUND", f"Table '{'.'.join(names)}' not found")
            fields = relation.fields
        elif not scope.relations:
            raise failure(item, "COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause")
        else:
            check_arguments(item, frozenset())
        self._resolver.spell_out(len(fields))
        columns: list[tuple[str, exp.Expr]] = []
        for field in fields:
            if field.output.hidden:
                continue
            column = exp.Column(
                this=exp.Identifier(this=field.output.ref, quoted=True),
                table=exp.Identifier(this=field.relation, quoted=True) if field.relation else None,
            )
            if field.output.type is not None:
                column.meta["type"] = field.output.type
            columns.append((field.output.name, column))
        return columns

    def tail(self, tree: exp.Query, outputs: Sequence[Output], scope: Scope | None) -> None:
        """ORDER BY, OFFSET and LIMIT; ORDER BY sees output names before input columns."""
        order = tree.args.get("order")
        if order is not None:
            check_arguments(order, frozenset({"expressions"}))
            for item in order.expressions:
                check_arguments(item, frozenset({"this", "desc", "nulls_first"}))
                self._order_item(tree, item, outputs, scope)
        self._limit(tree)

    def _order_item(
        self, tree: exp.Query, item: exp.Ordered, outputs: Sequence[Output], scope: Scope | None
    ) -> None:
        node = item.this
        if isinstance(node, exp.Literal) and not node.is_string:
            if not 1 <= int(node.name) <= len(outputs):
                raise failure(
                    node, "INVALID_COLUMN_REFERENCE", f"ORDER BY position {node.name} is not in select list"
                )
            return
        at = _output_number(node, outputs)
        if at is not None:
            item.set("this", exp.Literal.number(at))
            return
        if scope is None:
            if isinstance(node, exp.Column):
                raise column_not_found(node, node.name.lower())
            raise unsupported(node, "An expression in the ORDER BY of a set operation")
        self._use_outputs(tree, node, outputs)
        self._resolver.expressions.resolve(item.this, scope)

    def _use_outputs(self, tree: exp.Query, node: exp.Expr, outputs: Sequence[Output]) -> None:
        """Put the expression behind an output name in its place: ``ORDER BY total / 2``."""
        for column in list(node.find_all(exp.Column)):
            at = _output_number(column, outputs)
            if at is None or not isinstance(tree, exp.Select):
                continue
            projection = tree.expressions[at - 1].this
            column.replace(exp.Paren(this=projection.copy()))

    def _limit(self, tree: exp.Query) -> None:
        limit = tree.args.get("limit")
        if isinstance(limit, exp.Fetch):
            options = limit.args.get("limit_options")
            if options is not None and (options.args.get("with_ties") or options.args.get("percent")):
                raise unsupported(tree, "FETCH FIRST .. WITH TIES")
            limit = exp.Limit(expression=limit.args.get("count") or exp.Literal.number(1))
            tree.set("limit", limit)
        for clause in (limit, tree.args.get("offset")):
            if clause is None:
                continue
            check_arguments(clause, frozenset({"expression"}))
            count = clause.expression
            if isinstance(count, exp.Column) and count.name.lower() == "all":
                tree.set("limit", None)
                continue
            if not (isinstance(count, exp.Literal) and count.name.isdigit()):
                raise unsupported(tree, "LIMIT or OFFSET by an expression")
            if int(count.name) > MAX_LIMIT and isinstance(clause, exp.Limit):
                raise failure(tree, "NOT_SUPPORTED", f"ORDER BY LIMIT > {MAX_LIMIT} is not supported")


def _own_name(node: exp.Expr) -> str | None:
    """A column or a row's member names itself; everything else is ``_colN``."""
    if isinstance(node, exp.Column):
        return node.name.lower()
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return node.expression.name.lower()
    return None


def _output_number(node: exp.Expr, outputs: Sequence[Output]) -> int | None:
    if not isinstance(node, exp.Column) or node.args.get("table") is not None:
        return None
    numbers = [at for at, output in enumerate(outputs, 1) if output.name == node.name.lower()]
    return numbers[0] if numbers else None
