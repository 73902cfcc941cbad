"""Function calls in DuckDB's words: plain, aggregate, with FILTER, OVER and IGNORE NULLS.

``generator`` is the one of ``sql.duckdb``: it writes sub-expressions and bodies of lambdas.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.generators.duckdb import DuckDBGenerator

from lakebench.sql import zones
from lakebench.sql.calls import argument_types, arguments_of, call_name
from lakebench.sql.duckdb_types import duckdb_type
from lakebench.sql.errors import failure
from lakebench.sql.functions import find
from lakebench.sql.scalar_casts import char_text
from lakebench.sql.signatures import Call, Function
from lakebench.sql.types import type_of


def write_call(generator: Any, node: exp.Anonymous) -> str:
    """A function call by its row in the signature tables, finished as its type asks."""
    function = _function(node)
    text = _call_text(generator, node, function)
    if function.finish == "{0}" or isinstance(_around(node), (exp.Filter, exp.Window)):
        return text
    return _finished(generator, function, node, text)


def _function(node: exp.Anonymous) -> Function:
    name = call_name(node)
    function = find(name, argument_types(node))
    if function is None:
        raise failure(node, "FUNCTION_NOT_FOUND", f"Function '{name}' not registered")
    return function


def _around(node: exp.Expr) -> exp.Expr | None:
    """What is laid around a call: FILTER or OVER, past IGNORE NULLS."""
    around = node.parent
    while isinstance(around, (exp.IgnoreNulls, exp.RespectNulls)):
        around = around.parent
    return around if around is not None and _innermost(around) is node else None


def _innermost(node: exp.Expr) -> exp.Expr:
    inner = node
    while isinstance(inner, (exp.Window, exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        inner = inner.this
    return inner


def _finished(generator: Any, function: Function, node: exp.Anonymous, text: str) -> str:
    if not isinstance(function.finish, str):
        return function.finish(_call(generator, node, function), text)
    result = type_of(node)
    if result is None:
        return text
    return function.finish.format(text, type=duckdb_type(result))


def _call_text(generator: Any, node: exp.Anonymous, function: Function) -> str:
    return function.write(_call(generator, node, function))


def _call(generator: Any, node: exp.Anonymous, function: Function) -> Call:
    arguments = arguments_of(node)
    texts = ["" if isinstance(a, exp.Lambda) else generator.sql(a) for a in arguments]
    if function.name in zones.LOCAL_FUNCTIONS:
        texts = [
            zones.clock(text, type_of(argument)) for text, argument in zip(texts, arguments, strict=True)
        ]
    texts = [
        char_text(argument, text, kind) if kind is not None and kind.name == "char" else text
        for text, argument, kind in zip(texts, arguments, argument_types(node), strict=True)
    ]
    tail = _aggregate_tail(generator, node) if function.aggregate else ""
    if function.aggregate and texts:
        texts[-1] += tail
        if _is_distinct(node):
            texts[0] = f"DISTINCT {texts[0]}"
    elif function.window and texts and _ignores_nulls(node):
        texts[0] += " IGNORE NULLS" if len(texts) == 1 else ""
        texts[-1] += " IGNORE NULLS" if len(texts) > 1 else ""

    def apply(body: exp.Lambda, *values: str) -> str:
        text: str = generator.lambda_body(body, values)
        return text

    return Call(
        name=call_name(node),
        texts=texts,
        types=argument_types(node),
        nodes=arguments,
        apply=apply,
        fresh=generator.fresh_name,
        tail=tail,
    )


def write_plain(generator: Any, function: Function, arguments: list[exp.Expr]) -> str:
    """A function of plain arguments that stands in the tree in another form, as EXTRACT does."""
    texts = [generator.sql(argument) for argument in arguments]
    given = [type_of(argument) for argument in arguments]
    if function.name in zones.LOCAL_FUNCTIONS:
        texts = [zones.clock(text, kind) for text, kind in zip(texts, given, strict=True)]

    def apply(body: exp.Lambda, *values: str) -> str:
        text: str = generator.lambda_body(body, values)
        return text

    return function.write(
        Call(
            name=function.name,
            texts=texts,
            types=given,
            nodes=arguments,
            apply=apply,
            fresh=generator.fresh_name,
        )
    )


def _is_distinct(node: exp.Anonymous) -> bool:
    return any(argument.find(exp.Distinct) is not None for argument in node.expressions)


def _ignores_nulls(node: exp.Anonymous) -> bool:
    inside = any(isinstance(a, exp.IgnoreNulls) for a in node.expressions)
    return inside or isinstance(node.parent, exp.IgnoreNulls)


def _aggregate_tail(generator: Any, node: exp.Anonymous) -> str:
    """ORDER BY within an aggregate; it follows the last argument."""
    order = next((a for a in node.expressions if isinstance(a, exp.Order)), None)
    if order is None:
        return ""
    return " ORDER BY " + ", ".join(generator.sql(item) for item in order.expressions)


def write_ignore_nulls(generator: Any, node: exp.IgnoreNulls) -> str:
    """DuckDB writes IGNORE NULLS inside the parentheses, see ``_call_text``."""
    text: str = generator.sql(node.this)
    return text


def write_filter(generator: Any, node: exp.Filter) -> str:
    """An aggregate with FILTER; the finish goes around both."""
    text = f"{generator.sql(node.this)} FILTER({generator.sql(node, 'expression').strip()})"
    inner = _innermost(node)
    if isinstance(inner, exp.GroupConcat):
        return f"lb_listagg({text})"
    if isinstance(node.parent, exp.Window) or not isinstance(inner, exp.Anonymous):
        return text
    return _finished(generator, _function(inner), inner, text)


def write_window(generator: Any, node: exp.Window) -> str:
    """A function with OVER; the finish goes around both."""
    text = DuckDBGenerator.window_sql(generator, node)
    inner = _innermost(node)
    if not isinstance(inner, exp.Anonymous):
        return text
    return _finished(generator, _function(inner), inner, text)


def write_listagg(generator: Any, node: exp.GroupConcat) -> str:
    """LISTAGG with its separator, order and DISTINCT."""
    inner, order = node.this, ""
    if isinstance(inner, exp.Order):
        order = " ORDER BY " + ", ".join(generator.sql(item) for item in inner.expressions)
        inner = inner.this
    distinct = ""
    if isinstance(inner, exp.Distinct):
        distinct, inner = "DISTINCT ", inner.expressions[0]
    separator = node.args.get("separator")
    mark = generator.sql(separator) if separator is not None else "''"
    text = f"string_agg({distinct}{generator.sql(inner)}, {mark}{order})"
    return text if isinstance(node.parent, exp.Filter) else f"lb_listagg({text})"
