"""An engine in this process that knows no table: it evaluates constants and conditions on partition keys.

For the harness, which estimates without a server. Only text that we emit from a parsed tree reaches it, and
it can open no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lakebench.metering.evaluation import CannotEvaluate, Evaluator
from lakebench.sql import macros, to_duckdb

if TYPE_CHECKING:
    import duckdb


def own_evaluator() -> Evaluator:
    """An evaluator of this process; its engine starts with the first question."""
    return Evaluator(to_duckdb, _Engine().ask)


class _Engine:
    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        import duckdb  # most estimates need no engine

        connection = duckdb.connect(":memory:", config={"threads": 1})
        for statement in (
            "SET GLOBAL integer_division=true",
            "SET GLOBAL TimeZone='UTC'",
            *macros(),
            "SET GLOBAL enable_external_access=false",
            "SET GLOBAL lock_configuration=true",
        ):
            connection.execute(statement)
        return connection

    def ask(self, statements: Sequence[str]) -> list[list[Any]]:
        import duckdb

        try:
            for statement in statements:
                self._connection.execute(statement)
            return [list(row) for row in self._connection.fetchall()]
        except duckdb.Error as error:
            raise CannotEvaluate(str(error)) from error
