"""One SELECT: FROM, then the clauses in the order in which Trino gives names their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from lakebench.sql import types
from lakebench.sql.errors import check_arguments, failure
from lakebench.sql.grouping import (
    check_distinct,
    check_grouping,
    grouping_elements,
    here,
    refuse_aggregates,
    set_apart,
)
from lakebench.sql.operators import must_be_boolean
from lakebench.sql.scope import Output, Scope, unique
from lakebench.sql.types import type_of
from lakebench.sql.windows import inline, named_windows

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
_GROUP_CLAUSES = frozenset({"expressions", "grouping_sets", "cube", "rollup", "all"})


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
            must_be_boolean(where.this, "WHERE clause")
            refuse_aggregates(where.this, "WHERE clause")
        self._windows(tree, scope)
        self._distinct(tree)
        outputs = self._projections(tree, scope)
        self._group(tree, scope)
        having = tree.args.get("having")
        if having is not None:
            expressions.of(having, "this", scope)
            must_be_boolean(having.this, "HAVING clause")
        self._resolver.ordering.tail(tree, outputs, scope)
        check_grouping(tree, scope)
        if tree.args.get("distinct") is not None:
            check_distinct(tree)
        return outputs

    def _distinct(self, tree: exp.Select) -> None:
        distinct = tree.args.get("distinct")
        if isinstance(distinct, exp.Distinct):
            check_arguments(distinct, frozenset())

    def _windows(self, tree: exp.Select, scope: Scope) -> None:
        """Put named windows in their places; one that nothing uses is resolved all the same."""
        named = named_windows(tree)
        for part in [*tree.expressions, *([tree.args["order"]] if tree.args.get("order") else [])]:
            for window in list(here(part)):
                if isinstance(window, exp.Window):
                    inline(window, named)
        expressions = self._resolver.expressions
        for window in named.values():
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
        for item in list(grouping_elements(group)):
            self._grouping_element(item, tree, scope)
        if group.args.get("all") is False:
            set_apart(group)
        group.set("all", None)

    def _grouping_element(self, item: exp.Expr, tree: exp.Select, scope: Scope) -> None:
        if isinstance(item, (exp.GroupingSets, exp.Rollup, exp.Cube, exp.Tuple)):
            for inner in list(item.expressions):
                self._grouping_element(inner, tree, scope)
            return
        key = item
        if isinstance(item, exp.Literal) and not item.is_string and item.name.isdigit():
            if not 1 <= int(item.name) <= len(tree.expressions):
                message = f"GROUP BY position {item.name} is not in select list"
                raise failure(item, "INVALID_COLUMN_REFERENCE", message)
            key = tree.expressions[int(item.name) - 1].this
        else:
            holder = item.parent
            self._resolver.expressions.resolve(item, scope)
            key = item if item.parent is holder or item.parent is None else item.parent
        refuse_aggregates(key, "GROUP BY clause")
        given = type_of(key)
        if not types.comparable(given):
            message = f"{given} is not comparable, and therefore cannot be used in GROUP BY"
            raise failure(key, "TYPE_MISMATCH", message)

    def _projections(self, tree: exp.Select, scope: Scope) -> list[Output]:
        projections: list[exp.Expr] = []
        outputs: list[Output] = []
        refs: set[str] = set()

        def add(node: exp.Expr, name: str | None) -> None:
            visible = name if name is not None else f"_col{len(outputs)}"
            ref = unique(visible, refs)
            refs.add(ref)
            projections.append(exp.Alias(this=node, alias=exp.Identifier(this=ref, quoted=True)))
            outputs.append(Output(name=visible, ref=ref, type=type_of(node), named=name is not None))

        for item in list(tree.expressions):
            if isinstance(item, exp.Star) or (
                isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
            ):
                for name, column in self._star(item, scope):
                    add(column, name)
                continue
            row = item.this if isinstance(item, exp.Aliases) else item
            if isinstance(row, exp.Dot) and isinstance(row.expression, exp.Star):
                members = self._members(row.this, scope)
                for name, member in _as_named(item, members):
                    add(member, name)
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

    def _members(self, row: exp.Expr, scope: Scope) -> list[tuple[str | None, exp.Expr]]:
        """``(row).*``: a column a member; a member without a name has none."""
        holder = exp.Paren(this=row)
        given = self._resolver.expressions.of(holder, "this", scope)
        if given is None or given.name != "row":
            raise failure(row, "TYPE_MISMATCH", f"expected expression of type Row, but got: {given}")
        found: list[tuple[str | None, exp.Expr]] = []
        for at, field in enumerate(given.fields):
            name = exp.Identifier(this=types.field_name(field, at), quoted=True)
            member = exp.Dot(this=holder.this.copy(), expression=name)
            member.meta["type"] = field.type
            found.append((field.name, member))
        return found

    def _star(self, item: exp.Expr, scope: Scope) -> Sequence[tuple[str | None, exp.Expr]]:
        fields = scope.fields
        if isinstance(item, exp.Column):
            names = [part.name.lower() for part in item.parts[:-1]]
            relation = scope.named(names)
            if relation is None and scope.lookup(names) is not None:
                parts = [exp.Identifier(this=part.name, quoted=True) for part in item.parts[:-1]]
                row = exp.Dot.build(parts) if len(parts) > 4 else _column_of(parts)
                row.meta.update(item.parts[0].meta)
                return self._members(row, scope)
            if relation is None:
                raise failure(item, "TABLE_NOT_FOUND", f"Table '{'.'.join(names)}' not found")
            fields = relation.fields
        elif not scope.relations:
            raise failure(item, "COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause")
        else:
            check_arguments(item, frozenset())
        self._resolver.spell_out(len(fields))
        columns: list[tuple[str | None, exp.Expr]] = []
        for field in fields:
            if field.output.hidden:
                continue
            column = scope.column(field)
            column.meta["written"] = field.output.name
            columns.append((field.output.name if field.output.named else None, column))
        return columns


def _as_named(
    item: exp.Expr, members: list[tuple[str | None, exp.Expr]]
) -> list[tuple[str | None, exp.Expr]]:
    """The members of ``row.* AS (a, b)`` under these names."""
    if not isinstance(item, exp.Aliases):
        return members
    names = [name.name.lower() for name in item.expressions]
    if len(names) != len(members):
        message = f"Column alias list has {len(names)} entries but relation has {len(members)} columns"
        raise failure(item, "MISMATCHED_COLUMN_ALIASES", message)
    return [(name, member) for name, (_, member) in zip(names, members, strict=True)]


def _own_name(node: exp.Expr) -> str | None:
    """A column or a row's member names itself; everything else is ``_colN``."""
    if isinstance(node, exp.Column):
        return node.name.lower()
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return node.expression.name.lower()
    return None


def _column_of(parts: list[exp.Identifier]) -> exp.Column:
    """A column from its parts, the outermost first."""
    keys = ("this", "table", "db", "catalog")
    return exp.Column(**dict(zip(keys, reversed(parts), strict=False)))
