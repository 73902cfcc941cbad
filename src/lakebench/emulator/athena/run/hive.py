"""What Hive answers: Athena runs DDL and SHOW in Hive, and those reasons begin with ``FAILED:``.

Texts measured on Athena 2026-09 (facts/athena.md 4) or Hive's own messages.
"""

from __future__ import annotations

from lakebench.catalog import Table
from lakebench.emulator.athena.run.context import RunContext
from lakebench.errors import QueryFailed
from lakebench.sql.statement import TableName

DDL_TASK = "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


def hive_failed(message: str) -> QueryFailed:
    """A failure whose reason reads ``FAILED: <message>``; it is also the text of ``<id>.txt``."""
    return QueryFailed("FAILED", message)


def database_missing(name: str) -> QueryFailed:
    """Hive's error 10072."""
    return hive_failed(f"SemanticException [Error 10072]: Database does not exist: {name}")


def existing_table(context: RunContext, name: TableName) -> Table:
    """The table, or Hive's error 10001."""
    table = context.find_table(name)
    if table is None:
        raise hive_failed(
            f"SemanticException [Error 10001]: Table not found {context.database_of(name)}.{name.name}"
        )
    return table
