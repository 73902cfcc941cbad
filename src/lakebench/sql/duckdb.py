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
from lakebench.sql import fractions, temporal_arithmetic, types, zones
from lakebench.sql.casts import cast
from lakebench.sql.comparing import compare, distinct, is_container, keyed
from lakebench.sql.containers import concatenated
from lakebench.sql.decimals import divide_decimals
from lakebench.sql.duckdb_calls import (
    write_call,
    write_filter,
    write_ignore_nulls,
    write_listagg,
    write_plain,
    write_window,
)
from lakebench.sql.duckdb_sources import write_lateral, write_sample, write_unnest, write_values
from lakebench.sql.duckdb_types import duckdb_type, member_text
from lakebench.sql.errors import TOO_LARGE, failure
from lakebench.sql.functions import find
from lakebench.sql.row_queries import is_among
from lakebench.sql.scalar_casts import char_text
from lakebench.sql.sql_json import SqlJson, write_json_call
from lakebench.sql.temporal_casts import cast_temporal, is_temporal
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
        return f"CAST(-{text} AS {duckdb_type(kind)})" if least else f"-{text}"
    return f"CAST(lb_negated({text}, '{kind}', {types.least(kind)}) AS {duckdb_type(kind)})"


def _divide(generator: _Generator, node: exp.Div) -> str:
    left, right = _operands(generator, node)
    result = type_of(node)
    if types.is_integer(result):
        return f"{left} / {right}"
    if result is not None and types.is_decimal(result):
        return divide_decimals((left, right), (type_of(node.this), type_of(node.expression)), result)
    if types.is_float(result):
        kind = duckdb_type(result) if result is not None else "DOUBLE"
        text = f"lb_divide(CAST({left} AS DOUBLE), CAST({right} AS DOUBLE))"
        return text if kind == "DOUBLE" else f"CAST({text} AS {kind})"
    if result is not None and types.is_interval(result):
        return temporal_arithmetic.divided(left, result, right)
    raise failure(node, "NOT_SUPPORTED", "A division of values whose types are not known here")


def _add_or_subtract(generator: _Generator, node: exp.Binary) -> str:
    sign = "+" if isinstance(node, exp.Add) else "-"
    left, right = type_of(node.this), type_of(node.expression)
    if left is None or right is None or not (_is_time(left) or _is_time(right)):
        return _calculated(generator, node, sign)
    if types.UNKNOWN in {left, right}:
        return f"CAST(NULL AS {duckdb_type(type_of(node) or types.UNKNOWN)})"
    if types.is_interval(left) and types.is_interval(right):
        return _calculated(generator, node, sign)
    texts = generator.sql(node.this), generator.sql(node.expression)
    if types.is_interval(right):
        return temporal_arithmetic.moved(texts[0], left, texts[1], sign, right)
    if types.is_interval(left):
        return temporal_arithmetic.moved(texts[1], right, texts[0], sign, left)
    return temporal_arithmetic.difference(texts, (left, right))


def _is_time(given: DataType | None) -> bool:
    return is_temporal(given) or types.is_interval(given)


def _multiply(generator: _Generator, node: exp.Mul) -> str:
    result = type_of(node)
    if result is None or not types.is_interval(result):
        return _calculated(generator, node, "*")
    span, number = node.this, node.expression
    if types.is_interval(type_of(number)):
        span, number = number, span
    return temporal_arithmetic.multiplied(generator.sql(span), result, generator.sql(number), type_of(number))


def _operands(generator: _Generator, node: exp.Binary) -> tuple[str, str]:
    """Both sides; narrower whole numbers are widened, because DuckDB calculates a literal in their type."""
    result = type_of(node)
    texts = []
    for side in (node.this, node.expression):
        text, kind = generator.sql(side), type_of(side)
        narrow = types.is_integer(result) and types.is_integer(kind) and kind != result
        if narrow and result is not None and not isinstance(side, exp.Literal):
            text = f"CAST({text} AS {duckdb_type(result)})"
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
    return f"CAST({wide} AS {duckdb_type(result)})"


def _text(generator: _Generator, node: exp.Expr) -> str:
    """A value as text; a char with its blanks."""
    text, kind = generator.sql(node), type_of(node)
    return char_text(node, text, kind) if kind is not None and kind.name == "char" else text


def _concatenate(generator: _Generator, node: exp.DPipe) -> str:
    left, right = _text(generator, node.this), _text(generator, node.expression)
    if types.is_named(type_of(node), "array"):
        return concatenated((left, right), (type_of(node.this), type_of(node.expression)))
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
        return member_text(generator.sql(node.this), int(name.removeprefix("field")))
    quoted = name.replace("'", "''")
    return f"struct_extract({generator.sql(node.this)}, '{quoted}')"


def _array(generator: _Generator, node: exp.Array) -> str:
    return "[" + ", ".join(generator.sql(item) for item in node.expressions) + "]"


def _identifier(generator: _Generator, node: exp.Identifier) -> str:
    value = generator.lambda_value(node)
    return value if value is not None else DuckDBGenerator.identifier_sql(generator, node)


def _interval(_: _Generator, node: exp.Interval) -> str:
    name = "months" if type_of(node) == types.YEAR_TO_MONTH else "milliseconds"
    return f"to_{name}({node.meta['amount']})"


def _extract(generator: _Generator, node: exp.Extract) -> str:
    """EXTRACT is the function of the same name."""
    given = type_of(node.expression)
    function = find(node.name.lower(), [given])
    if function is None:
        raise failure(node, "TYPE_MISMATCH", f"Cannot extract {node.name.lower()} from {given}")
    return write_plain(generator, function, [node.expression])


