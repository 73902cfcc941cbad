"""``WITH (name = value, ...)`` of CREATE TABLE AS and UNLOAD: names, values, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot.tokenizer_core import Token, TokenType

from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql.cursor import Cursor, column_of


@dataclass(slots=True)
class WithProperty:
    """A property's value: text, or the texts of an ARRAY, and where it stands."""

    token: Token
    text: str = ""
    items: list[str] = field(default_factory=list)

    def fail(self, code: str, message: str) -> QueryFailed:
        """A failure at this property."""
        return QueryFailed(code, message, line=self.token.line, column=column_of(self.token))

    def number(self) -> int | None:
        """The value as a whole number, written bare or quoted; None for anything else."""
        return int(self.text) if self.text.isascii() and self.text.isdigit() else None


def with_properties(cursor: Cursor) -> dict[str, WithProperty]:
    """``(name = value, ...)``: a value is a literal or an ARRAY of literals."""
    cursor.expect("(")
    found: dict[str, WithProperty] = {}
    while True:
        token = cursor.next()
        name = cursor.name()
        if name in found:
            raise StatementRefused(f"line {token.line}:{column_of(token)}: Duplicate property: {name}")
        cursor.expect("=")
        found[name] = _value(cursor, token)
        if not cursor.take(","):
            break
    cursor.expect(")")
    return found


def _value(cursor: Cursor, token: Token) -> WithProperty:
    if cursor.take("ARRAY", "["):
        items = [cursor.string()]
        while cursor.take(","):
            items.append(cursor.string())
        cursor.expect("]")
        return WithProperty(token, items=items)
    value = cursor.peek()
    if value is not None and value.token_type in {TokenType.NUMBER, TokenType.TRUE, TokenType.FALSE}:
        cursor.at += 1
        return WithProperty(token, text=value.text.lower())
    return WithProperty(token, text=cursor.string())
