"""ExecutionParameters: values for the question marks of a statement.

A value that parses as an expression without column references is that expression, anything else is a
string literal; values for a statement without question marks are ignored (facts/athena.md 4,
measured 2026-09). The marks are found by the SQL tokenizer, so those inside strings and comments stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token

from lakebench.errors import QueryFailed
from lakebench.sql import parse

_DIALECT = "athena"
_SWALLOWING = {"UNLOAD", "EXPLAIN", "ANALYZE", "VERBOSE"}


def bind_parameters(sql: str, values: Sequence[str]) -> str:
    """The statement with each question mark replaced by its value.

    Raises QueryFailed INVALID_PARAMETER_USAGE when their numbers differ. A text that cannot be
    tokenized comes back unchanged: the parser says what is wrong with it.
    """
    if "?" not in sql:
        return sql
    try:
        marks = _marks(sql)
    except TokenError:
        return sql
    if not marks:
        return sql
    if len(marks) != len(values):
        raise QueryFailed(
            "INVALID_PARAMETER_USAGE",
            f"Incorrect number of parameters: expected {len(marks)} but found {len(values)}",
            line=1,
            column=1,
        )
    parts, end = [], 0
    for mark, value in zip(marks, values, strict=True):
        parts += [sql[end : mark.start], _literal(value)]
        end = mark.end + 1
    return "".join([*parts, sql[end:]])


def check_parameterized(sql: str) -> None:
    """Whether a statement with question marks parses once they are filled.

    Raises StatementRefused; a statement that Athena takes and then cannot run is taken.
    """
    try:
        marks = len(_marks(sql))
    except TokenError:
        marks = 0
    with suppress(QueryFailed):
        parse(bind_parameters(sql, ["NULL"] * marks))


def _marks(sql: str) -> list[Token]:
    """The question marks. UNLOAD and EXPLAIN are blanked: sqlglot takes what follows them for one token."""
    tokens = sqlglot.tokenize(sql, read=_DIALECT)
    while tokens and tokens[0].text.upper() in _SWALLOWING:
        end = tokens[0].end + 1
        sql = " " * end + sql[end:]
        tokens = sqlglot.tokenize(sql, read=_DIALECT)
    return [token for token in tokens if token.token_type is sqlglot.TokenType.PLACEHOLDER]


def _literal(value: str) -> str:
    try:
        parsed = sqlglot.parse_one(f"SELECT ({value}\n)", read=_DIALECT)
    except (ParseError, TokenError):
        return _quoted(value)
    selects = parsed.selects if isinstance(parsed, exp.Select) else []
    if len(selects) != 1 or parsed.find(exp.Column, exp.Star, exp.Placeholder, exp.From):
        return _quoted(value)
    if isinstance(selects[0], exp.Tuple) and not selects[0].expressions:  # nothing but a comment, say
        return _quoted(value)
    if isinstance(selects[0].unnest(), exp.Literal | exp.Null | exp.Boolean) and "--" not in value:
        return value  # LIMIT takes no parenthesis
    return f"({value}\n)" if "--" in value else f"({value})"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
