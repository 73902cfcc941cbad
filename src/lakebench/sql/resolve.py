"""Queries against the catalogue: tables become numbered scans, names become certain, stars are spelt out.

CTEs and views are put in place of each use, so that each use has scans of its own (facts/athena.md 1.4).
The tree stays in Athena's dialect; each node carries the Trino type that was found (``scope.type_of``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.copying import copied
from lakebench.sql.environment import Cte, Environment
from lakebench.sql.errors import TOO_LARGE, check_arguments, failure, unsupported
from lakebench.sql.expressions import Expressions
from lakebench.sql.ordering import Ordering
from lakebench.sql.recursion import is_recursive
from lakebench.sql.relations import Relations
from lakebench.sql.resolved import DatabaseLookup, ResolvedQuery, Scan, TableLookup
from lakebench.sql.scope import Output, Scope
from lakebench.sql.selects import Selects
from lakebench.sql.statement import Query

MAX_SCANS = 1000
"""Scans of one query; CTEs that double at each level are stopped here."""

MAX_QUERIES = 3000
"""Queries within one statement, those of WITH counted at each use; 25 that double would be 33 million."""

MAX_COLUMNS = 200_000
"""Columns that all stars of one statement are spelt out to."""

_SET_CLAUSES = frozenset({"this", "expression", "distinct", "order", "limit", "offset", "with_"})


def resolve(query: Query, tables: TableLookup, databases: DatabaseLookup, database: str) -> ResolvedQuery:
    """Bind a query to the catalogue; the statement's own tree is left as it is.

    Raises QueryFailed with Trino's codes (TABLE_NOT_FOUND, SCHEMA_NOT_FOUND, CATALOG_NOT_FOUND,
    COLUMN_NOT_FOUND, FUNCTION_NOT_FOUND, TYPE_MISMATCH, NOT_SUPPORTED, ...) and the place in the text.
    """
    tree = copied(query.tree)
    if not isinstance(tree, exp.Query):
        raise unsupported(tree)
    _say_where(tree, database.lower())
    resolver = Resolver(tables, databases)
    try:
        outputs = resolver.query(tree, Environment(database=database.lower()), None)
    except RecursionError:
        raise QueryFailed("STACK_OVERFLOW", TOO_LARGE) from None
    tree.meta["outputs"] = outputs
    return ResolvedQuery(tree=tree, scans=tuple(resolver.scans))


def _say_where(tree: exp.Expr, database: str) -> None:
    """Put the names of catalogue and database in the place of ``current_catalog`` and ``current_schema``."""
    said: list[tuple[exp.Expr, str]] = [
        (node, "awsdatacatalog") for node in tree.find_all(exp.CurrentCatalog)
    ]
    said += [(node, database) for node in tree.find_all(exp.CurrentSchema)]
    said += [(node, database) for node in tree.find_all(exp.Column) if _is_current_schema(node)]
    for node, name in said:
        node.replace(exp.Literal.string(name))


def _is_current_schema(column: exp.Column) -> bool:
    """The bare word is a reserved one in Trino; sqlglot reads a column."""
    word = column.this
    bare = isinstance(word, exp.Identifier) and not word.args.get("quoted") and not column.table
    return bare and column.name.lower() == "current_schema"


def result_columns(tree: exp.Expr) -> tuple[str, ...]:
    """The names of a resolved query's columns, as Athena's result has them (``_col0`` for the unnamed)."""
    return tuple(output.name for output in tree.meta["outputs"])


def result_types(tree: exp.Expr) -> tuple[DataType | None, ...]:
    """The Trino types of a resolved query's columns; None where only the engine can tell."""
    return tuple(output.type for output in tree.meta["outputs"])


def _uses(tree: exp.Query) -> dict[str, int]:
    """How often a table is named like each WITH query in this tree, at every depth."""
    tables: dict[str, int] = {}
    ctes: list[str] = []
    for node in tree.walk():
        if isinstance(node, exp.Table):
            tables[node.name.lower()] = tables.get(node.name.lower(), 0) + 1
        elif isinstance(node, exp.CTE):
            ctes.append(node.alias.lower())
    return {name: tables.get(name, 0) for name in ctes}


