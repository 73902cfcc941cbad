"""What Athena asks of the columns' names before a query may become a table or a view."""

from __future__ import annotations

from sqlglot import exp

from lakebench.errors import QueryFailed
from lakebench.sql import result_columns
from lakebench.sql.resolved import ResolvedQuery
from lakebench.sql.statement import Query

_NAMED = (exp.Alias, exp.Aliases, exp.Column, exp.Dot, exp.Star)


def check_column_names(query: Query, resolved: ResolvedQuery) -> None:
    """Every column has a name, and no two have the same.

    Raises QueryFailed MISSING_COLUMN_NAME or DUPLICATE_COLUMN_NAME with Trino's texts; clients look for
    "Column name not specified" and "specified more than once".
    """
    for position, item in enumerate(_written_columns(query.tree), start=1):
        if not isinstance(item, _NAMED):
            raise QueryFailed(
                "MISSING_COLUMN_NAME", f"Column name not specified at position {position}", line=1, column=1
            )
    seen: set[str] = set()
    for name in result_columns(resolved.tree):
        if name.lower() in seen:
            raise QueryFailed(
                "DUPLICATE_COLUMN_NAME", f"Column name '{name}' specified more than once", line=1, column=1
            )
        seen.add(name.lower())


def _written_columns(tree: exp.Expr) -> list[exp.Expr]:
    """The columns as the text has them: of a set operation, its first query's."""
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    if isinstance(tree, exp.Values):
        return [exp.Literal.number(1)]  # rows without names
    return list(tree.expressions) if isinstance(tree, exp.Select) else []
