"""PREPARE, EXECUTE and DEALLOCATE PREPARE (AWS: sql-prepare, sql-execute, sql-deallocate-prepare).

Prepared statements belong to the workgroup; the text after FROM is kept as it was written.
"""

from __future__ import annotations

from sqlglot.tokenizer_core import TokenType

from lakebench.sql.cursor import Cursor
from lakebench.sql.statement import Deallocate, ExecutePrepared, Prepare

_OPENING, _CLOSING = {"(", "["}, {")", "]"}


def prepare(cursor: Cursor) -> Prepare:
    """Read from the name on (``PREPARE`` is read)."""
    name = _name(cursor)
    cursor.expect("FROM")
    start = cursor.next().start
    return Prepare(name=name, text=cursor.text[start : cursor.tokens[-1].end + 1])


def execute(cursor: Cursor) -> ExecutePrepared:
    """Read from the name on (``EXECUTE`` is read)."""
    name = _name(cursor)
    if cursor.done:
        return ExecutePrepared(name=name)
    cursor.expect("USING")
    return ExecutePrepared(name=name, arguments=_arguments(cursor))


def deallocate(cursor: Cursor) -> Deallocate:
    """Read a whole ``DEALLOCATE PREPARE name``."""
    cursor.expect("DEALLOCATE", "PREPARE")
    name = _name(cursor)
    cursor.expect_end()
    return Deallocate(name=name)


def _name(cursor: Cursor) -> str:
    """The statement's name as it is written: the API's names keep their case."""
    token = cursor.next()
    cursor.name()
    return token.text


def _arguments(cursor: Cursor) -> tuple[str, ...]:
    """The texts between commas that stand in no parenthesis."""
    arguments: list[str] = []
    depth, start = 0, cursor.next().start
    end = start
    while not cursor.done:
        token = cursor.next()
        sign = token.text if token.token_type not in {TokenType.STRING, TokenType.IDENTIFIER} else ""
        if sign == "," and depth == 0:
            arguments.append(cursor.text[start:end])
            cursor.at += 1
            start = end = cursor.next().start
            continue
        depth += (sign in _OPENING) - (sign in _CLOSING)
        end = token.end + 1
        cursor.at += 1
    arguments.append(cursor.text[start:end])
    if not all(argument.strip() for argument in arguments):
        cursor.fail("expression")
    return tuple(arguments)
