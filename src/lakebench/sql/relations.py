"""What stands in FROM: tables, views, WITH queries, subqueries, VALUES, UNNEST, LATERAL, and joins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from lakebench.catalog import DataType, Table
from lakebench.catalog.system_tables import (
    INFORMATION_SCHEMA,
    PARTITIONS,
    information_table,
    partitions_table,
)
from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql import types
from lakebench.sql.copying import copied
from lakebench.sql.cursor import CATALOG, query_tokens
from lakebench.sql.environment import Cte, Environment
from lakebench.sql.errors import check_arguments, failure, position, unsupported
from lakebench.sql.grouping import refuse_aggregates
from lakebench.sql.joins import join_using
from lakebench.sql.operators import must_be_boolean
from lakebench.sql.query import parse_query
from lakebench.sql.recursion import expanded
from lakebench.sql.resolved import Scan
from lakebench.sql.scope import Output, Relation, Scope, unique
from lakebench.sql.stale_views import check_stale
from lakebench.sql.types import type_of
from lakebench.sql.unnests import join_unnest, unnest_outputs
from lakebench.sql.views import decode_view

if TYPE_CHECKING:
    from lakebench.sql.resolve import Resolver

HIDDEN_COLUMNS = (
    ("$path", types.VARCHAR),
    ("$file_size", types.BIGINT),
    ("$file_modified_time", types.TIMESTAMP_TZ),
)
"""The hidden columns of every base table: path, size in bytes and last write of the row's object."""

_JOIN_KINDS = {"", "INNER", "CROSS", "OUTER"}
_JOIN_SIDES = {"", "LEFT", "RIGHT", "FULL"}


