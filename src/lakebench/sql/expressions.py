"""Expressions: every node is known by its class, every name is found, every function is allowed.

This dispatch is an allow-list. A node class that is not in the table never reaches an engine, nor
does an argument of a known class that is not in its row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.sql import operators, types
from lakebench.sql.calls import type_of_call
from lakebench.sql.errors import column_not_found
from lakebench.sql.scope import Output, Scope, failure, position

SubqueryTyper = Callable[[exp.Query, Scope], Sequence[Output]]


class Expressions:
    """Resolves the expressions of one statement in place and notes their types (``scope.type_of``)."""

    def __init__(self, subquery: SubqueryTyper) -> None:
        self._subquery = subquery
        self._lambdas: list[dict[str, DataType | None]] = []

    def resolve(self, node: exp.Expression, scope: Scope) -> DataType | None:
        """Resolve a node and all below it; gives its type, None where that is not known.

        A column may be replaced by another node: read the parent's argument again afterwards.
        """
        known = _HANDLERS.get(type(node))
        if known is None:
            raise unsupported(node)
        handler, allowed = known
        check_arguments(node, allowed)
        found = handler(self, node, scope)
        if found is not None:
            node.meta["type"] = found
        return found

    def resolve_all(self, nodes: Sequence[exp.Expression], scope: Scope) -> list[DataType | None]:
        """Resolve several, from left to right."""
        return [self.resolve(node, scope) for node in list(nodes)]

    def _children(self, node: exp.Expression, scope: Scope) -> list[DataType | None]:
        return self.resolve_all([child for child in node.iter_expressions()], scope)

    # Names ------------------------------------------------------------------------------------

    def _column(self, node: exp.Column, scope: Scope) -> DataType | None:
        names = [part.name.lower() for part in node.parts]
        if isinstance(node.this, exp.Star):
            raise unsupported(node)
        found = scope.lookup(names)
        if found is None:
            raise column_not_found(node, ".".join(names))
        field, used = found
        line, _ = position(node)
        start = node.parts[0].meta if line is not None else {}
        column_id = exp.Identifier(this=field.output.ref, quoted=True)
        column_id.meta.update({k: v for k, v in start.items() if k in {"line", "col", "start", "end"}})
        table = exp.Identifier(this=field.relation, quoted=True) if field.relation else None
        node.set("this", column_id)
        node.set("table", table)
        node.set("db", None)
        node.set("catalog", None)
        found_type = field.output.type
        if found_type is not None:
            node.meta["type"] = found_type
        return self._members(node, names[used:], found_type)

    def _members(self, node: exp.Expression, path: list[str], found: DataType | None) -> DataType | None:
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

    def _identifier(self, node: exp.Identifier, scope: Scope) -> DataType | None:
        del scope
        for names in reversed(self._lambdas):
            if node.name.lower() in names:
                return names[node.name.lower()]
        raise column_not_found(node, node.name.lower())

    def _dot(self, node: exp.Dot, scope: Scope) -> DataType | None:
        inner = self.resolve(node.this, scope)
        member = node.expression
        if not isinstance(member, exp.Identifier):
            raise unsupported(node)
        return operators.row_member(node, inner or _type(node.this), member.name.lower())

    def _lambda(self, node: exp.Lambda, scope: Scope) -> DataType | None:
        raise unsupported(node, "A lambda outside of a function")

    def resolve_lambda(
        self, node: exp.Lambda, parameters: Sequence[DataType | None], scope: Scope
    ) -> DataType | None:
        """Resolve a lambda's body with its parameters' types."""
        names = [p.name.lower() for p in node.expressions]
        if len(names) != len(parameters):
            raise unsupported(node, f"A lambda of {len(names)} parameters here")
        self._lambdas.append(dict(zip(names, parameters, strict=True)))
        try:
            found = self.resolve(node.this, scope)
        finally:
            self._lambdas.pop()
        return found

    # Subqueries -------------------------------------------------------------------------------

    def _scalar_subquery(self, node: exp.Subquery, scope: Scope) -> DataType | None:
        outputs = self._subquery(node.this, scope)
        if len(outputs) != 1:
            raise failure(node, "SYNTAX_ERROR", f"Multiple columns returned by subquery are not yet supported. Found {len(outputs)}")
        return outputs[0].type

    def _exists(self, node: exp.Exists, scope: Scope) -> DataType | None:
        self._subquery(node.this, scope)
        return types.BOOLEAN

    def _quantified(self, node: exp.Expression, scope: Scope) -> DataType | None:
        inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
        if not isinstance(inner, exp.Query):
            raise unsupported(node)
        outputs = self._subquery(inner, scope)
        return outputs[0].type if len(outputs) == 1 else None

    def _in(self, node: exp.In, scope: Scope) -> DataType | None:
        left = self._or_own(node, "this", scope)
        query = node.args.get("query")
        if query is not None:
            inner = query.this if isinstance(query, exp.Subquery) else query
            outputs = self._subquery(inner, scope)
            given = [outputs[0].type] if len(outputs) == 1 else []
        else:
            self.resolve_all(node.expressions, scope)
            given = [_type(e) for e in node.expressions]
        for other in given:
            if not types.compatible(left, other):
                raise failure(
                    node.this,
                    "TYPE_MISMATCH",
                    f"IN value and list items must be the same type or coercible to a common type. "
                    f"Cannot find common type between {left} and {other}",
                )
        return types.BOOLEAN

    # Operators --------------------------------------------------------------------------------

    def _or_own(self, node: exp.Expression, key: str, scope: Scope) -> DataType | None:
        """Resolve an argument; a column that became a dot has the dot's type."""
        self.resolve(node.args[key], scope)
        return _type(node.args[key])

    def _binary(self, node: exp.Binary, scope: Scope) -> DataType | None:
        left = self._or_own(node, "this", scope)
        right = self._or_own(node, "expression", scope)
        return operators.binary(node, left, right)

    def _between(self, node: exp.Between, scope: Scope) -> DataType | None:
        value, low, high = (self._or_own(node, key, scope) for key in ("this", "low", "high"))
        if not (types.compatible(value, low) and types.compatible(value, high)):
            raise failure(node.this, "TYPE_MISMATCH", f"Cannot check if {value} is BETWEEN {low} and {high}")
        return types.BOOLEAN

    def _is(self, node: exp.Is, scope: Scope) -> DataType | None:
        if not isinstance(node.expression, exp.Null):
            raise unsupported(node)
        self.resolve(node.this, scope)
        return types.BOOLEAN

    def _like(self, node: exp.Like, scope: Scope) -> DataType | None:
        for key in ("this", "expression"):
            given = self._or_own(node, key, scope)
            if given is not None and not types.is_text(given) and given != types.UNKNOWN:
                raise failure(
                    node.args[key],
                    "TYPE_MISMATCH",
                    f"Left side of LIKE expression must evaluate to a varchar (actual: {given})",
                )
        return types.BOOLEAN

    def _escape(self, node: exp.Escape, scope: Scope) -> DataType | None:
        self._children(node, scope)
        return types.BOOLEAN

    def _logical(self, node: exp.Expression, scope: Scope) -> DataType | None:
        for key in ("this", "expression"):
            if node.args.get(key) is None:
                continue
            given = self._or_own(node, key, scope)
            if given not in {None, types.BOOLEAN, types.UNKNOWN}:
                raise failure(
                    node.args[key],
                    "TYPE_MISMATCH",
                    f"Logical expression term must evaluate to a boolean: {given}",
                )
        return types.BOOLEAN

    def _paren(self, node: exp.Paren, scope: Scope) -> DataType | None:
        return self._or_own(node, "this", scope)

    def _negative(self, node: exp.Neg, scope: Scope) -> DataType | None:
        given = self._or_own(node, "this", scope)
        if given is not None and not (types.is_number(given) or types.is_interval(given) or given == types.UNKNOWN):
            raise failure(node, "TYPE_MISMATCH", f"Cannot negate {given}")
        return given

    def _case(self, node: exp.Case, scope: Scope) -> DataType | None:
        operand = self._or_own(node, "this", scope) if node.args.get("this") is not None else None
        results: list[DataType | None] = []
        for branch in node.args["ifs"]:
            condition = self._or_own(branch, "this", scope)
            if node.args.get("this") is not None and not types.compatible(operand, condition):
                raise failure(branch, "TYPE_MISMATCH", f"CASE operand type does not match WHEN clause operand type: {operand} vs {condition}")
            results.append(self._or_own(branch, "true", scope))
        if node.args.get("default") is not None:
            results.append(self._or_own(node, "default", scope))
        return operators.one_type(node, results, "All CASE results")

    def _if(self, node: exp.If, scope: Scope) -> DataType | None:
        self._or_own(node, "this", scope)
        keys = [key for key in ("true", "false") if node.args.get(key) is not None]
        return operators.one_type(node, [self._or_own(node, key, scope) for key in keys], "Result types for IF")

    def _cast(self, node: exp.Cast, scope: Scope) -> DataType | None:
        target = types.from_sqlglot(node.to, *position(node))
        given = self._or_own(node, "this", scope)
        operators.check_cast(node, given, target)
        return target

    # Literals ---------------------------------------------------------------------------------

    def _literal(self, node: exp.Literal, scope: Scope) -> DataType | None:
        del scope
        return operators.literal(node)

    def _array(self, node: exp.Array, scope: Scope) -> DataType | None:
        self.resolve_all(node.expressions, scope)
        given = [_type(e) for e in node.expressions]
        element = operators.one_type(node, given, "All ARRAY elements")
        return types.array(types.VARCHAR if types.is_text(element) else element)

    def _tuple(self, node: exp.Tuple, scope: Scope) -> DataType | None:
        self.resolve_all(node.expressions, scope)
        return None

    def _bracket(self, node: exp.Bracket, scope: Scope) -> DataType | None:
        container = self._or_own(node, "this", scope)
        self.resolve_all(node.expressions, scope)
        # Subscripts are kept as the user wrote them; this tells sqlglot not to shift them again.
        node.set("offset", 1)
        return operators.subscript(node, container, _type(node.expressions[0]))

    def _interval(self, node: exp.Interval, scope: Scope) -> DataType | None:
        del scope
        return operators.interval(node)

    def _current(self, node: exp.Expression, scope: Scope) -> DataType | None:
        del scope
        return {
            exp.CurrentDate: types.DATE,
            exp.CurrentTimestamp: types.TIMESTAMP_TZ,
            exp.Localtimestamp: types.TIMESTAMP,
            exp.Boolean: types.BOOLEAN,
            exp.Null: types.UNKNOWN,
            exp.HexString: types.VARBINARY,
        }[type(node)]

    # Calls ------------------------------------------------------------------------------------

    def _call(self, node: exp.Anonymous, scope: Scope) -> DataType | None:
        return type_of_call(self, node, scope)

    def _extract(self, node: exp.Extract, scope: Scope) -> DataType | None:
        self._or_own(node, "expression", scope)
        return operators.extract(node, _type(node.expression))

    def _trim(self, node: exp.Trim, scope: Scope) -> DataType | None:
        self.resolve(node.this, scope)
        if node.args.get("expression") is not None:
            self.resolve(node.expression, scope)
        return types.VARCHAR

    def _position(self, node: exp.StrPosition, scope: Scope) -> DataType | None:
        self.resolve(node.this, scope)
        self.resolve(node.args["substr"], scope)
        return types.BIGINT

    def _wrapped(self, node: exp.Expression, scope: Scope) -> DataType | None:
        """FILTER, OVER, IGNORE NULLS: the type of what they are laid around."""
        given = self._or_own(node, "this", scope)
        for key, value in node.args.items():
            if key == "this" or value is None:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, exp.Expression) and key != "alias":
                    self.resolve(child, scope)
        return given

    def _walk(self, node: exp.Expression, scope: Scope) -> DataType | None:
        """Clauses that have no value of their own: what is below them is resolved."""
        self._children(node, scope)
        return None

    def _ordered_argument(self, node: exp.Order, scope: Scope) -> DataType | None:
        """``x ORDER BY y`` within an aggregate has the type of x; a bare ORDER BY has none."""
        given = self._or_own(node, "this", scope) if node.args.get("this") is not None else None
        self.resolve_all(node.expressions, scope)
        return given

    def _distinct(self, node: exp.Distinct, scope: Scope) -> DataType | None:
        self.resolve_all(node.expressions, scope)
        return _type(node.expressions[0]) if len(node.expressions) == 1 else None

    def _listagg(self, node: exp.GroupConcat, scope: Scope) -> DataType | None:
        self._children(node, scope)
        return types.VARCHAR

    def _star(self, node: exp.Star, scope: Scope) -> DataType | None:
        raise unsupported(node)