class Resolver:
    """Resolves one statement; keeps its scans."""

    def __init__(self, tables: TableLookup, databases: DatabaseLookup) -> None:
        self.tables = tables
        self.databases = databases
        self.scans: list[Scan] = []
        self._queries = self._columns = self._recursions = 0
        self.steps_read: set[str] = set()
        self._around: list[Environment] = []
        self.expressions = Expressions(self._subquery)
        self.relations = Relations(self)
        self.ordering = Ordering(self)
        self._selects = Selects(self)

    @property
    def environment(self) -> Environment:
        """The environment of the query that is being resolved."""
        return self._around[-1]

    def scan(self, scan: Scan) -> None:
        """Count one more scan."""
        if len(self.scans) >= MAX_SCANS:
            raise QueryFailed(
                "NOT_SUPPORTED", f"A query of more than {MAX_SCANS} table scans is not supported"
            )
        self.scans.append(scan)

    def recursions(self) -> int:
        """Count one more recursive WITH query."""
        self._recursions += 1
        return self._recursions

    def spell_out(self, columns: int) -> None:
        """Count the columns of one more star."""
        self._columns += columns
        if self._columns > MAX_COLUMNS:
            raise QueryFailed(
                "NOT_SUPPORTED",
                f"A statement whose stars are more than {MAX_COLUMNS} columns is not supported",
            )

    def query(self, tree: exp.Query, around: Environment, parent: Scope | None) -> Sequence[Output]:
        """Resolve a query in place; ``parent`` is the scope that it may be correlated with."""
        self._queries += 1
        if self._queries > MAX_QUERIES:
            raise QueryFailed(
                "NOT_SUPPORTED", f"A statement of more than {MAX_QUERIES} queries is not supported"
            )
        self._around.append(around)
        try:
            inner = self._with(tree, around)
            self._around[-1] = inner
            return self._body(tree, parent)
        finally:
            self._around.pop()

    def _subquery(self, tree: exp.Query, scope: Scope) -> Sequence[Output]:
        return self.query(tree, self.environment, scope)

    def _body(self, tree: exp.Query, parent: Scope | None) -> Sequence[Output]:
        if isinstance(tree, exp.Select):
            return self._selects.select(tree, parent)
        if isinstance(tree, exp.SetOperation):
            return self._set_operation(tree, parent)
        if isinstance(tree, exp.Subquery) and isinstance(tree.this, exp.Query):
            check_arguments(tree, frozenset({"this", "order", "limit", "offset", "with_"}))
            outputs = self.query(tree.this, self.environment, parent)
            self.ordering.tail(tree, outputs, None)
            return outputs
        raise unsupported(tree)

    def _with(self, tree: exp.Query, around: Environment) -> Environment:
        """Take the WITH queries out of the tree; each is resolved anew where it is used."""
        clause = tree.args.get("with_")
        if clause is None:
            return around
        recursive = bool(clause.args.get("recursive"))
        uses = _uses(tree)
        tree.set("with_", None)
        environment = around
        names: set[str] = set()
        for cte in clause.expressions:
            if not isinstance(cte, exp.CTE) or not isinstance(cte.this, exp.Query):
                raise unsupported(cte)
            name = cte.alias.lower()
            if name in names:
                message = f"WITH query name '{name}' specified more than once"
                raise failure(cte, "DUPLICATE_NAMED_QUERY", message)
            names.add(name)
            columns = tuple(c.name.lower() for c in cte.args["alias"].columns)
            once = max(uses.values(), default=0) <= 1
            entry = Cte(
                tree=cte.this,
                around=environment,
                columns=columns,
                once=once,
                recursive=recursive and is_recursive(cte),
            )
            environment = environment.having(name, entry)
        self._check_unused(clause, uses, environment)
        return environment

    def _check_unused(self, clause: exp.With, uses: Mapping[str, int], environment: Environment) -> None:
        """Trino refuses a wrong WITH query even when nothing uses it; its scans do not count."""
        for cte in clause.expressions:
            if not uses[cte.alias.lower()]:
                count = len(self.scans)
                self.query(copied(cte.this), environment.ctes[cte.alias.lower()].around, None)
                del self.scans[count:]

    def _set_operation(self, tree: exp.SetOperation, parent: Scope | None) -> Sequence[Output]:
        check_arguments(tree, _SET_CLAUSES)
        left = self.query(tree.left, self.environment, parent)
        right = self.query(tree.right, self.environment, parent)
        kind = tree.key.upper()
        if len(left) != len(right):
            raise failure(
                tree.right,
                "TYPE_MISMATCH",
                f"{kind} query has different number of fields: {len(left)}, {len(right)}",
            )
        outputs = []
        for at, (a, b) in enumerate(zip(left, right, strict=True)):
            if not types.compatible(a.type, b.type):
                raise failure(
                    tree.right,
                    "TYPE_MISMATCH",
                    f"column {at + 1} in {kind} query has incompatible types: {a.type}, {b.type}",
                )
            outputs.append(replace(a, type=types.common(a.type, b.type)))
        self.ordering.tail(tree, outputs, None)
        return outputs
