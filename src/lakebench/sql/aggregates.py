"""Aggregates and window functions; ``finish`` gives a result Trino's type around FILTER and OVER."""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.signatures import Call, Function, Types, array_of, fixed, map_from, same, unbounded

_TYPED = "CAST({0} AS {type})"
_Returns = Callable[[Types], DataType | None]


def _aggregate(
    name: str,
    arguments: str,
    returns: str | _Returns,
    sql: str | Callable[[Call], str],
    finish: str = "{0}",
) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    return Function(name=name, arguments=arguments, returns=result, sql=sql, finish=finish, aggregate=True)


def _window(name: str, arguments: str, returns: str | _Returns) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    return Function(name=name, arguments=arguments, returns=result, sql=f"{name}({{all}})", window=True)


def _sum_of_decimals(given: Types) -> DataType | None:
    return types.decimal(38, given[0].parameters[1]) if given[0] is not None else None


def _decimal_of(at: int) -> _Returns:
    return lambda given: given[at]


def _map_agg(call: Call) -> str:
    """The first value of each key; keys that are NULL are passed over."""
    if call.texts[0].startswith("DISTINCT ") or " ORDER BY " in call.texts[-1]:
        raise types.not_supported("map_agg with DISTINCT or ORDER BY")
    return f"list({{'k': {call.texts[0]}, 'v': {call.texts[1]}}})"


AGGREGATES = [
    _aggregate("count", "", "bigint", "count(*)"),
    _aggregate("count", "x", "bigint", "count({0})"),
    _aggregate("count_if", "b", "bigint", "count_if({0})", _TYPED),
    _aggregate("sum", "i", "bigint", "sum({0})", _TYPED),
    _aggregate("sum", "c", _sum_of_decimals, "sum({0})"),
    _aggregate("sum", "r", "real", "sum({0})", _TYPED),
    _aggregate("sum", "n", "double", "sum({0})"),
    _aggregate("avg", "c", _decimal_of(0), "avg({0})", _TYPED),
    _aggregate("avg", "r", "real", "avg({0})", _TYPED),
    _aggregate("avg", "n", "double", "avg({0})"),
    _aggregate("geometric_mean", "n", "double", "geomean({0})"),
    *(_aggregate(name, "x", same(0), f"{name}({{0}})") for name in ("min", "max")),
    *(_aggregate(name, "xi", array_of(same(0)), f"{name}({{0}}, {{1}})") for name in ("min", "max")),
    _aggregate("max_by", "xx", same(0), "arg_max_null({0}, {1})"),
    _aggregate("min_by", "xx", same(0), "arg_min_null({0}, {1})"),
    _aggregate("max_by", "xxi", array_of(same(0)), "arg_max({0}, {1}, {2})"),
    _aggregate("min_by", "xxi", array_of(same(0)), "arg_min({0}, {1}, {2})"),
    *(_aggregate(name, "x", same(0), "any_value({0})") for name in ("arbitrary", "any_value")),
    _aggregate("array_agg", "x", array_of(same(0)), "list({0})"),
    _aggregate("map_agg", "xx", map_from(same(0), same(1)), _map_agg, "lb_map_of_pairs({0})"),
    _aggregate("histogram", "x", map_from(same(0), fixed("bigint")), "histogram({0})", _TYPED),
    *(_aggregate(name, "b", "boolean", "bool_and({0})") for name in ("bool_and", "every")),
    _aggregate("bool_or", "b", "boolean", "bool_or({0})"),
    _aggregate("approx_distinct", "x", "bigint", "count(DISTINCT {0})"),
    _aggregate("approx_distinct", "xn", "bigint", "count(DISTINCT {0})"),
    _aggregate("approx_percentile", "na", array_of(same(0)), "quantile_disc({0}, {1})"),
    _aggregate("approx_percentile", "nn", same(0), "quantile_disc({0}, {1})"),
    *(_aggregate(name, "n", "double", f"{name}({{0}})") for name in ("stddev", "stddev_samp", "stddev_pop")),
    *(_aggregate(name, "n", "double", f"{name}({{0}})") for name in ("variance", "var_samp", "var_pop")),
    *(
        _aggregate(name, "nn", "double", f"{name}({{0}}, {{1}})")
        for name in ("corr", "covar_pop", "covar_samp")
    ),
    *(_aggregate(name, "nn", "double", f"{name}({{0}}, {{1}})") for name in ("regr_slope", "regr_intercept")),
    _aggregate("bitwise_and_agg", "i", "bigint", "bit_and(CAST({0} AS BIGINT))"),
    _aggregate("bitwise_or_agg", "i", "bigint", "bit_or(CAST({0} AS BIGINT))"),
    _aggregate("grouping", "xx*", "integer", "grouping({all})", _TYPED),
    _aggregate("grouping", "x", "integer", "grouping({0})", _TYPED),
    *(_window(name, "", "bigint") for name in ("row_number", "rank", "dense_rank")),
    *(_window(name, "", "double") for name in ("percent_rank", "cume_dist")),
    _window("ntile", "i", "bigint"),
    *(
        _window(name, "x", lambda given: unbounded(given[0]))
        for name in ("first_value", "last_value", "lag", "lead")
    ),
    *(_window(name, "xi", lambda given: unbounded(given[0])) for name in ("nth_value", "lag", "lead")),
    *(_window(name, "xix", lambda given: unbounded(given[0])) for name in ("lag", "lead")),
]
