"""Functions on numbers (Trino: functions/math, functions/bitwise)."""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.duckdb_types import duckdb_type
from lakebench.sql.signatures import Call, Function, Types, fixed, same, widest


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


def _truncated(given: Types) -> DataType | None:
    """Trino: truncate(decimal(p,s)) is decimal(p-s, 0), one digit at least."""
    data_type = given[0]
    if data_type is None:
        return None
    precision, scale = data_type.parameters
    return types.decimal(max(1, precision - scale), 0)


def _rounded_to(call: Call) -> str:
    """Round a decimal half up and keep the type that Trino gives it."""
    result = _one_more_digit(call.types)
    return _as(result, f"round({_as(result, call.texts[0])}, CAST({call.texts[1]} AS INTEGER))")


def _one_more_digit(given: Types) -> DataType | None:
    data_type = given[0]
    return types.decimal(data_type.parameters[0] + 1, data_type.parameters[1]) if data_type else None


def _rounded_whole(call: Call) -> str:
    name = _WHOLE.get(call.name, call.name)
    result = _truncated(call.types) if call.name == "truncate" else _rounded(call.types)
    return _as(result, f"{name}({call.texts[0]})")


def _as(data_type: DataType | None, text: str) -> str:
    """Cast to a type if it is known, where DuckDB gives another."""
    return text if data_type is None else f"CAST({text} AS {duckdb_type(data_type)})"


def _keep(form: str) -> Callable[[Call], str]:
    """Cast back to the first argument's type."""
    return lambda call: _as(call.types[0], form.format(*call.texts))


def _shift(macro: str) -> Callable[[Call], str]:
    """A shift within the width of the type: bits leave on the left, and the sign is the highest bit."""

    def write(call: Call) -> str:
        bits = _BITS.get(call.types[0].name if call.types[0] else "bigint", 64)
        value, shift = f"CAST({call.texts[0]} AS BIGINT)", f"CAST({call.texts[1]} AS BIGINT)"
        return _as(call.types[0], f"{macro}({value}, {shift}, {bits})")

    return write


_BITS = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}


def _width_bucket(call: Call) -> str:
    operand, low, high = (f"CAST({text} AS DOUBLE)" for text in call.texts[:3])
    return f"lb_width_bucket({operand}, {low}, {high}, CAST({call.texts[3]} AS BIGINT))"


def _absolute(call: Call) -> str:
    kind = call.types[0]
    if kind is None or not types.is_integer(kind):
        return f"abs({call.texts[0]})"
    return _as(kind, f"lb_abs_integer({call.texts[0]}, '{kind}', {types.least(kind)})")


def _random(call: Call) -> str:
    """Whole numbers from 0 or a start (inclusive) to a bound (exclusive)."""
    macro = "lb_random_between" if len(call.texts) == 2 else "lb_random_below"
    return _as(widest(call.types), f"{macro}({', '.join(call.texts)}, random())")


def _doubles(name: str, count: int, udf: str) -> Function:
    texts = ", ".join(f"CAST({{{at}}} AS DOUBLE)" for at in range(count))
    return _row(name, "n" * count, "double", f"lb_py_{udf}({texts})")


_WHOLE = {"ceil": "ceil", "ceiling": "ceil", "floor": "floor", "truncate": "trunc"}
_PLAIN = ("exp", "degrees", "radians", "sin", "cos", "tan", "atan", "cosh", "sinh", "tanh")
_WILSON = "CAST({0} AS BIGINT), CAST({1} AS BIGINT), CAST({2} AS DOUBLE)"

_ROUNDING = [
    _row("abs", "i", same(0), _absolute),
    _row("abs", "n", same(0), "abs({0})"),
    _row("sign", "i", same(0), _keep("sign({0})")),
    _row("sign", "c", "decimal(1,0)", "CAST(sign({0}) AS DECIMAL(1,0))"),
    _row("sign", "n", same(0), _keep("lb_sign({0})")),
    _row("round", "i", same(0), "{0}"),
    _row("round", "c", _rounded, _rounded_whole),
    _row("round", "n", same(0), "round({0})"),
    _row("round", "ii", same(0), _keep("round({0}, CAST({1} AS INTEGER))")),
    _row("round", "ci", _one_more_digit, _rounded_to),
    _row("round", "ni", same(0), _keep("lb_round(CAST({0} AS DOUBLE), {1})")),
    *(_row(name, "i", same(0), "{0}") for name in _WHOLE),
    _row("truncate", "c", _truncated, _rounded_whole),
    *(_row(name, "c", _rounded, _rounded_whole) for name in _WHOLE if name != "truncate"),
    *(_row(name, "n", same(0), f"{duckdb}({{0}})") for name, duckdb in _WHOLE.items()),
    _row("truncate", "ri", "real", "CAST(lb_truncate({0}, {1}) AS FLOAT)"),
    _row("truncate", "ci", same(0), _keep("trunc({0}, CAST({1} AS INTEGER))")),
    _row("truncate", "ni", "double", "lb_truncate(CAST({0} AS DOUBLE), {1})"),
]
_ANALYSIS = [
    *(_row(name, "n", "double", f"{name}(CAST({{0}} AS DOUBLE))") for name in _PLAIN),
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
    _row("width_bucket", "na", "bigint", "lb_width_buckets(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE[]))"),
    _row("width_bucket", "nnni", "bigint", _width_bucket),
    _doubles("normal_cdf", 3, "normal_cdf"),
    _doubles("inverse_normal_cdf", 3, "inverse_normal_cdf"),
    _doubles("beta_cdf", 3, "beta_cdf"),
    _doubles("inverse_beta_cdf", 3, "inverse_beta_cdf"),
    _row("wilson_interval_lower", "iin", "double", f"lb_py_wilson_lower({_WILSON})"),
    _row("wilson_interval_upper", "iin", "double", f"lb_py_wilson_upper({_WILSON})"),
    *(_row(name, "", "double", "random()") for name in ("random", "rand")),
    *(_row(name, "i", same(0), _random) for name in ("random", "rand")),
    *(_row(name, "ii", widest, _random) for name in ("random", "rand")),
]
_BITWISE = [
    _row("bitwise_and", "ii", "bigint", "(CAST({0} AS BIGINT) & CAST({1} AS BIGINT))"),
    _row("bitwise_or", "ii", "bigint", "(CAST({0} AS BIGINT) | CAST({1} AS BIGINT))"),
    _row("bitwise_xor", "ii", "bigint", "xor(CAST({0} AS BIGINT), CAST({1} AS BIGINT))"),
    _row("bitwise_not", "i", "bigint", "(~CAST({0} AS BIGINT))"),
    _row("bitwise_left_shift", "ii", same(0), _shift("lb_shift_left")),
    _row("bitwise_right_shift", "ii", same(0), _shift("lb_shift_right")),
    _row("bitwise_right_shift_arithmetic", "ii", same(0), _shift("lb_shift_signed")),
    _row("bit_count", "ii", "bigint", "lb_bit_count({0}, {1})"),
    _row("to_base", "ii", "varchar", "lb_to_base({0}, {1})"),
    _row("from_base", "vi", "bigint", "lb_from_base({0}, {1})"),
]
NUMBERS = [*_ROUNDING, *_ANALYSIS, *_BITWISE]
