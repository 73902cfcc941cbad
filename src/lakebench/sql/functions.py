"""The functions that queries may call: an allow-list by Trino's name (the security boundary).

A name that is not here never reaches DuckDB, whatever DuckDB has under that name. One row is one
overload; the texts are DuckDB's, ``lb_`` names are macros of ``sql.macros``. Which rows differ from
DuckDB's own functions and why: facts/sql.md, "Traps".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sqlglot import exp

from lakebench.catalog import DataType, Field
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.aggregates import AGGREGATES
from lakebench.sql.containers import CONTAINERS
from lakebench.sql.dates import DATES
from lakebench.sql.encodings import ENCODINGS
from lakebench.sql.formatting import write_format
from lakebench.sql.geospatial import GEOSPATIAL
from lakebench.sql.jsons import JSONS
from lakebench.sql.regexps import REGEXPS
from lakebench.sql.signatures import Call, Function, Types, fixed, nothing, same, unbounded, widest


def _row(
    name: str,
    arguments: str,
    returns: str | Callable[[Types], DataType | None],
    sql: str | Callable[[Call], str],
) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    return Function(name=name, arguments=arguments, returns=result, sql=sql)


def _rounded(given: Types) -> DataType | None:
    """Trino: round(decimal(p,s)) is decimal(p-s+1, 0), at most (p,0)."""
    data_type = given[0]
    if data_type is None or not types.is_decimal(data_type):
        return data_type
    precision, scale = data_type.parameters
    return types.decimal(max(1, precision - scale + min(1, scale)), 0)


def _rounded_to(call: Call) -> str:
    """Round a decimal half up and keep the type that Trino gives it."""
    return _as(_one_more_digit(call.types), f"round({call.texts[0]}, {call.texts[1]})")


def _one_more_digit(given: Types) -> DataType | None:
    data_type = given[0]
    return types.decimal(data_type.parameters[0] + 1, data_type.parameters[1]) if data_type else None


def _rounded_whole(call: Call) -> str:
    name = _WHOLE.get(call.name, call.name)
    return _as(_rounded(call.types), f"{name}({call.texts[0]})")


def _as(data_type: DataType | None, text: str) -> str:
    """Cast to a type if it is known, where DuckDB gives another."""
    return text if data_type is None else f"CAST({text} AS {types.duckdb_type(data_type)})"


def _concat(call: Call) -> str:
    """Strings or arrays; NULL in, NULL out (DuckDB's own concat passes over NULL)."""
    return "(" + " || ".join(call.texts) + ")"


def _concat_type(given: Types) -> DataType | None:
    return widest([unbounded(t) for t in given])


def _typeof(call: Call) -> str:
    given = call.types[0]
    if given is None:
        raise _unsupported("typeof of an expression whose type is not known here")
    return "'" + given.trino.replace("'", "''") + "'"


def _unsupported(what: str) -> Exception:
    return QueryFailed("NOT_SUPPORTED", f"{what} is not supported yet")


def _row_type(given: Types) -> DataType | None:
    members = [unbounded(t) for t in given]
    if not all(members):
        return None
    return DataType(name="row", fields=tuple(Field(name=None, type=m) for m in members if m is not None))


def _shifted(given: Types) -> DataType | None:
    return given[0] if types.is_integer(given[0]) else types.BIGINT


def _extreme(call: Call, macro: str) -> str:
    """Of one argument the greatest is itself; Trino takes one."""
    return call.texts[0] if len(call.texts) == 1 else f"{macro}({', '.join(call.texts)})"


def _shift(call: Call, macro: str) -> str:
    """Shifts of bigint; Trino's of narrower types drop bits at their own width."""
    if not types.is_named(call.types[0], "bigint", "integer") or (
        types.is_named(call.types[0], "integer") and not isinstance(call.nodes[0], (exp.Literal, exp.Neg))
    ):
        raise _unsupported(f"{call.name} of {call.types[0]}")
    return _as(call.types[0], f"{macro}({call.texts[0]}, {call.texts[1]})")


def _width_bucket(call: Call) -> str:
    operand, low, high = (f"CAST({text} AS DOUBLE)" for text in call.texts[:3])
    return f"lb_width_bucket({operand}, {low}, {high}, CAST({call.texts[3]} AS BIGINT))"


_WHOLE = {"ceil": "ceil", "ceiling": "ceil", "floor": "floor", "truncate": "trunc"}
_MATH = [
    _row("abs", "n", same(0), "abs({0})"),
    _row("sign", "i", same(0), lambda c: _keep(c, "sign({0})")),
    _row("sign", "c", "decimal(1,0)", "CAST(sign({0}) AS DECIMAL(1,0))"),
    _row("sign", "n", same(0), lambda c: _keep(c, "lb_sign({0})")),
    _row("round", "i", same(0), "{0}"),
    _row("round", "c", _rounded, _rounded_whole),
    _row("round", "n", same(0), "round({0})"),
    _row("round", "ii", same(0), lambda c: _keep(c, "round({0}, {1})")),
    _row("round", "ci", _one_more_digit, _rounded_to),
    _row("round", "ni", same(0), "round({0}, {1})"),
    *(_row(name, "i", same(0), "{0}") for name in _WHOLE),
    *(_row(name, "c", _rounded, _rounded_whole) for name in _WHOLE),
    *(_row(name, "n", same(0), f"{duckdb}({{0}})") for name, duckdb in _WHOLE.items()),
    *(_row(name, "n", "double", f"{name}(CAST({{0}} AS DOUBLE))") for name in ("exp", "degrees", "radians")),
    *(
        _row(name, "n", "double", f"{name}(CAST({{0}} AS DOUBLE))")
        for name in ("sin", "cos", "tan", "atan", "cosh")
    ),
    *(_row(name, "n", "double", f"{name}(CAST({{0}} AS DOUBLE))") for name in ("sinh", "tanh")),
    *(
        _row(name, "n", "double", f"lb_{name}({{0}})")
        for name in ("sqrt", "cbrt", "ln", "log2", "log10", "asin", "acos")
    ),
    _row("log", "nn", "double", "(lb_ln({1}) / lb_ln({0}))"),
    _row("atan2", "nn", "double", "atan2({0}, {1})"),
    _row("pow", "nn", "double", "pow(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE))"),
    _row("power", "nn", "double", "pow(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE))"),
    _row("mod", "nn", widest, "({0} % {1})"),
    _row("pi", "", "double", "pi()"),
    _row("e", "", "double", "exp(1e0)"),
    _row("nan", "", "double", "CAST('NaN' AS DOUBLE)"),
    _row("infinity", "", "double", "CAST('Infinity' AS DOUBLE)"),
    _row("is_nan", "n", "boolean", "isnan(CAST({0} AS DOUBLE))"),
    _row("is_finite", "n", "boolean", "isfinite(CAST({0} AS DOUBLE))"),
    _row("is_infinite", "n", "boolean", "isinf(CAST({0} AS DOUBLE))"),
    _row("random", "", "double", "random()"),
    _row("rand", "", "double", "random()"),
    _row("greatest", "xx*", widest, lambda c: _extreme(c, "lb_greatest")),
    _row("least", "xx*", widest, lambda c: _extreme(c, "lb_least")),
    _row("bitwise_and", "ii", "bigint", "(CAST({0} AS BIGINT) & CAST({1} AS BIGINT))"),
    _row("bitwise_or", "ii", "bigint", "(CAST({0} AS BIGINT) | CAST({1} AS BIGINT))"),
    _row("bitwise_xor", "ii", "bigint", "xor(CAST({0} AS BIGINT), CAST({1} AS BIGINT))"),
    _row("bitwise_not", "i", "bigint", "(~CAST({0} AS BIGINT))"),
    _row("bitwise_left_shift", "ii", _shifted, lambda c: _shift(c, "lb_shift_left")),
    _row("bitwise_right_shift", "ii", _shifted, lambda c: _shift(c, "lb_shift_right")),
    _row("bitwise_right_shift_arithmetic", "ii", _shifted, lambda c: _shift(c, "lb_shift_signed")),
    _row("bit_count", "ii", "bigint", "lb_bit_count({0}, {1})"),
    _row("to_base", "ii", "varchar", "lb_to_base({0}, {1})"),
    _row("from_base", "vi", "bigint", "lb_from_base({0}, {1})"),
    _row("truncate", "ri", "real", "CAST(lb_truncate({0}, {1}) AS FLOAT)"),
    _row("truncate", "ci", same(0), lambda c: _keep(c, "trunc({0}, {1})")),
    _row("truncate", "ni", "double", "lb_truncate(CAST({0} AS DOUBLE), {1})"),
    _row("width_bucket", "na", "bigint", "lb_width_buckets(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE[]))"),
    _row("width_bucket", "nnni", "bigint", _width_bucket),
]


def _keep(call: Call, text: str) -> str:
    """Cast back to the argument's type."""
    return _as(call.types[0], text.format(*call.texts))


_TEXT = [
    _row("upper", "v", "varchar", "lb_upper({0})"),
    _row("lower", "v", "varchar", "lower({0})"),
    _row("length", "v", "bigint", "length({0})"),
    _row("reverse", "v", "varchar", "reverse({0})"),
    _row("reverse", "a", same(0), "list_reverse({0})"),
    _row("concat", "vvv*", "varchar", _concat),
    _row("concat", "vv", "varchar", _concat),
    _row("concat", "aaa*", _concat_type, _concat),
    _row("concat", "aa", _concat_type, _concat),
    _row("concat_ws", "vxx*", "varchar", "concat_ws({all})"),
    _row("concat_ws", "va", "varchar", "array_to_string({1}, {0})"),
    _row("concat_ws", "vv", "varchar", "concat_ws({all})"),
    *(
        _row(name, arguments, "varchar", sql)
        for name in ("substr", "substring")
        for arguments, sql in [("vi", "lb_substr({0}, {1})"), ("vii", "lb_substr({0}, {1}, {2})")]
    ),
    _row("format", "vxx*", "varchar", write_format),
    _row("format", "vx", "varchar", write_format),
    _row("strpos", "vvi", "bigint", "CAST(lb_strpos_at({0}, {1}, {2}) AS BIGINT)"),
    _row("split", "vvi", "array(varchar)", "lb_split_limit({0}, {1}, {2})"),
    _row("split_to_map", "vvv", "map(varchar, varchar)", "lb_split_to_map({0}, {1}, {2})"),
    _row("soundex", "v", "varchar", "lb_soundex({0})"),
    _row("strpos", "vv", "bigint", "strpos({0}, {1})"),
    _row("position", "vv", "bigint", "strpos({1}, {0})"),
    _row("replace", "vv", "varchar", "replace({0}, {1}, '')"),
    _row("replace", "vvv", "varchar", "lb_replace({0}, {1}, {2})"),
    _row("trim", "v", "varchar", "lb_trim({0})"),
    _row("ltrim", "v", "varchar", "lb_ltrim({0})"),
    _row("rtrim", "v", "varchar", "lb_rtrim({0})"),
    _row("trim", "vv", "varchar", "trim({0}, {1})"),
    _row("ltrim", "vv", "varchar", "ltrim({0}, {1})"),
    _row("rtrim", "vv", "varchar", "rtrim({0}, {1})"),
    _row("lpad", "viv", "varchar", "lb_lpad({0}, {1}, {2})"),
    _row("rpad", "viv", "varchar", "lb_rpad({0}, {1}, {2})"),
    _row("split", "vv", "array(varchar)", "lb_split({0}, {1})"),
    _row("split_part", "vvi", "varchar", "lb_split_part({0}, {1}, {2})"),
    _row("starts_with", "vv", "boolean", "starts_with({0}, {1})"),
    _row("chr", "i", "varchar", "lb_chr({0})"),
    _row("codepoint", "v", "integer", "lb_codepoint({0})"),
    _row("translate", "vvv", "varchar", "lb_translate({0}, {1}, {2})"),
    _row("levenshtein_distance", "vv", "bigint", "lb_levenshtein({0}, {1})"),
    _row("hamming_distance", "vv", "bigint", "lb_hamming({0}, {1})"),
    _row("uuid", "", "uuid", "uuid()"),
    _row("typeof", "x", "varchar", _typeof),
]


_CONDITIONAL = [
    _row("coalesce", "xx*", widest, "coalesce({all})"),
    _row("nullif", "xx", same(0), "nullif({0}, {1})"),
    _row("try", "x", same(0), "TRY({0})"),
    _row("row", "x*", _row_type, "row({all})"),
]


_ALL = [
    *_MATH,
    *_TEXT,
    *ENCODINGS,
    *REGEXPS,
    *JSONS,
    *_CONDITIONAL,
    *DATES,
    *CONTAINERS,
    *AGGREGATES,
    *GEOSPATIAL,
]


@cache
def overloads(name: str) -> tuple[Function, ...]:
    """All overloads of a name (lower case), none if it may not be called."""
    return tuple(function for function in _ALL if function.name == name)


def find(name: str, given: Types) -> Function | None:
    """The first overload that takes arguments of these types."""
    return next((function for function in overloads(name) if function.fits(given)), None)


__all__ = ["find", "nothing", "overloads"]
