"""What stands in FROM beside tables, in DuckDB's words: UNNEST, VALUES, LATERAL, TABLESAMPLE."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.generator import Generator

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.duckdb_types import member_text
from lakebench.sql.types import type_of


def write_unnest(generator: Generator, node: exp.Unnest) -> str:
    """DuckDB's table function takes one list and no ordinality: unnest in a SELECT, which zips and pads."""
    items: list[str] = []
    lengths: list[str] = []
    for item in node.expressions:
        text = generator.sql(item)
        given = type_of(item)
        items.extend(_unnested(text, given))
        lengths.append(f"cardinality({text})" if types.is_named(given, "map") else f"len({text})")
    longest = f"greatest({', '.join(f'coalesce({length}, 0)' for length in lengths)}, 0)"
    if node.args.get("offset"):
        items.append(f"range(1, 1 + CAST({longest} AS BIGINT))")
    if node.meta.get("never_empty"):
        items = [f"CASE WHEN {longest} > 0 THEN {item} ELSE [NULL] END" for item in items]
    alias = node.args["alias"]
    names = [generator.sql(column) for column in alias.columns]
    columns = ", ".join(f"unnest({item}) AS {name}" for item, name in zip(items, names, strict=True))
    return f"(SELECT {columns}) AS {generator.sql(alias.this)}{generator.sql(node, 'sample')}"


def _unnested(text: str, given: DataType | None) -> list[str]:
    if given is None or given.name == "map":
        return [f"map_keys({text})", f"map_values({text})"]
    element = given.fields[0].type
    if element.name != "row":
        return [text]
    members = range(len(element.fields))
    return [f"list_transform({text}, lambda lb_r: {member_text('lb_r', at)})" for at in members]


def write_values(generator: Generator, node: exp.Values) -> str:
    """VALUES with its alias and column names."""
    rows = ", ".join(
        "(" + ", ".join(generator.sql(item) for item in row.expressions) + ")" for row in node.expressions
    )
    return f"(VALUES {rows}) AS {generator.sql(node, 'alias')}{generator.sql(node, 'sample')}"


def write_lateral(generator: Generator, node: exp.Lateral) -> str:
    """A subquery that sees what stands before it."""
    return f"LATERAL {generator.sql(node.this)} AS {generator.sql(node, 'alias')}"


def write_sample(_: Generator, node: exp.TableSample) -> str:
    """TABLESAMPLE; resolving has checked the method and the number."""
    method = node.args["method"].name.lower()
    return f" TABLESAMPLE {method}({node.args['percent'].name} PERCENT)"
