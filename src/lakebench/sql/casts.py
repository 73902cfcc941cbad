"""CAST and TRY_CAST as Trino means them: half up, strict integers, element by element, Trino's texts."""

from __future__ import annotations

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import temporal_literals, types
from lakebench.sql.duckdb_types import duckdb_type, member_text
from lakebench.sql.errors import failure
from lakebench.sql.jsons import from_json, to_json
from lakebench.sql.scalar_casts import char_text, special, to_exact, to_text
from lakebench.sql.temporal_casts import cast_temporal, is_temporal, read_temporal


def cast(node: exp.Cast, text: str, given: DataType | None, target: DataType, *, trying: bool) -> str:
    """The DuckDB text of a cast from a known or unknown type."""
    if "literal" in node.meta:
        return _literal(node, target)
    if types.is_named(given, "char") and given is not None:
        text = char_text(node.this, text, given)
    try:
        if not trying or not _needs_try(given, target):
            return converted(text, given, target, trying=trying)
        if node.find(exp.Query) is None:
            return f"TRY({converted(text, given, target)})"
        # DuckDB's TRY takes no subquery.
        return f"list_transform([{text}], lambda lb_t: TRY({converted('lb_t', given, target)}))[1]"
    except QueryFailed as error:
        raise failure(node, error.code, error.message) from error


def _literal(node: exp.Cast, target: DataType) -> str:
    moment = temporal_literals.read(node.meta["literal"], node.this.name)
    if moment is None:
        raise failure(node, "INVALID_LITERAL", f"'{node.this.name}' is no literal")
    return temporal_literals.literal_text(moment, target)


def _needs_try(given: DataType | None, target: DataType) -> bool:
    """Whether the cast can fail elsewhere than in DuckDB's own outermost cast."""
    if types.is_named(given, "json"):
        return True
    if types.is_text(target):
        return bool(target.parameters)
    own = special("", given, target) is not None
    return own or bool(target.fields) or (is_temporal(target) and types.is_text(given))


def converted(
    text: str, given: DataType | None, target: DataType, depth: int = 0, *, trying: bool = False
) -> str:
    """A value in another type; raises NOT_SUPPORTED for what has no right translation."""
    if target.name == "json":
        if given is None:
            raise types.not_supported("A cast of a value whose type is not known here to json")
        return to_json(text, given)
    if types.is_named(given, "json"):
        return from_json(text, target)
    if given == types.UNKNOWN:
        return f"CAST({text} AS {duckdb_type(target)})"
    if given is not None and given.name == target.name and target.fields:
        return _elements(text, given, target, depth)
    if given is not None and is_temporal(target):
        return _to_temporal(text, given, target)
    if types.is_text(target):
        return to_text(text, given, target)
    return _to_scalar(text, given, target, trying=trying)


def _to_scalar(text: str, given: DataType | None, target: DataType, *, trying: bool) -> str:
    own = special(text, given, target)
    if own is not None:
        return own
    if types.is_integer(target) or types.is_decimal(target):
        text = to_exact(text, given, target, trying=trying)
    return f"{'TRY_CAST' if trying else 'CAST'}({text} AS {duckdb_type(target)})"


def _elements(text: str, given: DataType, target: DataType, depth: int) -> str:
    """Array, map and row are cast member by member, a row's by position."""
    if _same_form(given, target):
        return f"CAST({text} AS {duckdb_type(target)})"
    name = f"lb_c{depth}"
    members = list(zip(given.fields, target.fields, strict=False))
    if target.name == "array":
        body = converted(name, members[0][0].type, members[0][1].type, depth + 1)
        cast_list = f"list_transform({text}, lambda {name}: {body})"
        return f"CAST({cast_list} AS {duckdb_type(target)})"
    if target.name == "map":
        key = converted(name, members[0][0].type, members[0][1].type, depth + 1)
        held = converted(name, members[1][0].type, members[1][1].type, depth + 1)
        keys = f"list_transform(map_keys(lb_m{depth}), lambda {name}: {key})"
        values = f"list_transform(map_values(lb_m{depth}), lambda {name}: {held})"
        bound = f"list_transform([{text}], lambda lb_m{depth}: lb_cast_map({keys}, {values}))[1]"
        return f"CAST({bound} AS {duckdb_type(target)})"
    parts = [
        converted(member_text(name, at), before.type, after.type, depth + 1)
        for at, (before, after) in enumerate(members)
    ]
    made = f"CASE WHEN {name} IS NOT NULL THEN CAST(row({', '.join(parts)}) AS {duckdb_type(target)}) END"
    return f"list_transform([{text}], lambda {name}: {made})[1]"


def _same_form(given: DataType, target: DataType) -> bool:
    """Whether DuckDB's own cast of the containers means the same: only names and widths differ."""
    if given.fields:
        pairs = zip(given.fields, target.fields, strict=False)
        return all(_same_form(before.type, after.type) for before, after in pairs)
    if given in {target, types.UNKNOWN}:
        return True
    widths = ("tinyint", "smallint", "integer", "bigint", "real", "double")
    widened = given.name in widths and target.name in widths
    return widened and widths.index(given.name) < widths.index(target.name)


def _to_temporal(text: str, given: DataType, target: DataType) -> str:
    if types.is_text(given):
        return read_temporal(text, target)
    if is_temporal(given):
        value = cast_temporal(text, given, target)
        if value is None:
            raise QueryFailed("TYPE_MISMATCH", f"Cannot cast {given} to {target}")
        return value
    raise QueryFailed("TYPE_MISMATCH", f"Cannot cast {given} to {target}")
