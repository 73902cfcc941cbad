"""A rule for each node class: what it resolves, and the Trino type of its value.

This table is an allow-list. A class that is not in it never reaches an engine, nor does an argument of
a known class that is not in its row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import operators, types, zones
from lakebench.sql.calls import type_of_call
from lakebench.sql.errors import column_not_found, failure, unsupported
from lakebench.sql.operator_rules import OPERATOR_RULES, Row
from lakebench.sql.row_queries import as_row
from lakebench.sql.scope import Scope
from lakebench.sql.sql_json import SqlJson, type_of_json
from lakebench.sql.types import type_of
from lakebench.sql.windows import check_window

if TYPE_CHECKING:
    from lakebench.sql.expressions import Expressions


def _column(ex: Expressions, node: exp.Column, scope: Scope) -> DataType | None:
    del ex
    names = [part.name.lower() for part in node.parts]
    node.meta["written"] = ".".join(part.name for part in node.parts)
    if isinstance(node.this, exp.Star):
        raise unsupported(node)
    try:
        found = scope.lookup(names)
    except QueryFailed as error:
        raise failure(node, error.code, error.message) from error
    if found is None:
        raise column_not_found(node, ".".join(names))
    field, used, owner = found
    node.meta["scope"] = id(owner)
    if field.merged:
        _merged(node, owner.column(field), names[used:])
        return None
    column_id = exp.Identifier(this=field.output.ref, quoted=True)
    column_id.meta.update(node.parts[0].meta)  # the place in the text, for errors of the engine
    table = exp.Identifier(this=field.relation, quoted=True) if field.relation else None
    node.set("this", column_id)
    node.set("table", table)
    node.set("db", None)
    node.set("catalog", None)
    found_type = field.output.type
    if found_type is not None:
        node.meta["type"] = found_type
    return _members(node, names[used:], found_type)


def _merged(node: exp.Column, common: exp.Expr, path: list[str]) -> None:
    """Put what USING made of several columns in the place of its name."""
    common.meta["written"] = node.meta["written"]
    node.replace(common)
    _members(common, path, type_of(common))


def _members(node: exp.Expr, path: list[str], found: DataType | None) -> DataType | None:
    """Wrap a node in the dots that follow it: ``address.city``."""
    inner, data_type = node, found
    for name in path:
        data_type = operators.row_member(node, data_type, name)
        hole = exp.Null()
        inner.replace(hole)
        dot = exp.Dot(this=inner, expression=exp.Identifier(this=name, quoted=True))
        hole.replace(dot)
        if data_type is not None:
            dot.meta["type"] = data_type
        inner = dot
    # The column's own type is noted above; do not let the dot's type fall on the column.
    return found if not path else None


def _identifier(ex: Expressions, node: exp.Identifier, scope: Scope) -> DataType | None:
    del scope
    return ex.parameter(node)


def _dot(ex: Expressions, node: exp.Dot, scope: Scope) -> DataType | None:
    inner = ex.resolve(node.this, scope)
    member = node.expression
    if not isinstance(member, exp.Identifier):
        raise unsupported(node)
    return operators.row_member(node, inner or type_of(node.this), member.name.lower())


def _lambda(ex: Expressions, node: exp.Lambda, scope: Scope) -> DataType | None:
    del ex, scope
    raise unsupported(node, "A lambda outside of a function")


def _scalar_subquery(ex: Expressions, node: exp.Subquery, scope: Scope) -> DataType | None:
    outputs = ex.subquery(node.this, scope)
    if len(outputs) == 1:
        return outputs[0].type
    query, row = as_row(node.this, outputs, scope)
    node.set("this", query)
    return row


def _exists(ex: Expressions, node: exp.Exists, scope: Scope) -> DataType | None:
    ex.subquery(node.this, scope)
    return types.BOOLEAN


def _quantified(ex: Expressions, node: exp.Expr, scope: Scope) -> DataType | None:
    inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
    if not isinstance(inner, exp.Query):
        raise unsupported(node)
    outputs = ex.subquery(inner, scope)
    if len(outputs) > 1:
        raise unsupported(node, "A comparison with a subquery of several columns")
    return outputs[0].type


def _in(ex: Expressions, node: exp.In, scope: Scope) -> DataType | None:
    left = ex.of(node, "this", scope)
    query = node.args.get("query")
    if query is not None:
        inner = query.this if isinstance(query, exp.Subquery) else query
        outputs = ex.subquery(inner, scope)
        found = outputs[0].type
        if len(outputs) > 1:
            rows, found = as_row(inner, outputs, scope)
            node.set("query", exp.Subquery(this=rows))
        given = [found]
        chars = [side for side in (left, found) if side is not None and side.name == "char"]
        node.meta["among"] = chars[0] if chars else types.common(left, found)
    else:
        ex.resolve_all(node.expressions, scope)
        given = [type_of(e) for e in node.expressions]
    for other in given:
        if not types.compatible(left, other):
            raise failure(
                node.this,
                "TYPE_MISMATCH",
                f"IN value and list items must be the same type or coercible to a common type. "
                f"Cannot find common type between {left} and {other}",
            )
    return types.BOOLEAN


def _literal(ex: Expressions, node: exp.Literal, scope: Scope) -> DataType | None:
    del ex, scope
    return operators.literal(node)


def _array(ex: Expressions, node: exp.Array, scope: Scope) -> DataType | None:
    ex.resolve_all(node.expressions, scope)
    given = [type_of(e) for e in node.expressions]
    element = operators.one_type(node, given, "All ARRAY elements")
    return types.array(types.VARCHAR if types.is_text(element) else element)


def _tuple(ex: Expressions, node: exp.Tuple, scope: Scope) -> DataType | None:
    if not node.expressions:
        raise failure(node, "SYNTAX_ERROR", "mismatched input ')'. Expecting: <expression>")
    ex.resolve_all(node.expressions, scope)
    members = [type_of(member) for member in node.expressions]
    if not all(members):
        return None
    return types.row([types.VARCHAR if types.is_text(member) else member for member in members])


def _bracket(ex: Expressions, node: exp.Bracket, scope: Scope) -> DataType | None:
    container = ex.of(node, "this", scope)
    ex.resolve_all(node.expressions, scope)
    # Subscripts are kept as the user wrote them; this tells sqlglot not to shift them again.
    node.set("offset", 1)
    return operators.subscript(node, container, type_of(node.expressions[0]))


def _interval(ex: Expressions, node: exp.Interval, scope: Scope) -> DataType | None:
    del ex, scope
    return operators.interval(node)


def _bytes(ex: Expressions, node: exp.HexString, scope: Scope) -> DataType | None:
    del ex, scope
    if len(node.name) % 2:
        raise failure(node, "SYNTAX_ERROR", "Binary literal must contain an even number of digits")
    return types.VARBINARY


def _current(ex: Expressions, node: exp.Expr, scope: Scope) -> DataType | None:
    del ex, scope
    known: dict[type[exp.Expr], DataType] = {
        exp.CurrentDate: types.DATE,
        exp.Boolean: types.BOOLEAN,
        exp.Null: types.UNKNOWN,
    }
    return known[type(node)]


_CLOCKS: dict[type[exp.Expr], DataType] = {
    exp.CurrentTimestamp: types.TIMESTAMP_TZ,
    exp.Localtimestamp: types.TIMESTAMP,
    exp.CurrentTime: types.TIME_TZ,
    exp.Localtime: types.TIME,
}


def _clock(ex: Expressions, node: exp.Expr, scope: Scope) -> DataType | None:
    """The session's time: of milliseconds, or of as many digits as the text says."""
    del ex, scope
    digits, default = node.args.get("this"), _CLOCKS[type(node)]
    if digits is None:
        return default
    if not (isinstance(digits, exp.Literal) and digits.name.isdigit() and int(digits.name) <= 12):
        raise failure(node, "SYNTAX_ERROR", "The number of digits must be from 0 to 12")
    return DataType(name=default.name, parameters=(int(digits.name),))


