"""The statements that sqlglot leaves opaque: what begins with CREATE, DROP, ALTER, SHOW, DESCRIBE, MSCK."""

from __future__ import annotations

from collections.abc import Mapping

from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql.alter import parse_alter
from lakebench.sql.alterations import RepairTable
from lakebench.sql.cursor import UNSUPPORTED, Cursor
from lakebench.sql.ddl_names import NameIn, ddl_table
from lakebench.sql.definitions import CreateDatabase, DropDatabase, DropTable, DropView
from lakebench.sql.hive import create_external_table
from lakebench.sql.show import parse_describe, parse_show
from lakebench.sql.statement import Statement

_NO_LOCATION = "No location was specified for table. An S3 location must be specified"
_CREATABLE = ("'DATABASE'", "'EXTERNAL'", "'OR'", "'SCHEMA'", "'TABLE'", "'VIEW'")


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
        return parse_show(cursor)
    if cursor.take("MSCK"):
        cursor.expect("REPAIR", "TABLE")
        return RepairTable(target=ddl_table(cursor))
    if cursor.take("DESCRIBE") or cursor.take("DESC"):
        return parse_describe(cursor)
    cursor.expect("ALTER")
    return parse_alter(cursor)


def _create(cursor: Cursor) -> Statement:
    if cursor.take("EXTERNAL"):
        cursor.expect("TABLE")
        return create_external_table(cursor)
    if cursor.take("TABLE"):
        raise _managed_table(cursor)
    if not cursor.take("DATABASE") and not cursor.take("SCHEMA"):
        cursor.fail(*_CREATABLE)
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
    ddl_table(cursor, NameIn.CREATE_TABLE)
    if cursor.sees("LIKE"):
        return StatementRefused(UNSUPPORTED, hint="CREATE TABLE LIKE is not part of Athena's DDL")
    words = [token.text.lower() for token in cursor.tokens[cursor.at :]]
    if "table_type" in words:
        return QueryFailed("NOT_SUPPORTED", "Iceberg tables are not supported yet")
    if "location" not in words:
        return StatementRefused(_NO_LOCATION)
    return StatementRefused("line 1:8: mismatched input 'TABLE'. Expecting: 'EXTERNAL'")


def _drop(cursor: Cursor) -> Statement:
    if cursor.take("TABLE"):
        if_exists = cursor.take("IF", "EXISTS")
        target = ddl_table(cursor, NameIn.DROP_TABLE)
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
