"""Which conditions hold for every row that a scan must give: predicates pushed down as Athena pushes them.

A condition of WHERE on one relation belongs to it; on a subquery or view it goes through to the scans
inside, as far as that changes no result: not past a LIMIT, to grouped queries by their keys alone, into
every branch of a UNION.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from lakebench.sql.functions import overloads

_OUTPUT = "#output"
_PER_ROW = frozenset({"random", "rand", "uuid", "shuffle"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanConditions:
    """The conjuncts over one scan, whose columns are written ``name.column``.

    ``alone`` says that nothing but these conditions takes rows away below the next operator that needs
    them all: no join may have made the engine skip further row groups. ``constant`` that a condition
    without columns stands above it, which may have emptied the scan.
    """

    name: str
    conditions: tuple[exp.Expr, ...]
    alone: bool
    constant: bool


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
    """Conditions from above over output positions, and what else is true there."""

    conditions: tuple[exp.Expr, ...] = ()
    alone: bool = True
    constant: bool = False


@dataclass(slots=True)
class _Walk:
    scan_ids: frozenset[str]
    found: dict[str, ScanConditions]

    def query(self, query: exp.Expr, above: _Inherited) -> None:
        node = query.unnest() if isinstance(query, exp.Subquery) else query
        if query.args.get("limit") or query.args.get("offset"):
            above = _Inherited(alone=above.alone, constant=above.constant)
        if isinstance(node, exp.Union):
            if node.args.get("limit") or node.args.get("offset"):
                above = _Inherited(alone=above.alone, constant=above.constant)
            self.query(node.left, above)
            self.query(node.right, above)
        elif isinstance(node, exp.SetOperation):
            self.query(node.left, _Inherited(alone=False))
            self.query(node.right, _Inherited(alone=False))
        elif isinstance(node, exp.Select):
            self._select(node, above)

    def _select(self, select: exp.Select, above: _Inherited) -> None:
        parts = [*conjuncts(_condition(select, "where")), *_passed(select, above.conditions)]
        source = select.args.get("from_")
        joins: list[exp.Join] = select.args.get("joins") or []
        inner = [query for query in _inner_queries(select) if query is not source]
        for query in inner:
            self.query(query, _Inherited(alone=False))
        if source is None:
            return
        constant = above.constant or any(part.find(exp.Column) is None for part in parts)
        alone = above.alone and not joins and not inner
        nullable = any(join.side in {"RIGHT", "FULL"} for join in joins)
        for join in joins:
            if not join.side:
                parts += conjuncts(join.args.get("on"))
        self._source(source.this, [] if nullable else parts, _Inherited((), alone, constant))
        for join in joins:
            given: Sequence[exp.Expr] = [] if nullable or join.side else parts
            if join.side == "LEFT":
                given = list(conjuncts(join.args.get("on")))
            self._source(join.this, given, _Inherited((), alone, constant))

    def _source(self, source: exp.Expr, parts: Sequence[exp.Expr], around: _Inherited) -> None:
        name = source.alias_or_name
        own = tuple(part for part in parts if is_stable(part) and _tables(part) == {name})
        if isinstance(source, exp.Table):
            if source.name in self.scan_ids and not source.args.get("joins"):
                alone = around.alone and not source.args.get("sample")
                self.found[source.name] = ScanConditions(
                    name=name, conditions=own, alone=alone, constant=around.constant
                )
        elif isinstance(source, exp.Subquery) and isinstance(source.this, exp.Query):
            columns = source.args["alias"].columns if source.args.get("alias") else []
            names = [column.name for column in columns] or source.this.named_selects
            moved = tuple(_by_position(part, list(names)) for part in own)
            if source.args.get("sample"):
                moved = ()
            self.query(source.this, _Inherited(moved, around.alone, around.constant))


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
        texts = {key.sql() for key in keys} | {
            outputs[int(key.name) - 1].sql()
            for key in keys
            if isinstance(key, exp.Literal) and key.name.isdigit() and int(key.name) <= len(outputs)
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
