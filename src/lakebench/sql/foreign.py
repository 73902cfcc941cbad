"""Syntax that sqlglot reads for other dialects' sake and that Trino's grammar has not."""

from __future__ import annotations

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


def refuse_foreign_nodes(text: str, tree: exp.Expr) -> None:
    """Refuse names in single quotes (``FROM '/etc/passwd'``), ``* EXCLUDE`` and SELECT without a list."""
    for node in tree.walk():
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