def _at_time_zone(generator: _Generator, node: exp.AtTimeZone) -> str:
    zone = generator.sql(node.args["zone"])
    if not types.is_text(type_of(node.args["zone"])):
        zone = zones.zone_of_span(zone)
    return zones.at_zone(generator.sql(node.this), type_of(node.this), zone)


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


def _escape(generator: _Generator, node: exp.Escape) -> str:
    """An escape sign stands before what it escapes and nowhere else."""
    like, mark = node.this, node.expression
    pattern, sign = like.expression, generator.sql(mark)
    word = "NOT LIKE" if like.args.get("negate") else "LIKE"
    checked = f"lb_like_pattern({_text(generator, pattern)}, {sign})"
    if isinstance(pattern, exp.Literal) and isinstance(mark, exp.Literal) and len(mark.name) == 1:
        rest = pattern.name
        for escaped in (mark.name, "%", "_"):
            rest = rest.replace(mark.name + escaped, "")
        checked = generator.sql(pattern) if mark.name not in rest else checked
    return f"{_text(generator, like.this)} {word} {checked} ESCAPE {sign}"


def _ordered(generator: _Generator, node: exp.Ordered) -> str:
    """NULLs come last in both directions unless the text says otherwise."""
    direction = " DESC" if node.args.get("desc") else ""
    nulls = " NULLS FIRST" if node.args.get("nulls_first") else " NULLS LAST"
    return f"{generator.sql(node.this)}{direction}{nulls}"


def _is_special(data_type: DataType | None) -> bool:
    """Whether DuckDB's own comparison would not do."""
    return types.is_named(data_type, "char") or is_container(data_type) or keyed(data_type)


def _compare(sign: str) -> _Writer:
    return lambda generator, node: compare(
        sign, node.this, node.expression, (generator.sql(node.this), generator.sql(node.expression))
    )


def _distinct_from(sign: str) -> _Writer:
    return lambda generator, node: distinct(
        sign, node.this, node.expression, (generator.sql(node.this), generator.sql(node.expression))
    )


def _between(generator: _Generator, node: exp.Between) -> str:
    value, low, high = node.this, node.args["low"], node.args["high"]
    texts = [generator.sql(side) for side in (value, low, high)]
    plain = all(isinstance(side.unnest(), (exp.Literal, exp.Neg)) for side in (low, high))
    special = any(_is_special(type_of(side)) for side in (value, low, high))
    floats = not plain and any(types.is_float(type_of(side)) for side in (value, low, high))
    if not (special or floats):
        return f"{texts[0]} BETWEEN {texts[1]} AND {texts[2]}"
    above = compare(">=", value, low, (texts[0], texts[1]))
    return f"({above} AND {compare('<=', value, high, (texts[0], texts[2]))})"


def _in(generator: _Generator, node: exp.In) -> str:
    value, query = node.this, node.args.get("query")
    items = node.expressions
    kinds = [type_of(side) for side in (value, *items)]
    special = any(_is_special(kind) for kind in kinds)
    if query is not None:
        among = node.meta_get("among")
        if _is_special(among):
            return is_among(generator.sql(value), generator.sql(query.unnest()), among)
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


def _may_meet_nan(sides: list[exp.Expr]) -> bool:
    """Whether the first of these may be NaN, and one that it is compared with, too."""
    may_be = [types.is_float(type_of(side)) and not isinstance(side.unnest(), exp.Literal) for side in sides]
    return may_be[0] and any(may_be[1:])


def _case(generator: _Generator, node: exp.Case) -> str:
    """``CASE x WHEN y`` compares as Trino does: where DuckDB does not, it becomes ``CASE WHEN x = y``."""
    operand = node.args.get("this")
    branches = node.args["ifs"]
    sides = [] if operand is None else [operand, *(branch.this for branch in branches)]
    if operand is None or not (any(_is_special(type_of(side)) for side in sides) or _may_meet_nan(sides)):
        return DuckDBGenerator.case_sql(generator, node)
    text = generator.sql(operand)
    written = "".join(
        f" WHEN {compare('=', operand, branch.this, (text, generator.sql(branch.this)))} "
        f"THEN {generator.sql(branch, 'true')}"
        for branch in branches
    )
    default = node.args.get("default")
    return f"CASE{written}{' ELSE ' + generator.sql(default) if default is not None else ''} END"


def _clock(_: _Generator, node: exp.Expr) -> str:
    """The session's time in UTC, the same in the whole statement."""
    target = type_of(node) or types.TIMESTAMP_TZ
    now = "lb_now()" if node.args.get("this") is None else "lb_zoned(transaction_timestamp(), 'UTC')"
    given = (
        types.TIMESTAMP_TZ if node.args.get("this") is None else fractions.with_digits(types.TIMESTAMP_TZ, 6)
    )
    return cast_temporal(now, given, target) or now


class _Generator(DuckDBGenerator):
    """sqlglot's frame with our words for everything that has a value."""

    TRANSFORMS = {  # noqa: RUF012 (sqlglot's shape)
        **DuckDBGenerator.TRANSFORMS,
        exp.Literal: _literal,
        exp.Anonymous: write_call,
        SqlJson: write_json_call,
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
        exp.Escape: _escape,
        exp.Ordered: _ordered,
        exp.Unnest: write_unnest,
        exp.Values: write_values,
        exp.Lateral: write_lateral,
        exp.TableSample: write_sample,
        exp.HexString: lambda _, node: f"unhex('{node.name}')",
        exp.CurrentDate: _current("current_date"),
        exp.Case: _case,
        exp.CurrentTimestamp: _clock,
        exp.Localtimestamp: _clock,
        exp.CurrentTime: _clock,
        exp.Localtime: _clock,
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
