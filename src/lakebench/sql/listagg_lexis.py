"""LISTAGG as Trino's grammar has it: a string for a separator, WITHIN GROUP after it, and no OVER."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot.tokenizer_core import Token, TokenType

from lakebench.errors import StatementRefused
from lakebench.sql.cursor import column_of, refuse


def refuse_foreign_listagg(text: str, tokens: Sequence[Token]) -> None:
    """Refuse with Trino's text and place what sqlglot would take (Trino: TestListagg)."""
    for at, token in enumerate(tokens[:-1]):
        if token.text.upper() == "LISTAGG" and tokens[at + 1].token_type == TokenType.L_PAREN:
            _check(text, tokens, at + 1)


def _check(text: str, tokens: Sequence[Token], opened: int) -> None:
    end, commas = _closed(tokens, opened)
    if end is None or end + 1 >= len(tokens):
        return  # an incomplete statement, which is told elsewhere
    if commas and tokens[commas[0] + 1].token_type not in {TokenType.STRING, TokenType.UNICODE_STRING}:
        raise _mismatched(text, tokens[commas[0] + 1], "<string>")
    if len(commas) > 1:
        raise _mismatched(text, tokens[commas[1]], "')', 'ON'")
    if tokens[end + 1].text.upper() != "WITHIN":
        raise _mismatched(text, tokens[end + 1], "'WITHIN'")
    group = next((i for i in range(end + 1, len(tokens)) if tokens[i].token_type == TokenType.L_PAREN), None)
    after, _ = (None, []) if group is None else _closed(tokens, group)
    if after is not None and after + 2 < len(tokens) and tokens[after + 1].text.upper() == "OVER":
        raise _mismatched(text, tokens[after + 2])


def _closed(tokens: Sequence[Token], opened: int) -> tuple[int | None, list[int]]:
    """Where a parenthesis ends, and the commas that stand in no other one."""
    depth = 0
    commas: list[int] = []
    for at in range(opened, len(tokens)):
        kind = tokens[at].token_type
        depth += kind in {TokenType.L_PAREN, TokenType.L_BRACKET}
        depth -= kind in {TokenType.R_PAREN, TokenType.R_BRACKET}
        if depth == 0:
            return at, commas
        if depth == 1 and kind == TokenType.COMMA:
            commas.append(at)
    return None, commas


def _mismatched(text: str, token: Token, expecting: str = "") -> StatementRefused:
    raw = text[token.start : token.end + 1]
    wanted = f". Expecting: {expecting}" if expecting else ""
    return refuse(f"mismatched input '{raw}'{wanted}", token.line, column_of(token))
