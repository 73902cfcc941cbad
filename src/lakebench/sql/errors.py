"""Athena's texts for names that are not there, and DuckDB's failures told in Athena's words."""

from __future__ import annotations

from sqlglot import exp

from lakebench.errors import QueryFailed
from lakebench.sql.macros import FAIL_HEAD, FAIL_TAIL
from lakebench.sql.scope import failure


def column_not_found(node: exp.Expression, name: str) -> QueryFailed:
    """COLUMN_NOT_FOUND at a node (facts/athena.md 4)."""
    return failure(
        node,
        "COLUMN_NOT_FOUND",
        f"Column '{name}' cannot be resolved or requester is not authorized to access requested resources",
    )


def column_error(tree: exp.Expression, name: str) -> QueryFailed:
    """The failure for a column that the engine did not find, at its first place in the user's text."""
    wanted = name.lower().rpartition(".")[2].strip('"')
    for column in tree.find_all(exp.Column):
        if column.name.lower() == wanted:
            return column_not_found(column, name.lower())
    return QueryFailed("COLUMN_NOT_FOUND", column_not_found(exp.Null(), name.lower()).message)


def raised_failure(engine_text: str) -> QueryFailed | None:
    """The failure that a macro of ours raised inside the engine, read from the engine's error text."""
    _, head, rest = engine_text.partition(FAIL_HEAD)
    told, tail, _ = rest.partition(FAIL_TAIL)
    if not head or not tail:
        return None
    code, _, message = told.partition(":")
    return QueryFailed(code, message)
