"""The door of the room: one text becomes one statement, or is refused as Athena refuses it at start."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot.tokenizer_core import Token, TokenType

from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql.ctas import create_table_as
from lakebench.sql.cursor import UNSUPPORTED, Cursor, ddl_tokens, query_tokens, refuse
from lakebench.sql.ddl import parse_ddl
from lakebench.sql.explain import parse_explain
from lakebench.sql.leading import first_word
from lakebench.sql.prepared import deallocate, execute, prepare
from lakebench.sql.query import parse_query
from lakebench.sql.statement import CreateView, InsertInto, Query, Statement
from lakebench.sql.unload import parse_unload

MAX_QUERY_BYTES = 262_144
"""The longest query text, in bytes of UTF-8 (AWS: service-limits)."""

_QUERY_WORDS = {"SELECT", "WITH", "VALUES", "TABLE", "("}
_HIVE_WORDS = {"CREATE", "DROP", "SHOW", "MSCK", "DESCRIBE", "DESC", "ALTER"}
_COMMANDS: Mapping[str, Callable[[Cursor], Statement]] = {
    "PREPARE": prepare,
    "EXECUTE": execute,
    "UNLOAD": parse_unload,
}
"""Words of Trino's side for which sqlglot has no grammar."""
_LATER_WORDS = {"OPTIMIZE", "VACUUM", "USING"}
_CHANGES = {"UPDATE", "DELETE", "MERGE"}
_STATEMENT_WORDS = (
    *("'ALTER'", "'CREATE'", "'DEALLOCATE'", "'DELETE'", "'DESC'", "'DESCRIBE'", "'DROP'", "'EXECUTE'"),
    *(
        "'EXPLAIN'",
        "'INSERT'",
        "'MERGE'",
        "'MSCK'",
        "'PREPARE'",
        "'SHOW'",
        "'UNLOAD'",
        "'UPDATE'",
        "'VACUUM'",
    ),
    "<query>",
)


def parse(text: str) -> Statement:
    """Read one statement; a trailing semicolon and comments are taken.

    Raises StatementRefused for what StartQueryExecution refuses (syntax, too long, empty), QueryFailed
    with NOT_SUPPORTED or INVALID_TABLE_PROPERTY for what Athena accepts and then fails, or what is
    not built yet.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_QUERY_BYTES:
        raise StatementRefused(
            f"Query string has {size} bytes, the maximum is {MAX_QUERY_BYTES}",
            athena_error_code="INVALID_INPUT",
        )
    word, end = first_word(text)
    if word in _HIVE_WORDS and not _is_trinos(text):
        return parse_ddl(Cursor(text, _one_statement(text, ddl_tokens(text)), hive=True))
    if word == "EXPLAIN":
        rest = _blank(text, end)
        return parse_explain(Cursor(rest, query_tokens(rest)), lambda start: parse(_blank(text, start)))
    if word == "DEALLOCATE":
        return deallocate(Cursor(text, _one_statement(text, ddl_tokens(text)), hive=True))
    if word in _COMMANDS:
        rest = _blank(text, end)
        return _COMMANDS[word](Cursor(rest, _one_statement(rest, query_tokens(rest))))
    return _parse_trino(Cursor(text, _one_statement(text, query_tokens(text))))


def _is_trinos(text: str) -> bool:
    """Whether Athena runs this CREATE or DROP with Trino: views, and tables made from a query."""
    try:
        cursor = Cursor(text, ddl_tokens(text))
    except StatementRefused:  # a text that ends in a backslash is one in Trino's lexis only
        cursor = Cursor(text, query_tokens(text))
    if cursor.take("CREATE"):
        cursor.take("OR", "REPLACE")
        cursor.take("PROTECTED", "MULTI", "DIALECT")
        if cursor.take("VIEW"):
            return True
        if not cursor.take("TABLE"):
            return False
        cursor.take("IF", "NOT", "EXISTS")
        while not cursor.done and not cursor.sees("("):
            if cursor.sees("AS") or cursor.sees("WITH"):
                return True
            cursor.at += 1
        if not cursor.done:  # names of a query's columns, or Hive's columns with their types
            cursor.skip_parentheses()
            return cursor.sees("AS") or cursor.sees("WITH")
    return False


def _one_statement(text: str, tokens: list[Token]) -> list[Token]:
    """Drop trailing semicolons; a second statement is refused (AWS: one statement per call)."""
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens = tokens[:-1]
    if not tokens:
        raise StatementRefused(UNSUPPORTED)
    for at, token in enumerate(tokens):
        if token.token_type == TokenType.SEMICOLON:
            after = tokens[at + 1]
            raise refuse(
                "Only one sql statement is allowed. Got: " + text.strip(),
                after.line,
                after.col - after.end + after.start,
            )
    return tokens


def _parse_trino(cursor: Cursor) -> Statement:
    first = cursor.next()
    word = first.text.upper()
    if word in _QUERY_WORDS:
        return parse_query(cursor.text, cursor.tokens)
    if cursor.take("INSERT"):
        return _insert(cursor)
    if cursor.take("CREATE"):
        return _create(cursor)
    if word in _CHANGES:
        raise QueryFailed(
            "NOT_SUPPORTED", "Modifying Hive table rows is only supported for transactional tables"
        )
    if word in _LATER_WORDS:
        raise QueryFailed("NOT_SUPPORTED", f"{word} is not supported yet")
    raise cursor.error_at(first, *_STATEMENT_WORDS)


def _rest(cursor: Cursor) -> Query:
    return parse_query(cursor.text, cursor.tokens[cursor.at :])


def _create(cursor: Cursor) -> Statement:
    replace = cursor.take("OR", "REPLACE")
    if not replace and cursor.take("TABLE"):
        return create_table_as(cursor)
    if cursor.sees("PROTECTED") or cursor.sees("MULTI"):
        raise QueryFailed("NOT_SUPPORTED", "Protected multi-dialect views are not supported yet")
    if not cursor.take("VIEW"):
        cursor.fail("'MATERIALIZED'", "'MULTI'", "'PROTECTED'", "'VIEW'")
    target = cursor.table_name(hive=False)
    if cursor.sees("COMMENT"):
        raise QueryFailed("NOT_SUPPORTED", "COMMENT in CREATE VIEW is not supported yet")
    cursor.expect("AS")
    if cursor.done:
        cursor.fail()
    start, end = cursor.tokens[cursor.at].start, cursor.tokens[-1].end
    return CreateView(target=target, replace=replace, query=_rest(cursor), text=cursor.text[start : end + 1])


def _insert(cursor: Cursor) -> Statement:
    cursor.expect("INTO")
    target = cursor.table_name(hive=False)
    columns: list[str] = []
    if cursor.sees("(") and not cursor.sees("(", "SELECT") and not cursor.sees("(", "WITH"):
        cursor.expect("(")
        columns.append(cursor.name())
        while cursor.take(","):
            columns.append(cursor.name())
        cursor.expect(")")
    return InsertInto(target=target, columns=tuple(columns), query=_rest(cursor))


def _blank(text: str, end: int) -> str:
    """sqlglot takes all that follows a command's word for one token: blank it out, positions stay."""
    return "".join(sign if sign == "\n" else " " for sign in text[:end]) + text[end:]
