"""Athena's SQL: texts become statements, statements become trees over bound scans.

Pure room: reads no catalogue, opens no file, runs nothing. The doors are

- ``parse(text) -> Statement``: raises StatementRefused for what Athena refuses at start;
- ``statement_type(statement)``, ``substatement_type(statement)``: as QueryExecution reports them, and
  ``kind_of_text(text)`` for what cannot be run here;
- ``resolve(query, tables, databases, database) -> ResolvedQuery``: names every table and column, expands
  views, WITH queries and stars, numbers scans, notes Trino's types;
- ``result_columns(tree)``, ``result_types(tree)``: names and types of a resolved query's columns;
- ``to_duckdb(tree)``: what the DuckDB engine runs, once ``macros()`` are made;
- ``result_text(expression, type)``: a DuckDB expression that gives Athena's result text;
- ``duckdb_type``, ``from_duckdb_type``: types in DuckDB's spelling; ``field_name``: what it calls a member;
- ``column_error(tree, name)``, ``raised_failure(text)``: the engine's failures in Athena's words;
- ``encode_view``, ``decode_view``: views as the catalogue stores them.
"""

from lakebench.sql.duckdb import to_duckdb
from lakebench.sql.duckdb_types import duckdb_type, from_duckdb_type
from lakebench.sql.errors import column_error, raised_failure
from lakebench.sql.kinds import kind_of_text, statement_type, substatement_type
from lakebench.sql.macros import macros
from lakebench.sql.parse import parse
from lakebench.sql.resolve import resolve, result_columns, result_types
from lakebench.sql.result_text import result_text
from lakebench.sql.types import field_name
from lakebench.sql.views import ViewDefinition, decode_view, encode_view

__all__ = [
    "ViewDefinition",
    "column_error",
    "decode_view",
    "duckdb_type",
    "encode_view",
    "field_name",
    "from_duckdb_type",
    "kind_of_text",
    "macros",
    "parse",
    "raised_failure",
    "resolve",
    "result_columns",
    "result_text",
    "result_types",
    "statement_type",
    "substatement_type",
    "to_duckdb",
]
