"""Query texts become sqlglot trees: Trino's grammar, with function names kept as they were written.

sqlglot's own function nodes lose arguments and spellings (facts/sql.md); here every call stays
``Anonymous`` with its name, so that the tree says what the user wrote, and what a name means is
decided in one place: ``sql.functions``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError
from sqlglot.parsers.athena import AthenaTrinoParser
from sqlglot.tokenizer_core import Token

from lakebench.errors import StatementRefused
from lakebench.sql.cursor import UNSUPPORTED, column_of, refuse
from lakebench.sql.foreign import refuse_foreign_nodes, refuse_foreign_signs
from lakebench.sql.statement import Query

# Calls whose arguments are no plain list: these keep sqlglot's nodes.
_SPECIAL_CALLS = {"CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "LISTAGG"}


def _decimal_literal(value: exp.Expr, to: exp.DataType) -> exp.Cast:
    """``DECIMAL '1.20'`` has the digits that it shows: decimal(3,2)."""
    whole, _, fraction = value.name.strip().lstrip("+-").partition(".")
    digits = max(1, len(whole.lstrip("0")) + len(fraction))
    numbers = [exp.DataTypeParam(this=exp.Literal.number(n)) for n in (digits, len(fraction))]
    to.set("expressions", numbers)
    return exp.Cast(this=value, to=to)


class _Parser(AthenaTrinoParser):
    """Athena's query grammar without sqlglot's idea of what functions mean."""

    TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {
        **AthenaTrinoParser.TYPE_LITERAL_PARSERS,
        exp.DType.DECIMAL: lambda _, value, to: _decimal_literal(value, to),
    }
    FUNCTIONS = {}  # noqa: RUF012 (sqlglot's shape)
    FUNCTION_PARSERS = {  # noqa: RUF012
        name: parser for name, parser in AthenaTrinoParser.FUNCTION_PARSERS.items() if name in _SPECIAL_CALLS
    }


def parse_query(text: str, tokens: list[Token]) -> Query:
    """Read these tokens of the text as one query; refuses with Trino's text and place."""
    if not tokens:
        raise StatementRefused(UNSUPPORTED)
    refuse_foreign_signs(text, tokens)
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
        tree = _values_as_queries(tree)
    if not isinstance(tree, exp.Query) or not isinstance(tree, exp.Expression):
        raise StatementRefused(UNSUPPORTED)
    refuse_foreign_nodes(text, tree)
    return Query(tree=tree)


def _values_as_queries(tree: exp.Expr) -> exp.Expr:
    """VALUES that stands for a query becomes ``SELECT * FROM VALUES``, as Trino reads it."""
    for values in list(tree.find_all(exp.Values)):
        if isinstance(values.parent, (exp.From, exp.Join)):
            continue
        query = exp.Select(expressions=[exp.Star()])
        if values is tree:
            tree = query
        elif isinstance(values.parent, exp.In):
            values.parent.set("query", exp.Subquery(this=query))
            values.parent.set("expressions", None)
        else:
            values.replace(query)
        query.set("from_", exp.From(this=values))
    return tree


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
