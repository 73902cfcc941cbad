"""Partition pruning: which partitions' objects a query needs at all, found before any is opened.

Athena evaluates any condition on partition keys alone, whatever functions it uses (facts/athena.md 2). So
those conditions are put to an engine over the partitions' values instead of over rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from sqlglot import exp

from lakebench.catalog import Table
from lakebench.metering.conditions import ScanConditions, conjuncts
from lakebench.metering.evaluation import CannotEvaluate, Evaluator
from lakebench.metering.hidden import Located, hidden_names, hidden_type, hidden_value
from lakebench.metering.joined import JoinCondition
from lakebench.sql import duckdb_type

_NUMBER = "$number"
_JOINED = "$joined"

Object = TypeVar("Object", bound=Located)


def objects_kept(
    table: Table,
    objects: Sequence[Object],
    found: ScanConditions,
    evaluator: Evaluator,
    *,
    hidden: bool = True,
) -> tuple[Object, ...] | None:
    """The objects of partitions that the conditions do not exclude; None when that cannot be told.

    Conditions on the hidden columns ``"$path"`` and ``"$file_size"`` exclude objects likewise, unless
    ``hidden`` is false: then the objects stand for whole partitions.
    """
    known = {key.name for key in table.partition_keys} | (hidden_names() if hidden else set())
    conditions = [
        implied for condition in found.conditions if (implied := _implied(condition, known)) is not None
    ]
    if not conditions or not objects:
        return tuple(objects)
    named = sorted(
        {column.name for condition in conditions for column in condition.find_all(exp.Column)}
        & hidden_names()
    )
    return _matching(table, objects, conditions, evaluator, name=found.name, named=named)


def objects_joined(
    table: Table, objects: Sequence[Object], joined: Sequence[JoinCondition], evaluator: Evaluator
) -> tuple[Object, ...]:
    """The objects of partitions that what joins say does not exclude; all when that cannot be told.

    The evaluator's engine must know the scans that the conditions' queries name.
    """
    conditions = [part.applied(_JOINED) for part in joined]
    kept = _matching(table, objects, conditions, evaluator, name=_JOINED) if conditions else None
    return tuple(objects) if kept is None else kept


def names_keys(table: Table, joined: JoinCondition) -> bool:
    """Whether it is about a partition key of the table."""
    keys = {key.name for key in table.partition_keys}
    return all(column.name.lower() in keys for column in joined.subject.find_all(exp.Column))


def _matching(
    table: Table,
    objects: Sequence[Object],
    conditions: Sequence[exp.Expr],
    evaluator: Evaluator,
    *,
    name: str,
    named: Sequence[str] = (),
) -> tuple[Object, ...] | None:
    """The objects whose partition and hidden columns ``named`` pass; None when that cannot be told."""
    rows = list(dict.fromkeys(_row(file, named, table) for file in objects))
    try:
        passed = _passing(_relation(table, named, rows), name, conditions, evaluator)
    except (CannotEvaluate, ValueError):
        return None
    kept = {rows[number] for number in passed}
    return tuple(file for file in objects if _row(file, named, table) in kept)


def _implied(condition: exp.Expr, known: set[str] | frozenset[str]) -> exp.Expr | None:
    """The condition itself if it speaks of known columns alone, or what follows from it for those."""
    condition = condition.unnest()
    columns = list(condition.find_all(exp.Column))
    if columns and all(column.name.lower() in known for column in columns):
        return condition
    if isinstance(condition, exp.And):
        parts = [part for side in conjuncts(condition) if (part := _implied(side, known)) is not None]
        return exp.and_(*(part.copy() for part in parts)) if parts else None
    if isinstance(condition, exp.Or):
        left, right = _implied(condition.this, known), _implied(condition.expression, known)
        return None if left is None or right is None else exp.or_(left.copy(), right.copy())
    return None


def _passing(relation: str, name: str, conditions: Sequence[exp.Expr], evaluator: Evaluator) -> list[int]:
    """The numbers of the rows of values that pass."""
    view = "objects"
    query = (
        exp.select(exp.Column(this=exp.Identifier(this=_NUMBER, quoted=True)))
        .from_(
            exp.Table(
                this=exp.Identifier(this=view, quoted=True),
                alias=exp.TableAlias(this=exp.Identifier(this=name, quoted=True)),
            )
        )
        .where(*(condition.copy() for condition in conditions), copy=False)
    )
    text = evaluator.translate(query)
    answer = evaluator.ask([f"CREATE OR REPLACE TEMP VIEW {_identifier(view)} AS {relation}", text])
    return [int(number) for (number,) in answer]


def _row(file: Located, hidden: Sequence[str], table: Table) -> tuple[str | None, ...]:
    """What conditions can tell objects apart by: partition values, and the hidden columns asked for."""
    return (*file.partition, *(hidden_value(name, file, table) for name in hidden))


def _relation(table: Table, hidden: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> str:
    """A relation of one row a kind of object: its number and its values, typed.

    The values of a column are one text that is cast to a list: ten thousand literals would take the parser
    longer than all else.
    """
    columns = [(key.name, key.type) for key in table.partition_keys]
    columns += [(name, hidden_type(name)) for name in hidden]
    items = ", ".join(
        f"CAST(v{at} AS {duckdb_type(kind)}) AS {_identifier(name)}"
        for at, (name, kind) in enumerate(columns)
    )
    lists = ", ".join(
        f"unnest(CAST({_literal(_list(row[at] for row in rows))} AS VARCHAR[])) AS v{at}"
        for at in range(len(columns))
    )
    source = f"SELECT unnest(range({len(rows)})) AS n, {lists}"
    return f"SELECT n AS {_identifier(_NUMBER)}, {items} FROM ({source}) AS t"  # noqa: S608 - all quoted here


def _list(values: Iterable[str | None]) -> str:
    """A list as DuckDB's cast reads it."""
    texts = ("NULL" if value is None else f'"{_escaped(value)}"' for value in values)
    return f"[{', '.join(texts)}]"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _literal(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL is in no literal")
    return "'" + text.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
