"""Subqueries of several columns as rows, and IN over values that DuckDB compares otherwise than Trino."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from lakebench.catalog import DataType, Field
from lakebench.sql import types
from lakebench.sql.comparing import equal
from lakebench.sql.scope import Output, Scope, unique


def as_row(query: exp.Query, outputs: Sequence[Output], scope: Scope) -> tuple[exp.Query, DataType | None]:
    """A resolved query of several columns as one of a single row column, and the type of that row."""
    if not all(output.type for output in outputs):
        return query, None
    row_type = DataType(
        name="row",
        fields=tuple(
            Field(name=output.name if output.named else None, type=output.type)
            for output in outputs
            if output.type is not None
        ),
    )
    alias = unique("_row", scope.refs())
    row = exp.Tuple(expressions=[column_of(alias, output) for output in outputs])
    row.meta["type"] = types.row([output.type for output in outputs])
    value: exp.Expr = row
    if any(field.name for field in row_type.fields):
        value = exp.Cast(this=row, to=exp.DataType.build("unknown"))  # the type is noted below
        value.meta["type"] = row_type
    return select_from(query, alias, outputs, [(value, "_col0")]), row_type


def column_of(alias: str, output: Output) -> exp.Column:
    """A resolved column of a relation of ours."""
    column = exp.Column(
        this=exp.Identifier(this=output.ref, quoted=True), table=exp.Identifier(this=alias, quoted=True)
    )
    if output.type is not None:
        column.meta["type"] = output.type
    return column


def select_from(
    query: exp.Query, alias: str, outputs: Sequence[Output], items: Sequence[tuple[exp.Expr, str]]
) -> exp.Select:
    """``SELECT items FROM (query) AS alias (columns)``, all of it resolved."""
    names = [exp.Identifier(this=output.ref, quoted=True) for output in outputs]
    table = exp.TableAlias(this=exp.Identifier(this=alias, quoted=True), columns=names)
    chosen = [exp.Alias(this=item, alias=exp.Identifier(this=name, quoted=True)) for item, name in items]
    source = exp.Subquery(this=query, alias=table)
    return exp.Select(expressions=chosen, from_=exp.From(this=source))


def is_among(value: str, query: str, data_type: DataType) -> str:
    """``value IN (query)`` with Trino's equality: NULL when no row is equal and one may be."""
    same = equal(value, "lb_in.lb_c", data_type, 0)
    found = f"CASE WHEN bool_or({same}) THEN true WHEN count(*) > count({same}) THEN NULL ELSE false END"
    return f"(SELECT {found} FROM ({query}) AS lb_in(lb_c))"  # noqa: S608 (texts that we wrote from a tree)
