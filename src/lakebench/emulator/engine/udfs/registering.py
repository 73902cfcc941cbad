"""Making functions known to a DuckDB database, when a statement first calls them."""

from __future__ import annotations

from importlib import import_module

import duckdb
from duckdb.func import ARROW, SPECIAL

from lakebench.emulator.engine.udfs.registry import called


def register_called(connection: duckdb.DuckDBPyConnection, statement: str, known: set[str]) -> None:
    """Register what ``statement`` calls and ``known`` lacks; all cursors of a database share them."""
    for udf in called(statement):
        if udf.name in known:
            continue
        module = import_module(f"lakebench.emulator.engine.udfs.{udf.module}")
        connection.create_function(
            udf.name,
            getattr(module, udf.name.removeprefix("lb_py_")),
            list(udf.parameters),
            udf.returns,
            type=ARROW,
            null_handling=SPECIAL,
        )
        known.add(udf.name)
