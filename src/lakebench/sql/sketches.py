"""Aggregates that keep a sketch, and functions of sketches (Trino: hyperloglog, tdigest, qdigest, setdigest).

A sketch is a blob of our own (emulator/engine/udfs/sketches.py): Trino's bytes are not ours, so that casts
between sketches and varbinary are refused, and no result shows one.
"""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType, Field
from lakebench.sql import types
from lakebench.sql.duckdb_types import duckdb_type
from lakebench.sql.signatures import Call, Function, Types, fixed, member

_Returns = Callable[[Types], DataType | None]


def _always(data_type: DataType | None) -> _Returns:
    return lambda _: data_type


def _scalar(name: str, arguments: str, returns: DataType | _Returns | None, sql: str) -> Function:
    result = returns if callable(returns) else _always(returns)
    return Function(name=name, arguments=arguments, returns=result, sql=sql)


def _aggregate(
    name: str,
    arguments: str,
    returns: DataType | _Returns | None,
    sql: str | Callable[[Call], str],
    finish: str | Callable[[Call, str], str],
) -> Function:
    result = returns if callable(returns) else _always(returns)
    return Function(name=name, arguments=arguments, returns=result, sql=sql, finish=finish, aggregate=True)


def _qdigest(given: Types) -> DataType | None:
    data_type = given[0]
    if data_type is None:
        return None
    kept = types.BIGINT if types.is_integer(data_type) else data_type
    return DataType(name="qdigest", fields=(Field(name=None, type=kept),))


def _of_digest(call: Call, text: str) -> str:
    """A quantile of a qdigest has the type of its values."""
    digest = call.types[0]
    kept = digest.fields[0].type if digest is not None and digest.fields else types.DOUBLE
    return f"CAST({text} AS {duckdb_type(kept)})"


def _value(call: Call) -> str:
    return _of_digest(call, f"lb_py_quantile_upper({call.texts[0]}, CAST({call.texts[1]} AS DOUBLE))")


def _values(call: Call) -> str:
    one = f"lb_py_quantile_upper({call.texts[0]}, lb_q)"
    found = f"list_transform(CAST({call.texts[1]} AS DOUBLE[]), lambda lb_q: {one})"
    digest = call.types[0]
    kept = digest.fields[0].type if digest is not None and digest.fields else types.DOUBLE
    return f"CAST({found} AS {duckdb_type(kept)}[])"


def _array_of_values(given: Types) -> DataType | None:
    digest = given[0]
    return types.array(digest.fields[0].type) if digest is not None and digest.fields else None


def _weighted(call: Call) -> str:
    """Values with their weights; rows where one is NULL do not count."""
    value, weight = (text.removeprefix("DISTINCT ") for text in call.texts[:2])
    return f"list({{'v': CAST({value} AS DOUBLE), 'w': CAST({weight} AS DOUBLE)}})"


def _unweighted(call: Call) -> str:
    return f"list(CAST({call.texts[0]} AS DOUBLE))"


_MERGES = (
    ("H", types.HYPER_LOG_LOG, "lb_py_hll_merge"),
    ("K", types.T_DIGEST, "lb_py_digest_merge"),
)
_TEXTS = "list(CAST({0} AS VARCHAR))"

SKETCHES = [
    _aggregate("approx_set", "x", types.HYPER_LOG_LOG, _TEXTS, "lb_py_hll({0})"),
    _scalar("empty_approx_set", "", types.HYPER_LOG_LOG, "lb_py_hll(CAST([] AS VARCHAR[]))"),
    _scalar("cardinality", "H", types.BIGINT, "lb_py_hll_cardinality({0})"),
    *(_aggregate("merge", letter, kind, "list({0})", f"{name}({{0}})") for letter, kind, name in _MERGES),
    _aggregate("merge", "Q", lambda given: given[0], "list({0})", "lb_py_digest_merge({0})"),
    _aggregate("tdigest_agg", "n", types.T_DIGEST, _unweighted, "lb_py_digest({0})"),
    _aggregate("tdigest_agg", "nn", types.T_DIGEST, _weighted, "lb_py_digest_weighted({0})"),
    _scalar("value_at_quantile", "Kn", types.DOUBLE, "lb_py_quantile({0}, CAST({1} AS DOUBLE))"),
    _scalar(
        "values_at_quantiles",
        "Ka",
        types.array(types.DOUBLE),
        "list_transform(CAST({1} AS DOUBLE[]), lambda lb_q: lb_py_quantile({0}, lb_q))",
    ),
    _aggregate("qdigest_agg", "n", _qdigest, _unweighted, "lb_py_digest({0})"),
    _aggregate("qdigest_agg", "ni", _qdigest, _weighted, "lb_py_digest_weighted({0})"),
    _aggregate("qdigest_agg", "nin", _qdigest, _weighted, "lb_py_digest_weighted({0})"),
    Function(name="value_at_quantile", arguments="Qn", returns=member(0), sql=_value),
    Function(name="values_at_quantiles", arguments="Qa", returns=_array_of_values, sql=_values),
    _scalar("quantile_at_value", "Qn", types.DOUBLE, "lb_py_quantile_of({0}, CAST({1} AS DOUBLE))"),
    _aggregate(
        "make_set_digest",
        "i",
        types.SET_DIGEST,
        "list(CAST({0} AS BIGINT))",
        "lb_py_set_digest_of_numbers({0})",
    ),
    _aggregate("make_set_digest", "v", types.SET_DIGEST, "list({0})", "lb_py_set_digest_of_texts({0})"),
    _aggregate("merge_set_digest", "U", types.SET_DIGEST, "list({0})", "lb_py_set_digest_merge({0})"),
    _scalar("cardinality", "U", types.BIGINT, "lb_py_set_digest_cardinality({0})"),
    _scalar("intersection_cardinality", "UU", types.BIGINT, "lb_py_set_digest_common({0}, {1})"),
    _scalar("jaccard_index", "UU", types.DOUBLE, "lb_py_jaccard({0}, {1})"),
    Function(
        name="hash_counts",
        arguments="U",
        returns=fixed("map(bigint, smallint)"),
        sql="lb_map_of_pairs(lb_py_hash_counts({0}))",
    ),
]
