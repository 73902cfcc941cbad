"""Functions on arrays, maps and rows, and those that take a lambda."""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.result_text import result_text
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


def _join(call: Call) -> str:
    """Elements in the texts of a cast to varchar; NULLs are left out, or written as the third argument."""
    element = member(0)(call.types)
    if element is None or element.fields or element.name in {"varbinary", "json", "char"}:
        raise types.not_supported(f"array_join of {call.types[0]}")
    body = element_text("lb_x", element)
    texts = f"list_transform({call.texts[0]}, lambda lb_x: {body})"
    if len(call.texts) == 2:
        return f"array_to_string({texts}, {call.texts[1]})"
    filled = f"list_transform({texts}, lambda lb_x: coalesce(lb_x, {call.texts[2]}))"
    return f"array_to_string({filled}, {call.texts[1]})"


def element_text(text: str, element: DataType) -> str:
    """A value in the text that joining arrays gives it: Java's."""
    return result_text(text, element)


def _zipped(given: Types) -> DataType | None:
    return types.array(types.row([member(at)(given) for at in range(len(given))]))


def _entry_types(given: Types) -> tuple[DataType | None, DataType | None]:
    element = member(0)(given)
    if element is None or element.name != "row" or len(element.fields) != 2:
        return None, None
    return element.fields[0].type, element.fields[1].type


def _map_of_entries(given: Types) -> DataType | None:
    return types.map_of(*_entry_types(given))


def _map_from_entries(call: Call) -> str:
    keys, held = (
        f"list_transform({call.texts[0]}, lambda lb_x: struct_extract_at(lb_x, {at}))" for at in (1, 2)
    )
    return f"lb_map({keys}, {held})"


def _entries(given: Types) -> DataType | None:
    return types.array(types.row([member(0)(given), member(0, 1)(given)]))


def _zipped_entry(given: Types) -> tuple[DataType | None, ...]:
    return (member(0)(given), member(0, 1)(given), member(1, 1)(given))


def _zipped_map(given: Types) -> DataType | None:
    return types.map_of(member(0)(given), given[2])


def _map_zip_with(call: Call) -> str:
    first, second = call.texts[:2]
    name = call.fresh("e")
    body = call.apply(call.nodes[2], name, f"({first})[{name}]", f"({second})[{name}]")
    keys = f"lb_map_equal_keys({first}, {second})"
    return f"map({keys}, list_transform({keys}, lambda {name}: {body}))"


def _lambda_result(at: int) -> _Returns:
    return lambda given: given[at]


CONTAINERS = [
    _row("cardinality", "a", "bigint", "CAST(len({0}) AS BIGINT)"),
    _row("cardinality", "m", "bigint", "CAST(cardinality({0}) AS BIGINT)"),
    _row("contains", "ax", "boolean", "lb_contains({0}, {1})"),
    _row("element_at", "ai", member(0), "lb_element_at({0}, {1})"),
    _row("element_at", "mx", member(0, 1), "({0})[{1}]"),
    _row("slice", "aii", same(0), "lb_slice({0}, {1}, {2})"),
    _row("array_position", "ax", "bigint", "lb_array_position({0}, {1})"),
    _row("array_distinct", "a", same(0), "lb_array_distinct({0})"),
    _row("array_sort", "a", same(0), "list_sort({0}, 'ASC', 'NULLS LAST')"),
    _row("array_max", "a", member(0), "lb_array_max({0})"),
    _row("array_min", "a", member(0), "lb_array_min({0})"),
    _row("array_join", "av", "varchar", _join),
    _row("array_join", "avv", "varchar", _join),
    _row("array_union", "aa", widest, "lb_array_distinct(list_concat({0}, {1}))"),
    _row("array_intersect", "aa", widest, "lb_array_intersect({0}, {1})"),
    _row("array_except", "aa", same(0), "lb_array_except({0}, {1})"),
    _row("array_remove", "ax", same(0), "lb_array_remove({0}, {1})"),
    _row("arrays_overlap", "aa", "boolean", "lb_arrays_overlap({0}, {1})"),
    _row("array_position", "axi", "bigint", "lb_array_position_at({0}, {1}, {2})"),
    _row("array_first", "a", member(0), "({0})[1]"),
    _row("array_last", "a", member(0), "({0})[-1]"),
    _row("trim_array", "ai", same(0), "lb_trim_array({0}, {1})"),
    _row("ngrams", "ai", array_of(same(0)), "lb_ngrams({0}, {1})"),
    _row("zip", "aaa*", _zipped, "list_zip({all})"),
    _row("zip", "aa", _zipped, "list_zip({all})"),
    _row("map_from_entries", "a", _map_of_entries, _map_from_entries),
    _row(
        "map_entries",
        "m",
        _entries,
        "list_transform(map_entries({0}), lambda lb_x: row(lb_x.key, lb_x.value))",
    ),
    _row("map_zip_with", "mml", _zipped_map, _map_zip_with, _zipped_entry),
    _row("dot_product", "aa", "double", "list_dot_product(CAST({0} AS DOUBLE[]), CAST({1} AS DOUBLE[]))"),
    _row("contains_sequence", "aa", "boolean", "lb_contains_sequence({0}, {1})"),
    _row("flatten", "a", member(0), "flatten({0})"),
    _row("repeat", "xi", array_of(same(0)), "list_transform(range({1}), lambda lb_turn: {0})"),
    _row("map", "", nothing, "MAP {{}}"),
    _row("map", "aa", map_from(member(0), member(1)), "lb_map({0}, {1})"),
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
        _over_entries("lb_map(list_transform(map_entries({0}), lambda {2}: {1}), map_values({0}))"),
        _entry,
    ),
]
