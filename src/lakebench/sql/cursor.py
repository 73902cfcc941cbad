"""A cursor over sqlglot's tokens: the small parser that reads what sqlglot leaves opaque.

Words keep no keyword meaning here, so a name is never mistaken for a keyword, and every refusal
carries the place in the user's own text.
"""

from __future__ import annotations

import re
from typing import NoReturn

from sqlglot.dialects.athena import _TrinoTokenizer
from sqlglot.dialects.hive import Hive
from sqlglot.dialects.trino import Trino
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from lakebench.catalog import S3Uri
from lakebench.errors import StatementRefused
from lakebench.sql.statement import TableName

BACK_TICKS = "identifier (names are quoted with back-ticks in DDL)"
UNSUPPORTED = "Queries of this type are not supported"
"""Athena's answer to empty, incomplete and foreign statements (facts/athena.md 4, measured)."""

_BLANKS = re.compile(r"\s{2,}")

CATALOG = "awsdatacatalog"
"""The name of the default catalogue, in lower case."""


# Reserved both in Hive's DDL and in Trino (AWS: reserved-words); they name nothing unless quoted.
_RESERVED = {
    *("ALTER", "AND", "AS", "CASE", "CREATE", "DELETE", "DESCRIBE", "DROP", "ELSE", "END", "EXISTS", "FROM"),
    *(
        "GROUP",
        "HAVING",
        "IN",
        "INSERT",
        "INTO",
        "JOIN",
        "LIKE",
        "NOT",
        "NULL",
        "ON",
        "OR",
        "ORDER",
        "SELECT",
    ),
    *("TABLE", "THEN", "UNION", "USING", "VALUES", "WHEN", "WHERE", "WITH"),
}


class _DdlTokenizer(Hive.Tokenizer):
    """Hive's lexis without keywords: words stay words, back-ticks make names, both quotes make texts."""

    KEYWORDS = {k: v for k, v in Tokenizer.KEYWORDS.items() if not k[0].isalpha()}  # noqa: RUF012 (sqlglot's shape)
    IDENTIFIERS = ["`"]  # noqa: RUF012 (as sqlglot declares it)
    QUOTES = ["'", '"']  # noqa: RUF012 (as sqlglot declares it)
    STRING_ESCAPES = ["\\", "'", '"']  # noqa: RUF012 (as sqlglot declares it)


def refuse(message: str, line: int, column: int) -> StatementRefused:
    """Trino's form of a syntax error: ``line L:C: message``."""
    return StatementRefused(f"line {line}:{column}: {message}")


def column_of(token: Token) -> int:
    """The column of a token's first character, from 1 (sqlglot keeps that of its last)."""
    return token.col - (token.end - token.start)


def query_tokens(text: str) -> list[Token]:
    """Split in Trino's lexis; an unclosed quote or a stray character is refused."""
    return _tokens(_TrinoTokenizer(Trino()), text)


def ddl_tokens(text: str) -> list[Token]:
    """Split in Hive's lexis."""
    return _tokens(_DdlTokenizer(dialect="hive"), text)


def _tokens(tokenizer: Tokenizer, text: str) -> list[Token]:
    try:
        return tokenizer.tokenize(text)
    except TokenError as error:
        # sqlglot does not tell where; an unclosed quote or comment runs to the end of the text.
        line = text.count("\n") + 1
        column = len(text) - (text.rfind("\n") + 1) + 1
        raise refuse("mismatched input '<EOF>'", line, column) from error