class Relations:
    """Resolves the FROM clause of SELECTs in place."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def scope_of(self, tree: exp.Select, parent: Scope | None) -> Scope:
        """The scope that FROM and the joins make."""
        scope = Scope(parent=parent)
        source = tree.args.get("from_")
        if source is None:
            return scope
        check_arguments(source, frozenset({"this"}))
        self._relation(source.this, scope, scope)
        self._joins(tree.args.get("joins") or [], scope)
        return scope

    def _joins(self, joins: list[exp.Join], scope: Scope) -> None:
        for join in joins:
            self._join(join, scope)

    def _join(self, join: exp.Join, scope: Scope) -> None:
        if join.args.get("method") == "NATURAL":
            raise failure(join, "NOT_SUPPORTED", "Natural join not supported")
        check_arguments(join, frozenset({"this", "on", "using", "kind", "side"}))
        if (join.kind or "") not in _JOIN_KINDS or (join.side or "") not in _JOIN_SIDES:
            raise unsupported(join, f"{join.method} {join.side} {join.kind} JOIN".strip())
        right = Scope(parent=scope.parent)
        seen = Scope(parent=scope.parent) if join.side in {"RIGHT", "FULL"} else scope
        self._relation(join.this, right, seen)
        if join.args.get("using"):
            join_using(join, scope, right)
            return
        scope.include(right)
        on = join.args.get("on")
        if on is None and join.kind != "CROSS" and (join.side or join.kind == "INNER"):
            raise failure(join.this, "SYNTAX_ERROR", "mismatched input '<EOF>'. Expecting: 'ON', 'USING'")
        if on is not None:
            self._resolver.expressions.of(join, "on", scope)
            must_be_boolean(join.args["on"], "JOIN ON clause")
            refuse_aggregates(join.args["on"], "JOIN clause")
        if isinstance(join.this, exp.Unnest):
            join_unnest(join)

    def _relation(self, node: exp.Expr, scope: Scope, lateral: Scope) -> None:
        """Add one relation to ``scope``; UNNEST and LATERAL see ``lateral``, what stands before them."""
        taken = scope.refs() | lateral.refs()
        if isinstance(node, exp.Table):
            self._table(node, scope, taken)
        elif isinstance(node, exp.Subquery) and _is_nested_join(node.this):
            if node.args.get("alias") is None:
                self._nested_join(node, scope, lateral)
                return
            node.set("this", _all_of(node.this))
            self._relation(node, scope, lateral)
        elif isinstance(node, exp.Subquery):
            check_arguments(node, frozenset({"this", "alias", "sample", "joins"}))
            self._sample(node)
            # An inner query in FROM sees the scopes around this SELECT, not its neighbours.
            outputs = self._resolver.query(node.this, self._resolver.environment, scope.parent)
            self._aliased(node, tuple(outputs), scope, taken)
        elif isinstance(node, exp.Lateral):
            self._lateral(node, scope, lateral, taken)
        elif isinstance(node, exp.Unnest):
            self._sample(node)
            outputs = unnest_outputs(self._resolver.expressions, node, lateral)
            self._aliased(node, outputs, scope, taken)
        elif isinstance(node, exp.Values):
            self._values(node, scope, taken)
        else:
            raise unsupported(node)

    def _nested_join(self, node: exp.Subquery, scope: Scope, lateral: Scope) -> None:
        """``FROM (a JOIN b ON ..) JOIN c``."""
        check_arguments(node, frozenset({"this"}))
        inner = Scope(parent=scope.parent)
        joins = node.this.args.get("joins") or []
        self._relation(node.this, inner, lateral)
        self._joins(joins, inner)
        scope.include(inner)

    def _aliased(self, node: exp.Expr, outputs: tuple[Output, ...], scope: Scope, taken: set[str]) -> None:
        """Give a relation and its columns their names in the tree and in the scope."""
        alias = node.args.get("alias")
        name = alias.name.lower() if isinstance(alias, exp.TableAlias) and alias.this is not None else None
        columns = [c.name.lower() for c in alias.columns] if isinstance(alias, exp.TableAlias) else []
        ref = unique(name or "_q", taken)
        outputs = _named_as_seen(renamed(node, outputs, columns))
        names = [exp.Identifier(this=o.ref, quoted=True) for o in outputs]
        made = exp.TableAlias(this=exp.Identifier(this=ref, quoted=True))
        if isinstance(node, (exp.Values, exp.Unnest)):
            made.set("columns", names)
        else:
            _rename(node.this, names)
        node.set("alias", made)
        scope.add(Relation(name=name, ref=ref, outputs=outputs))

    # Tables -----------------------------------------------------------------------------------

    def _table(self, node: exp.Table, scope: Scope, taken: set[str]) -> None:
        check_arguments(node, frozenset({"this", "db", "catalog", "alias", "sample", "joins"}))
        if isinstance(node.this, (exp.Anonymous, exp.Func)):
            name = str(node.this.name).lower()
            raise failure(node, "FUNCTION_NOT_FOUND", f"Table function '{name}' not registered")
        if not isinstance(node.this, exp.Identifier):
            raise unsupported(node)
        self._sample(node)
        cte = self._resolver.environment.ctes.get(node.name.lower())
        if cte is not None and not node.args.get("db"):
            self._cte(node, cte, scope, taken)
            return
        table = self._lookup(node)
        if table.is_view:
            self._view(node, table, scope, taken)
            return
        self._scan(node, table, scope, taken)

    def _sample(self, node: exp.Expr) -> None:
        sample = node.args.get("sample")
        if sample is None:
            return
        check_arguments(sample, frozenset({"method", "percent"}))
        percent = sample.args.get("percent")
        if sample.args["method"].name.upper() not in {"BERNOULLI", "SYSTEM"}:
            raise unsupported(node, "TABLESAMPLE of this kind")
        if not isinstance(percent, exp.Literal) or percent.is_string:
            raise unsupported(node, "TABLESAMPLE by an expression")
        if float(percent.name) > 100:
            message = "Sample percentage must be less than or equal to 100"
            raise failure(percent, "NUMERIC_VALUE_OUT_OF_RANGE", message)

    def _lookup(self, node: exp.Table) -> Table:
        database = (node.db or self._resolver.environment.database).lower()
        name = node.name.lower()
        if node.catalog and node.catalog.lower() != CATALOG:
            raise failure(node, "CATALOG_NOT_FOUND", f"Catalog '{node.catalog.lower()}' does not exist")
        table = self._find(database, name)
        if table is None and "$" in name and not name.endswith(PARTITIONS):
            raise unsupported(node, f'The metadata table "{name}"')
        if table is None:
            if database != INFORMATION_SCHEMA and not self._resolver.databases(database):
                raise failure(node, "SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist")
            raise failure(node, "TABLE_NOT_FOUND", f"Table '{CATALOG}.{database}.{name}' does not exist")
        return table

    def _find(self, database: str, name: str) -> Table | None:
        if database == INFORMATION_SCHEMA:
            return information_table(name)
        base = name.removesuffix(PARTITIONS)
        table = self._resolver.tables(database, base)
        if base == name or table is None:
            return table
        return partitions_table(table) if table.partition_keys and not table.is_view else None

    def _scan(self, node: exp.Table, table: Table, scope: Scope, taken: set[str]) -> None:
        scan_id = f"s{len(self._resolver.scans)}"
        self._resolver.scan(Scan(scan_id=scan_id, table=table))
        alias = node.args.get("alias")
        columns = [c.name.lower() for c in alias.columns] if alias is not None else []
        name = alias.name.lower() if alias is not None else table.name
        outputs = tuple(
            Output(name=c.name.lower(), ref=c.name.lower(), type=types.complete(c.type))
            for c in (*table.columns, *table.partition_keys)
        )
        hidden = tuple(Output(name=n, ref=n, type=t, hidden=True) for n, t in _hidden(table))
        ref = unique(name, taken)
        path = (CATALOG, table.database) if alias is None else ()
        scope.add(
            Relation(name=name, ref=ref, outputs=(*renamed(node, outputs, columns), *hidden), path=path)
        )
        node.set("this", exp.Identifier(this=scan_id, quoted=False))
        node.set("db", None)
        node.set("catalog", None)
        node.set("alias", exp.TableAlias(this=exp.Identifier(this=ref, quoted=True)))

    def _replaced(self, node: exp.Table, tree: exp.Query) -> exp.Subquery:
        """Put a query in the place of a table's name."""
        alias = node.args.get("alias") or exp.TableAlias(this=exp.Identifier(this=node.name, quoted=True))
        joins, sample = node.args.get("joins"), node.args.get("sample")
        subquery = exp.Subquery(this=tree, alias=alias)
        subquery.meta.update(node.this.meta)
        for key, value in (("joins", joins), ("sample", sample)):
            if value:
                subquery.set(key, value)
        node.replace(subquery)
        return subquery

    def _cte(self, node: exp.Table, cte: Cte, scope: Scope, taken: set[str]) -> None:
        if cte.step is not None:
            self._step(node, cte, scope, taken)
            return
        if cte.recursive:
            tree, found = expanded(self._resolver, cte, node.name.lower())
            self._aliased(self._replaced(node, tree), found, scope, taken)
            return
        tree = cte.tree if cte.once else copied(cte.tree)
        subquery = self._replaced(node, tree)
        outputs = self._resolver.query(tree, cte.around, None)
        self._aliased(subquery, renamed(subquery, tuple(outputs), list(cte.columns)), scope, taken)

    def _step(self, node: exp.Table, cte: Cte, scope: Scope, taken: set[str]) -> None:
        """The rows of the step before, within a recursive WITH query."""
        self._resolver.steps_read.add(str(cte.step))
        alias = node.args.get("alias")
        name = alias.name.lower() if alias is not None else node.name.lower()
        columns = [c.name.lower() for c in alias.columns] if alias is not None else []
        ref = unique(name, taken)
        node.set("this", exp.Identifier(this=cte.step, quoted=True))
        node.set("alias", exp.TableAlias(this=exp.Identifier(this=ref, quoted=True)))
        scope.add(Relation(name=name, ref=ref, outputs=renamed(node, cte.outputs, columns)))

    def _view(self, node: exp.Table, table: Table, scope: Scope, taken: set[str]) -> None:
        line, column = position(node)
        definition = decode_view(table.view_text or "")
        views = self._resolver.environment.views
        shown = f"{CATALOG}.{table.database}.{table.name}"
        if shown in views:
            raise failure(node, "VIEW_IS_RECURSIVE", "View is recursive")
        try:
            tree = parse_query(definition.sql, query_tokens(definition.sql)).tree
            if not isinstance(tree, exp.Query):
                raise unsupported(tree)
            for inner in tree.walk():
                inner.meta.pop("line", None)  # places in the view's text mean nothing in the user's
            subquery = self._replaced(node, tree)
            around = Environment(database=definition.database or table.database, views=(*views, shown))
            outputs = self._resolver.query(tree, around, None)
        except StatementRefused as error:
            raise QueryFailed(
                "INVALID_VIEW", f"View '{shown}' cannot be read: {error}", line=line, column=column
            ) from error
        except QueryFailed as error:
            if error.code == "VIEW_IS_RECURSIVE" or views:
                raise
            raise QueryFailed(
                "INVALID_VIEW",
                f"Failed analyzing stored view '{shown}': {error.message}",
                line=line,
                column=column,
            ) from error
        check_stale(node, shown, definition.columns, outputs)
        names = [c.name for c in definition.columns]
        self._aliased(subquery, renamed(subquery, tuple(outputs), names), scope, taken)

    # UNNEST, VALUES, LATERAL ------------------------------------------------------------------

    def _lateral(self, node: exp.Lateral, scope: Scope, lateral: Scope, taken: set[str]) -> None:
        check_arguments(node, frozenset({"this", "alias"}))
        if not isinstance(node.this, exp.Subquery) or not isinstance(node.this.this, exp.Query):
            raise unsupported(node)
        outputs = self._resolver.query(node.this.this, self._resolver.environment, lateral)
        self._aliased(node, tuple(outputs), scope, taken)

    def _values(self, node: exp.Values, scope: Scope, taken: set[str]) -> None:
        check_arguments(node, frozenset({"expressions", "alias", "sample"}))
        self._sample(node)
        found: list[DataType | None] = []
        for at, row in enumerate(list(node.expressions)):
            items = row.expressions if isinstance(row, exp.Tuple) else [row]
            self._resolver.expressions.resolve_all(items, Scope(parent=scope.parent))
            items = row.expressions if isinstance(row, exp.Tuple) else [node.expressions[at]]
            if len(items) == 1 and types.is_named(type_of(items[0]), "row"):
                items = self._spread(node.expressions[at], items[0])
            given = [type_of(item) for item in items]
            if not isinstance(row, exp.Tuple):
                item = node.expressions[at]
                item.replace(
                    exp.Tuple(expressions=[item.this if isinstance(item, exp.Paren) else item.copy()])
                )
            if at and len(given) != len(found):
                raise failure(row, "TYPE_MISMATCH", "Values rows have mismatched sizes")
            found = given if not at else [self._meet(row, a, b) for a, b in zip(found, given, strict=True)]
        outputs = tuple(
            Output(name=f"_col{at}", ref=f"_col{at}", type=t, named=False) for at, t in enumerate(found)
        )
        self._aliased(node, outputs, scope, taken)

    def _spread(self, row: exp.Expr, item: exp.Expr) -> list[exp.Expr]:
        """A line of VALUES that is one row has a column for each member (Trino: StatementAnalyzer)."""
        inner, kind = item.unnest(), type_of(item)
        members: list[exp.Expr] = []
        if isinstance(inner, exp.Anonymous) and inner.name.lower() == "row":
            members = list(inner.expressions)
        for member in [] if members or kind is None else kind.fields:
            name = types.field_name(member, len(members))
            dot = exp.Dot(this=inner.copy(), expression=exp.Identifier(this=name, quoted=True))
            dot.meta["type"] = member.type
            members.append(dot)
        row.replace(exp.Tuple(expressions=members))
        return members

    def _meet(self, node: exp.Expr, left: DataType | None, right: DataType | None) -> DataType | None:
        if not types.compatible(left, right):
            raise failure(node, "TYPE_MISMATCH", f"Values rows have mismatched types: {left} and {right}")
        return types.common(left, right)


