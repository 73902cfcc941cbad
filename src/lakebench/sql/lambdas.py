"""Functions that take a lambda, over arrays and maps."""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.meeting import null_if_any
from lakebench.sql.signatures import Call, Function, Types, array_of, fixed, map_from, member, same

_Returns = Callable[[Types], DataType | None]


def _row(
    name: str,
    arguments: str,
    returns: str | _Returns,
    sql: str | Callable[[Call], str],
    lambdas: Callable[[Types], tuple[DataType | None, ...]] | None = None,
) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    return Function(name=name, arguments=arguments, returns=result, sql=sql, lambdas=lambdas)


def _element(given: Types) -> tuple[DataType | None, ...]:
    return (member(0)(given),)


def _entry(given: Types) -> tuple[DataType | None, ...]:
    return (member(0)(given), member(0, 1)(given))


def _state(given: Types) -> tuple[DataType | None, ...]:
    return (given[1], member(0)(given))


def _pair(given: Types) -> tuple[DataType | None, ...]:
    return (member(0)(given), member(1)(given))


def _over_elements(form: str) -> Callable[[Call], str]:
    """A lambda of one parameter becomes DuckDB's; nested ones have names of their own."""

    def write(call: Call) -> str:
        name = call.fresh("e")
        return form.format(call.texts[0], f"lambda {name}: {call.apply(call.nodes[1], name)}")

    return write


def _over_entries(form: str) -> Callable[[Call], str]:
    """A lambda of key and value, over a map's entries."""

    def write(call: Call) -> str:
        name = call.fresh("e")
        body = call.apply(call.nodes[1], f"{name}.key", f"{name}.value")
        return form.format(call.texts[0], body, name)

    return write


def _reduce(call: Call) -> str:
    started, stepped = call.types[1], call.types[2]
    if types.is_number(started) and types.is_number(stepped) and started != stepped:
        message = f"Unexpected parameters for function reduce: a state of {started} becomes {stepped}"
        raise QueryFailed("FUNCTION_NOT_FOUND", message)
    values, start = call.texts[0], call.texts[1]
    state, element = call.fresh("s"), call.fresh("e")
    step = call.apply(call.nodes[2], state, element)
    reduced = f"list_reduce({values}, lambda {state}, {element}: {step}, {start})"
    return f"(CASE WHEN {values} IS NULL THEN NULL ELSE {call.apply(call.nodes[3], reduced)} END)"


def _zip_with(call: Call) -> str:
    name = call.fresh("e")
    body = call.apply(call.nodes[2], f"{name}[1]", f"{name}[2]")
    zipped = null_if_any(call.texts[:2], "list_zip(lb_p.a0, lb_p.a1)")
    return f"list_transform({zipped}, lambda {name}: {body})"


def _two_elements(given: Types) -> tuple[DataType | None, ...]:
    return (member(0)(given), member(0)(given))


def _array_sort(call: Call) -> str:
    """Elements by the number of those that the comparator puts before them; equal ones keep their order."""
    place, other, sorted_one = (call.fresh(letter) for letter in "ijk")
    values = call.fresh("s")
    compared = call.apply(call.nodes[1], f"{values}[{other}]", f"{values}[{place}]")
    checked = f"lb_comparison({compared})"
    before = (
        f"list_sum(list_transform(range(1, len({values}) + 1), lambda {other}: CASE WHEN {other} = {place} "
        f"THEN 0 WHEN {checked} < 0 OR ({checked} = 0 AND {other} < {place}) THEN 1 ELSE 0 END))"
    )
    places = f"list_transform(range(1, len({values}) + 1), lambda {place}: {{'b': {before}, 'i': {place}}})"
    moved = f"list_transform(list_sort({places}), lambda {sorted_one}: {values}[{sorted_one}.i])"
    return f"list_transform([{call.texts[0]}], lambda {values}: {moved})[1]"


def _zipped_entry(given: Types) -> tuple[DataType | None, ...]:
    return (member(0)(given), member(0, 1)(given), member(1, 1)(given))


def _zipped_map(given: Types) -> DataType | None:
    return types.map_of(member(0)(given), given[2])


def _map_zip_with(call: Call) -> str:
    first, second = call.texts[:2]
    name = call.fresh("e")
    pair = call.fresh("m")
    body = call.apply(call.nodes[2], name, f"({pair}.a)[{name}]", f"({pair}.b)[{name}]")
    keys = f"lb_map_equal_keys({pair}.a, {pair}.b)"
    made = f"map({keys}, list_transform({keys}, lambda {name}: {body}))"
    checked = f"CASE WHEN {pair}.a IS NOT NULL AND {pair}.b IS NOT NULL THEN {made} END"
    return f"list_transform([{{'a': {first}, 'b': {second}}}], lambda {pair}: {checked})[1]"


def _lambda_result(at: int) -> _Returns:
    return lambda given: given[at]


LAMBDAS = [
    _row("array_sort", "ai", same(0), _array_sort, _two_elements),
    _row("map_zip_with", "mml", _zipped_map, _map_zip_with, _zipped_entry),
    _row(
        "transform", "al", array_of(_lambda_result(1)), _over_elements("list_transform({0}, {1})"), _element
    ),
    _row("filter", "ab", same(0), _over_elements("list_filter({0}, {1})"), _element),
    _row("any_match", "ab", "boolean", _over_elements("lb_any(list_transform({0}, {1}))"), _element),
    _row("all_match", "ab", "boolean", _over_elements("lb_all(list_transform({0}, {1}))"), _element),
    _row("none_match", "ab", "boolean", _over_elements("(NOT lb_any(list_transform({0}, {1})))"), _element),
    _row("reduce", "axll", _lambda_result(3), _reduce, _state),
    _row("zip_with", "aal", array_of(_lambda_result(2)), _zip_with, _pair),
    _row(
        "map_filter",
        "mb",
        same(0),
        _over_entries("map_from_entries(list_filter(map_entries({0}), lambda {2}: {1}))"),
        _entry,
    ),
    _row(
        "transform_values",
        "ml",
        map_from(member(0), _lambda_result(1)),
        _over_entries("map_from_entries(list_transform(map_entries({0}), lambda {2}: row({2}.key, {1})))"),
        _entry,
    ),
    _row(
        "transform_keys",
        "ml",
        map_from(_lambda_result(1), member(0, 1)),
        _over_entries("lb_map(list_transform(map_entries({0}), lambda {2}: {1}), map_values({0}))"),
        _entry,
    ),
]