def _type(node: object) -> DataType | None:
    found = node.meta.get("type") if isinstance(node, exp.Expression) else None
    return found if isinstance(found, DataType) else None


def check_arguments(node: exp.Expression, allowed: frozenset[str]) -> None:
    """Refuse a clause of a node that is not in its row of the table."""
    for key, value in node.args.items():
        if value and key not in allowed:
            raise unsupported(node, f"{key.strip('_').upper().replace('_', ' ')} in {type(node).__name__.upper()}")


def unsupported(node: exp.Expression, what: str | None = None) -> Exception:
    """NOT_SUPPORTED at a node."""
    what = what or node.sql(dialect="trino")[:80]
    return failure(node, "NOT_SUPPORTED", f"{what} is not supported yet")


def _table() -> dict[type, tuple[Callable[..., DataType | None], frozenset[str]]]:
    binary = ("this", "expression")
    rows: list[tuple[Callable[..., DataType | None], tuple[str, ...], tuple[type, ...]]] = [
        (Expressions._column, ("this", "table", "db", "catalog"), (exp.Column,)),
        (Expressions._identifier, ("this", "quoted"), (exp.Identifier,)),
        (Expressions._dot, binary, (exp.Dot,)),
        (Expressions._lambda, ("this", "expressions"), (exp.Lambda,)),
        (Expressions._scalar_subquery, ("this",), (exp.Subquery,)),
        (Expressions._exists, ("this",), (exp.Exists,)),
        (Expressions._quantified, ("this",), (exp.All, exp.Any)),
        (Expressions._in, ("this", "expressions", "query"), (exp.In,)),
        (Expressions._binary, (*binary, "typed", "safe"), (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe)),
        (Expressions._binary, binary, (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)),
        (Expressions._binary, binary, (exp.NullSafeEQ, exp.NullSafeNEQ)),
        (Expressions._logical, binary, (exp.And, exp.Or, exp.Not)),
        (Expressions._between, ("this", "low", "high"), (exp.Between,)),
        (Expressions._is, binary, (exp.Is,)),
        (Expressions._like, (*binary, "negate"), (exp.Like,)),
        (Expressions._escape, binary, (exp.Escape,)),
        (Expressions._paren, ("this",), (exp.Paren,)),
        (Expressions._negative, ("this",), (exp.Neg,)),
        (Expressions._case, ("this", "ifs", "default"), (exp.Case,)),
        (Expressions._if, ("this", "true", "false"), (exp.If,)),
        (Expressions._cast, ("this", "to", "safe"), (exp.Cast, exp.TryCast)),
        (Expressions._literal, ("this", "is_string"), (exp.Literal,)),
        (Expressions._array, ("expressions", "bracket_notation"), (exp.Array,)),
        (Expressions._tuple, ("expressions",), (exp.Tuple,)),
        (Expressions._bracket, ("this", "expressions", "offset"), (exp.Bracket,)),
        (Expressions._interval, ("this", "unit"), (exp.Interval,)),
        (Expressions._current, ("this",), (exp.Boolean, exp.Null, exp.HexString)),
        (Expressions._current, (), (exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp)),
        (Expressions._call, ("this", "expressions"), (exp.Anonymous,)),
        (Expressions._extract, binary, (exp.Extract,)),
        (Expressions._trim, (*binary, "position"), (exp.Trim,)),
        (Expressions._position, ("this", "substr"), (exp.StrPosition,)),
        (Expressions._wrapped, binary, (exp.Filter,)),
        (Expressions._wrapped, ("this", "partition_by", "order", "spec", "alias", "over"), (exp.Window,)),
        (Expressions._wrapped, ("this",), (exp.IgnoreNulls, exp.RespectNulls)),
        (Expressions._walk, ("this",), (exp.Where,)),
        (Expressions._walk, ("kind", "start", "start_side", "end", "end_side"), (exp.WindowSpec,)),
        (Expressions._walk, ("this", "desc", "nulls_first"), (exp.Ordered,)),
        (Expressions._ordered_argument, ("this", "expressions"), (exp.Order,)),
        (Expressions._distinct, ("expressions",), (exp.Distinct,)),
        (Expressions._listagg, ("this", "separator"), (exp.GroupConcat,)),
        (Expressions._star, (), (exp.Star,)),
        (Expressions._walk, ("expressions",), (exp.GroupingSets, exp.Rollup, exp.Cube)),
    ]
    return {kind: (handler, frozenset(allowed)) for handler, allowed, kinds in rows for kind in kinds}


_HANDLERS = _table()