def _hidden(table: Table) -> Iterator[tuple[str, DataType]]:
    """Trino's special columns of Hive tables; those of keys and buckets where there are any."""
    if table.is_system:
        return
    yield from HIDDEN_COLUMNS
    if table.partition_keys:
        yield "$partition", types.VARCHAR
    if table.storage.bucket_columns and table.storage.number_of_buckets > 0:
        yield "$bucket", types.INTEGER


def _is_nested_join(node: exp.Expr) -> bool:
    """What stands in parentheses in FROM and is no query: ``(a JOIN b ON ..)``, ``(a)``."""
    return isinstance(node, exp.Table) or (isinstance(node, exp.Subquery) and bool(node.args.get("joins")))


def _all_of(joined: exp.Expr) -> exp.Select:
    """``(a JOIN b ON ..)`` as the query that ``t`` in ``(a JOIN b ON ..) t`` names."""
    joins = joined.args.get("joins") or []
    joined.set("joins", None)
    return exp.Select(expressions=[exp.Star()], from_=exp.From(this=joined), joins=joins)


def _rename(query: exp.Expr, names: list[exp.Identifier]) -> None:
    """Name the columns of a resolved query; nothing in it refers to them (ORDER BY counts them)."""
    inner = query
    while not isinstance(inner, exp.Select):
        inner = inner.this  # a set operation has its left side's names, parentheses what is in them
    for projection, name in zip(inner.expressions, names, strict=True):
        projection.set("alias", name)


def _named_as_seen(outputs: tuple[Output, ...]) -> tuple[Output, ...]:
    """Outputs whose names in the tree are the user's own, made unique: USING finds them so."""
    seen: list[Output] = []
    for output in outputs:
        ref = unique(output.name, (o.ref for o in seen))
        seen.append(replace(output, ref=ref, hidden=False))
    return tuple(seen)


def renamed(node: exp.Expr, outputs: tuple[Output, ...], names: list[str]) -> tuple[Output, ...]:
    """The outputs under these names, if there are any; MISMATCHED_COLUMN_ALIASES if the numbers differ."""
    if not names:
        return outputs
    if len(names) != len(outputs):
        raise failure(
            node,
            "MISMATCHED_COLUMN_ALIASES",
            f"Column alias list has {len(names)} entries but relation has {len(outputs)} columns",
        )
    return tuple(replace(o, name=name, named=True) for name, o in zip(names, outputs, strict=True))
