"""Functions on arrays, maps and rows; those that take a lambda are in ``sql.lambdas``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types, zones
from lakebench.sql.casts import converted
from lakebench.sql.comparing import differs, equal, holds_unlike, keyed
from lakebench.sql.duckdb_types import duckdb_type
from lakebench.sql.lambdas import LAMBDAS
from lakebench.sql.meeting import bound, meeting, met, null_if_any
from lakebench.sql.signatures import (
    Call,
    Function,
    Types,
    array_of,
    fixed,
    map_from,
    member,
    same,
)
from lakebench.sql.vectors import VECTORS

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


def _join(call: Call) -> str:
    """Elements in the texts of a cast to varchar; NULLs are left out, or written as the third argument."""
    element = member(0)(call.types)
    if call.types[0] == types.UNKNOWN:
        return "CAST(NULL AS VARCHAR)"
    if element is None or element.fields or element.name == "varbinary":
        message = f"Unexpected parameters ({call.types[0]}, varchar) for function array_join"
        raise QueryFailed("FUNCTION_NOT_FOUND", message)
    body = "NULL" if element == types.UNKNOWN else converted("lb_x", element, types.VARCHAR)
    filled = f"coalesce({body}, lb_p.a2)" if len(call.texts) > 2 else body
    texts = f"list_transform(lb_p.a0, lambda lb_x: CAST({filled} AS VARCHAR))"
    shown = f"list_filter({texts}, lambda lb_x: lb_x IS NOT NULL)"
    mark = call.nodes[1]
    if isinstance(mark, exp.Literal):
        joined = f"array_to_string({shown}, {call.texts[1]})"
    else:
        joined = f"list_reduce({shown}, lambda lb_s, lb_x: lb_s || lb_p.a1 || lb_x)"
    return null_if_any(call.texts, f"coalesce(CASE WHEN len({shown}) > 0 THEN {joined} END, '')")


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
    keys, held = (f"list_transform(lb_a, lambda lb_x: struct_extract_at(lb_x, {at}))" for at in (1, 2))
    return f"list_transform([lb_entries({call.texts[0]})], lambda lb_a: lb_map({keys}, {held}))[1]"


def _entries(given: Types) -> DataType | None:
    return types.array(types.row([member(0)(given), member(0, 1)(given)]))


def _no_entries(_: Types) -> DataType | None:
    return types.map_of(types.UNKNOWN, types.UNKNOWN)


def _meets(name: str, form: str, result: str | None = None) -> _Returns:
    return meeting(name, form, None if result is None else fixed(result))


def _map_member(name: str) -> _Returns:
    """The value's type; the second argument is a key."""

    def find(given: Types) -> DataType | None:
        key = member(0)(given)
        if not types.compatible(key, given[1]):
            message = f"Unexpected parameters ({given[0]}, {given[1]}) for function {name}"
            raise QueryFailed("FUNCTION_NOT_FOUND", message)
        return member(0, 1)(given)

    return find


def _zip(call: Call) -> str:
    names = ", ".join(f"lb_p.a{at}" for at in range(len(call.texts)))
    return null_if_any(call.texts, f"list_zip({names})")


def _joined_maps(given: Types) -> DataType | None:
    found = met(given, "a" * len(given))
    if found == types.UNKNOWN and any(kind != types.UNKNOWN for kind in given):
        shown = ", ".join(str(kind) for kind in given)
        raise QueryFailed("FUNCTION_NOT_FOUND", f"Unexpected parameters ({shown}) for function map_concat")
    return found


def _map_concat(call: Call) -> str:
    names = ", ".join(f"{{{at}}}" for at in range(len(call.texts)))
    return bound("a" * len(call.texts), f"map_concat({names})")(call)


def _extreme(which: str) -> Callable[[Call], str]:
    """NaN is passed over while there is a number; NULL for an array with a NULL."""

    def write(call: Call) -> str:
        element = member(0)(call.types)
        if zones.is_zoned(element) or types.is_named(element, "time with time zone"):
            raise types.not_supported(f"{call.name} of {call.types[0]}")
        if types.is_float(element):
            return f"lb_array_{which}_number({call.texts[0]})"
        if element is not None and element.fields and _has_float(element):
            return f"lb_array_{which}(lb_without_nan({call.texts[0]}, '{call.name}'))"
        return f"lb_array_{which}({call.texts[0]})"

    return write


