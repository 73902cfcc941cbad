"""Failures with their place in the user's text, and DuckDB's failures told in Athena's words."""

from __future__ import annotations

from sqlglot import exp

from lakebench.errors import FAIL_HEAD, FAIL_TAIL, QueryFailed

TOO_LARGE = "statement is too large (stack overflow during analysis)"
"""Trino's words for a text whose parts are nested too deep."""


def position(node: exp.Expr) -> tuple[int | None, int | None]:
    """Line and column of a node's first sign in the user's text, from 1; (None, None) where not known."""
    around: exp.Expr | None = node
    while around is not None:
        places = [place for inner in around.walk() if (place := _place(inner)) is not None]
        if places:
            return min(places)
        around = around.parent
    return None, None


def _place(node: exp.Expr) -> tuple[int, int] | None:
    meta = node.meta
    if "line" not in meta or "start" not in meta:
        return None
    return meta["line"], meta["col"] - (meta["end"] - meta["start"])


def failure(node: exp.Expr, code: str, message: str) -> QueryFailed:
    """A failure at a node."""
    line, column = position(node)
    return QueryFailed(code, message, line=line, column=column)


def unsupported(node: exp.Expr, what: str | None = None) -> QueryFailed:
    """NOT_SUPPORTED at a node: what Athena may take and we do not translate."""
    return failure(node, "NOT_SUPPORTED", f"{what or node.sql(dialect='trino')[:80]} is not supported yet")


def check_arguments(node: exp.Expr, allowed: frozenset[str]) -> None:
    """Refuse a clause of a node that is not among those allowed."""
    for key, value in node.args.items():
        if value and key not in allowed:
            clause = key.strip("_").upper().replace("_", " ")
            raise unsupported(node, f"{clause} in {type(node).__name__.upper()}")


def column_not_found(node: exp.Expr, name: str) -> QueryFailed:
    """COLUMN_NOT_FOUND at a node (facts/athena.md 4)."""
    return failure(
        node,
        "COLUMN_NOT_FOUND",
        f"Column '{name}' cannot be resolved or requester is not authorized to access requested resources",
    )


def column_error(tree: exp.Expr, name: str) -> QueryFailed:
    """The failure for a column that the engine did not find, at its first place in the user's text."""
    wanted = name.lower().rpartition(".")[2].strip('"')
    for column in tree.find_all(exp.Column):
        if column.name.lower() == wanted:
            return column_not_found(column, name.lower())
    return column_not_found(exp.Null(), name.lower())


def raised_failure(engine_text: str) -> QueryFailed | None:
    """The failure that a macro of ours raised inside the engine, read from the engine's error text.

    None if the text is the engine's own.
    """
    _, head, rest = engine_text.partition(FAIL_HEAD)
    told, tail, _ = rest.partition(FAIL_TAIL)
    if not head or not tail:
        return None
    code, _, message = told.partition(":")
    return QueryFailed(code, message)
