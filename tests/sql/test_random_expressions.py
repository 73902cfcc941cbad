"""Random well-typed expressions have the type that resolving promised, whatever their values are.

CI makes the same bounded number of them each time; LAKEBENCH_RANDOM_EXPRESSIONS=20000 makes so many new ones.
"""

from __future__ import annotations

import os

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from lakebench.catalog import parse_type
from lakebench.emulator.engine.failures import explain
from lakebench.emulator.engine.process import StatementFailed
from lakebench.sql import duckdb_type, from_duckdb_type, result_types, to_duckdb

from .lake import Lake
from .random_expressions import typed_expressions

WANTED = int(os.environ.get("LAKEBENCH_RANDOM_EXPRESSIONS", "0"))
AS_MANY = settings(
    max_examples=WANTED or 120,
    derandomize=not WANTED,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def lake():
    return Lake()


def told(error: duckdb.Error, tree):
    """What the engine would make of an error of DuckDB."""
    return explain(StatementFailed(type(error).__name__, str(error), 0), tree, {}, None)


@AS_MANY
@given(made=typed_expressions())
def test_a_random_expression_is_of_the_type_that_resolving_promised(lake, made):
    kind, expression = made
    resolved = lake.resolve(f"SELECT {expression}")
    (promised,) = result_types(resolved.tree)
    wanted = parse_type(kind)
    assert promised is not None
    assert promised == wanted or promised.name == wanted.name == "varchar" or promised.fields
    written = to_duckdb(resolved.tree)
    ((_, described, *_),) = lake.describe(written)
    if "TUPLE" not in described:
        assert from_duckdb_type(described) == from_duckdb_type(duckdb_type(promised))
    code = ""
    try:
        lake.run(f"SELECT {expression}")
    except duckdb.Error as error:
        code = told(error, resolved.tree).code
    assert code != "GENERIC_INTERNAL_ERROR"