def _has_float(data_type: DataType) -> bool:
    return types.is_float(data_type) or any(_has_float(field.type) for field in data_type.fields)


def _by_equality(macro: str, general: str) -> Callable[[Call], str]:
    """DuckDB's own search, or one by Trino's equality where that differs: NULL inside, NaN, zones."""

    def write(call: Call) -> str:
        element = member(0)(call.types)
        plain = f"{macro}({', '.join(call.texts)})"
        if element is None or not differs(element):
            return plain
        found = f"list_transform({call.texts[0]}, lambda lb_e: {equal('lb_e', call.texts[1], element, 0)})"
        return f"{general}({', '.join([call.texts[0], found, *call.texts[1:]])}, '{call.name}')"

    return write


def _distinct_only(form: str) -> Callable[[Call], str]:
    """Functions that tell elements apart as IS DISTINCT FROM does; refused where DuckDB's way differs."""

    def write(call: Call) -> str:
        for given in call.types:
            element = member(0)([given]) if types.is_named(given, "array") else None
            if element is not None and (keyed(element) or holds_unlike(element)):
                raise types.not_supported(f"{call.name} of {given}")
        return form.format(*call.texts)

    return write


def _concat_form(given: Types) -> str:
    """``aa``, ``ae`` or ``ea``: which sides are arrays of the result's type, and which one element."""
    left, right = given[0], given[1]
    if types.UNKNOWN in given:
        return ""  # Trino cannot choose whether NULL is an array or an element
    arrays = [types.is_named(side, "array") for side in (left, right)]
    if all(arrays) and types.compatible(left, right):
        return "aa"
    if arrays[0] and left is not None and types.compatible(left.fields[0].type, right):
        return "ae"
    if arrays[1] and right is not None and types.compatible(left, right.fields[0].type):
        return "ea"
    return ""


def concatenated_type(given: Types) -> DataType | None:
    """The array that ``||`` gives; None where the sides do not go together."""
    form = _concat_form(given)
    sides = [
        types.array(side) if mark == "e" and side is not None else side
        for mark, side in zip(form, given, strict=False)
    ]
    return types.common(*sides) if len(sides) == 2 else None


def concatenated(texts: Sequence[str], given: Types) -> str:
    """``array || array``, ``array || element`` or ``element || array``; NULL if an array is."""
    form = _concat_form(given)
    sides = [f"[{text}]" if mark == "e" else text for mark, text in zip(form, texts, strict=True)]
    return f"({sides[0]} || {sides[1]})"


def _concat_element(call: Call) -> str:
    if not _concat_form(call.types):
        shown = ", ".join(str(given) for given in call.types)
        raise QueryFailed("FUNCTION_NOT_FOUND", f"Unexpected parameters ({shown}) for function concat")
    return concatenated(call.texts, call.types)


def _repeat(call: Call) -> str:
    name = call.fresh("n")
    return f"list_transform(range(lb_repeated({call.texts[1]})), lambda {name}: {call.texts[0]})"


def _combinations(call: Call) -> str:
    return (
        f"list_transform([{call.texts[0]}], lambda lb_a: list_transform(lb_combinations(len(lb_a), "
        f"{call.texts[1]}), lambda lb_c: list_transform(lb_c, lambda lb_i: lb_a[lb_i])))[1]"
    )


def _histogram(given: Types) -> DataType | None:
    return types.map_of(member(0)(given), types.BIGINT)


def _array_histogram(call: Call) -> str:
    element = member(0)(call.types)
    if element is None or keyed(element) or holds_unlike(element):
        raise types.not_supported(f"array_histogram of {call.types[0]}")
    kind = duckdb_type(element)
    return (
        f"list_transform([{call.texts[0]}], lambda lb_a: CASE WHEN lb_a IS NULL THEN NULL "
        f"WHEN list_count(lb_a) = 0 THEN MAP([]::{kind}[], []::BIGINT[]) "
        f"ELSE CAST(list_aggregate(lb_a, 'histogram') AS MAP({kind}, BIGINT)) END)[1]"
    )


def _entry_lists(given: Types) -> DataType | None:
    key, held = _entry_types(given)
    return types.map_of(key, types.array(held))


def _multimap_from_entries(call: Call) -> str:
    pair = "{'k': struct_extract_at(lb_x, 1), 'v': struct_extract_at(lb_x, 2)}"
    return f"lb_entry_lists(list_transform(lb_entries({call.texts[0]}), lambda lb_x: {pair}))"


