"""Syntax that sqlglot reads for other dialects' sake and that Trino's grammar has not."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from lakebench.errors import StatementRefused
from lakebench.sql.cursor import UNSUPPORTED, column_of, refuse
from lakebench.sql.errors import position

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
    if isinstance(node, exp.Qualify):
        return "QUALIFY"
    return None


_FOREIGN_JOINS = {"SEMI", "ANTI", "STRAIGHT"}


def refuse_foreign_nodes(text: str, tokens: list[Token], nodes: Sequence[exp.Expr]) -> None:
    """Refuse what other dialects have: names in single quotes, ``* EXCLUDE``, PIVOT, QUALIFY, ASOF joins.

    SELECT without a list and GROUP BY ALL without an element are incomplete statements.
    """
    for node in nodes:
        word = _foreign_word(node)
        if word is not None:
            token = next((t for t in tokens if t.text.upper() in {word, "%"}), tokens[-1])
            raw = text[token.start : token.end + 1]
            raise refuse(f"mismatched input '{raw}'", token.line, column_of(token))
        if isinstance(node, exp.Group) and not any(v for k, v in node.args.items() if k != "all"):
            raise StatementRefused(UNSUPPORTED)
        if isinstance(node, exp.Select) and not node.expressions:
            raise StatementRefused(UNSUPPORTED)
        if isinstance(node, exp.Identifier):
            start = node.meta.get("start")
            if start is not None and text[start] == "'":
                raise _quoted_name(text, node)
        elif isinstance(node, exp.Star) and any(node.args.values()):
            line, column = position(node)
            word = next(key for key, value in node.args.items() if value).strip("_").upper()
            raise refuse(f"mismatched input '{word}'", line or 1, column or 1)


def _quoted_name(text: str, node: exp.Identifier) -> StatementRefused:
    line, column = position(node)
    shown = text[node.meta["start"] : node.meta["end"] + 1]
    return refuse(f"mismatched input '{shown}'. Expecting: identifier", line or 1, column or 1)
