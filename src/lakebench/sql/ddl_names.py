"""Table names in Hive's DDL, and Athena's words for those that it does not take.

Which words depends on the statement, on how many parts the name has and on which of them stands in
double quotes; all forms are measured (athena-local, docs/dev/measurements/statements.md, 2026-09-25).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from sqlglot.tokenizer_core import Token

from lakebench.errors import StatementRefused
from lakebench.sql.cursor import BACK_TICKS, CATALOG, UNSUPPORTED, Cursor, column_of, refuse
from lakebench.sql.table_name import TableName


class NameIn(Enum):
    """The statement that a name stands in."""

    DESCRIBE = auto()
    SHOW_COLUMNS = auto()
    SHOW_CREATE_TABLE = auto()
    DROP_TABLE = auto()
    ALTER_TABLE = auto()
    CREATE_TABLE = auto()
    OTHER = auto()


_LOOKED_UP = {NameIn.DESCRIBE, NameIn.SHOW_COLUMNS, NameIn.SHOW_CREATE_TABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadName:
    """A name and why it is refused, if it is: DESCRIBE of a view takes double quotes all the same."""

    target: TableName
    refusal: StatementRefused | None = None


def ddl_table(cursor: Cursor, where: NameIn = NameIn.OTHER) -> TableName:
    """Read a table's name; raises StatementRefused."""
    read = read_ddl_table(cursor, where)
    if read.refusal is not None:
        raise read.refusal
    return read.target


def read_ddl_table(cursor: Cursor, where: NameIn) -> ReadName:
    """Read a table's name of one to three parts; the catalogue must be AwsDataCatalog."""
    start = cursor.at
    texts = [cursor.name()]
    parts = [cursor.tokens[start]]
    dots: list[Token] = []
    while cursor.sees("."):
        dots.append(cursor.next())
        cursor.at += 1
        parts.append(cursor.next())
        texts.append(cursor.name())
    bare = next((part for part in parts if cursor.raw(part).startswith("_")), None)
    if bare is not None and where is NameIn.CREATE_TABLE:
        raise cursor.error_at(bare, BACK_TICKS)
    if len(texts) == 1 and texts[0].count(".") == 1 and cursor.raw(parts[0])[0] == "`":
        texts = texts[0].split(".")  # SHOW CREATE TABLE writes `database.table` so
    quoted = next((at for at, part in enumerate(parts[:3]) if cursor.in_double_quotes(part)), None)
    if len(parts) > 3:
        if where in _LOOKED_UP:
            raise StatementRefused(f"Invalid table name {'.'.join(texts)}")
        raise _too_many(cursor, where, dots[2]) if quoted is None else _quoted(cursor, where, parts, quoted)
    catalog = texts[0] if len(texts) == 3 else None
    if catalog not in {None, CATALOG}:
        raise StatementRefused(
            f"Catalog '{cursor.raw(parts[0])}' does not exist", athena_error_code="DATACATALOG_NOT_FOUND"
        )
    target = TableName(
        name=texts[-1],
        database=texts[-2] if len(texts) > 1 else None,
        catalog=catalog,
        line=parts[0].line,
        column=column_of(parts[0]),
    )
    return ReadName(target=target, refusal=None if quoted is None else _quoted(cursor, where, parts, quoted))


def _quoted(cursor: Cursor, where: NameIn, parts: list[Token], at: int) -> StatementRefused:
    if where is NameIn.SHOW_CREATE_TABLE:
        return StatementRefused(UNSUPPORTED)
    if where in {NameIn.ALTER_TABLE, NameIn.CREATE_TABLE} or (where is NameIn.DESCRIBE and at == 0):
        return cursor.no_viable(cursor.tokens[0], parts[at])
    if at == 1:
        return cursor.no_viable(parts[0], parts[1])
    return cursor.error_at(parts[at], "identifier (names are quoted with back-ticks in DDL)")


def _too_many(cursor: Cursor, where: NameIn, dot: Token) -> StatementRefused:
    if where is NameIn.ALTER_TABLE:
        return cursor.no_viable(cursor.tokens[0], dot)
    wanted = " expecting {<EOF>, 'PURGE'}" if where is NameIn.DROP_TABLE else ""
    return refuse(f"mismatched input '.'{wanted}", dot.line, column_of(dot))
