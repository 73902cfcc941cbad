"""Resolved trees in DuckDB's words.

sqlglot's DuckDB generator writes the frame (SELECT, joins, windows); everything whose meaning differs
is written here from the Trino types that resolving noted (facts/sql.md, "Traps"). The text relies on
``integer_division=true``, ``TimeZone='UTC'`` and the macros of ``sql.macros``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.generators.duckdb import DuckDBGenerator

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types, zones
from lakebench.sql.casts import cast, char_text
from lakebench.sql.comparing import compare
from lakebench.sql.decimals import divide_decimals
from lakebench.sql.duckdb_calls import (
    write_call,
    write_filter,
    write_ignore_nulls,
    write_listagg,
    write_window,
)
from lakebench.sql.duckdb_sources import write_lateral, write_sample, write_unnest, write_values
from lakebench.sql.errors import TOO_LARGE, failure
from lakebench.sql.functions import find
from lakebench.sql.types import type_of

_Writer = Callable[[Any, Any], str]


def to_duckdb(tree: exp.Expr) -> str:
    """Write a resolved query for DuckDB; each scan is read by its name (``s0``, ``s1``, ...).

    Output columns have the names of ``result_columns`` where those are unique; read them by position.
    Raises QueryFailed NOT_SUPPORTED for what has no right translation.
    """
    try:
        return _Generator(dialect=DuckDB(), comments=False).generate(tree, copy=False)
    except RecursionError:
        raise QueryFailed("STACK_OVERFLOW", TOO_LARGE) from None


def _literal(_: _Generator, node: exp.Literal) -> str:
    """``1.5`` is a double in Athena and would be a decimal in DuckDB."""
    if node.is_string:
        return "'" + node.name.replace("'", "''") + "'"
    text = node.name
    return text if text.isdigit() or "e" in text.lower() else f"{text}e0"


def _negate(generator: _Generator, node: exp.Neg) -> str:
    """The least number of a type has no negation; DuckDB would widen it."""
    text, kind = generator.sql(node.this), type_of(node)
    if kind is None or not types.is_integer(kind):
        return f"-{text}" if not text.startswith("-") else f"-({text})"
    if isinstance(node.this, exp.Literal):
        least = int(node.this.name) == -types.least(kind)
        return f"CAST(-{text} AS {types.duckdb_type(kind)})" if least else f"-{text}"
    return f"CAST(lb_negated({text}, '{kind}', {types.least(kind)}) AS {types.duckdb_type(kind)})"


def _divide(generator: _Generator, node: exp.Div) -> str:
    left, right = _operands(generator, node)
    result = type_of(node)
    if types.is_integer(result):
        return f"{left} / {right}"
    if result is not None and types.is_decimal(result):
        return divide_decimals((left, right), (type_of(node.this), type_of(node.expression)), result)
    if types.is_float(result):
        kind = types.duckdb_type(result) if result is not None else "DOUBLE"
        text = f"lb_divide(CAST({left} AS DOUBLE), CAST({right} AS DOUBLE))"
        return text if kind == "DOUBLE" else f"CAST({text} AS {kind})"
    if types.is_interval(result):
        raise failure(node, "NOT_SUPPORTED", "Dividing an interval is not supported yet")
    raise failure(node, "NOT_SUPPORTED", "A division of values whose types are not known here")


def _add_or_subtract(generator: _Generator, node: exp.Binary) -> str:
    sign = "+" if isinstance(node, exp.Add) else "-"
    result = type_of(node)
    zoned = _zoned_sum(generator, node, sign)
    if zoned is not None:
        return zoned
    text = _calculated(generator, node, sign)
    if types.is_named(result, "date"):
        if types.DAY_TO_SECOND in {type_of(node.this), type_of(node.expression)}:
            date, span = (node.this, node.expression)
            if types.is_interval(type_of(date)):
                date, span = span, date
            signed = generator.sql(span) if sign == "+" else f"-({generator.sql(span)})"
            return f"lb_date_plus({generator.sql(date)}, {signed})"
        return f"CAST({text} AS DATE)"
    if types.is_named(result, "time"):
        return f"CAST({text} AS TIME)"
    dates = types.is_named(type_of(node.this), "date") and types.is_named(type_of(node.expression), "date")
    if dates and result == types.DAY_TO_SECOND:
        return f"to_days(CAST({text} AS INTEGER))"
    return text


def _zoned_sum(generator: _Generator, node: exp.Binary, sign: str) -> str | None:
    left, right = type_of(node.this), type_of(node.expression)
    if not (zones.is_zoned(left) or zones.is_zoned(right)):
        return None
    texts = generator.sql(node.this), generator.sql(node.expression)
    if types.is_interval(right):
        return zones.moved(texts[0], texts[1], sign, right)
    if types.is_interval(left):
        return zones.moved(texts[1], texts[0], sign, left)
    return f"({zones.instant(texts[0], left)} - {zones.instant(texts[1], right)})"


def _multiply(generator: _Generator, node: exp.Mul) -> str:
    return _calculated(generator, node, "*")


def _operands(generator: _Generator, node: exp.Binary) -> tuple[str, str]:
    """Both sides; narrower whole numbers are widened, because DuckDB calculates a literal in their type."""
    result = type_of(node)
    texts = []
    for side in (node.this, node.expression):
        text, kind = generator.sql(side), type_of(side)
        narrow = types.is_integer(result) and types.is_integer(kind) and kind != result
        if narrow and result is not None and not isinstance(side, exp.Literal):
            text = f"CAST({text} AS {types.duckdb_type(result)})"
        texts.append(text)
    return texts[0], texts[1]


def _remainder(generator: _Generator, node: exp.Mod) -> str:
    return " % ".join(_operands(generator, node))


def _calculated(generator: _Generator, node: exp.Binary, sign: str) -> str:
    """Decimals are widened first: DuckDB keeps results in 18 digits while its arguments fit there."""
    left, right = _operands(generator, node)
    result, given = type_of(node), type_of(node.this)
    if result is None or given is None or not types.is_decimal(result) or result.parameters[0] <= 18:
        return f"{left} {sign} {right}"
    scale = types.as_decimal(given).parameters[1]
    wide = f"CAST({left} AS DECIMAL({result.parameters[0]},{scale})) {sign} {right}"
    return f"CAST({wide} AS {types.duckdb_type(result)})"


def _text(generator: _Generator, node: exp.Expr) -> str:
    """A value as text; a char with its blanks."""
    text, kind = generator.sql(node), type_of(node)
    return char_text(node, text, kind) if kind is not None and kind.name == "char" else text


def _concatenate(generator: _Generator, node: exp.DPipe) -> str:
    left, right = _text(generator, node.this), _text(generator, node.expression)
    if types.is_named(type_of(node), "array"):
        left = left if types.is_named(type_of(node.this), "array") else f"[{left}]"
        right = right if types.is_named(type_of(node.expression), "array") else f"[{right}]"
    return f"{left} || {right}"


def _cast(generator: _Generator, node: exp.Cast) -> str:
    target = type_of(node)
    if target is None:
        raise failure(node, "NOT_SUPPORTED", "A cast to a type that is not known here")
    return cast(
        node, generator.sql(node.this), type_of(node.this), target, trying=isinstance(node, exp.TryCast)
    )


def _bracket(generator: _Generator, node: exp.Bracket) -> str:
    container, index = generator.sql(node.this), generator.sql(node.expressions[0])
    if types.is_named(type_of(node.this), "row"):
        return f"struct_extract_at({container}, {index})"
    macro = "lb_key" if types.is_named(type_of(node.this), "map") else "lb_subscript"
    return f"{macro}({container}, {index})"


def _dot(generator: _Generator, node: exp.Dot) -> str:
    row = type_of(node.this)
    name = node.expression.name
    if row is not None and row.fields and all(field.name is None for field in row.fields):
        return f"{generator.sql(node.this)}[{int(name.removeprefix('field')) + 1}]"
    quoted = name.replace("'", "''")
    return f"struct_extract({generator.sql(node.this)}, '{quoted}')"


def _array(generator: _Generator, node: exp.Array) -> str:
    return "[" + ", ".join(generator.sql(item) for item in node.expressions) + "]"


def _identifier(generator: _Generator, node: exp.Identifier) -> str:
    value = generator.lambda_value(node)
    return value if value is not None else DuckDBGenerator.identifier_sql(generator, node)


def _interval(_: _Generator, node: exp.Interval) -> str:
    amount = node.meta.get("amount")
    if amount is not None:
        return f"to_{'months' if type_of(node) == types.YEAR_TO_MONTH else 'milliseconds'}({amount})"
    return f"INTERVAL '{node.this.name}' {node.args['unit'].name}"


def _extract(generator: _Generator, node: exp.Extract) -> str:
    unit = node.name.upper()
    name = {
        "DOW": "isodow",
        "DAY_OF_WEEK": "isodow",
        "DOY": "dayofyear",
        "DAY_OF_YEAR": "dayofyear",
        "DAY_OF_MONTH": "day",
        "YOW": "isoyear",
        "YEAR_OF_WEEK": "isoyear",
    }.get(unit, unit.lower())
    text = generator.sql(node.expression)
    given = type_of(node.expression)
    if types.is_interval(given):
        return _extract_span(node, unit, text, given)
    if unit.startswith("TIMEZONE"):
        return f"(lb_zone_minutes({text}) {'//' if unit.endswith('HOUR') else '%'} 60)"
    return f"{name}(lb_local({text}))" if zones.is_zoned(given) else f"{name}({text})"


def _extract_span(node: exp.Extract, unit: str, text: str, given: DataType | None) -> str:
    function = find(unit.lower(), [given])
    if function is None or not isinstance(function.sql, str):
        raise failure(node, "TYPE_MISMATCH", f"Cannot extract {unit.lower()} from {given}")
    return function.sql.format(text)


def _at_time_zone(generator: _Generator, node: exp.AtTimeZone) -> str:
    given = zones.zoned(generator.sql(node.this), type_of(node.this))
    return f"lb_rezoned({given}, {generator.sql(node.args['zone'])})"


def _trim(generator: _Generator, node: exp.Trim) -> str:
    side = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "trim")
    text = generator.sql(node.this)
    marks = generator.sql(node.expression) if node.args.get("expression") is not None else None
    trimmed = f"lb_{side}({text})" if marks is None else f"{side}({text}, {marks})"
    kind = type_of(node)
    padded = kind is not None and kind.name == "char"
    return f"rpad({trimmed}, {kind.parameters[0]}, ' ')" if padded and kind else trimmed


def _position(generator: _Generator, node: exp.StrPosition) -> str:
    return f"strpos({generator.sql(node.this)}, {generator.sql(node.args['substr'])})"


def _like(generator: _Generator, node: exp.Like) -> str:
    word = "NOT LIKE" if node.args.get("negate") else "LIKE"
    return f"{_text(generator, node.this)} {word} {_text(generator, node.expression)}"


def _ordered(generator: _Generator, node: exp.Ordered) -> str:
    """NULLs come last in both directions unless the text says otherwise."""
    direction = " DESC" if node.args.get("desc") else ""
    nulls = " NULLS FIRST" if node.args.get("nulls_first") else " NULLS LAST"
    return f"{generator.sql(node.this)}{direction}{nulls}"


_COMPARED = ("char", "array", "map", "row", "timestamp with time zone")


def _compare(sign: str) -> _Writer:
    return lambda generator, node: compare(
        sign, node.this, node.expression, (generator.sql(node.this), generator.sql(node.expression))
    )


def _distinct_from(sign: str) -> _Writer:
    def write(generator: _Generator, node: exp.Binary) -> str:
        for side in (node.this, node.expression):
            if types.is_named(type_of(side), "map", "char", "timestamp with time zone"):
                raise failure(node, "NOT_SUPPORTED", f"{sign} for {type_of(side)} is not supported yet")
        return f"{generator.sql(node.this)} {sign} {generator.sql(node.expression)}"

    return write


def _between(generator: _Generator, node: exp.Between) -> str:
    value, low, high = node.this, node.args["low"], node.args["high"]
    texts = [generator.sql(side) for side in (value, low, high)]
    plain = all(isinstance(side.unnest(), (exp.Literal, exp.Neg)) for side in (low, high))
    special = any(types.is_named(type_of(side), *_COMPARED) for side in (value, low, high))
    floats = not plain and any(types.is_float(type_of(side)) for side in (value, low, high))
    if not (special or floats):
        return f"{texts[0]} BETWEEN {texts[1]} AND {texts[2]}"
    above = compare(">=", value, low, (texts[0], texts[1]))
    return f"({above} AND {compare('<=', value, high, (texts[0], texts[2]))})"


def _in(generator: _Generator, node: exp.In) -> str:
    value, query = node.this, node.args.get("query")
    items = node.expressions
    kinds = [type_of(side) for side in (value, *items)]
    special = any(types.is_named(kind, *_COMPARED) for kind in kinds)
    if query is not None:
        if special:
            raise failure(node, "NOT_SUPPORTED", f"IN over a query's {kinds[0]} is not supported yet")
        return DuckDBGenerator.in_sql(generator, node)
    floats = any(types.is_float(kind) for kind in kinds) and not all(
        isinstance(item.unnest(), (exp.Literal, exp.Neg, exp.Null)) for item in items
    )
    if not (special or floats):
        return DuckDBGenerator.in_sql(generator, node)
    text = generator.sql(value)
    return "(" + " OR ".join(compare("=", value, item, (text, generator.sql(item))) for item in items) + ")"


def _current(text: str) -> _Writer:
    return lambda _generator, _node: text


class _Generator(DuckDBGenerator):
    """sqlglot's frame with our words for everything that has a value."""

    TRANSFORMS = {  # noqa: RUF012 (sqlglot's shape)
        **DuckDBGenerator.TRANSFORMS,
        exp.Literal: _literal,
        exp.Anonymous: write_call,
        exp.IgnoreNulls: write_ignore_nulls,
        exp.RespectNulls: write_ignore_nulls,
        exp.Filter: write_filter,
        exp.Window: write_window,
        exp.Neg: _negate,
        exp.Div: _divide,
        exp.Add: _add_or_subtract,
        exp.Sub: _add_or_subtract,
        exp.Mul: _multiply,
        exp.Mod: _remainder,
        exp.DPipe: _concatenate,
        exp.Cast: _cast,
        exp.TryCast: _cast,
        exp.Bracket: _bracket,
        exp.Dot: _dot,
        exp.Array: _array,
        exp.Identifier: _identifier,
        exp.Interval: _interval,
        exp.Extract: _extract,
        exp.AtTimeZone: _at_time_zone,
        exp.Trim: _trim,
        exp.StrPosition: _position,
        exp.GroupConcat: write_listagg,
        exp.Like: _like,
        exp.Ordered: _ordered,
        exp.Unnest: write_unnest,
        exp.Values: write_values,
        exp.Lateral: write_lateral,
        exp.TableSample: write_sample,
        exp.HexString: lambda _, node: f"unhex('{node.name}')",
        exp.CurrentDate: _current("current_date"),
        exp.CurrentTimestamp: _current("lb_now()"),
        exp.Localtimestamp: _current("lb_local(lb_now())"),
        exp.EQ: _compare("="),
        exp.NEQ: _compare("<>"),
        exp.LT: _compare("<"),
        exp.LTE: _compare("<="),
        exp.GT: _compare(">"),
        exp.GTE: _compare(">="),
        exp.Between: _between,
        exp.In: _in,
        exp.NullSafeEQ: _distinct_from("IS NOT DISTINCT FROM"),
        exp.NullSafeNEQ: _distinct_from("IS DISTINCT FROM"),
        exp.Select: DuckDBGenerator.select_sql,
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._lambda_values: list[dict[str, str]] = []

    def lambda_body(self, node: exp.Lambda, values: tuple[str, ...]) -> str:
        """A lambda's body with its parameters replaced by these texts."""
        names = [parameter.name.lower() for parameter in node.expressions]
        self._lambda_values.append(dict(zip(names, values, strict=False)))
        try:
            return f"({self.sql(node.this)})"
        finally:
            self._lambda_values.pop()

    def fresh_name(self, letter: str) -> str:
        """A name for a lambda's parameter: one for each level of nesting."""
        return f"lb_{letter}{len(self._lambda_values)}"

    def lambda_value(self, node: exp.Identifier) -> str | None:
        """What a lambda's parameter stands for; None for every other name."""
        parent = node.parent
        if not self._lambda_values or isinstance(parent, (exp.Column, exp.Table, exp.TableAlias, exp.Alias)):
            return None
        if isinstance(parent, exp.Dot) and parent.expression is node:
            return None
        for names in reversed(self._lambda_values):
            if node.name.lower() in names:
                return names[node.name.lower()]
        return None
