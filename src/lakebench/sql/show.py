"""SHOW in its forms, and DESCRIBE (AWS: show-*, describe-table, describe-view)."""

from __future__ import annotations

from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql.cursor import UNSUPPORTED, Cursor, column_of, refuse
from lakebench.sql.ddl_names import NameIn, ddl_table, read_ddl_table
from lakebench.sql.inspections import (
    Describe,
    ShowColumns,
    ShowCreateTable,
    ShowCreateView,
    ShowDatabases,
    ShowPartitions,
    ShowTableProperties,
    ShowTables,
)
from lakebench.sql.partition_specs import opt_partition_spec
from lakebench.sql.statement import Statement
from lakebench.sql.table_name import TableName

_SHOWABLE = (
    *("'COLUMNS'", "'CREATE'", "'DATABASES'", "'FUNCTIONS'", "'PARTITIONS'"),
    *("'SCHEMAS'", "'TABLES'", "'TBLPROPERTIES'", "'VIEWS'"),
)
_NEVER_SHOWN = {
    *("SESSION", "STATS", "LOCKS", "TRANSACTIONS", "COMPACTIONS", "INDEX", "INDEXES", "ROLES", "ROLE"),
    *("CURRENT", "GRANT", "GRANTS", "PRINCIPALS", "CATALOGS", "CONF"),
}
"""Hive's and Trino's that Athena has not (AWS: unsupported-ddl)."""


def parse_show(cursor: Cursor) -> Statement:
    """Read from the word after SHOW on."""
    if cursor.take("DATABASES") or cursor.take("SCHEMAS"):
        return ShowDatabases(pattern=_pattern(cursor))
    if cursor.sees("TABLES") or cursor.sees("VIEWS"):
        return _tables(cursor)
    if cursor.take("FUNCTIONS"):
        raise QueryFailed("NOT_SUPPORTED", "SHOW FUNCTIONS is not supported yet")
    return _of_a_table(cursor)


def _of_a_table(cursor: Cursor) -> Statement:
    if cursor.take("COLUMNS"):
        return _columns(cursor)
    if cursor.take("PARTITIONS"):
        return ShowPartitions(target=ddl_table(cursor))
    if cursor.take("CREATE"):
        if cursor.take("TABLE"):
            return ShowCreateTable(target=ddl_table(cursor, NameIn.SHOW_CREATE_TABLE))
        if not cursor.take("VIEW"):
            cursor.fail("'TABLE'", "'VIEW'")
        return ShowCreateView(target=cursor.table_name(hive=False))
    if cursor.take("TBLPROPERTIES"):
        return _properties(cursor)
    word = cursor.next()
    if word.text.upper() in _NEVER_SHOWN:
        raise cursor.no_viable(cursor.tokens[0], word)
    return cursor.fail(*_SHOWABLE)


def _tables(cursor: Cursor) -> ShowTables:
    views_only = cursor.take("VIEWS") or not cursor.take("TABLES")
    database = None
    if cursor.take("IN") or cursor.take("FROM"):
        database = _database(cursor)
    return ShowTables(database=database, pattern=_pattern(cursor), views_only=views_only)


def _pattern(cursor: Cursor) -> str | None:
    """``[LIKE] 'pattern'``."""
    return cursor.string() if cursor.take("LIKE") else cursor.opt_string()


def _database(cursor: Cursor) -> str:
    name = cursor.hive_name()
    if cursor.take("."):
        name = cursor.hive_name()
    dot = cursor.peek()
    if dot is not None and cursor.sees("."):
        message = "mismatched input '.' expecting {<EOF>, 'LIKE', STRING}"
        raise refuse(message, dot.line, column_of(dot))
    return name


def _columns(cursor: Cursor) -> ShowColumns:
    """``{FROM | IN} table [{FROM | IN} database]`` (AWS: show-columns)."""
    if not cursor.take("FROM") and not cursor.take("IN"):
        cursor.fail("'FROM'", "'IN'")
    read = read_ddl_table(cursor, NameIn.SHOW_COLUMNS)
    target = read.target
    if cursor.take("FROM") or cursor.take("IN"):
        database = cursor.database_name(hive=True)
        target = TableName(name=target.name, database=database, line=target.line, column=target.column)
    return ShowColumns(target=target, refusal=None if read.refusal is None else read.refusal.message)


def _properties(cursor: Cursor) -> ShowTableProperties:
    target = ddl_table(cursor)
    name = None
    if cursor.take("("):
        name = cursor.string()
        cursor.expect(")")
    return ShowTableProperties(target=target, name=name)


def parse_describe(cursor: Cursor) -> Statement:
    """Read from the word after DESCRIBE on."""
    if (cursor.sees("DATABASE") or cursor.sees("SCHEMA") or cursor.sees("FUNCTION")) and cursor.peek(1):
        raise StatementRefused(UNSUPPORTED)
    if cursor.sees("VIEW") and cursor.peek(1) is not None:
        cursor.take("VIEW")
        return Describe(target=cursor.table_name(hive=False))
    if cursor.take("TABLE") and not cursor.done:  # Hive reads a table of that name (AWS: describe-table)
        return Describe(target=TableName(name="table"), member=_member(cursor))
    named = cursor.peek(1) is not None  # a table may be called EXTENDED
    extended = named and cursor.take("EXTENDED")
    formatted = named and not extended and cursor.take("FORMATTED")
    read = read_ddl_table(cursor, NameIn.DESCRIBE)
    partition = opt_partition_spec(cursor)
    return Describe(
        target=read.target,
        extended=extended,
        formatted=formatted,
        partition=partition,
        member=() if cursor.done else _member(cursor),
        refusal=None if read.refusal is None else read.refusal.message,
    )


def _member(cursor: Cursor) -> tuple[str, ...]:
    """``column[.field | .'$elem$' | .'$key$' | .'$value$' ...]`` (AWS: describe-table)."""
    path = [cursor.hive_name()]
    while cursor.take("."):
        path.append(cursor.opt_string() or cursor.hive_name())
    return tuple(path)
