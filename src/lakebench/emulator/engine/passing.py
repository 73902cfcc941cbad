"""In which row groups some row passes a scan's conditions, where the log of reads does not tell.

Few row groups are asked one by one and left at the first row that passes; many in one pass over the
conditions' columns. Neither is logged nor counted.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlglot import exp

from lakebench.emulator.engine.conditions import ScanConditions
from lakebench.emulator.engine.process import StatementFailed
from lakebench.emulator.engine.quoting import identifier, literal_list
from lakebench.emulator.engine.relations.parquet import FileGroup, file_groups, numbered_rows, schema_query
from lakebench.emulator.engine.relations.partitions import hidden_names
from lakebench.emulator.engine.staging import StagedScan

Ask = Callable[[Sequence[str]], list[list[Any]]]
Translate = Callable[[exp.Expr], str]
RowGroups = Mapping[str, frozenset[int]]
"""Row groups by the path of their file."""

_MAX_ASKED = 256
_MAX_BLOCKS = 1 << 20


def passing_groups(
    scan: StagedScan, found: ScanConditions, asked: RowGroups, *, translate: Translate, ask: Ask
) -> RowGroups | None:
    """Those of the row groups asked for in which a row passes; None when that cannot be told."""
    asked = {path: groups for path, groups in asked.items() if groups}
    if not asked:
        return {}
    sizes = _sizes(asked, ask)
    search = _Search(scan, found, translate, ask, file_groups(scan, ask([schema_query(scan)])))
    try:
        if sum(map(len, asked.values())) <= _MAX_ASKED:
            return search.one_by_one(asked, sizes)
        return search.in_one_pass(sizes)
    except StatementFailed:
        return None


def _sizes(asked: RowGroups, ask: Ask) -> dict[str, list[int]]:
    """Rows of each row group, by path."""
    rows = ask(
        [
            "SELECT DISTINCT file_name, row_group_id, row_group_num_rows "
            f"FROM parquet_metadata({literal_list(asked)}) ORDER BY ALL"
        ]
    )
    sizes: dict[str, list[int]] = {}
    for path, _, count in rows:
        sizes.setdefault(path, []).append(count)
    return sizes


class _Search:
    """Queries over the scan's rows with their places."""

    def __init__(
        self,
        scan: StagedScan,
        found: ScanConditions,
        translate: Translate,
        ask: Ask,
        groups: tuple[FileGroup, ...],
    ) -> None:
        self._scan, self._found, self._translate, self._ask = scan, found, translate, ask
        self._groups = groups
        names = {column.name for part in found.conditions for column in part.find_all(exp.Column)}
        self._wanted = frozenset(names & hidden_names())

    def one_by_one(self, asked: RowGroups, sizes: Mapping[str, Sequence[int]]) -> RowGroups:
        views, queries = [], []
        places: list[tuple[str, int]] = []
        for at, (path, numbers) in enumerate(asked.items()):
            view = f"rows of {self._scan.name} {at}"
            views.append(self._view(view, [path]))
            for number in sorted(numbers):
                first = sum(sizes[path][:number])
                last = first + sizes[path][number]
                row = _column("$row")
                within = [
                    exp.GTE(this=row, expression=_number(first)),
                    exp.LT(this=row.copy(), expression=_number(last)),
                ]
                queries.append(
                    f"({self._translate(self._query(view, [_number(len(places))], within).limit(1))})"
                )
                places.append((path, number))
        passing: dict[str, set[int]] = {}
        for (at,) in self._ask([*views, " UNION ALL ".join(queries)]):
            passing.setdefault(places[at][0], set()).add(places[at][1])
        return {path: frozenset(numbers) for path, numbers in passing.items()}

    def in_one_pass(self, sizes: Mapping[str, Sequence[int]]) -> RowGroups | None:
        starts = {path: [sum(counts[:at]) for at in range(len(counts))] for path, counts in sizes.items()}
        block = math.gcd(*(start for path in starts for start in starts[path])) or 1 << 62
        if sum(map(sum, sizes.values())) // block > _MAX_BLOCKS:
            return None
        view = f"rows of {self._scan.name}"
        place = exp.IntDiv(this=_column("$row"), expression=_number(block))
        query = self._query(view, [_column("$file"), place], []).distinct()
        passing: dict[str, set[int]] = {}
        for path, number in self._ask([self._view(view, list(sizes)), self._translate(query)]):
            # Row groups without rows share their start with the next one.
            passing.setdefault(path, set()).add(bisect_right(starts[path], number * block) - 1)
        return {path: frozenset(numbers) for path, numbers in passing.items()}

    def _view(self, name: str, paths: Sequence[str]) -> str:
        relation = numbered_rows(self._scan, self._groups, frozenset(paths), self._wanted)
        return f"CREATE OR REPLACE TEMP VIEW {identifier(name)} AS {relation}"

    def _query(self, view: str, items: Sequence[exp.Expr], more: Sequence[exp.Expr]) -> exp.Select:
        table = exp.Table(
            this=exp.Identifier(this=view, quoted=True),
            alias=exp.TableAlias(this=exp.Identifier(this=self._found.name, quoted=True)),
        )
        conditions = (condition.copy() for condition in self._found.conditions)
        return exp.select(*items).from_(table).where(*conditions, *more, copy=False)


def _column(name: str) -> exp.Column:
    return exp.Column(this=exp.Identifier(this=name, quoted=True))


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
