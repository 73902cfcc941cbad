"""Aggregates and window functions; ``finish`` gives a result Trino's type around FILTER and OVER."""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.duckdb_types import duckdb_type
from lakebench.sql.signatures import Call, Function, Types, array_of, fixed, map_from, same, unbounded

_TYPED = "CAST({0} AS {type})"
_MILLISECONDS, _MONTHS = "to_milliseconds(CAST({0} AS BIGINT))", "to_months(CAST({0} AS INTEGER))"
_ROUND_MILLISECONDS = "to_milliseconds(CAST(round({0}) AS BIGINT))"
_ROUND_MONTHS = "to_months(CAST(round({0}) AS INTEGER))"
_Returns = Callable[[Types], DataType | None]


def _aggregate(
    name: str,
    arguments: str,
    returns: str | _Returns,
    sql: str | Callable[[Call], str],
    finish: str | Callable[[Call, str], str] = "{0}",
) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    return Function(name=name, arguments=arguments, returns=result, sql=sql, finish=finish, aggregate=True)


def _window(
    name: str, arguments: str, returns: str | _Returns, sql: Callable[[Call], str] | None = None
) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    text = sql or f"{name}({{all}})"
    return Function(name=name, arguments=arguments, returns=result, sql=text, window=True)


def _first(given: Types) -> DataType | None:
    return unbounded(given[0])


def _checked(at: int, least: int, message: str) -> Callable[[Call], str]:
    """A window function whose whole number at a place must not be less than ``least``."""

    def write(call: Call) -> str:
        texts = list(call.texts)
        number = texts[at].removesuffix(_IGNORES)
        if not number.isdigit() or int(number) < least:
            ignores = _IGNORES if texts[at].endswith(_IGNORES) else ""
            texts[at] = f"lb_at_least({number}, {least}, '{message}'){ignores}"
        return f"{call.name}({', '.join(texts)})"

    return write


_IGNORES = " IGNORE NULLS"


def _sum_of_decimals(given: Types) -> DataType | None:
    return types.decimal(38, given[0].parameters[1]) if given[0] is not None else None


def _decimal_of(at: int) -> _Returns:
    return lambda given: given[at]


def _pairs(call: Call) -> str:
    """Two arguments as one, with the DISTINCT and ORDER BY that belong to both."""
    distinct = "DISTINCT " if call.texts[0].startswith("DISTINCT ") else ""
    first, second = call.texts[0].removeprefix("DISTINCT "), call.texts[1].removesuffix(call.tail)
    return f"list({distinct}{{'k': {first}, 'v': {second}}}{call.tail})"


def _plain(call: Call, at: int) -> str:
    return call.texts[at].removeprefix("DISTINCT ").removesuffix(call.tail)


def _weighted_values(call: Call) -> str:
    """What approx_percentile collects: values, and weights where the second argument is one."""
    value = f"CAST({_plain(call, 0)} AS DOUBLE)"
    if not _has_weights(call):
        return f"list({value})"
    return f"list({{'v': {value}, 'w': CAST({_plain(call, 1)} AS DOUBLE)}})"


def _has_weights(call: Call) -> bool:
    return types.is_integer(call.types[1]) and len(call.texts) > 2


def _percentile(call: Call, text: str) -> str:
    """One percentile or an array of them, rounded where the values are whole."""
    weighed = _has_weights(call)
    values = f"list_transform({text}, lambda lb_p: lb_p.v)" if weighed else text
    weights = f"list_transform({text}, lambda lb_p: lb_p.w)" if weighed else "CAST(NULL AS DOUBLE[])"
    shares = _plain(call, 2 if weighed else 1)
    given = call.types[2 if weighed else 1]
    whole = types.is_integer(call.types[0])

    def one(share: str) -> str:
        found = f"lb_py_percentile({values}, {weights}, CAST({share} AS DOUBLE))"
        kind = duckdb_type(call.types[0]) if call.types[0] is not None else "DOUBLE"
        return f"CAST({f'round({found})' if whole else found} AS {kind})"

    if not types.is_named(given, "array"):
        return one(shares)
    name = call.fresh("q")
    return f"CASE WHEN {text} IS NOT NULL THEN list_transform({shares}, lambda {name}: {one(name)}) END"


def _percentile_type(given: Types) -> DataType | None:
    at = 2 if len(given) > 2 and types.is_integer(given[1]) else 1
    return types.array(given[0]) if types.is_named(given[at], "array") else given[0]


def _checksum(call: Call, text: str) -> str:
    data_type = call.types[0]
    kind = data_type.name if data_type is not None else ""
    function = "double" if kind == "double" else "bytes" if kind in {"varchar", "varbinary"} else "whole"
    return f"lb_py_checksum_{function}({text})"


