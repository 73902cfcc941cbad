"""Functions on arrays, maps and rows, and those that take a lambda."""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType
from lakebench.sql.signatures import (
    Call,
    Function,
    Types,
    array_of,
    fixed,
    map_from,
    member,
    nothing,
    same,
    widest,
)

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
    values, start = call.texts[0], call.texts[1]
    state, element = call.fresh("s"), call.fresh("e")
    step = call.apply(call.nodes[2], state, element)
    reduced = f"list_reduce({values}, lambda {state}, {element}: {step}, {start})"
    return f"(CASE WHEN {values} IS NULL THEN NULL ELSE {call.apply(call.nodes[3], reduced)} END)"


def _zip_with(call: Call) -> str:
    name = call.fresh("e")
    body = call.apply(call.nodes[2], f"{name}[1]", f"{name}[2]")
    return f"list_transform(list_zip({call.texts[0]}, {call.texts[1]}), lambda {name}: {body})"


def _lambda_result(at: int) -> _Returns:
    return lambda given: given[at]


CONTAINERS = [
    _row("cardinality", "a", "bigint", "CAST(len({0}) AS BIGINT)"),
    _row("cardinality", "m", "bigint", "CAST(cardinality({0}) AS BIGINT)"),
    _row("contains", "ax", "boolean", "lb_contains({0}, {1})"),
    _row("element_at", "ai", member(0), "lb_element_at({0}, {1})"),
    _row("element_at", "mx", member(0, 1), "({0})[{1}]"),
    _row("slice", "aii", same(0), "lb_slice({0}, {1}, {2})"),
    _row("array_position", "ax", "bigint", "CAST(coalesce(list_position({0}, {1}), 0) AS BIGINT)"),
    _row("array_distinct", "a", same(0), "lb_array_distinct({0})"),
    _row("array_sort", "a", same(0), "list_sort({0}, 'ASC', 'NULLS LAST')"),
    _row("array_max", "a", member(0), "lb_array_max({0})"),
    _row("array_min", "a", member(0), "lb_array_min({0})"),
    _row("array_join", "av", "varchar", "array_to_string({0}, {1})"),
    _row("array_join", "avv", "varchar", "lb_array_join({0}, {1}, {2})"),
    _row("array_union", "aa", widest, "lb_array_distinct(list_concat({0}, {1}))"),
    _row("array_intersect", "aa", widest, "list_intersect({0}, {1})"),
    _row("array_except", "aa", same(0), "lb_array_except({0}, {1})"),
    _row("array_remove", "ax", same(0), "list_filter({0}, lambda lb_kept: lb_kept <> {1})"),
    _row("arrays_overlap", "aa", "boolean", "list_has_any({0}, {1})"),
    _row("flatten", "a", member(0), "flatten({0})"),
    _row("repeat", "xi", array_of(same(0)), "list_transform(range({1}), lambda lb_turn: {0})"),
    _row("map", "", nothing, "MAP {{}}"),
    _row("map", "aa", map_from(member(0), member(1)), "map({0}, {1})"),
    _row("map_keys", "m", array_of(member(0)), "map_keys({0})"),
    _row("map_values", "m", array_of(member(0, 1)), "map_values({0})"),
    _row("map_concat", "mmm*", widest, "map_concat({all})"),
    _row("map_concat", "mm", widest, "map_concat({all})"),
    _row(
        "transform", "al", array_of(_lambda_result(1)), _over_elements("list_transform({0}, {1})"), _element
    ),
    _row("filter", "al", same(0), _over_elements("list_filter({0}, {1})"), _element),
    _row("any_match", "al", "boolean", _over_elements("lb_any(list_transform({0}, {1}))"), _element),
    _row("all_match", "al", "boolean", _over_elements("lb_all(list_transform({0}, {1}))"), _element),
    _row("none_match", "al", "boolean", _over_elements("(NOT lb_any(list_transform({0}, {1})))"), _element),
    _row("reduce", "axll", _lambda_result(3), _reduce, _state),
    _row("zip_with", "aal", array_of(_lambda_result(2)), _zip_with, _pair),
    _row(
        "map_filter",
        "ml",
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
        _over_entries("map_from_entries(list_transform(map_entries({0}), lambda {2}: row({1}, {2}.value)))"),
        _entry,
    ),
]
