"""What the other side of a join says of a scan's columns: Athena's dynamic filtering, as conditions.

Source: Trino's documentation of dynamic filtering: inner and right joins with an equality, and semi-joins,
prune the partitions of the probe side by the values of the build side, column by column. A scalar subquery
that is compared with a column is such a join too. LEFT and FULL joins and NOT IN prune nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

_COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.EQ: exp.EQ,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}
_RESHAPING = ("group", "having", "limit", "offset", "windows", "qualify")


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinCondition:
    """``subject`` is among the values of ``query``, or compares so with its only one.

    ``operator`` is None for "among". ``by_size`` says that either side could be the build side: the smaller
    one prunes the larger.
    """

    subject: exp.Expr
    query: exp.Query
    operator: type[exp.Expr] | None = None
    by_size: bool = False

    def about(self, subject: exp.Expr) -> JoinCondition:
        """The same of another expression."""
        return replace(self, subject=subject)

    def applied(self, relation: str) -> exp.Expr:
        """The condition over the columns of a relation of that name."""
        subject = self.subject.copy()
        for column in subject.find_all(exp.Column):
            column.set("table", exp.Identifier(this=relation, quoted=True))
        query = exp.Subquery(this=self.query.copy())
        if self.operator is None:
            return exp.In(this=subject, query=query)
        return self.operator(this=subject, expression=query)


def join_conditions(
    name: str,
    relations: Sequence[exp.Expr],
    conjuncts: Sequence[exp.Expr],
    outer: Sequence[exp.Expr],
) -> Iterator[JoinCondition]:
    """What holds of the relation ``name`` in a SELECT over these relations.

    ``conjuncts`` hold for every row that comes out; ``outer`` are equalities of a RIGHT JOIN, for the
    relations on its left.
    """
    for part in conjuncts:
        yield from _of_subquery(name, part)
    for part in (*conjuncts, *outer):
        if isinstance(part, exp.EQ):
            for mine, other in ((part.this, part.expression), (part.expression, part.this)):
                if _is_subject(mine, name):
                    yield from _of_relation(mine, other, name, relations, conjuncts)


def _of_relation(
    subject: exp.Expr,
    other: exp.Expr,
    name: str,
    relations: Sequence[exp.Expr],
    conjuncts: Sequence[exp.Expr],
) -> Iterator[JoinCondition]:
    """The values of an expression over another relation of the same FROM."""
    if other.find(exp.Query) is not None:
        return
    tables = {column.table for column in other.find_all(exp.Column)}
    for relation in relations:
        built = relation.alias_or_name
        if tables != {built} or built == name or not _is_plain(relation):
            continue
        own = [part for part in conjuncts if _only_of(part, built)]
        query = exp.select(other.copy()).from_(relation.copy(), copy=False)
        yield JoinCondition(
            subject=subject, query=query.where(*(part.copy() for part in own), copy=False), by_size=True
        )


def _of_subquery(name: str, part: exp.Expr) -> Iterator[JoinCondition]:
    """IN, EXISTS, and comparisons with a scalar subquery."""
    if isinstance(part, exp.In) and part.args.get("query"):
        query = part.args["query"].unnest()
        if _is_subject(part.this, name) and isinstance(query, exp.Query) and not _outer_columns(query):
            yield JoinCondition(subject=part.this, query=query)
    elif isinstance(part, exp.Exists) and isinstance(part.this.unnest(), exp.Select):
        yield from _of_exists(name, part.this.unnest())
    elif isinstance(part, _COMPARISONS):
        for mine, other, operator in (
            (part.this, part.expression, type(part)),
            (part.expression, part.this, _FLIPPED[type(part)]),
        ):
            query = other.unnest()
            if _is_subject(mine, name) and isinstance(query, exp.Query) and not _outer_columns(query):
                yield JoinCondition(subject=mine, query=query, operator=operator)


def _of_exists(name: str, select: exp.Select) -> Iterator[JoinCondition]:
    """One condition an equality between the inner query and the relation outside."""
    if any(select.args.get(clause) for clause in _RESHAPING):
        return
    where = select.args.get("where")
    parts = list(where.this.flatten()) if where is not None and isinstance(where.this, exp.And) else []
    parts = parts or ([where.this] if where is not None else [])
    inner = _names(select)
    own = [part for part in parts if all(column.table in inner for column in part.find_all(exp.Column))]
    source = select.args.get("from_")
    if source is None:
        return
    for part in parts:
        if not isinstance(part, exp.EQ):
            continue
        for mine, other in ((part.this, part.expression), (part.expression, part.this)):
            tables = {column.table for column in other.find_all(exp.Column)}
            if _is_subject(mine, name) and name not in inner and tables and tables <= inner:
                query = exp.select(other.copy()).from_(source.this.copy(), copy=False)
                query.set("joins", [join.copy() for join in select.args.get("joins") or []])
                found = query.where(*(own_part.copy() for own_part in own), copy=False)
                if not _outer_columns(found):
                    yield JoinCondition(subject=mine, query=found)


def _is_subject(node: exp.Expr, name: str) -> bool:
    """Whether it is a column of the relation, or a cast of one."""
    node = node.unnest()
    if isinstance(node, exp.Cast):
        node = node.this.unnest()
    return isinstance(node, exp.Column) and node.table == name


def _only_of(part: exp.Expr, name: str) -> bool:
    """Whether the condition looks at the relation alone, and at no query."""
    tables = {column.table for column in part.find_all(exp.Column)}
    return tables == {name} and part.find(exp.Query) is None


def _is_plain(relation: exp.Expr) -> bool:
    """Whether the relation can be asked for its values by itself."""
    if not isinstance(relation, exp.Table | exp.Subquery | exp.Values) or relation.args.get("sample"):
        return False
    return not relation.args.get("joins") and not _outer_columns(relation)


def _outer_columns(query: exp.Expr) -> bool:
    """Whether it looks at a relation outside itself."""
    inner = _names(query)
    return any(column.table and column.table not in inner for column in query.find_all(exp.Column))


def _names(query: exp.Expr) -> set[str]:
    nodes: Iterable[exp.Expr] = query.find_all(exp.Table, exp.Subquery, exp.Values, exp.Unnest, exp.Lateral)
    return {node.alias_or_name for node in nodes}