CONTAINERS = [
    *LAMBDAS,
    *VECTORS,
    _row("concat", "ax", concatenated_type, _concat_element),
    _row("concat", "xa", concatenated_type, _concat_element),
    _row("array_histogram", "a", _histogram, _array_histogram),
    _row("combinations", "ai", array_of(same(0)), _combinations),
    _row(
        "shuffle",
        "a",
        same(0),
        "list_transform(list_sort(list_transform({0}, lambda lb_x: "
        "{{'r': random(), 'x': lb_x}})), lambda lb_x: lb_x.x)",
    ),
    _row("multimap_from_entries", "a", _entry_lists, _multimap_from_entries),
    _row("cardinality", "a", "bigint", "CAST(len({0}) AS BIGINT)"),
    _row("cardinality", "m", "bigint", "CAST(cardinality({0}) AS BIGINT)"),
    _row(
        "contains",
        "ax",
        _meets("contains", "ax", "boolean"),
        bound("ax", _by_equality("lb_contains", "lb_contains_by")),
    ),
    _row("element_at", "ai", member(0), "lb_element_at({0}, {1})"),
    _row("element_at", "mx", _map_member("element_at"), "({0})[{1}]"),
    _row("slice", "aii", same(0), "lb_slice({0}, {1}, {2})"),
    _row(
        "array_position",
        "ax",
        _meets("array_position", "ax", "bigint"),
        bound("ax", _by_equality("lb_array_position", "lb_position_by")),
    ),
    _row("array_distinct", "a", same(0), _distinct_only("lb_array_distinct({0})")),
    _row("array_sort", "a", same(0), "list_sort({0}, 'ASC', 'NULLS LAST')"),
    _row("array_max", "a", member(0), _extreme("max")),
    _row("array_min", "a", member(0), _extreme("min")),
    _row("array_join", "av", "varchar", _join),
    _row("array_join", "avv", "varchar", _join),
    _row(
        "array_union",
        "aa",
        _meets("array_union", "aa"),
        bound("aa", _distinct_only("lb_array_distinct(list_concat({0}, {1}))")),
    ),
    _row(
        "array_intersect",
        "aa",
        _meets("array_intersect", "aa"),
        bound("aa", _distinct_only("lb_array_intersect({0}, {1})")),
    ),
    _row(
        "array_except",
        "aa",
        _meets("array_except", "aa"),
        bound("aa", _distinct_only("lb_array_except({0}, {1})")),
    ),
    _row(
        "array_remove",
        "ax",
        _meets("array_remove", "ax"),
        bound("ax", _by_equality("lb_array_remove", "lb_remove_by")),
    ),
    _row(
        "arrays_overlap",
        "aa",
        _meets("arrays_overlap", "aa", "boolean"),
        bound("aa", _distinct_only("lb_arrays_overlap({0}, {1})")),
    ),
    _row("array_position", "axi", "bigint", "lb_array_position_at({0}, {1}, {2})"),
    _row("array_first", "a", member(0), "({0})[1]"),
    _row("array_last", "a", member(0), "({0})[-1]"),
    _row("trim_array", "ai", same(0), "lb_trim_array({0}, {1})"),
    _row("ngrams", "ai", array_of(same(0)), "lb_ngrams({0}, {1})"),
    _row("zip", "aaa*", _zipped, _zip),
    _row("zip", "aa", _zipped, _zip),
    _row("map_from_entries", "a", _map_of_entries, _map_from_entries),
    _row(
        "map_entries",
        "m",
        _entries,
        "list_transform(map_entries({0}), lambda lb_x: row(lb_x.key, lb_x.value))",
    ),
    _row(
        "contains_sequence",
        "aa",
        _meets("contains_sequence", "aa", "boolean"),
        bound("aa", "lb_contains_sequence({0}, {1})"),
    ),
    _row("flatten", "a", member(0), "flatten({0})"),
    _row("repeat", "xi", array_of(same(0)), _repeat),
    _row("map", "", _no_entries, "MAP([]::INTEGER[], []::INTEGER[])"),
    _row("map", "aa", map_from(member(0), member(1)), "lb_map({0}, {1})"),
    _row("map_keys", "m", array_of(member(0)), "map_keys({0})"),
    _row("map_values", "m", array_of(member(0, 1)), "map_values({0})"),
    _row("map_concat", "mmm*", _joined_maps, _map_concat),
    _row("map_concat", "mm", _joined_maps, _map_concat),
]
