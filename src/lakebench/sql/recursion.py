"""WITH RECURSIVE as Trino plans it: the base, then ten steps, each over the one before (AWS: SELECT).

The steps become common table expressions of their own; an eleventh that still has rows fails the query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.copying import copied
from lakebench.sql.environment import Cte, Environment
from lakebench.sql.errors import failure
from lakebench.sql.row_queries import column_of, select_from
from lakebench.sql.scope import Output

if TYPE_CHECKING:
    from lakebench.sql.resolve import Resolver

MAX_DEPTH = 10
"""Athena's limit of recursion (AWS: SELECT, "The maximum recursion depth is 10")."""

_TOO_DEEP = (
    f"Recursion depth limit exceeded ({MAX_DEPTH}). "
    "Use ''max_recursion_depth'' session property to modify the limit."
)


def is_recursive(cte: exp.CTE) -> bool:
    """Whether a WITH query of WITH RECURSIVE names itself in the second half of a UNION."""
    name, query = cte.alias.lower(), cte.this
    return isinstance(query, exp.Union) and any(
        table.name.lower() == name and not table.args.get("db") for table in query.right.find_all(exp.Table)
    )


def expanded(resolver: Resolver, cte: Cte, name: str) -> tuple[exp.Query, tuple[Output, ...]]:
    """A resolved query that gives all rows of a recursive WITH query, and its columns."""
    tree = copied(cte.tree)
    if not isinstance(tree, exp.Union):
        raise failure(tree, "NOT_SUPPORTED", "A recursive WITH query must be a UNION")
    if not cte.columns:
        message = "missing column aliases in recursive WITH query"
        raise failure(tree, "MISSING_COLUMN_ALIASES", message)
    base = tree.left
    found = resolver.query(base, cte.around, None)
    if len(found) != len(cte.columns):
        message = f"Column alias list has {len(cte.columns)} entries but relation has {len(found)} columns"
        raise failure(base, "MISMATCHED_COLUMN_ALIASES", message)
    outputs = tuple(
        Output(name=column, ref=f"c{at}", type=_kept(output))
        for at, (column, output) in enumerate(zip(cte.columns, found, strict=True))
    )
    steps = [_shaped(base, found, outputs)]
    prefix = f"lb_r{resolver.recursions()}_"
    for depth in range(MAX_DEPTH + 1):
        step = copied(tree.right)
        above = replace(cte, step=f"{prefix}{depth}", outputs=outputs)
        environment = cte.around.having(name, above)
        given = _step(resolver, step, environment, outputs)
        steps.append(_shaped(step, given, outputs))
        if not resolver.steps_read & {f"{prefix}0"}:
            break  # a WITH query inside has the same name: nothing recurs
    return _union(steps, prefix, outputs, distinct=bool(tree.args.get("distinct"))), outputs


def _kept(output: Output) -> DataType | None:
    return types.INTEGER if output.type == types.UNKNOWN else output.type


def _step(
    resolver: Resolver, step: exp.Expr, environment: Environment, outputs: Sequence[Output]
) -> Sequence[Output]:
    if not isinstance(step, exp.Query):
        raise failure(step, "NOT_SUPPORTED", "A recursive WITH query must be a UNION of queries")
    given = resolver.query(step, environment, None)
    if len(given) != len(outputs):
        message = (
            f"base and step relations of recursion have different number of fields: "
            f"{len(outputs)}, {len(given)}"
        )
        raise failure(step, "TYPE_MISMATCH", message)
    for at, (new, old) in enumerate(zip(given, outputs, strict=True), 1):
        fits = types.compatible(new.type, old.type) and types.common(new.type, old.type) in {None, old.type}
        if not fits:
            message = (
                f"recursion step relation output type ({new.type}) is not coercible to recursion base "
                f"relation output type ({old.type}) at column {at}"
            )
            raise failure(step, "TYPE_MISMATCH", message)
    return given


def _shaped(query: exp.Expr, given: Sequence[Output], outputs: Sequence[Output]) -> exp.Select:
    """The query with the columns' names and types of the recursion."""
    plain = [replace(output, ref=f"g{at}") for at, output in enumerate(given)]
    items: list[tuple[exp.Expr, str]] = []
    for new, old in zip(plain, outputs, strict=True):
        value: exp.Expr = column_of("lb_g", new)
        if new.type != old.type and old.type is not None:
            value = exp.Cast(this=value, to=exp.DataType.build("unknown"))
            value.meta["type"] = old.type
        items.append((value, old.ref))
    if not isinstance(query, exp.Query):
        raise failure(query, "NOT_SUPPORTED", "A recursive WITH query must be a UNION of queries")
    return select_from(query, "lb_g", plain, items)


def _union(
    steps: Sequence[exp.Select], prefix: str, outputs: Sequence[Output], *, distinct: bool
) -> exp.Query:
    tables = [
        exp.CTE(
            this=step,
            alias=exp.TableAlias(this=exp.Identifier(this=f"{prefix}{at}", quoted=True)),
            materialized=True,
        )
        for at, step in enumerate(steps)
    ]
    whole: exp.Query = _all_of(f"{prefix}0", outputs)
    for at in range(1, len(steps)):
        right = _all_of(f"{prefix}{at}", outputs)
        if at > MAX_DEPTH:  # a condition that no optimiser can know before there is a row
            never = exp.Var(this=f"lb_fail_at(random() < 2, 'NOT_SUPPORTED', '{_TOO_DEEP}')")
            right.set("where", exp.Where(this=never))
        whole = exp.Union(this=whole, expression=right, distinct=distinct)
    items: list[tuple[exp.Expr, str]] = [(column_of("lb_u", output), output.ref) for output in outputs]
    query = select_from(whole, "lb_u", outputs, items)
    query.set("with_", exp.With(expressions=tables))
    return query


def _all_of(name: str, outputs: Sequence[Output]) -> exp.Select:
    chosen: list[exp.Expr] = [
        exp.Alias(this=column_of("lb_s", output), alias=exp.Identifier(this=output.ref, quoted=True))
        for output in outputs
    ]
    table = exp.Table(
        this=exp.Identifier(this=name, quoted=True),
        alias=exp.TableAlias(this=exp.Identifier(this="lb_s", quoted=True)),
    )
    return exp.Select(expressions=chosen, from_=exp.From(this=table))
