"""Which conditions hold for every row that a scan must give: predicates pushed down as Athena pushes them.

A condition of WHERE on one relation belongs to it; on a subquery or view it goes through to the scans
inside, as far as that changes no result: not past a LIMIT, to grouped queries by their keys alone, into
every branch of a UNION.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from lakebench.catalog import Table
from lakebench.metering.joined import JoinCondition, join_conditions
from lakebench.sql.functions import overloads

Path = tuple[str, ...]
"""A column's name, and the names of members below it."""

_OUTPUT = "#output"
_PER_ROW = frozenset({"random", "rand", "uuid", "shuffle"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanConditions:
    """The conjuncts over one scan, whose columns are written ``name.column``.

    ``alone`` says that no join may have made the engine skip further row groups, ``constant`` that a
    condition without columns stands above, which may have emptied the scan. ``used`` are the columns that
    the query needs, or members of them; ``keys`` those that a join compares, and ``joined`` what it says.
    """

    name: str
    conditions: tuple[exp.Expr, ...]
    alone: bool
    constant: bool
    used: frozenset[Path]
    keys: frozenset[Path]
    joined: tuple[JoinCondition, ...] = ()


def scan_conditions(tree: exp.Expr, scan_ids: frozenset[str]) -> dict[str, ScanConditions]:
    """What is known of each scan of the tree; scans in places not understood are left out."""
    found: dict[str, ScanConditions] = {}
    if isinstance(tree, exp.Query):
        _Walk(scan_ids, found).query(tree, _Inherited())
    return found


def is_stable(node: exp.Expr) -> bool:
    """Whether it has one value a row and needs no other row: no subquery, aggregate, random()."""
    return not any(
        isinstance(inner, exp.Query | exp.Window | exp.AggFunc | exp.Rand | exp.Uuid)
        or (isinstance(inner, exp.Func) and (inner.name or inner.sql_name()).lower() in _PER_ROW)
        for inner in node.walk()
    )


def may_fold(tree: exp.Expr) -> bool:
    """Whether the statement holds conditions without columns: what they switch off is not read.

    Source: Trino simplifies ``x = 1 OR true`` and ``IF(false, a, b)`` before it plans a scan.
    """
    return any(
        (isinstance(node, exp.Boolean | exp.Null) or node.find(exp.Column) is None)
        and not (kind is exp.Where and _always(node))
        for kind in (exp.Connector, exp.Not, exp.If, exp.Where)
        for found in tree.find_all(kind)
        for node in _tested(found)
    )


def _always(node: exp.Expr) -> bool:
    return isinstance(node, exp.Boolean) and bool(node.this)


def _tested(node: exp.Expr) -> Iterator[exp.Expr]:
    yield node.this.unnest()
    if isinstance(node, exp.Connector):
        yield node.expression.unnest()


def ends_early(tree: exp.Expr) -> bool:
    """Whether some LIMIT, FETCH or OFFSET in the tree may end a scan before its end."""
    return any(
        isinstance(query, exp.Query) and not query.args.get("order")
        for limit in tree.find_all(exp.Limit, exp.Fetch)
        if (query := limit.parent) is not None
    )


def conjuncts(condition: exp.Expr | None) -> Iterator[exp.Expr]:
    """The parts that AND joins, however they are put in parentheses."""
    waiting = [] if condition is None else [condition]
    while waiting:
        part = waiting.pop().unnest()
        if isinstance(part, exp.And):
            waiting += [part.expression, part.this]
        else:
            yield part


@dataclass(frozen=True, slots=True)
class _Inherited:
    """What is known above a query of its outputs: those needed, by position, or members of them.

    ``needed`` of None are all of them, in their order.
    """

    conditions: tuple[exp.Expr, ...] = ()
    alone: bool = True
    constant: bool = False
    needed: frozenset[tuple[int, Path]] | None = None
    keys: frozenset[int] = frozenset()
    joined: tuple[JoinCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class _Around:
    """What a SELECT says of the relations in its FROM."""

    alone: bool
    constant: bool
    used: frozenset[tuple[str, Path]]
    keys: frozenset[tuple[str, Path]]
    joined: Mapping[str, tuple[JoinCondition, ...]]


@dataclass(slots=True)
class _Walk:
    scan_ids: frozenset[str]
    found: dict[str, ScanConditions]

    def query(self, query: exp.Expr, above: _Inherited) -> None:
        node = query.unnest() if isinstance(query, exp.Subquery) else query
        if any(part.args.get(name) for part in (query, node) for name in ("limit", "offset")):
            above = replace(above, conditions=(), joined=())
        if isinstance(node, exp.Union):
            if node.args.get("distinct"):
                above = replace(above, needed=None)
            self.query(node.left, above)
            self.query(node.right, above)
        elif isinstance(node, exp.SetOperation):
            self.query(node.left, _Inherited(alone=False))
            self.query(node.right, _Inherited(alone=False))
        elif isinstance(node, exp.Select):
            self._select(node, above)

    def _select(self, select: exp.Select, above: _Inherited) -> None:
        parts = [*conjuncts(_condition(select, "where")), *_passed(select, above.conditions)]
        parts = [part for part in parts if not _always(part)]
        source = select.args.get("from_")
        joins: list[exp.Join] = select.args.get("joins") or []
        inner = list(_inner_queries(select))
        for query in inner:
            needed: frozenset[tuple[int, Path]] | None = (
                frozenset() if isinstance(query.parent, exp.Exists) else None
            )
            self.query(query, _Inherited(alone=False, needed=needed))
        if source is None:
            return
        constant = above.constant or any(part.find(exp.Column) is None for part in parts)
        nullable = any(join.side in {"RIGHT", "FULL"} for join in joins)
        compared = list(parts)
        for join in joins:
            on = list(conjuncts(join.args.get("on")))
            compared += on
            if not join.side:
                parts += on
        around = _Around(
            alone=above.alone and not joins and not inner and all(is_stable(part) for part in parts),
            constant=constant,
            used=_used(select, above.needed) | _names(parts),
            keys=_compared(compared) | _outputs(select, above.keys),
            joined=_joined(select, [] if nullable else parts, above.joined),
        )
        self._source(source.this, [] if nullable else parts, around)
        for join in joins:
            given: Sequence[exp.Expr] = [] if nullable or join.side else parts
            if join.side == "LEFT":
                given = list(conjuncts(join.args.get("on")))
            self._source(join.this, given, around)

    def _source(self, source: exp.Expr, parts: Sequence[exp.Expr], around: _Around) -> None:
        name = source.alias_or_name
        own = tuple(part for part in parts if is_stable(part) and _tables(part) == {name})
        used = frozenset(path for table, path in around.used if table in {name, ""})
        keys = frozenset(path for table, path in around.keys if table in {name, ""})
        if isinstance(source, exp.Table):
            if source.name in self.scan_ids and not source.args.get("joins"):
                self.found[source.name] = ScanConditions(
                    name=name,
                    conditions=own,
                    alone=around.alone and not source.args.get("sample"),
                    constant=around.constant,
                    used=used,
                    keys=keys,
                    joined=around.joined.get(name, ()),
                )
        elif isinstance(source, exp.Subquery) and isinstance(source.this, exp.Query):
            columns = source.args["alias"].columns if source.args.get("alias") else []
            names = [column.name for column in columns] or source.this.named_selects
            sampled = bool(source.args.get("sample"))
            inherited = _Inherited(
                conditions=() if sampled else tuple(_by_position(part, list(names)) for part in own),
                alone=around.alone and not sampled,
                constant=around.constant,
                needed=frozenset(
                    (at, path[1:]) for at, column in enumerate(names) for path in used if path[0] == column
                ),
                keys=frozenset(at for at, column in enumerate(names) if (column,) in keys),
                joined=tuple(
                    part.about(_by_position(part.subject, list(names)))
                    for part in (() if sampled else around.joined.get(name, ()))
                ),
            )
            self.query(source.this, inherited)


def _joined(
    select: exp.Select, parts: Sequence[exp.Expr], above: Sequence[JoinCondition]
) -> dict[str, tuple[JoinCondition, ...]]:
    """What joins and subqueries say of each relation of the SELECT, and what is known above it."""
    source = select.args["from_"].this
    joins: list[exp.Join] = select.args.get("joins") or []
    relations = [source, *(join.this for join in joins)]
    passed = [part.about(subject) for part in above for subject in _passed(select, (part.subject,))]
    found = {}
    for at, relation in enumerate(relations):
        name = relation.alias_or_name
        right = [join for join in joins[at:] if join.side == "RIGHT"] if len(joins) == 1 else []
        outer = [part for join in right for part in conjuncts(join.args.get("on"))]
        own = [part for part in passed if _tables(part.subject) == {name}]
        found[name] = (*own, *join_conditions(name, relations, parts, outer))
    return found


def _used(select: exp.Select, needed: frozenset[tuple[int, Path]] | None) -> frozenset[tuple[str, Path]]:
    """Columns by relation that the SELECT looks at for the outputs that are needed.

    The order of a subquery without LIMIT is dropped, as Trino drops it, with the columns that only it names.
    """
    outputs = list(select.expressions)
    ordered = needed is None or any(select.args.get(name) for name in ("limit", "offset"))
    order = select.args.get("order") if ordered else None
    taken: set[tuple[str, Path]] = set()
    if needed is not None and not select.args.get("distinct"):
        positions = {_position(item.this) for item in order.expressions} if order is not None else set()
        outputs = []
        for at, item in enumerate(select.expressions):
            plain = _plain(item.unalias())
            members = {rest for number, rest in needed if number == at}
            if plain is not None and at not in positions:
                taken |= {(plain[0], plain[1] + rest) for rest in members}
            elif members or at in positions:
                outputs.append(item)
    clauses = (select.args.get(name) for name in ("where", "group", "having"))
    joins: list[exp.Join] = select.args.get("joins") or []
    nodes = [*outputs, *(clause for clause in (*clauses, order) if clause is not None), *joins]
    group = select.args.get("group")
    if group is not None:
        keys = {_position(key) for key in group.expressions}
        nodes += [item for number, item in enumerate(select.expressions) if number in keys]
    shared = {("", (name.name.lower(),)) for join in joins for name in join.args.get("using") or []}
    return _names(nodes) | shared | taken


def _plain(item: exp.Expr) -> tuple[str, Path] | None:
    """The relation and the path, when the output is a column or a member of one and nothing more."""
    node = item.unnest()
    while isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        node = node.this.unnest()
    return (node.table, member_path(node)) if isinstance(node, exp.Column) else None


def _position(key: exp.Expr) -> int | None:
    """The output that a number in ORDER BY or GROUP BY means, from 0."""
    key = key.unnest()
    plain = isinstance(key, exp.Literal) and not key.is_string and key.name.isdigit()
    return int(key.name) - 1 if plain else None


def _names(nodes: Iterable[exp.Expr]) -> frozenset[tuple[str, Path]]:
    """Columns and members of columns, by relation."""
    return frozenset(
        (column.table, member_path(column)) for node in nodes for column in node.find_all(exp.Column)
    )


def member_path(column: exp.Column) -> Path:
    """The column's name and the members that are taken of it."""
    path = [column.name.lower()]
    node: exp.Expr | None = column
    while node is not None and isinstance(node.parent, exp.Dot | exp.Paren) and node.parent.this is node:
        node = node.parent
        if isinstance(node, exp.Dot):
            path.append(node.expression.name.lower())
    return tuple(path)


def _compared(parts: Iterable[exp.Expr]) -> frozenset[tuple[str, Path]]:
    """Columns that a join or an IN compares with another relation's."""
    keys = set()
    for part in parts:
        sides = [part.this, part.expression] if isinstance(part, exp.EQ) else []
        if isinstance(part, exp.In) and part.args.get("query"):
            sides = [part.this]
        keys |= {(side.table, (side.name.lower(),)) for side in sides if isinstance(side, exp.Column)}
    return frozenset(keys)


def _outputs(select: exp.Select, positions: frozenset[int]) -> frozenset[tuple[str, Path]]:
    """The columns that stand at these output positions."""
    items = [item.unalias() for at, item in enumerate(select.expressions) if at in positions]
    return frozenset((item.table, (item.name.lower(),)) for item in items if isinstance(item, exp.Column))


def filtered_keys(table: Table, found: ScanConditions | None) -> tuple[str, ...]:
    """The partition keys that some condition names."""
    named = {
        column.name.lower()
        for condition in (found.conditions if found is not None else ())
        for column in condition.find_all(exp.Column)
    }
    return tuple(key.name for key in table.partition_keys if key.name in named)


def _condition(select: exp.Select, clause: str) -> exp.Expr | None:
    found = select.args.get(clause)
    return None if found is None else found.this


def _tables(part: exp.Expr) -> set[str]:
    return {column.table for column in part.find_all(exp.Column)}


def _inner_queries(select: exp.Select) -> Iterator[exp.Expr]:
    """Queries inside expressions: scalar subqueries, EXISTS, IN."""
    clauses = [*select.expressions]
    named = (select.args.get(name) for name in ("where", "having", "order", "group"))
    clauses += [clause for clause in named if clause is not None]
    clauses += [join.args["on"] for join in select.args.get("joins") or [] if join.args.get("on")]
    for clause in clauses:
        for node in clause.find_all(exp.Query):
            if isinstance(node, exp.Subquery):
                continue
            if node.find_ancestor(exp.Select, exp.SetOperation) is select:
                yield node


def _by_position(part: exp.Expr, names: list[str]) -> exp.Expr:
    """The condition with columns of a subquery written as its output positions."""
    copy = part.copy()
    for column in list(copy.find_all(exp.Column)):
        at = names.index(column.name) if column.name in names else -1
        replaced = exp.Column(this=exp.Identifier(this=str(at)), table=exp.Identifier(this=_OUTPUT))
        replaced.meta.update(column.meta)
        if column is copy:
            return replaced
        column.replace(replaced)
    return copy


def _passed(select: exp.Select, conditions: Sequence[exp.Expr]) -> Iterator[exp.Expr]:
    """Conditions over output positions as conditions over what the SELECT reads, where that is allowed."""
    if not conditions or select.args.get("limit") or select.args.get("offset"):
        return
    outputs = [item.this if isinstance(item, exp.Alias) else item for item in select.expressions]
    allowed = _allowed(select, outputs)
    for condition in conditions:
        positions = [int(column.name) for column in condition.find_all(exp.Column)]
        if not all(0 <= at < len(outputs) and at in allowed for at in positions):
            continue
        copy = condition.copy()
        for column in list(copy.find_all(exp.Column)):
            if column.table != _OUTPUT:
                continue
            replaced = outputs[int(column.name)].copy()
            if not isinstance(replaced, exp.Column | exp.Literal):
                replaced = exp.Paren(this=replaced)
            if column is copy:
                copy = replaced
            else:
                column.replace(replaced)
        yield from conjuncts(copy)


def _allowed(select: exp.Select, outputs: Sequence[exp.Expr]) -> set[int]:
    """Output positions by which rows may be taken away before this SELECT works on them."""
    allowed = {at for at, output in enumerate(outputs) if is_stable(output) and not _aggregates(output)}
    group = select.args.get("group")
    if group is not None or select.args.get("having") or any(_aggregates(output) for output in outputs):
        keys = group.expressions if group is not None else []
        at_positions = {_position(key) for key in keys}
        texts = {key.sql() for key in keys} | {
            output.sql() for at, output in enumerate(outputs) if at in at_positions
        }
        plain = group is not None and not any(
            group.args.get(name) for name in ("rollup", "cube", "grouping_sets")
        )
        allowed = {at for at in allowed if plain and outputs[at].sql() in texts}
    for window in (found for item in select.expressions for found in item.find_all(exp.Window)):
        keys = {key.sql() for key in window.args.get("partition_by") or []}
        allowed = {at for at in allowed if outputs[at].sql() in keys}
    return allowed


def _aggregates(node: exp.Expr) -> bool:
    """Whether an aggregate function stands in it."""
    return node.find(exp.AggFunc) is not None or any(
        function.aggregate
        for call in node.find_all(exp.Anonymous)
        for function in overloads(call.name.lower())
    )
