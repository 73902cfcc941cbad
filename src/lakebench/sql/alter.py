"""ALTER DATABASE and ALTER TABLE, form by form (AWS: ddl-reference, unsupported-ddl).

Texts of refusals are measured (athena-local, docs/caveats.md, 2026-09): some forms are no grammar at all,
others are taken at start and fail when they run.
"""

from __future__ import annotations

from lakebench.catalog import S3Uri
from lakebench.errors import StatementRefused
from lakebench.sql.alterations import (
    AddColumns,
    AddPartitions,
    ChangeColumn,
    DropColumn,
    DropPartitions,
    PartitionSpec,
    RenamePartition,
    RenameTable,
    ReplaceColumns,
    SetLocation,
    SetTableProperties,
)
from lakebench.sql.cursor import UNSUPPORTED, Cursor, column_of, refuse
from lakebench.sql.ddl_names import NameIn, ddl_table
from lakebench.sql.definitions import AlterDatabase
from lakebench.sql.hive import read_column, read_columns
from lakebench.sql.partition_specs import opt_partition_spec, partition_spec
from lakebench.sql.statement import Statement
from lakebench.sql.table_name import TableName

_ACTIONS = ("'.'", "'ADD'", "'DROP'", "'EXECUTE'", "'RENAME'", "'SET'")


def parse_alter(cursor: Cursor) -> Statement:
    """Read from the word after ALTER on."""
    if cursor.take("DATABASE") or cursor.take("SCHEMA"):
        return _database(cursor)
    if cursor.sees("VIEW") or cursor.sees("INDEX"):
        raise StatementRefused(UNSUPPORTED)
    cursor.expect("TABLE")
    if cursor.take("IF"):
        raise cursor.no_viable(cursor.tokens[0], cursor.next())
    target = ddl_table(cursor, NameIn.ALTER_TABLE)
    partition = opt_partition_spec(cursor)
    if cursor.take("ADD"):
        return _add(cursor, target, partition)
    if cursor.take("RENAME"):
        return _rename(cursor, target, partition)
    if cursor.take("SET"):
        return _set(cursor, target, partition)
    if cursor.take("REPLACE", "COLUMNS"):
        return ReplaceColumns(target=target, columns=read_columns(cursor), partition=partition)
    if partition is None and cursor.sees("DROP"):
        return _drop(cursor, target)
    if partition is None and cursor.take("CHANGE"):
        return _change(cursor, target)
    return _no_action(cursor)


def _no_action(cursor: Cursor) -> Statement:
    word = cursor.next()
    if cursor.sees("EXECUTE"):
        raise cursor.no_viable(cursor.tokens[0], word)
    raise cursor.error_at(word, *_ACTIONS)


def _database(cursor: Cursor) -> AlterDatabase:
    name = cursor.database_name(hive=True)
    cursor.expect("SET", "DBPROPERTIES")
    return AlterDatabase(name=name, properties=cursor.properties())


def _add(cursor: Cursor, target: TableName, partition: PartitionSpec | None) -> Statement:
    if cursor.take("COLUMNS"):
        return AddColumns(target=target, columns=read_columns(cursor), partition=partition)
    if cursor.sees("COLUMN"):
        raise cursor.no_viable(cursor.tokens[0], cursor.next())
    if partition is not None:
        cursor.fail("'COLUMNS'")
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    partitions: list[tuple[PartitionSpec, S3Uri | None]] = []
    while cursor.take("PARTITION"):
        values = partition_spec(cursor)
        place = cursor.place().as_prefix if cursor.take("LOCATION") else None
        partitions.append((values, place))
        cursor.take(",")
    if not partitions:
        cursor.fail("'COLUMNS'", "'IF'", "'PARTITION'")
    return AddPartitions(target=target, if_not_exists=if_not_exists, partitions=tuple(partitions))


def _rename(cursor: Cursor, target: TableName, partition: PartitionSpec | None) -> Statement:
    if partition is not None:
        cursor.expect("TO", "PARTITION")
        return RenamePartition(target=target, old=partition, new=partition_spec(cursor))
    word = cursor.next()
    if not cursor.take("TO"):
        raise refuse(f"missing 'TO' at '{cursor.raw(word)}'", word.line, column_of(word))
    return RenameTable(target=target, new=ddl_table(cursor, NameIn.ALTER_TABLE))


def _set(cursor: Cursor, target: TableName, partition: PartitionSpec | None) -> Statement:
    if cursor.take("LOCATION"):
        return SetLocation(target=target, location=cursor.place(), partition=partition)
    if partition is None and cursor.take("TBLPROPERTIES"):
        return SetTableProperties(target=target, properties=cursor.properties())
    raise cursor.no_viable(cursor.tokens[0], cursor.next())


def _drop(cursor: Cursor, target: TableName) -> Statement:
    verb = cursor.next()
    cursor.expect("DROP")
    noun = cursor.next()
    if cursor.take("COLUMN"):
        if cursor.take("IF"):
            token = cursor.next()
            message = f"mismatched input '{cursor.raw(token)}' expecting {{<EOF>, '.'}}"
            raise refuse(message, token.line, column_of(token))
        cursor.hive_name()
        place = (noun.line, column_of(noun) - 1)
        return DropColumn(target=target, words=(cursor.raw(verb), cursor.raw(noun)), place=place)
    if cursor.sees("COLUMNS"):
        raise cursor.error_at(noun, "'.'", "'DROP'")
    if_exists = cursor.take("IF", "EXISTS")
    dropped: list[PartitionSpec] = []
    while cursor.take("PARTITION"):
        dropped.append(partition_spec(cursor))
        cursor.take(",")
    if not dropped:
        cursor.fail("'COLUMN'", "'IF'", "'PARTITION'")
    cursor.take("PURGE")
    return DropPartitions(target=target, if_exists=if_exists, partitions=tuple(dropped))


def _change(cursor: Cursor, target: TableName) -> ChangeColumn:
    cursor.take("COLUMN")
    old = cursor.hive_name()
    column = read_column(cursor)
    first = cursor.take("FIRST")
    after = cursor.hive_name() if not first and cursor.take("AFTER") else None
    return ChangeColumn(target=target, old=old, column=column, first=first, after=after)
