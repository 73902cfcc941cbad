"""Athena's SQL: texts become statements, statements become trees over bound scans.

Pure room: reads no catalogue, opens no file, runs nothing. The doors are

- ``parse(text) -> Statement``: raises StatementRefused for what Athena refuses at start;
- ``statement_type(statement)``, ``substatement_type(statement)``: as QueryExecution reports them;
- ``resolve(query, lookup, database) -> ResolvedQuery``: names every table, expands views, numbers scans;
- ``to_duckdb(tree, ...)``: what the DuckDB engine runs.
"""

from lakebench.sql.kinds import statement_type, substatement_type
from lakebench.sql.parse import parse

__all__ = ["parse", "statement_type", "substatement_type"]
