"""Comparisons as Trino means them: NaN equals nothing, NULL members give NULL, char ignores its padding.

DuckDB takes NaN for the greatest number and equal to itself, and compares arrays, maps and rows with
NULL = NULL inside (facts/sql.md, "Traps").
"""

from __future__ import annotations

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.sql import types, zones
from lakebench.sql.types import type_of

_CONTAINERS = ("array", "map", "row")


def is_container(data_type: DataType | None) -> bool:
    """Array, map or row."""
    return types.is_named(data_type, *_CONTAINERS)


def compare(sign: str, left: exp.Expr, right: exp.Expr, texts: tuple[str, str]) -> str:
    """``left sign right`` in DuckDB's words; the sign is one of ``= <> < <= > >=``."""
    given = type_of(left), type_of(right)
    if is_container(given[0]) or is_container(given[1]):
        return _containers(sign, given, texts)
    if zones.is_zoned(given[0]) or zones.is_zoned(given[1]):
        return f"{zones.instant(texts[0], given[0])} {sign} {zones.instant(texts[1], given[1])}"
    if types.is_named(given[0], "char") or types.is_named(given[1], "char"):
        texts = f"rtrim({texts[0]}, ' ')", f"rtrim({texts[1]}, ' ')"
    if not (types.is_float(given[0]) or types.is_float(given[1])):
        return f"{texts[0]} {sign} {texts[1]}"
    return _floats(sign, (_may_be_nan(left), _may_be_nan(right)), texts)


def _may_be_nan(node: exp.Expr) -> bool:
    """Literals are numbers; a subquery is not written twice, since its scans would count twice."""
    if not types.is_float(type_of(node)):
        return False
    inner = node.unnest()
    inner = inner.this if isinstance(inner, exp.Neg) else inner
    return not isinstance(inner, exp.Literal) and node.find(exp.Query) is None


def _floats(sign: str, nan: tuple[bool, bool], texts: tuple[str, str]) -> str:
    left, right = texts
    plain = f"{left} {sign} {right}"
    if sign == "<>":
        return f"({plain} OR (isnan({left}) AND isnan({right})))" if all(nan) else plain
    if sign == "=":
        return f"({plain} AND NOT isnan({left}))" if all(nan) else plain
    greater = 0 if sign in {">", ">="} else 1
    return f"({plain} AND NOT isnan({texts[greater]}))" if nan[greater] else plain


def _containers(sign: str, given: tuple[DataType | None, ...], texts: tuple[str, str]) -> str:
    data_type = types.common(*given)
    if data_type is None:
        data_type = given[0] if given[0] is not None and given[0] != types.UNKNOWN else given[1]
    if data_type is None:
        raise types.not_supported("A comparison of values whose types are not known here")
    if sign in {"=", "<>"}:
        text = equal(texts[0], texts[1], data_type, 0)
        return text if sign == "=" else f"(NOT {text})"
    if data_type.name != "array" or not _orders_plainly(data_type.fields[0].type):
        raise types.not_supported(f"Ordering values of {data_type}")
    checked = [f"lb_no_nulls({text})" for text in texts]
    return f"({checked[0]} {sign} {checked[1]})"


def _orders_plainly(data_type: DataType) -> bool:
    return types.is_number(data_type) or types.is_named(data_type, "varchar", "boolean", "date", "timestamp")


def equal(left: str, right: str, data_type: DataType, depth: int) -> str:
    """Whether two values are equal: NULL when only a NULL inside stands in the way of an answer."""
    if data_type.name == "row":
        body = " AND ".join(
            equal(_member(left, data_type, at), _member(right, data_type, at), field.type, depth)
            for at, field in enumerate(data_type.fields)
        )
        return f"(CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL ELSE ({body}) END)"
    if data_type.name == "array":
        name = f"lb_p{depth}"
        inner = equal(f"{name}[1]", f"{name}[2]", data_type.fields[0].type, depth + 1)
        return (
            f"(CASE WHEN len({left}) <> len({right}) THEN false WHEN {left} IS NULL OR {right} IS NULL "
            f"THEN NULL ELSE lb_all(list_transform(list_zip({left}, {right}), lambda {name}: {inner})) END)"
        )
    if data_type.name == "map":
        name = f"lb_p{depth}"
        inner = equal(f"{name}.value", f"{right}[{name}.key]", data_type.fields[1].type, depth + 1)
        held = f"CASE WHEN map_contains({right}, {name}.key) THEN {inner} ELSE false END"
        return (
            f"(CASE WHEN cardinality({left}) <> cardinality({right}) THEN false "
            f"WHEN {left} IS NULL OR {right} IS NULL THEN NULL "
            f"ELSE lb_all(list_transform(map_entries({left}), lambda {name}: {held})) END)"
        )
    if zones.is_zoned(data_type):
        return f"(({left}).t = ({right}).t)"
    if types.is_float(data_type):
        return f"({left} = {right} AND NOT isnan({left}))"
    if data_type.name == "char":
        return f"(rtrim({left}, ' ') = rtrim({right}, ' '))"
    return f"({left} = {right})"


def _member(text: str, data_type: DataType, at: int) -> str:
    if any(field.name for field in data_type.fields):
        name = types.field_name(data_type.fields[at], at).replace("'", "''")
        return f"struct_extract({text}, '{name}')"
    return f"({text})[{at + 1}]"
