"""What a bare name in FROM means at a place: the WITH queries in sight and the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from lakebench.sql.scope import Output


@dataclass(frozen=True, slots=True, kw_only=True)
class Cte:
    """A WITH query, not resolved yet: its tree, the environment it was written in, its column names.

    ``once`` says that it is used in one place at most, so that its tree may be taken as it is. Within the
    recursive half of a recursive one its name means ``step``, a relation of these ``outputs``.
    """

    tree: exp.Query
    around: Environment
    columns: tuple[str, ...]
    once: bool
    recursive: bool = False
    step: str | None = None
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What bare names in FROM mean: the WITH queries in sight, the database, the views that we are in."""

    database: str
    ctes: Mapping[str, Cte] = field(default_factory=dict)
    views: tuple[str, ...] = ()

    def having(self, name: str, cte: Cte) -> Environment:
        """This, with one more WITH query."""
        return Environment(database=self.database, ctes={**self.ctes, name: cte}, views=self.views)
