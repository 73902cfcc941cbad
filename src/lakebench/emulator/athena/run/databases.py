"""CREATE, ALTER, DROP and SHOW DATABASE."""

from __future__ import annotations

from dataclasses import replace

from lakebench.catalog import Database
from lakebench.catalog.store import AlreadyExists, NotFound
from lakebench.emulator.athena.columns import text_columns
from lakebench.emulator.athena.name_pattern import matches_regex
from lakebench.emulator.athena.run.context import DEFAULT, RunContext
from lakebench.emulator.athena.run.hive import DDL_TASK, database_missing, hive_failed
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.errors import QueryFailed
from lakebench.sql.statement import AlterDatabase, CreateDatabase, DropDatabase, ShowDatabases


def ensure_database(context: RunContext, name: str) -> bool:
    """Whether the database exists; ``default`` comes into being on first use, as with Athena."""
    if context.catalog.database(name) is not None:
        return True
    if name != DEFAULT:
        return False
    try:
        context.catalog.create_database(Database(name=DEFAULT))
    except AlreadyExists:
        return True
    return True


def require_database(context: RunContext, name: str) -> None:
    """Raise the engine's SCHEMA_NOT_FOUND when the database is missing."""
    if not ensure_database(context, name):
        raise QueryFailed("SCHEMA_NOT_FOUND", f"Schema '{name}' does not exist", line=1, column=1)


def create_database(context: RunContext, statement: CreateDatabase) -> TextResult:
    """CREATE DATABASE [IF NOT EXISTS]."""
    database = Database(
        name=statement.name,
        description=statement.comment,
        location=statement.location,
        parameters=statement.properties,
    )
    try:
        context.catalog.create_database(database)
    except AlreadyExists:
        if not statement.if_not_exists:
            raise hive_failed(DDL_TASK + f"Database {statement.name} already exists") from None
    return TextResult()


def alter_database(context: RunContext, statement: AlterDatabase) -> TextResult:
    """ALTER DATABASE SET DBPROPERTIES: given keys are set, the others stay."""
    database = context.catalog.database(statement.name)
    if database is None:
        raise database_missing(statement.name)
    parameters = {**database.parameters, **statement.properties}
    context.catalog.update_database(replace(database, parameters=parameters))
    return TextResult()


def drop_database(context: RunContext, statement: DropDatabase) -> TextResult:
    """DROP DATABASE [IF EXISTS] [CASCADE]; with tables in it, only CASCADE drops it."""
    if context.catalog.database(statement.name) is None:
        if statement.if_exists:
            return TextResult()
        raise database_missing(statement.name)
    if not statement.cascade and context.catalog.tables(statement.name):
        raise hive_failed(
            DDL_TASK + f"InvalidOperationException(message:Database {statement.name} is not empty. "
            "One or more tables exist.)"
        )
    try:
        context.catalog.delete_database(statement.name)
    except NotFound:
        if not statement.if_exists:
            raise database_missing(statement.name) from None
    return TextResult()


def show_databases(context: RunContext, statement: ShowDatabases) -> TextResult:
    """SHOW DATABASES [LIKE regex]: one name a line; ``s.*`` begins with s (AWS: show-databases; measured)."""
    names = sorted(database.name for database in context.catalog.databases())
    return TextResult(
        lines=tuple(name for name in names if matches_regex(statement.pattern, name)),
        columns=text_columns("database_name"),
        update_count=0,
    )