def _hashed(call: Call) -> str:
    """A value as Trino hashes it: whole numbers for all that it keeps as one."""
    data_type, value = call.types[0], _plain(call, 0)
    if data_type is None:
        raise types.not_supported("checksum of a value whose type is not known here")
    if data_type.name == "decimal" and data_type.parameters[0] <= 18:
        value = f"CAST({value} * {10 ** data_type.parameters[1]} AS BIGINT)"
    elif data_type.name in {"date", "timestamp"}:
        unit = "// 86400000000" if data_type.name == "date" else ""
        value = f"CAST(epoch_us(CAST({value} AS TIMESTAMP)) {unit} AS BIGINT)"
    elif data_type.name == "varchar":
        value = f"encode({value})"
    elif data_type.name == "boolean" or types.is_integer(data_type):
        value = f"CAST({value} AS BIGINT)"
    elif data_type.name not in {"double", "varbinary"}:
        raise types.not_supported(f"checksum of {data_type}")
    return f"list({value})"


def _approx_distinct(call: Call, text: str) -> str:
    """Exact, which is within any error; the error that is asked for must be one that Trino has."""
    error = f"CAST({_plain(call, 1)} AS DOUBLE)"
    message = f"'Standard error must be in [0.0040625, 0.26]: ' || lb_java({error})"
    return f"CASE WHEN lb_argument({error} BETWEEN 0.0040625e0 AND 0.26e0, {message}) THEN {text} END"


def _reduced(call: Call, text: str) -> str:
    """NULL inputs are passed over; of no input at all there is no state."""
    state, value = call.fresh("s"), call.fresh("x")
    result = duckdb_type(call.types[1]) if call.types[1] is not None else "BIGINT"
    rows = f"list_filter({text}, lambda {value}: {value} IS NOT NULL)"
    boxed = f"list_transform({rows}, lambda {value}: {{'s': CAST(NULL AS {result}), 'x': {value}}})"
    first = f"{{'s': CAST({_plain(call, 1)} AS {result}), 'x': NULL}}"
    step = call.apply(call.nodes[2], f"{state}.s", f"{value}.x")
    return (
        f"CASE WHEN len({rows}) > 0 THEN list_reduce({boxed}, lambda {state}, {value}: "
        f"{{'s': CAST({step} AS {result}), 'x': {value}.x}}, {first}).s END"
    )


def _histogram_pairs(call: Call) -> str:
    weight = _plain(call, 2) if len(call.texts) > 2 else "1"
    return f"list({{'v': CAST({_plain(call, 1)} AS DOUBLE), 'w': CAST({weight} AS DOUBLE)}})"


def _numeric_histogram(call: Call, text: str) -> str:
    return f"lb_map_of_pairs(lb_py_numeric_histogram(CAST({_plain(call, 0)} AS INTEGER), {text}))"


def _numeric_histogram_type(given: Types) -> DataType | None:
    real = types.is_named(given[1], "real")
    return types.map_of(types.REAL, types.REAL) if real else types.map_of(types.DOUBLE, types.DOUBLE)


def _grouping_type(given: Types) -> DataType | None:
    """A bit an argument: beyond 31 of them it is a bigint."""
    return types.INTEGER if len(given) < 32 else types.BIGINT


def _negated(call: Call, at: int) -> str:
    return f"-({_plain(call, at)})"


def _greatest(call: Call) -> str:
    """DuckDB's greatest number is NaN, Trino's the greatest that is one: the least of the negated ones."""
    if not types.is_float(call.types[0]):
        return f"max({', '.join(call.texts)})"
    return f"min({', '.join([_negated(call, 0), *call.texts[1:]])})"


def _negated_back(call: Call, text: str) -> str:
    if not types.is_float(call.types[0]):
        return text
    if len(call.types) == 1:
        return f"(-{text})"
    name = call.fresh("n")
    return f"list_transform({text}, lambda {name}: -{name})"


def _of_greatest(call: Call) -> str:
    """``max_by``, by the same rule."""
    counted = len(call.texts) > 2
    if not types.is_float(call.types[1]):
        return f"{'arg_max' if counted else 'arg_max_null'}({', '.join(call.texts)})"
    values = [call.texts[0], _negated(call, 1), *call.texts[2:]]
    return f"{'arg_min' if counted else 'arg_min_null'}({', '.join(values)})"


