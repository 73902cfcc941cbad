"""Query texts become sqlglot trees: Trino's grammar, with function names kept as they were written.

sqlglot's own function nodes lose arguments and spellings (facts/sql.md); here every call stays
``Anonymous`` with its name, so that the tree says what the user wrote, and what a name means is
decided in one place: ``sql.functions``.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError
from sqlglot.parsers.athena import AthenaTrinoParser
from sqlglot.tokenizer_core import Token, TokenType

from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql import temporal_literals
from lakebench.sql.cursor import UNSUPPORTED, column_of, refuse
from lakebench.sql.errors import position
from lakebench.sql.foreign import refuse_foreign_nodes, refuse_foreign_signs
from lakebench.sql.foreign_lexis import refuse_foreign_lexis
from lakebench.sql.listagg_lexis import refuse_foreign_listagg
from lakebench.sql.reshaping import reshaped
from lakebench.sql.sql_json import JSON_CALLS, read_call
from lakebench.sql.statement import Query

# Calls whose arguments are no plain list: these keep sqlglot's nodes.
_SPECIAL_CALLS = {"CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "LISTAGG"}


def _decimal_literal(value: exp.Expr, to: exp.DataType) -> exp.Cast:
    """``DECIMAL '1.20'`` has the digits that it shows: decimal(3,2)."""
    whole, _, fraction = value.name.strip().lstrip("+-").partition(".")
    digits = max(1, len(whole.lstrip("0")) + len(fraction))
    if digits > 38 or not _DECIMAL.fullmatch(value.name.strip()):
        line, column = position(value)
        raise QueryFailed(
            "INVALID_LITERAL", f"'{value.name}' is not a valid DECIMAL literal", line=line, column=column
        )
    numbers = [exp.DataTypeParam(this=exp.Literal.number(n)) for n in (digits, len(fraction))]
    to.set("expressions", numbers)
    return exp.Cast(this=value, to=to)


def _char_literal(value: exp.Expr, to: exp.DataType) -> exp.Cast:
    """``CHAR 'ab '`` is as long as it is written."""
    if not to.expressions:
        to.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(max(1, len(value.name))))])
    return exp.Cast(this=value, to=to)


def _temporal_literal(parser: _Parser, kind: str, value: exp.Expr, to: exp.DataType) -> exp.Cast:
    """A date, time or timestamp with the digits that it shows; a zone makes it zoned.

    Whether it can be read is told when it is resolved: ``meta["literal"]`` is its kind.
    """
    made = exp.Cast(this=value, to=to)
    if not isinstance(value, exp.Literal):
        return made
    moment = temporal_literals.read(kind, value.name)
    if moment is not None and kind != "date":
        zoned = {"time": exp.DType.TIMETZ, "timestamp": exp.DType.TIMESTAMPTZ}[kind]
        plain = {"time": exp.DType.TIME, "timestamp": exp.DType.TIMESTAMP}[kind]
        digits = exp.DataTypeParam(this=exp.Literal.number(len(moment.digits)))
        made.set("to", exp.DataType(this=zoned if moment.zone else plain, expressions=[digits]))
    word = parser._tokens[parser._index - 2]  # noqa: SLF001 (the type's name, where the literal begins)
    made.meta.update(literal=kind, line=word.line, col=word.col, start=word.start, end=word.end)
    return made


def _json_literal(parser: _Parser, value: exp.Expr) -> exp.Anonymous:
    """``JSON '[1]'``; one that cannot be read is refused before anything runs."""
    try:
        json.loads(value.name)
    except ValueError:
        word = parser._tokens[parser._index - 2]  # noqa: SLF001 (where the literal begins)
        message = f"'{value.name}' is not a valid JSON literal"
        raise QueryFailed("INVALID_LITERAL", message, line=word.line, column=column_of(word)) from None
    return exp.Anonymous(this="json_parse", expressions=[value])


def _substring(parser: _Parser) -> exp.Anonymous:
    """``substring(x FROM a FOR b)`` is a call with commas."""
    found = parser._parse_substring()  # noqa: SLF001 (the one reader of this form)
    keys = ("this", "start", "length")
    arguments = [found.args[key] for key in keys if found.args.get(key) is not None]
    return exp.Anonymous(this="substring", expressions=arguments)


def _normalize(parser: _Parser) -> exp.Anonymous:
    """``normalize(x, NFD)``: the form is a word, no name."""
    arguments = [parser._parse_disjunction()]  # noqa: SLF001 (the reader of any expression)
    if parser._match(TokenType.COMMA):  # noqa: SLF001 (sqlglot gives no other way)
        form = parser._parse_var(any_token=True)  # noqa: SLF001 (sqlglot gives no other way)
        if form is None or form.name.upper() not in {"NFC", "NFD", "NFKC", "NFKD"}:
            parser.raise_error("Expecting NFC")
        arguments.append(exp.Literal.string(form.name.upper() if form else ""))
    return exp.Anonymous(this="normalize", expressions=arguments)


_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")


def _with_digits(parser: _Parser, kind: type[exp.Expr]) -> exp.Expr:
    """``current_timestamp(6)``."""
    return kind(this=parser._parse_primary())  # noqa: SLF001 (the one reader of literals)


def _unicode_literal(parser: _Parser, token: Token) -> exp.Literal:
    """``U&'\\3231'``: four or, after a plus, six digits of a code point after the escape sign."""
    read: Any = AthenaTrinoParser.PRIMARY_PARSERS[TokenType.UNICODE_STRING]
    found = read(parser, token)
    given = found.args.get("escape")
    sign = re.escape(given.name if given else "\\")
    decoded, wrong = [], False
    for part in re.findall(
        rf"{sign}{sign}|{sign}[0-9A-Fa-f]{{4}}|{sign}\+[0-9A-Fa-f]{{6}}|(?s:.)", found.name
    ):
        digits = part[1:].lstrip("+")
        wrong = wrong or (len(part) == 1 and re.fullmatch(sign, part) is not None)
        plain = len(part) <= 2
        decoded.append(
            part[-1] if plain else chr(int(digits, 16)) if int(digits, 16) < 0x110000 else "\ufffd"
        )
    if wrong:
        parser.raise_error("Invalid Unicode escape")
    literal = exp.Literal.string("".join(decoded))
    literal.update_positions(token)
    return literal


class _Parser(AthenaTrinoParser):
    """Athena's query grammar without sqlglot's idea of what functions mean."""

    TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {
        **AthenaTrinoParser.TYPE_LITERAL_PARSERS,
        exp.DType.CHAR: lambda _, value, to: _char_literal(value, to),
        exp.DType.DECIMAL: lambda _, value, to: _decimal_literal(value, to),
        exp.DType.JSON: lambda parser, value, _to: _json_literal(parser, value),
        exp.DType.DATE: lambda parser, value, to: _temporal_literal(parser, "date", value, to),
        exp.DType.TIMESTAMP: lambda parser, value, to: _temporal_literal(parser, "timestamp", value, to),
        exp.DType.TIMESTAMPTZ: lambda parser, value, to: _temporal_literal(parser, "timestamp", value, to),
        exp.DType.TIME: lambda parser, value, to: _temporal_literal(parser, "time", value, to),
    }
    FUNCTIONS = {}  # noqa: RUF012 (sqlglot's shape)
    PRIMARY_PARSERS: ClassVar[dict[Any, Any]] = {
        **AthenaTrinoParser.PRIMARY_PARSERS,
        TokenType.UNICODE_STRING: _unicode_literal,
    }
    FUNCTION_PARSERS = {
        name: parser for name, parser in AthenaTrinoParser.FUNCTION_PARSERS.items() if name in _SPECIAL_CALLS
    } | {
        "SUBSTRING": _substring,
        "NORMALIZE": _normalize,
        **{kind.upper(): read_call(kind) for kind in JSON_CALLS},
        "CURRENT_TIMESTAMP": lambda parser: _with_digits(parser, exp.CurrentTimestamp),
        "LOCALTIMESTAMP": lambda parser: _with_digits(parser, exp.Localtimestamp),
        "CURRENT_TIME": lambda parser: _with_digits(parser, exp.CurrentTime),
        "LOCALTIME": lambda parser: _with_digits(parser, exp.Localtime),
    }

    def _parse_join(self, *args: Any, **options: Any) -> exp.Join | None:
        """A join other than CROSS and NATURAL has a condition."""
        comma = self._curr.token_type == TokenType.COMMA
        join = super()._parse_join(*args, **options)
        free = comma or join is None or join.method or join.kind in {"CROSS", "SEMI", "ANTI", "STRAIGHT_JOIN"}
        if join is not None and not free and not (join.args.get("on") or join.args.get("using")):
            self.raise_error(
                "Expecting ON" if self._index >= len(self._tokens) else "A join has no condition"
            )
        return join


def _refuse_patterns(tokens: list[Token]) -> None:
    """Row patterns have a grammar of their own, which is not read."""
    for token, after in pairwise(tokens):
        if token.text.upper() == "MATCH_RECOGNIZE" and after.token_type == TokenType.L_PAREN:
            message = "MATCH_RECOGNIZE is not supported yet"
            raise QueryFailed("NOT_SUPPORTED", message, line=token.line, column=column_of(token))


def parse_query(text: str, tokens: list[Token]) -> Query:
    """Read these tokens of the text as one query; refuses with Trino's text and place."""
    if not tokens:
        raise StatementRefused(UNSUPPORTED)
    _refuse_patterns(tokens)
    refuse_foreign_signs(text, tokens)
    refuse_foreign_lexis(text, tokens)
    refuse_foreign_listagg(text, tokens)
    dialect = Trino()
    dialect.INDEX_OFFSET = 0  # subscripts stay as they were written
    try:
        trees = _Parser(dialect=dialect).parse(tokens, text)
    except RecursionError:
        raise refuse("statement is too large (stack overflow while parsing)", 1, 1) from None
    except ParseError as error:
        raise _syntax_error(text, tokens, error) from error
    tree = trees[0] if len(trees) == 1 else None
    if tree is not None:
        nodes = list(tree.walk())
        refuse_foreign_nodes(text, tokens, nodes)
        tree = reshaped(tree, nodes)
    if not isinstance(tree, exp.Query) or not isinstance(tree, exp.Expression):
        raise StatementRefused(UNSUPPORTED)
    return Query(tree=tree)


def _syntax_error(text: str, tokens: list[Token], error: ParseError) -> StatementRefused:
    """sqlglot's complaint in Trino's words; a text that just ends is an incomplete statement."""
    first = error.errors[0] if error.errors else {}
    line, end = first.get("line"), first.get("col")
    at = next((i for i, t in enumerate(tokens) if (t.line, t.col) == (line, end)), None)
    expecting = str(first.get("description", ""))
    incomplete = expecting.startswith(("Expect", "Required keyword", "Failed to parse"))
    if at is None:
        return StatementRefused(UNSUPPORTED)
    if (
        at == len(tokens) - 1
        and incomplete
        and "but got" not in expecting.replace("got <Token token_type: TokenType.SENTINEL", "")
    ):
        return StatementRefused(UNSUPPORTED)
    token = tokens[at]
    # sqlglot names the last token it read when the next one is not what it expects.
    if incomplete and "but got" not in expecting and at + 1 < len(tokens):
        token = tokens[at + 1]
    wanted = ". Expecting: ')'" if expecting == "Expecting )" else ""
    raw = text[token.start : token.end + 1]
    return refuse(f"mismatched input '{raw}'{wanted}", token.line, column_of(token))