def _extract(ex: Expressions, node: exp.Extract, scope: Scope) -> DataType | None:
    ex.of(node, "expression", scope)
    return operators.extract(node, type_of(node.expression))


def _at_time_zone(ex: Expressions, node: exp.AtTimeZone, scope: Scope) -> DataType | None:
    given = ex.of(node, "this", scope)
    zone = ex.of(node, "zone", scope)
    if given is None or given == types.UNKNOWN:
        return given
    if not types.is_named(given, *zones.MOVABLE):
        raise failure(
            node,
            "TYPE_MISMATCH",
            f"Type of value must be a time or timestamp with or without time zone (actual {given})",
        )
    if not (types.is_text(zone) or zone == types.DAY_TO_SECOND):
        raise failure(
            node, "TYPE_MISMATCH", f"Time zone must be a varchar or an interval day to second (actual {zone})"
        )
    return zones.zoned_type([given])


def _trim(ex: Expressions, node: exp.Trim, scope: Scope) -> DataType | None:
    given = ex.of(node, "this", scope)
    if node.args.get("expression") is not None:
        ex.resolve(node.expression, scope)
    return given if types.is_named(given, "char") else types.VARCHAR


def _position(ex: Expressions, node: exp.StrPosition, scope: Scope) -> DataType | None:
    ex.resolve(node.this, scope)
    ex.resolve(node.args["substr"], scope)
    return types.BIGINT


def _wrapped(ex: Expressions, node: exp.Expr, scope: Scope) -> DataType | None:
    """FILTER, OVER, IGNORE NULLS: the type of what they are laid around."""
    given = ex.of(node, "this", scope)
    for key, value in node.args.items():
        if key == "this" or value is None:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, exp.Expr) and key != "alias":
                ex.resolve(child, scope)
    return given


