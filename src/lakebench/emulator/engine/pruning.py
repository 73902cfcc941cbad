"""Partition pruning: which partitions' objects a query needs at all, found before any is opened.

DuckDB prunes by plain comparisons with a partition's column and passes over the rest: casts, date
functions, macros. Athena evaluates any condition on partition keys alone. So those conditions are put to
the worker first, over the partitions' values instead of over rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from lakebench.emulator.engine.conditions import ScanConditions, conjuncts
from lakebench.emulator.engine.process import StatementFailed
from lakebench.emulator.engine.protocol import DataFile, ScanBinding
from lakebench.emulator.engine.quoting import identifier, literal
from lakebench.emulator.engine.relations.partitions import hidden_names, hidden_type, hidden_value
from lakebench.sql import duckdb_type

Ask = Callable[[Sequence[str]], list[list[Any]]]
Translate = Callable[[exp.Expr], str]

_NUMBER = "$number"


def pruned(
    conditions: Mapping[str, ScanConditions],
    scans: Sequence[ScanBinding],
    *,
    translate: Translate,
    ask: Ask,
) -> list[ScanBinding]:
    """The scans without the objects of partitions that the query's conditions exclude.

    Conditions on the hidden columns ``"$path"`` and ``"$file_size"`` exclude objects likewise.
    """
    return [
        _prune(scan, found.name, kept, translate=translate, ask=ask)
        if scan.files
        and (found := conditions.get(scan.scan_id)) is not None
        and (kept := _of_objects(scan, found.conditions))
        else scan
        for scan in scans
    ]


def _of_objects(scan: ScanBinding, conditions: Sequence[exp.Expr]) -> list[exp.Expr]:
    """What the conditions say of partition keys and hidden columns alone."""
    known = {key.name for key in scan.table.partition_keys} | hidden_names()
    return [implied for condition in conditions if (implied := _implied(condition, known)) is not None]


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


def _prune(
    scan: ScanBinding, name: str, conditions: list[exp.Expr], *, translate: Translate, ask: Ask
) -> ScanBinding:
    """Ask which objects pass; all of them when the conditions cannot be evaluated for one."""
    hidden = sorted(
        {column.name for condition in conditions for column in condition.find_all(exp.Column)}
        & hidden_names()
    )
    rows = list(dict.fromkeys(_row(file, hidden) for file in scan.files))
    view = f"objects of {scan.scan_id}"
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
    try:
        relation = _values(scan, hidden, rows)
        passed = ask([f"CREATE TEMP VIEW {identifier(view)} AS {relation}", translate(query)])
    except StatementFailed:
        return scan
    kept = {rows[number] for (number,) in passed}
    return replace(scan, files=tuple(file for file in scan.files if _row(file, hidden) in kept))


def _row(file: DataFile, hidden: Sequence[str]) -> tuple[str | None, ...]:
    """What conditions can tell objects apart by: partition values, and the hidden columns asked for."""
    return (*file.partition, *(hidden_value(name, file) for name in hidden))


def _values(scan: ScanBinding, hidden: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> str:
    """A relation of one row a kind of object: its number and its values, typed."""
    columns = [(key.name, key.type) for key in scan.table.partition_keys]
    columns += [(name, hidden_type(name)) for name in hidden]
    texts = ", ".join(
        f"({number}, {', '.join('NULL' if value is None else literal(value) for value in values)})"
        for number, values in enumerate(rows)
    )
    items = ", ".join(
        f"CAST(v{at} AS {duckdb_type(kind)}) AS {identifier(name)}" for at, (name, kind) in enumerate(columns)
    )
    names = ", ".join(f"v{at}" for at in range(len(columns)))
    return f"SELECT n AS {identifier(_NUMBER)}, {items} FROM (VALUES {texts}) AS t(n, {names})"
