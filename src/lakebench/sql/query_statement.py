"""A query as a statement."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """SELECT, VALUES, WITH, set operations."""

    tree: exp.Expression