def _window(ex: Expressions, node: exp.Window, scope: Scope) -> DataType | None:
    given = _wrapped(ex, node, scope)
    check_window(node)
    return given


def _walk(ex: Expressions, node: exp.Expr, scope: Scope) -> DataType | None:
    """Clauses that have no value of their own: what is below them is resolved."""
    ex.resolve_all(list(node.iter_expressions()), scope)
    return None


def _ordered_argument(ex: Expressions, node: exp.Order, scope: Scope) -> DataType | None:
    """``x ORDER BY y`` within an aggregate has the type of x; a bare ORDER BY has none."""
    given = ex.of(node, "this", scope) if node.args.get("this") is not None else None
    ex.resolve_all(node.expressions, scope)
    return given


def _distinct(ex: Expressions, node: exp.Distinct, scope: Scope) -> DataType | None:
    ex.resolve_all(node.expressions, scope)
    return type_of(node.expressions[0]) if len(node.expressions) == 1 else None


def _listagg(ex: Expressions, node: exp.GroupConcat, scope: Scope) -> DataType | None:
    overflow = node.args.get("on_overflow")
    if isinstance(overflow, exp.OverflowTruncateBehavior):
        node.set("on_overflow", None)  # what would be cut off fails instead: see lb_listagg
    ex.resolve_all([child for child in node.iter_expressions() if child is not overflow], scope)
    inner = node.this.this if isinstance(node.this, exp.Order) else node.this
    given = type_of(inner.expressions[0] if isinstance(inner, exp.Distinct) else inner)
    if given is not None and not types.is_text(given) and given != types.UNKNOWN:
        raise failure(node, "FUNCTION_NOT_FOUND", f"Unexpected parameters ({given}) for function listagg")
    return types.VARCHAR


def _star(ex: Expressions, node: exp.Star, scope: Scope) -> DataType | None:
    del ex, scope
    raise unsupported(node)


_BOTH = ("this", "expression")
_ROWS: tuple[Row, ...] = (
    *OPERATOR_RULES,
    (_column, ("this", "table", "db", "catalog"), (exp.Column,)),
    (_identifier, ("this", "quoted"), (exp.Identifier,)),
    (_dot, _BOTH, (exp.Dot,)),
    (_lambda, ("this", "expressions"), (exp.Lambda,)),
    (_scalar_subquery, ("this",), (exp.Subquery,)),
    (_exists, ("this",), (exp.Exists,)),
    (_quantified, ("this",), (exp.All, exp.Any)),
    (_in, ("this", "expressions", "query"), (exp.In,)),
    (_literal, ("this", "is_string"), (exp.Literal,)),
    (_array, ("expressions",), (exp.Array,)),
    (_tuple, ("expressions",), (exp.Tuple,)),
    (_bracket, ("this", "expressions", "offset"), (exp.Bracket,)),
    (_interval, ("this", "unit"), (exp.Interval,)),
    (_current, ("this",), (exp.Boolean, exp.Null)),
    (_bytes, ("this", "is_integer"), (exp.HexString,)),
    (_current, (), (exp.CurrentDate,)),
    (_clock, ("this",), tuple(_CLOCKS)),
    (type_of_call, ("this", "expressions"), (exp.Anonymous,)),
    (type_of_json, tuple(SqlJson.arg_types), (SqlJson,)),
    (_extract, _BOTH, (exp.Extract,)),
    (_at_time_zone, ("this", "zone"), (exp.AtTimeZone,)),
    (_trim, (*_BOTH, "position"), (exp.Trim,)),
    (_position, ("this", "substr"), (exp.StrPosition,)),
    (_wrapped, _BOTH, (exp.Filter,)),
    (_window, ("this", "partition_by", "order", "spec", "over"), (exp.Window,)),
    (_wrapped, ("this",), (exp.IgnoreNulls, exp.RespectNulls)),
    (_walk, ("this",), (exp.Where,)),
    (_walk, ("kind", "start", "start_side", "end", "end_side"), (exp.WindowSpec,)),
    (_walk, ("this", "desc", "nulls_first"), (exp.Ordered,)),
    (_ordered_argument, ("this", "expressions"), (exp.Order,)),
    (_distinct, ("expressions",), (exp.Distinct,)),
    (_listagg, ("this", "separator", "on_overflow"), (exp.GroupConcat,)),
    (_star, (), (exp.Star,)),
    (_walk, ("expressions",), (exp.GroupingSets, exp.Rollup, exp.Cube)),
)
RULES = {kind: (rule, frozenset(allowed)) for rule, allowed, kinds in _ROWS for kind in kinds}
"""Node class -> its rule and the arguments that it may have."""
