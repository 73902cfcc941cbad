"""Partition pruning: which partitions' objects a query needs at all, found before any is opened.

DuckDB prunes by plain comparisons with a partition's column and passes over the rest: casts, date
functions, macros. Athena evaluates any condition on partition keys alone. So those conditions are put to
the worker first, over the partitions' values instead of over rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from lakebench.emulator.engine.process import StatementFailed
from lakebench.emulator.engine.protocol import ScanBinding
from lakebench.emulator.engine.quoting import identifier, literal
from lakebench.sql import duckdb_type

Ask = Callable[[Sequence[str]], list[list[Any]]]
Translate = Callable[[exp.Expression], str]

_NUMBER = "$number"
_PER_ROW = frozenset({"random", "rand", "uuid", "shuffle"})


def pruned(
    tree: exp.Expression, scans: Sequence[ScanBinding], *, translate: Translate, ask: Ask
) -> list[ScanBinding]:
    """The scans without the objects of partitions that the query's conditions exclude."""
    partitioned = {scan.scan_id: scan for scan in scans if scan.table.partition_keys and scan.files}
    if not partitioned:
        return list(scans)
    conditions = _conditions(tree, partitioned)
    return [
        _prune(scan, *conditions[scan.scan_id], translate=translate, ask=ask)
        if scan.scan_id in conditions
        else scan
        for scan in scans
    ]


def _conditions(
    tree: exp.Expression, scans: Mapping[str, ScanBinding]
) -> dict[str, tuple[str, list[exp.Expression]]]:
    """By scan: its name in the tree, and the conditions of WHERE that speak of its partition keys alone."""
    found: dict[str, tuple[str, list[exp.Expression]]] = {}
    for select in tree.find_all(exp.Select):
        tables = {table.alias_or_name: scans[table.name] for table in _kept_tables(select, scans)}
        for condition in _conjuncts(select):
            names = {column.table for column in condition.find_all(exp.Column)}
            name = names.pop() if len(names) == 1 else ""
            if name in tables and _speaks_of_keys(condition, tables[name]):
                found.setdefault(tables[name].scan_id, (name, []))[1].append(condition)
    return found


def _kept_tables(select: exp.Select, scans: Mapping[str, ScanBinding]) -> Iterator[exp.Table]:
    """The scans of a FROM whose rows no outer join may replace by NULLs."""
    source = select.args.get("from_")
    joins: list[exp.Join] = select.args.get("joins") or []
    if source is None or any(join.side in {"RIGHT", "FULL"} for join in joins):
        return
    relations = [source.this, *(join.this for join in joins if not join.side)]
    for relation in relations:
        if isinstance(relation, exp.Table) and relation.name in scans and not relation.args.get("joins"):
            yield relation


def _conjuncts(select: exp.Select) -> Iterator[exp.Expression]:
    where = select.args.get("where")
    if where is None:
        return
    waiting = [where.this]
    while waiting:
        condition = waiting.pop().unnest()
        if isinstance(condition, exp.And):
            waiting += [condition.expression, condition.this]
        else:
            yield condition


def _speaks_of_keys(condition: exp.Expression, scan: ScanBinding) -> bool:
    keys = {key.name for key in scan.table.partition_keys}
    if any(column.name.lower() not in keys for column in condition.find_all(exp.Column)):
        return False
    return not any(
        isinstance(node, exp.Query)
        or (isinstance(node, exp.Func) and (node.name or node.sql_name()).lower() in _PER_ROW)
        for node in condition.walk()
    )


def _prune(
    scan: ScanBinding, name: str, conditions: list[exp.Expression], *, translate: Translate, ask: Ask
) -> ScanBinding:
    """Ask which partitions pass; all of them when the conditions cannot be evaluated for one."""
    partitions = list(dict.fromkeys(file.partition for file in scan.files))
    view = f"partitions of {scan.scan_id}"
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
        rows = ask([f"CREATE TEMP VIEW {identifier(view)} AS {_values(scan, partitions)}", translate(query)])
    except StatementFailed:
        return scan
    kept = {partitions[number] for (number,) in rows}
    return replace(scan, files=tuple(file for file in scan.files if file.partition in kept))


def _values(scan: ScanBinding, partitions: Sequence[tuple[str | None, ...]]) -> str:
    """A relation of one row a partition: its number and its values, typed."""
    keys = scan.table.partition_keys
    rows = ", ".join(
        f"({number}, {', '.join('NULL' if value is None else literal(value) for value in values)})"
        for number, values in enumerate(partitions)
    )
    items = ", ".join(
        f"CAST(v{at} AS {duckdb_type(key.type)}) AS {identifier(key.name)}" for at, key in enumerate(keys)
    )
    names = ", ".join(f"v{at}" for at in range(len(keys)))
    return f"SELECT n AS {identifier(_NUMBER)}, {items} FROM (VALUES {rows}) AS t(n, {names})"