AGGREGATES = [
    _aggregate("count", "", "bigint", "count(*)"),
    _aggregate("count", "x", "bigint", "count({0})"),
    _aggregate("count_if", "b", "bigint", "count_if({0})", _TYPED),
    _aggregate("sum", "i", "bigint", "sum({0})", "lb_bigint_sum({0})"),
    _aggregate("sum", "D", "interval day to second", "sum(lb_interval_ms({0}))", _MILLISECONDS),
    _aggregate("sum", "G", "interval year to month", "sum(lb_month_count({0}))", _MONTHS),
    _aggregate("avg", "D", "interval day to second", "avg(lb_interval_ms({0}))", _ROUND_MILLISECONDS),
    _aggregate("avg", "G", "interval year to month", "avg(lb_month_count({0}))", _ROUND_MONTHS),
    _aggregate("sum", "c", _sum_of_decimals, "sum({0})"),
    _aggregate("sum", "r", "real", "sum({0})", _TYPED),
    _aggregate("sum", "n", "double", "sum({0})"),
    _aggregate("avg", "c", _decimal_of(0), "avg({0})", _TYPED),
    _aggregate("avg", "r", "real", "avg({0})", _TYPED),
    _aggregate("avg", "n", "double", "avg({0})"),
    _aggregate("geometric_mean", "n", "double", "geomean({0})"),
    _aggregate("min", "x", same(0), "min({0})"),
    _aggregate("max", "x", same(0), _greatest, _negated_back),
    _aggregate("min", "xi", array_of(same(0)), "min({0}, {1})"),
    _aggregate("max", "xi", array_of(same(0)), _greatest, _negated_back),
    _aggregate("max_by", "xx", same(0), _of_greatest),
    _aggregate("min_by", "xx", same(0), "arg_min_null({0}, {1})"),
    _aggregate("max_by", "xxi", array_of(same(0)), _of_greatest),
    _aggregate("min_by", "xxi", array_of(same(0)), "arg_min({0}, {1}, {2})"),
    *(_aggregate(name, "x", same(0), "any_value({0})") for name in ("arbitrary", "any_value")),
    _aggregate("array_agg", "x", array_of(same(0)), "list({0})"),
    _aggregate("map_agg", "xx", map_from(same(0), same(1)), _pairs, "lb_map_of_pairs({0})"),
    _aggregate("multimap_agg", "xx", map_from(same(0), array_of(same(1))), _pairs, "lb_multimap({0})"),
    _aggregate("map_union", "m", same(0), "list({0})", "lb_map_union({0})"),
    _aggregate("checksum", "x", "varbinary", _hashed, _checksum),
    _aggregate("bitwise_xor_agg", "i", "bigint", "bit_xor(CAST({0} AS BIGINT))"),
    _aggregate("skewness", "n", "double", "list(CAST({0} AS DOUBLE))", "lb_py_skewness({0})"),
    _aggregate("kurtosis", "n", "double", "list(CAST({0} AS DOUBLE))", "lb_py_kurtosis({0})"),
    _aggregate(
        "approx_most_frequent",
        "ixi",
        map_from(same(1), fixed("bigint")),
        lambda call: f"histogram({_plain(call, 1)})",
        lambda call, text: f"lb_most_frequent({text}, {_plain(call, 0)})",
    ),
    *(
        _aggregate(
            "numeric_histogram", letters, _numeric_histogram_type, _histogram_pairs, _numeric_histogram
        )
        for letters in ("in", "inn")
    ),
    Function(
        name="reduce_agg",
        arguments="xxxx",
        returns=same(1),
        sql="list({0})",
        finish=_reduced,
        aggregate=True,
        lambdas=lambda given: (given[1], given[0]),
    ),
    _aggregate("histogram", "x", map_from(same(0), fixed("bigint")), "histogram({0})", _TYPED),
    *(_aggregate(name, "b", "boolean", "bool_and({0})") for name in ("bool_and", "every")),
    _aggregate("bool_or", "b", "boolean", "bool_or({0})"),
    _aggregate("approx_distinct", "x", "bigint", "count(DISTINCT {0})"),
    _aggregate("approx_distinct", "xn", "bigint", "count(DISTINCT {0})", _approx_distinct),
    *(
        _aggregate("approx_percentile", letters, _percentile_type, _weighted_values, _percentile)
        for letters in ("nn", "na", "nin", "nia", "nnn", "ninn")
    ),
    *(_aggregate(name, "n", "double", f"{name}({{0}})") for name in ("stddev", "stddev_samp", "stddev_pop")),
    *(_aggregate(name, "n", "double", f"{name}({{0}})") for name in ("variance", "var_samp", "var_pop")),
    *(_aggregate(name, "nn", "double", f"{name}({{0}}, {{1}})") for name in ("covar_pop", "covar_samp")),
    *(
        _aggregate(name, "nn", "double", f"{name}({{0}}, {{1}})", "lb_finite({0})")
        for name in ("corr", "regr_slope", "regr_intercept")
    ),
    _aggregate("bitwise_and_agg", "i", "bigint", "bit_and(CAST({0} AS BIGINT))"),
    _aggregate("bitwise_or_agg", "i", "bigint", "bit_or(CAST({0} AS BIGINT))"),
    _aggregate("grouping", "xx*", _grouping_type, "grouping({all})", _TYPED),
    _aggregate("grouping", "x", "integer", "grouping({0})", _TYPED),
    *(_window(name, "", "bigint") for name in ("row_number", "rank", "dense_rank")),
    *(_window(name, "", "double") for name in ("percent_rank", "cume_dist")),
    _window("ntile", "i", "bigint", _checked(0, 1, "Buckets must be greater than 0")),
    *(_window(name, "x", _first) for name in ("first_value", "last_value", "lag", "lead")),
    _window("nth_value", "xi", _first, _checked(1, 1, "Offset must be at least 1")),
    *(_window(name, "xi", _first, _checked(1, 0, "Offset must be at least 0")) for name in ("lag", "lead")),
    *(_window(name, "xix", _first, _checked(1, 0, "Offset must be at least 0")) for name in ("lag", "lead")),
]
