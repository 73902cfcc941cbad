"""Syntax that sqlglot reads for other dialects' sake and that Trino's grammar has not."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from lakebench.errors import StatementRefused
from lakebench.sql.cursor import UNSUPPORTED, column_of, refuse
from lakebench.sql.errors import position
from lakebench.sql.foreign_lexis import RESERVED

_FOREIGN_SIGNS = {TokenType.DCOLON, TokenType.L_BRACE, TokenType.PARAMETER, TokenType.DAMP, TokenType.HASH}
_BEFORE_VALUES = {"SELECT", "DISTINCT", "WHERE", "AND", "OR", "NOT", "BY", "THEN", "ELSE", "WHEN", "IN", "ON"}


def refuse_foreign_signs(text: str, tokens: list[Token]) -> None:
    """Refuse ``::``, ``{``, ``@``, a list without ARRAY, and LIMIT before OFFSET."""
    for at, token in enumerate(tokens):
        kind = token.token_type
        late = kind == TokenType.OFFSET and at > 1 and tokens[at - 2].token_type == TokenType.LIMIT
        bare_list = kind == TokenType.L_BRACKET and _starts_a_value(tokens, at)
        if token.text == "`":
            message = "backquoted identifiers are not supported; use double quotes to quote identifiers"
            raise refuse(message, token.line, column_of(token))
        if late or bare_list or kind in _FOREIGN_SIGNS:
            raw = text[token.start : token.end + 1]
            raise refuse(f"mismatched input '{raw}'", token.line, column_of(token))


def _starts_a_value(tokens: list[Token], at: int) -> bool:
    """Whether a bracket has nothing before it that it could be a subscript of."""
    if at == 0:
        return True
    before = tokens[at - 1]
    if before.token_type in {TokenType.IDENTIFIER, TokenType.STRING} or before.text in {")", "]"}:
        return False
    word = before.text[:1].isalnum() or before.text[:1] == "_"
    return not word or before.text.upper() in _BEFORE_VALUES


def _foreign_word(node: exp.Expr) -> str | None:
    """The word with which a clause begins that Trino's grammar has not."""
    if isinstance(node, exp.Pivot):
        return "UNPIVOT" if node.args.get("unpivot") else "PIVOT"
    if isinstance(node, exp.Join):
        method, kind = node.method.upper(), str(node.args.get("kind") or "").upper()
        return method if method not in {"", "NATURAL"} else kind if kind in _FOREIGN_JOINS else None
    if isinstance(node, exp.Distinct) and node.args.get("on") is not None:
        return "ON"
    if isinstance(node, exp.LimitOptions) and node.args.get("percent"):
        return "PERCENT"
    if isinstance(node, (exp.Rollup, exp.Cube)) and not node.expressions:
        return "WITH"
    if isinstance(node, exp.Alias) and not isinstance(node.parent, exp.Select):
        return node.alias.upper()
    return next((word for kind, key, word in _FOREIGN_NODES if _has(node, kind, key)), None)


def _has(node: exp.Expr, kind: type[exp.Expr], key: str) -> bool:
    return isinstance(node, kind) and (not key or node.args.get(key) not in (None, [], False))


_FOREIGN_NODES: tuple[tuple[type[exp.Expr], str, str], ...] = (
    (exp.Qualify, "", "QUALIFY"),
    (exp.ILike, "", "ILIKE"),
    (exp.RegexpLike, "", "RLIKE"),
    (exp.SimilarTo, "", "SIMILAR"),
    (exp.Glob, "", "GLOB"),
    (exp.Lateral, "view", "VIEW"),
    (exp.Lock, "", "UPDATE"),
    (exp.Into, "", "INTO"),
    (exp.Sort, "", "SORT BY"),
    (exp.Cluster, "", "CLUSTER BY"),
    (exp.Distribute, "", "DISTRIBUTE BY"),
    (exp.Connect, "", "CONNECT"),
    (exp.IntDiv, "", "DIV"),
    (exp.BitwiseLeftShift, "", "<"),
    (exp.BitwiseRightShift, "", ">"),
    (exp.Collate, "", "COLLATE"),
    (exp.Overlaps, "", "OVERLAPS"),
    (exp.Between, "symmetric", "SYMMETRIC"),
    (exp.Placeholder, "this", ":"),
    (exp.PropertyEQ, "", ":="),
    (exp.JSONBContainsTopKey, "", "?"),
    (exp.SetOperation, "by_name", "BY"),
    (exp.CTE, "materialized", "MATERIALIZED"),
    (exp.Limit, "expressions", "BY"),
)
_OTHER_WORDS = {"%", "REGEXP", "SHARE", "CORRESPONDING"}
"""Other spellings of what the nodes stand for."""


_FOREIGN_JOINS = {"SEMI", "ANTI", "STRAIGHT_JOIN"}


def _stopped_at(tokens: list[Token], word: str, node: exp.Expr) -> Token:
    """The token that Trino refuses: a word after a whole column is its name to it, so the next one."""
    at = next((i for i, t in enumerate(tokens) if t.text.upper() in {word, *_OTHER_WORDS}), len(tokens) - 1)
    named = isinstance(node, exp.Binary) and isinstance(node.parent, exp.Select) and word.isalpha()
    return tokens[min(at + named, len(tokens) - 1)]


def refuse_foreign_nodes(text: str, tokens: list[Token], nodes: Sequence[exp.Expr]) -> None:
    """Refuse what other dialects have: names in single quotes, ``* EXCLUDE``, PIVOT, QUALIFY, ASOF joins.

    SELECT without a list and GROUP BY ALL without an element are incomplete statements.
    """
    for node in nodes:
        word = _foreign_word(node)
        if word is not None:
            token = _stopped_at(tokens, word, node)
            raw = text[token.start : token.end + 1].split(maxsplit=1)[0]
            raise refuse(f"mismatched input '{raw}'", token.line, column_of(token))
        if isinstance(node, exp.Group) and not any(v for k, v in node.args.items() if k != "all"):
            raise StatementRefused(UNSUPPORTED)
        if isinstance(node, exp.Select) and not node.expressions:
            raise StatementRefused(UNSUPPORTED)
        if isinstance(node, exp.Identifier):
            start = node.meta.get("start")
            if start is not None and (text[start] == "'" or _reserved(node)):
                raise _misplaced_name(text, node)
        elif isinstance(node, exp.Star) and any(node.args.values()):
            line, column = position(node)
            word = next(key for key, value in node.args.items() if value).strip("_").upper()
            raise refuse(f"mismatched input '{word}'", line or 1, column or 1)


def _reserved(node: exp.Identifier) -> bool:
    return not node.quoted and node.name.upper() in RESERVED


def _misplaced_name(text: str, node: exp.Identifier) -> StatementRefused:
    line, column = position(node)
    shown = text[node.meta["start"] : node.meta["end"] + 1]
    wanted = "" if _reserved(node) else ". Expecting: identifier"
    return refuse(f"mismatched input '{shown}'{wanted}", line or 1, column or 1)
