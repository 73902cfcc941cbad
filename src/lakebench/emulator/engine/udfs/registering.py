"""Making functions known to a DuckDB database, when a statement first calls them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING

import duckdb
from duckdb.func import ARROW, SPECIAL

from lakebench.emulator.engine.udfs.registry import called
from lakebench.errors import FAIL_HEAD, TRIED

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(slots=True)
class Functions:
    """The functions that a database knows.

    DuckDB's TRY makes NULL of whatever a Python function raises, Trino's only of some failures
    (``errors.TRIED``): the others are kept in ``_refusals`` for who runs the statement.
    """

    _names: set[str] = field(default_factory=set)
    _refusals: list[str] = field(default_factory=list)
    _trying: bool = False

    def register_called(self, connection: duckdb.DuckDBPyConnection, statement: str) -> None:
        """Register what ``statement``, which runs next, calls; all cursors of a database share them."""
        self._refusals.clear()
        self._trying = "TRY(" in statement
        for udf in called(statement):
            if udf.name in self._names:
                continue
            module = import_module(f"lakebench.emulator.engine.udfs.{udf.module}")
            connection.create_function(
                udf.name,
                self._watched(getattr(module, udf.name.removeprefix("lb_py_"))),
                list(udf.parameters),
                udf.returns,
                type=ARROW,
                null_handling=SPECIAL,
            )
            self._names.add(udf.name)

    def refusal(self) -> str | None:
        """The text of a failure of the statement that its TRY must not have swallowed, if there is one."""
        return self._refusals[0] if self._trying and self._refusals else None

    def _watched(self, function: Callable[..., pa.Array]) -> Callable[..., pa.Array]:
        @wraps(function)
        def watched(*columns: pa.Array) -> pa.Array:
            try:
                return function(*columns)
            except ValueError as error:
                _, head, told = str(error).partition(FAIL_HEAD)
                if head and told.partition(":")[0] not in TRIED:
                    self._refusals.append(str(error))
                raise

        return watched
