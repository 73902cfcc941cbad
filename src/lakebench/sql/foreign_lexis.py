"""Signs, words and their order that sqlglot's tokens allow and Trino's grammar does not."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from lakebench.errors import StatementRefused
from lakebench.sql.cursor import UNSUPPORTED, column_of, refuse

_RESERVED_WORDS = (
    "ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE DEALLOCATE DELETE DESCRIBE DISTINCT DROP "
    "ELSE END ESCAPE EXCEPT EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT "
    "INTERSECT INTO IS JOIN LEFT LIKE LISTAGG NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE "
    "RIGHT ROLLUP SELECT SKIP TABLE THEN TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH"
)
RESERVED = frozenset(_RESERVED_WORDS.split())
"""Words that are names only in double quotes (Trino: reserved keywords)."""

_AFTER_A_LIST = {"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "UNION", "EXCEPT", "INTERSECT", "LIMIT", ")"}
_UNITS = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"}
_READ_TO = {"==": 1, "<=>": 2, "->>": 2, "!": 0, "&": 0, "^": 0, "~": 0, "|": 0}
"""Other dialects' signs, and how many of their characters Trino reads before it stops."""
_QUOTED = {TokenType.IDENTIFIER, TokenType.STRING, TokenType.UNICODE_STRING, TokenType.HEX_STRING}
_NUMBERS = {TokenType.NUMBER, TokenType.HEX_STRING, TokenType.BIT_STRING}


def refuse_foreign_lexis(text: str, tokens: list[Token]) -> None:
    """Refuse with Trino's text and place what is no word, number or sign of it, or not in this order."""
    raws = [text[token.start : token.end + 1] for token in tokens]
    for at, token in enumerate(tokens):
        raw = raws[at]
        _refuse_name(token, raw)
        _refuse_number(tokens, raws, at)
        if raw in _READ_TO:
            raise _mismatched(token, raw, _READ_TO[raw])
        if token.token_type == TokenType.NATIONAL_STRING:
            raise _mismatched(token, raw, 1)
        wrong = _wrong_order([r.upper().split(None, 1)[0] for r in raws[at : at + 4]], tokens[at : at + 4])
        if wrong is None:
            continue
        if at + wrong == len(tokens):
            raise StatementRefused(UNSUPPORTED)
        raise _mismatched(tokens[at + wrong], raws[at + wrong])


def _mismatched(token: Token, raw: str, read: int = 0) -> StatementRefused:
    shown = raw[read:].split(None, 1)[0] if token.token_type not in _QUOTED else raw
    return refuse(f"mismatched input '{shown}'", token.line, column_of(token) + read)


def _refuse_name(token: Token, raw: str) -> None:
    """A name out of quotes has letters, digits and underscores of ASCII."""
    if token.token_type == TokenType.IDENTIFIER and raw == '""':
        raise refuse("Zero-length delimited identifier not allowed", token.line, column_of(token))
    if token.token_type == TokenType.VAR:
        wrong = next((i for i, sign in enumerate(raw) if not _in_names(sign)), None)
        if wrong is not None:
            raise refuse(f"mismatched input '{raw[wrong]}'", token.line, column_of(token) + wrong)


def _in_names(sign: str) -> bool:
    return sign == "_" or (sign.isascii() and sign.isalnum())


def _refuse_number(tokens: list[Token], raws: list[str], at: int) -> None:
    """``123t`` and ``0x1F`` are names that begin with a digit; ``1.5x`` is a number and its name."""
    token, raw = tokens[at], raws[at]
    if token.token_type not in _NUMBERS or not raw[0].isdigit():
        return
    touched = at + 1 < len(tokens) and tokens[at + 1].start == token.end + 1 and _in_names(raws[at + 1][0])
    if (touched and "." not in raw) or token.token_type != TokenType.NUMBER:
        message = "identifiers must not start with a digit; surround the identifier with double quotes"
        raise refuse(message, token.line, column_of(token))


def _wrong_order(words: list[str], tokens: list[Token]) -> int | None:
    """Which of these next tokens cannot stand where it stands; the first one is the one read."""
    first, second, third = words[0], words[1] if len(words) > 1 else "", words[2] if len(words) > 2 else ""
    kinds = [token.token_type for token in tokens]
    if kinds[0] in _QUOTED or kinds[0] == TokenType.NUMBER:
        return 1 if kinds[:2] == [TokenType.STRING, TokenType.STRING] else None
    if first == "," and (second in _AFTER_A_LIST or not second):
        return 1
    if first == "TABLESAMPLE" and second == "(":
        return 1
    if first == "IN" and (second, third) == ("(", ")"):
        return 2
    if first == "LIMIT" and third == ",":
        return 2
    if first == ")" and (second, third) == ("FILTER", "(") and words[3:] != ["WHERE"]:
        return 3
    if first == "IS" and words[2 if second == "NOT" else 1 :][:1] in (["TRUE"], ["FALSE"], ["UNKNOWN"]):
        return 2 if second == "NOT" else 1
    return _wrong_interval(words, kinds) if first == "INTERVAL" else None


def _wrong_interval(words: list[str], kinds: list[TokenType]) -> int | None:
    """``INTERVAL '1' DAY``: a text, with a sign or not, and one unit of Trino's."""
    if kinds[1:2] == [TokenType.NUMBER]:
        return 1
    value = 2 if words[1:2] in (["+"], ["-"]) else 1
    if kinds[value : value + 1] != [TokenType.STRING]:
        return None
    return None if words[value + 1 : value + 2] and words[value + 1] in _UNITS else value + 1
