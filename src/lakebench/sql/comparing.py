"""Comparisons as Trino means them: NaN equals nothing, NULL members give NULL, char ignores its padding.

DuckDB takes NaN for the greatest number and equal to itself, and compares arrays, maps and rows with
NULL = NULL inside (facts/sql.md, "Traps").
"""

from __future__ import annotations

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.sql import fractions, types, zones
from lakebench.sql.duckdb_types import member_text
from lakebench.sql.types import type_of

_TIME_ZONED = "time with time zone"
_CONTAINERS = ("array", "map", "row")
_NULLS = {
    "array": "ARRAY comparison not supported for arrays with null elements",
    "row": "ROW comparison not supported for fields with null elements",
}


def is_container(data_type: DataType | None) -> bool:
    """Array, map or row."""
    return types.is_named(data_type, *_CONTAINERS)


def keyed(data_type: DataType | None) -> bool:
    """Whether values are compared by their moment, and not as DuckDB holds them."""
    return zones.is_zoned(data_type) or types.is_fine(data_type) or types.is_named(data_type, _TIME_ZONED)


def moments(texts: tuple[str, str], given: tuple[DataType | None, ...]) -> tuple[str, str]:
    """What two times are compared by: the instant or the clock, with the digits beyond microseconds."""
    fine = any(types.is_fine(side) for side in given)
    zoned = any(zones.is_zoned(side) for side in given)
    left, right = (
        _moment(text, side, zoned=zoned, fine=fine) for text, side in zip(texts, given, strict=True)
    )
    return left, right


def _moment(text: str, given: DataType | None, *, zoned: bool, fine: bool) -> str:
    if given is None or given == types.UNKNOWN:
        return "NULL"
    if not fine:
        if zoned:
            return zones.instant(text, given)
        return f"lb_time_utc({text})" if given.name == _TIME_ZONED else text
    moment = fractions.part(given)
    if zoned and not zones.is_zoned(given):
        moment = f"timezone('UTC', CAST({moment} AS TIMESTAMP))"
    elif given.name == "date":
        moment = f"CAST({moment} AS TIMESTAMP)"
    elif given.name == _TIME_ZONED:
        moment = "lb_time_utc({'c': lb_w.c, 'o': lb_w.o})"
    return fractions.let(text, f"row({moment}, {'lb_w.f' if types.is_fine(given) else '0::BIGINT'})")


def compare(sign: str, left: exp.Expr, right: exp.Expr, texts: tuple[str, str]) -> str:
    """``left sign right`` in DuckDB's words; the sign is one of ``= <> < <= > >=``."""
    given = type_of(left), type_of(right)
    if is_container(given[0]) or is_container(given[1]):
        return _containers(sign, given, texts)
    if keyed(given[0]) or keyed(given[1]):
        keys = moments(texts, given)
        return f"{keys[0]} {sign} {keys[1]}"
    if types.is_named(given[0], "char") or types.is_named(given[1], "char"):
        texts = f"rtrim({texts[0]}, ' ')", f"rtrim({texts[1]}, ' ')"
    if not (types.is_float(given[0]) or types.is_float(given[1])):
        return f"{texts[0]} {sign} {texts[1]}"
    return _floats(sign, (_may_be_nan(left), _may_be_nan(right)), texts)


def distinct(sign: str, left: exp.Expr, right: exp.Expr, texts: tuple[str, str]) -> str:
    """``IS [NOT] DISTINCT FROM``: NULLs are alike, in containers too; a map's order does not matter."""
    given = type_of(left), type_of(right)
    if keyed(given[0]) or keyed(given[1]):
        texts = moments(texts, given)
    elif types.is_named(given[0], "char") or types.is_named(given[1], "char"):
        texts = f"rtrim({texts[0]}, ' ')", f"rtrim({texts[1]}, ' ')"
    elif types.is_named(given[0], "map") and types.is_named(given[1], "map"):
        texts = f"list_sort(map_entries({texts[0]}))", f"list_sort(map_entries({texts[1]}))"
    if any(holds_unlike(side) for side in given):
        raise types.not_supported(f"{sign} for {given[0]}")
    return f"{texts[0]} {sign} {texts[1]}"


def differs(data_type: DataType) -> bool:
    """Whether equality of values is not DuckDB's: NULL or NaN inside, zones, blanks."""
    return (
        keyed(data_type) or is_container(data_type) or types.is_float(data_type) or data_type.name == "char"
    )


def holds_unlike(data_type: DataType | None) -> bool:
    """Whether there is a member that DuckDB would compare by more than Trino does."""
    return data_type is not None and any(
        field.type.name in {"map", "char"} or keyed(field.type) or holds_unlike(field.type)
        for field in data_type.fields
    )


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
    if not _orders_plainly(data_type):
        raise types.not_supported(f"Ordering values of {data_type}")
    member = "lb_o.l", "lb_o.r"
    broken = " OR ".join(_has_null(text, data_type, 0) for text in member)
    bound = f"[{{'l': {texts[0]}, 'r': {texts[1]}}}]"
    body = (
        f"CASE WHEN lb_o.l IS NULL OR lb_o.r IS NULL THEN NULL WHEN {broken} THEN "
        f"lb_fail('NOT_SUPPORTED', '{_NULLS[data_type.name]}') = 0 ELSE lb_o.l {sign} lb_o.r END"
    )
    return f"list_transform({bound}, lambda lb_o: {body})[1]"


def _orders_plainly(data_type: DataType) -> bool:
    if data_type.name in {"array", "row"}:
        return all(_orders_plainly(field.type) for field in data_type.fields)
    if types.is_number(data_type) or types.is_interval(data_type):
        return True
    return types.is_named(
        data_type, "varchar", "boolean", "date", "time", "timestamp", "varbinary", "uuid", "unknown"
    )


def _has_null(text: str, data_type: DataType, depth: int) -> str:
    """Whether there is a NULL within a value that is none itself."""
    if data_type.name == "row":
        members = [f"struct_extract_at({text}, {at})" for at in range(1, len(data_type.fields) + 1)]
        checks = [
            f"{member} IS NULL" + (f" OR {_has_null(member, field.type, depth)}" if field.type.fields else "")
            for member, field in zip(members, data_type.fields, strict=True)
        ]
        return "(" + " OR ".join(checks) + ")"
    element = data_type.fields[0].type
    plain = f"list_count({text}) < len({text})"
    if not element.fields:
        return f"({plain})"
    name = f"lb_n{depth}"
    inner = f"list_transform({text}, lambda {name}: {_has_null(name, element, depth + 1)})"
    return f"({plain} OR list_contains({inner}, true))"


def equal(left: str, right: str, data_type: DataType, depth: int) -> str:
    """Whether two values are equal: NULL when only a NULL inside stands in the way of an answer."""
    if data_type.name == "row":
        body = " AND ".join(
            equal(member_text(left, at), member_text(right, at), field.type, depth)
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
    if keyed(data_type):
        keys = moments((left, right), (data_type, data_type))
        return f"({keys[0]} = {keys[1]})"
    if types.is_float(data_type):
        return f"({left} = {right} AND NOT isnan({left}))"
    if data_type.name == "char":
        return f"(rtrim({left}, ' ') = rtrim({right}, ' '))"
    return f"({left} = {right})"
