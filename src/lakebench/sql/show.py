"""The utility statements that sqlglot leaves opaque: databases, SHOW, DESCRIBE, MSCK, partitions."""

from __future__ import annotations

from collections.abc import Mapping

from lakebench.catalog import S3Uri
from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql.cursor import UNSUPPORTED, Cursor
from lakebench.sql.hive import create_external_table
from lakebench.sql.statement import (
    AddPartitions,
    CreateDatabase,
    Describe,
    DropDatabase,
    DropPartitions,
    DropTable,
    DropView,
    RepairTable,
    ShowColumns,
    ShowCreateTable,
    ShowCreateView,
    ShowDatabases,
    ShowPartitions,
    ShowTableProperties,
    ShowTables,
    Statement,
    TableName,
)


def parse_ddl(cursor: Cursor) -> Statement:
    """Read a statement of Hive's side, from its first word to its end."""
    statement = _statement(cursor)
    cursor.expect_end()
    return statement


def _statement(cursor: Cursor) -> Statement:
    if cursor.take("CREATE"):
        return _create(cursor)
    if cursor.take("DROP"):
        return _drop(cursor)
    if cursor.take("SHOW"):
        return _show(cursor)
    if cursor.take("MSCK"):
        cursor.expect("REPAIR", "TABLE")
        return RepairTable(target=cursor.table_name(hive=True))
    if cursor.take("DESCRIBE") or cursor.take("DESC"):
        return _describe(cursor)
    cursor.expect("ALTER")
    return _alter(cursor)


def _create(cursor: Cursor) -> Statement:
    if cursor.take("EXTERNAL"):
        cursor.expect("TABLE")
        return create_external_table(cursor)
    if cursor.take("TABLE"):
        raise _managed_table(cursor)
    if not cursor.take("DATABASE") and not cursor.take("SCHEMA"):
        cursor.fail("'DATABASE'", "'EXTERNAL'", "'OR'", "'SCHEMA'", "'TABLE'", "'VIEW'")
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    name = cursor.database_name(hive=True)
    comment = cursor.string() if cursor.take("COMMENT") else None
    location = str(cursor.place()) if cursor.take("LOCATION") else None
    properties: Mapping[str, str] = {}
    if cursor.take("WITH"):
        cursor.expect("DBPROPERTIES")
        properties = cursor.properties()
    return CreateDatabase(
        name=name, if_not_exists=if_not_exists, comment=comment, location=location, properties=properties
    )


def _managed_table(cursor: Cursor) -> StatementRefused | QueryFailed:
    """CREATE TABLE with neither EXTERNAL nor AS (AWS: create-table, only Iceberg tables are made so)."""
    cursor.take("IF", "NOT", "EXISTS")
    cursor.table_name(hive=True)
    if cursor.sees("LIKE"):
        return StatementRefused(UNSUPPORTED, hint="CREATE TABLE LIKE is not part of Athena's DDL")
    while not cursor.done:
        token = cursor.peek()
        if token is not None and token.text.lower() == "table_type":
            return QueryFailed("NOT_SUPPORTED", "Iceberg tables are not supported yet")
        cursor.at += 1
    return StatementRefused("line 1:8: mismatched input 'TABLE'. Expecting: 'EXTERNAL'")


def _drop(cursor: Cursor) -> Statement:
    if cursor.take("TABLE"):
        if_exists = cursor.take("IF", "EXISTS")
        target = cursor.table_name(hive=True)
        cursor.take("PURGE")
        return DropTable(target=target, if_exists=if_exists)
    if cursor.take("VIEW"):
        if_exists = cursor.take("IF", "EXISTS")
        return DropView(target=cursor.table_name(hive=False), if_exists=if_exists)
    if not cursor.take("DATABASE") and not cursor.take("SCHEMA"):
        cursor.fail("'DATABASE'", "'SCHEMA'", "'TABLE'", "'VIEW'")
    if_exists = cursor.take("IF", "EXISTS")
    name = cursor.database_name(hive=True)
    cascade = cursor.take("CASCADE")
    if not cascade:
        cursor.take("RESTRICT")
    return DropDatabase(name=name, if_exists=if_exists, cascade=cascade)


