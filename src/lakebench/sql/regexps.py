"""Regular expressions (Trino: functions/regexp): RE2 where it reads a pattern as Java does, else a UDF."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.java_patterns import Plain, plain
from lakebench.sql.signatures import Call, Function, Types, fixed

_MOST_GROUPS = 9
"""Groups that the engine's own functions can tell apart."""


def _plain(call: Call) -> Plain | None:
    """What is known of a literal pattern that the engine reads as Java does."""
    node = call.nodes[1]
    # A subquery is not written twice: its scans would count twice.
    if not (isinstance(node, exp.Literal) and node.is_string) or call.nodes[0].find(exp.Query) is not None:
        return None
    return plain(node.name)


def _guarded(call: Call, found: Plain, own: str, udf: str) -> str:
    """The engine's function where the text cannot tell it from Java's."""
    text, checks = call.texts[0], []
    if found.beyond_ascii:
        checks.append(f"strlen({text}) <> length({text})")
    if found.at_end:
        checks.append(f"ends_with({text}, chr(10))")
    return f"(CASE WHEN {' OR '.join(checks)} THEN {udf} ELSE {own} END)" if checks else own


def _like(call: Call) -> str:
    udf = "lb_py_regexp_like({}, {})".format(*call.texts)
    found = _plain(call)
    return udf if found is None else _guarded(call, found, "regexp_matches({}, {})".format(*call.texts), udf)


def _group_of(call: Call) -> int | None:
    """The group's number, 0 if none is asked for; None if only a row can tell."""
    if len(call.nodes) == 2:
        return 0
    node = call.nodes[2]
    return int(node.name) if isinstance(node, exp.Literal) and not node.is_string else None


def _told(call: Call) -> tuple[Plain, int] | None:
    """Pattern and group, where the engine tells an empty group from one that took no part."""
    found, group = _plain(call), _group_of(call)
    if found is None or group is None or group > min(found.groups, _MOST_GROUPS):
        return None
    return None if group and found.unsure_groups else (found, group)


def _with_group(call: Call, name: str) -> str:
    group = call.texts[2] if len(call.texts) > 2 else "0"
    return f"lb_py_{name}({call.texts[0]}, {call.texts[1]}, CAST({group} AS BIGINT))"


def _extract(call: Call) -> str:
    udf, told = _with_group(call, "regexp_extract"), _told(call)
    if told is None:
        return udf
    own = f"lb_regexp_extract({call.texts[0]}, {call.texts[1]}, {told[1]})"
    return _guarded(call, told[0], own, udf)


def _extract_all(call: Call) -> str:
    udf, told = _with_group(call, "regexp_extract_all"), _told(call)
    if told is None or told[0].may_be_empty:
        return udf
    own = f"regexp_extract_all({call.texts[0]}, {call.texts[1]}, {told[1]})"
    return _guarded(call, told[0], own, udf)


def _replace(call: Call) -> str:
    if len(call.nodes) == 3 and isinstance(call.nodes[2], exp.Lambda):
        return _replace_by_lambda(call)
    new = call.texts[2] if len(call.texts) > 2 else "''"
    udf = f"lb_py_regexp_replace({call.texts[0]}, {call.texts[1]}, {new})"
    found = _plain(call)
    written = _replacement(call.nodes[2], found) if found is not None and len(call.nodes) > 2 else ""
    if found is None or found.may_be_empty or written is None:
        return udf
    quoted = written.replace("'", "''")
    return _guarded(call, found, f"regexp_replace({call.texts[0]}, {call.texts[1]}, '{quoted}', 'g')", udf)


def _replacement(node: exp.Expr, found: Plain) -> str | None:
    """A literal replacement in RE2's words; None where the UDF must read it, or refuse it."""
    if not (isinstance(node, exp.Literal) and node.is_string):
        return None
    pieces = node.name.split("$")
    if "\\" in node.name or len(pieces) > 1 + _MOST_GROUPS:
        return None
    out = pieces[0]
    for piece in pieces[1:]:
        if not piece[:1].isdecimal() or piece[1:2].isdecimal() or int(piece[0]) > found.groups:
            return None
        out += "\\" + piece
    return out


def _replace_by_lambda(call: Call) -> str:
    """Each match is replaced by what the lambda makes of its groups; NULL leaves nothing."""
    piece = call.fresh("e")
    body = call.apply(call.nodes[2], f"{piece}.g")
    made = f"CASE WHEN {piece}.g IS NULL THEN {piece}.t ELSE {piece}.t || coalesce({body}, '') END"
    pieces = f"lb_py_regexp_pieces({call.texts[0]}, {call.texts[1]})"
    return f"array_to_string(list_transform({pieces}, lambda {piece}: {made}), '')"


def _groups_of_match(_: Types) -> tuple[DataType | None, ...]:
    return (types.array(types.VARCHAR),)


def _split(call: Call) -> str:
    udf, found = "lb_py_regexp_split({}, {})".format(*call.texts), _plain(call)
    if found is None or found.may_be_empty:
        return udf
    return _guarded(call, found, "string_split_regex({}, {})".format(*call.texts), udf)


def _count(call: Call) -> str:
    udf, found = "lb_py_regexp_count({}, {})".format(*call.texts), _plain(call)
    if found is None or found.may_be_empty:
        return udf
    own = "CAST(len(regexp_extract_all({}, {})) AS BIGINT)".format(*call.texts)
    return _guarded(call, found, own, udf)


def _position(call: Call) -> str:
    start, turn = (*call.texts[2:], "1", "1")[:2]
    places = f"CAST({start} AS BIGINT), CAST({turn} AS BIGINT)"
    return f"CAST(lb_py_regexp_position({call.texts[0]}, {call.texts[1]}, {places}) AS INTEGER)"


def _row(name: str, arguments: str, returns: str, sql: Callable[[Call], str]) -> Function:
    return Function(name=name, arguments=arguments, returns=fixed(returns), sql=sql)


REGEXPS = [
    _row("regexp_like", "vv", "boolean", _like),
    _row("regexp_extract", "vv", "varchar", _extract),
    _row("regexp_extract", "vvi", "varchar", _extract),
    _row("regexp_extract_all", "vv", "array(varchar)", _extract_all),
    _row("regexp_extract_all", "vvi", "array(varchar)", _extract_all),
    _row("regexp_replace", "vv", "varchar", _replace),
    _row("regexp_replace", "vvv", "varchar", _replace),
    Function(
        name="regexp_replace",
        arguments="vvl",
        returns=fixed("varchar"),
        sql=_replace,
        lambdas=_groups_of_match,
    ),
    _row("regexp_split", "vv", "array(varchar)", _split),
    _row("regexp_count", "vv", "bigint", _count),
    *(_row("regexp_position", arguments, "integer", _position) for arguments in ("vv", "vvi", "vvii")),
]