_ESCAPED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|[0-3][0-7]{2}|.)|(['\"])\2", re.DOTALL)


def hive_text(raw: str) -> str:
    """A literal's text without its quotes, as Hive's unescapeSQLString reads it.

    ``\\001`` and ``\\u0001`` are characters by number, ``\\t`` and its like control characters, and a
    backslash before anything else is dropped; a doubled quote is one.
    """
    quote = raw[0]

    def plain(match: re.Match[str]) -> str:
        escaped, doubled = match.groups()
        if doubled is not None:
            return quote if doubled == quote else str(match[0])
        if len(escaped) == 1:
            return _ESCAPED.get(escaped, escaped)
        return chr(int(escaped[1:], 16) if escaped[0] == "u" else int(escaped, 8))

    return _ESCAPE.sub(plain, raw[1:-1])


class Cursor:
    """Reads tokens from left to right; ``text`` is the statement they came from.

    In ``hive``'s lexis a literal may stand in double quotes and backslashes escape.
    """

    def __init__(self, text: str, tokens: list[Token], *, hive: bool = False) -> None:
        self.text = text
        self.tokens = tokens
        self.hive = hive
        self.at = 0

    @property
    def done(self) -> bool:
        """Whether all tokens are read."""
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token | None:
        """The next token, or the one ``ahead`` of it."""
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else None

    def next(self) -> Token:
        """The next token; an incomplete statement is refused."""
        token = self.peek()
        return token if token is not None else self.fail()

    def raw(self, token: Token) -> str:
        """A token as the text writes it, with its quotes."""
        return self.text[token.start : token.end + 1]

    def fail(self, *expecting: str) -> NoReturn:
        """Refuse the next token in Trino's words; a text that just ends is an incomplete statement."""
        token = self.peek()
        if token is None:
            raise StatementRefused(UNSUPPORTED)
        raise self.error_at(token, *expecting)

    def error_at(self, token: Token, *expecting: str) -> StatementRefused:
        """Refuse this token: ``line 1:1: mismatched input 'SELEC'. Expecting: ...``."""
        wanted = f". Expecting: {', '.join(expecting)}" if expecting else ""
        return refuse(f"mismatched input '{self.raw(token)}'{wanted}", token.line, column_of(token))

    def no_viable(self, first: Token, last: Token) -> StatementRefused:
        """Refuse in the words of Athena's DDL parser: the text from ``first`` to ``last`` leads nowhere."""
        read = self.text[first.start : last.end + 1]
        for sign, spelled in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
            read = read.replace(sign, spelled)
        return refuse(f"no viable alternative at input '{read}'", last.line, column_of(last))

    def sees(self, *words: str) -> bool:
        """Whether the next tokens are these words (bare, in any case) or signs."""
        return all(self._is(self.peek(ahead), word) for ahead, word in enumerate(words))

    def _is(self, token: Token | None, word: str) -> bool:
        if token is None or token.token_type in {TokenType.STRING, TokenType.IDENTIFIER}:
            return False
        return token.text.upper() == word

    def take(self, *words: str) -> bool:
        """Read these words if they come next."""
        if not self.sees(*words):
            return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Read these words; refuse anything else."""
        for word in words:
            if not self.take(word):
                self.fail(f"'{word}'")

    def expect_end(self) -> None:
        """Refuse whatever is left."""
        if not self.done:
            self.fail("<EOF>")

    def string(self, *, squeezed: bool = False) -> str:
        """A literal in single quotes; in Hive's lexis in double quotes too.

        ``squeezed``: two or more blanks, tabs and line ends of its source in a row are one blank, as in
        CREATE EXTERNAL TABLE (held by PyAthena's own tests on AWS, of comments and ``avro.schema.literal``).
        """
        token = self.peek()
        if token is None or not self._is_literal(token):
            self.fail("string")
        self.at += 1
        if not self.hive:
            return token.text
        source = self.raw(token)
        return hive_text(_BLANKS.sub(" ", source) if squeezed else source)

    def _is_literal(self, token: Token) -> bool:
        quoted = self.hive and token.token_type == TokenType.IDENTIFIER
        return token.token_type == TokenType.STRING or (quoted and self.raw(token).startswith('"'))

    def opt_string(self) -> str | None:
        """A literal in single quotes, if one comes next."""
        token = self.peek()
        return self.string() if token is not None and token.token_type == TokenType.STRING else None

    def in_double_quotes(self, token: Token) -> bool:
        """Whether a token stands in double quotes: a name to Trino, a text to Hive."""
        return self.text[token.start] == '"'

    def name(self) -> str:
        """A name in lower case, bare or quoted."""
        token = self.peek()
        if token is None or token.token_type == TokenType.NUMBER:
            self.fail("identifier")
        quoted = token.token_type == TokenType.IDENTIFIER or self.in_double_quotes(token)
        if token.token_type == TokenType.STRING and not quoted:
            self.fail("identifier")
        word = token.text
        if not quoted and word.upper() in _RESERVED:
            self.fail("identifier")
        if not quoted and not (word[:1].isalpha() or word[:1] == "_" or word[:1].isdigit()):
            self.fail("identifier")
        self.at += 1
        return word.lower()

    def hive_name(self) -> str:
        """A name of Hive's DDL: double quotes do not quote names there (AWS: reserved-words).

        One that begins with an underscore stands in back-ticks (AWS: tables-databases-columns-names).
        """
        token = self.peek()
        if token is not None and (self.in_double_quotes(token) or self.raw(token).startswith("_")):
            self.fail(BACK_TICKS)
        return self.name()

    def table_name(self, *, hive: bool) -> TableName:
        """One to three names with dots; the catalogue must be AwsDataCatalog."""
        read = self.hive_name if hive else self.name
        first = self.peek()
        parts = [read()]
        while self.take("."):
            parts.append(read())
        if first is None:
            self.fail("identifier")
        if len(parts) > 3:
            raise self.error_at(first, "identifier")
        catalog = parts[-3] if len(parts) == 3 else None
        if catalog not in {None, CATALOG}:
            raise refuse(f"Catalog '{catalog}' does not exist", first.line, column_of(first))
        return TableName(
            name=parts[-1],
            database=parts[-2] if len(parts) > 1 else None,
            catalog=catalog,
            line=first.line,
            column=column_of(first),
        )

    def database_name(self, *, hive: bool) -> str:
        """A database, also as ``awsdatacatalog.name``."""
        first = self.next()
        found = self.table_name(hive=hive)
        if found.catalog is not None or found.database not in {None, CATALOG}:
            raise self.error_at(first, "identifier")
        return found.name

    def place(self) -> S3Uri:
        """A literal that is an S3 path."""
        token = self.next()
        text = self.string()
        try:
            return S3Uri.parse(text)
        except ValueError:
            message = f"LOCATION must be an S3 path (s3://bucket/prefix/): '{text}'"
            raise refuse(message, token.line, column_of(token)) from None

    def properties(self, *, squeezed: bool = False) -> dict[str, str]:
        """``('key' = 'value', ...)`` of TBLPROPERTIES, SERDEPROPERTIES and DBPROPERTIES; see ``string``."""
        self.expect("(")
        found: dict[str, str] = {}
        while True:
            key = self.string()
            self.expect("=")
            found[key] = self.string(squeezed=squeezed)
            if not self.take(","):
                break
        self.expect(")")
        return found

    def skip_parentheses(self) -> None:
        """Pass over a parenthesis and what is in it."""
        self.expect("(")
        depth = 1
        while depth:
            if self.done:
                self.fail("')'")
            if self.take("("):
                depth += 1
            elif self.take(")"):
                depth -= 1
            else:
                self.at += 1