def _show(cursor: Cursor) -> Statement:
    if cursor.take("DATABASES") or cursor.take("SCHEMAS"):
        cursor.take("LIKE")
        return ShowDatabases(pattern=cursor.opt_string())
    if cursor.sees("TABLES") or cursor.sees("VIEWS"):
        views_only = cursor.take("VIEWS") or not cursor.take("TABLES")
        database = cursor.database_name(hive=True) if cursor.take("IN") or cursor.take("FROM") else None
        cursor.take("LIKE")
        return ShowTables(database=database, pattern=cursor.opt_string(), views_only=views_only)
    if cursor.take("COLUMNS"):
        return ShowColumns(target=_of_database(cursor))
    if cursor.take("PARTITIONS"):
        return ShowPartitions(target=cursor.table_name(hive=True))
    if cursor.take("CREATE", "TABLE"):
        return ShowCreateTable(target=cursor.table_name(hive=True))
    if cursor.take("CREATE", "VIEW"):
        return ShowCreateView(target=cursor.table_name(hive=False))
    if cursor.take("TBLPROPERTIES"):
        return _show_properties(cursor)
    return cursor.fail(
        "'COLUMNS'",
        "'CREATE'",
        "'DATABASES'",
        "'PARTITIONS'",
        "'SCHEMAS'",
        "'TABLES'",
        "'TBLPROPERTIES'",
        "'VIEWS'",
    )


def _show_properties(cursor: Cursor) -> ShowTableProperties:
    target = cursor.table_name(hive=True)
    name = None
    if cursor.take("("):
        name = cursor.string()
        cursor.expect(")")
    return ShowTableProperties(target=target, name=name)


def _of_database(cursor: Cursor) -> TableName:
    """``{FROM | IN} table [{FROM | IN} database]`` (AWS: show-columns)."""
    if not cursor.take("FROM") and not cursor.take("IN"):
        cursor.fail("'FROM'", "'IN'")
    target = cursor.table_name(hive=True)
    if cursor.take("FROM") or cursor.take("IN"):
        database = cursor.database_name(hive=True)
        return TableName(name=target.name, database=database, line=target.line, column=target.column)
    return target


def _describe(cursor: Cursor) -> Statement:
    if cursor.sees("VIEW") and cursor.peek(1) is not None:
        cursor.take("VIEW")
        return Describe(target=cursor.table_name(hive=True))
    extended = cursor.take("EXTENDED")
    formatted = not extended and cursor.take("FORMATTED")
    target = cursor.table_name(hive=True)
    if not cursor.done:
        raise QueryFailed("NOT_SUPPORTED", "DESCRIBE of a partition or a column is not supported yet")
    return Describe(target=target, extended=extended, formatted=formatted)


def _alter(cursor: Cursor) -> Statement:
    if not cursor.take("TABLE"):
        raise QueryFailed("NOT_SUPPORTED", "only ALTER TABLE .. ADD | DROP PARTITION is supported yet")
    target = cursor.table_name(hive=True)
    if cursor.take("ADD"):
        return _add_partitions(cursor, target)
    if cursor.take("DROP"):
        return _drop_partitions(cursor, target)
    raise QueryFailed("NOT_SUPPORTED", "only ALTER TABLE .. ADD | DROP PARTITION is supported yet")


def _add_partitions(cursor: Cursor, target: TableName) -> Statement:
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    if not if_not_exists and cursor.sees("COLUMNS"):
        raise QueryFailed("NOT_SUPPORTED", "ALTER TABLE .. ADD COLUMNS is not supported yet")
    partitions: list[tuple[Mapping[str, str], S3Uri | None]] = []
    while cursor.take("PARTITION"):
        values = _partition_spec(cursor)
        place = cursor.place().as_prefix if cursor.take("LOCATION") else None
        partitions.append((values, place))
        cursor.take(",")
    if not partitions:
        cursor.fail("'PARTITION'")
    return AddPartitions(target=target, if_not_exists=if_not_exists, partitions=tuple(partitions))


def _drop_partitions(cursor: Cursor, target: TableName) -> Statement:
    if_exists = cursor.take("IF", "EXISTS")
    dropped: list[Mapping[str, str]] = []
    while cursor.take("PARTITION"):
        dropped.append(_partition_spec(cursor))
        cursor.take(",")
    if not dropped:
        cursor.fail("'PARTITION'")
    return DropPartitions(target=target, if_exists=if_exists, partitions=tuple(dropped))


def _partition_spec(cursor: Cursor) -> Mapping[str, str]:
    """``(name = 'value', ...)``; numbers may stand without quotes."""
    cursor.expect("(")
    values: dict[str, str] = {}
    while True:
        name = cursor.hive_name()
        cursor.expect("=")
        values[name] = _partition_value(cursor)
        if not cursor.take(","):
            break
    cursor.expect(")")
    return values


def _partition_value(cursor: Cursor) -> str:
    cursor.take("DATE")
    text = cursor.opt_string()
    if text is not None:
        return text
    sign = "-" if cursor.take("-") else ""
    token = cursor.peek()
    if token is None or not token.text.replace(".", "").isdigit():
        cursor.fail("string", "number")
    cursor.at += 1
    return sign + token.text
