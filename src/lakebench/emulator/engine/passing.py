"""In which row groups some row passes a scan's conditions, where neither footers nor the log of reads tell.

Row groups are asked one by one and left at the first row that passes, or in one pass over the
conditions' columns where that is less work: many of them, or small ones under conditions that cost little.
Neither is logged nor counted.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from sqlglot import exp

from lakebench.emulator.engine.chunks import RowGroups
from lakebench.emulator.engine.footers import FileFooter
from lakebench.emulator.engine.quoting import identifier
from lakebench.emulator.engine.relations.parquet import FileGroup, file_groups, numbered_rows
from lakebench.emulator.engine.staging import StagedScan
from lakebench.metering.conditions import ScanConditions
from lakebench.metering.evaluation import CannotEvaluate, Evaluator
from lakebench.metering.footer import Footer
from lakebench.metering.hidden import hidden_names

_MAX_ASKED = 256
_MAX_BLOCKS = 1 << 20
_BYTES_ASKED = 1 << 20
"""What one pass reads, of compressed chunks, in the time that it takes to open a file for one row group."""
_CHEAP = (
    exp.And,
    exp.Or,
    exp.Not,
    exp.Is,
    exp.In,
    exp.Between,
    exp.EQ,
    exp.NEQ,
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
)


class PassingSearch:
    """Queries over one scan's rows with their places."""

    def __init__(
        self,
        scan: StagedScan,
        found: ScanConditions,
        footers: Mapping[str, FileFooter],
        evaluator: Evaluator,
    ) -> None:
        self._scan, self._found, self._evaluator = scan, found, evaluator
        self._footers = footers
        self._groups: tuple[FileGroup, ...] = ()
        names = {column.name for part in found.conditions for column in part.find_all(exp.Column)}
        self._wanted = frozenset(names & hidden_names())

    def __call__(self, asked: RowGroups) -> RowGroups | None:
        """Those of the row groups asked for in which a row passes; None when that cannot be told."""
        asked = {path: groups for path, groups in asked.items() if groups}
        if not asked:
            return {}
        self._groups = file_groups(self._scan, {path: found.schema for path, found in self._footers.items()})
        starts = {path: _starts(self._footers[path].footer) for path in asked}
        try:
            number = sum(map(len, asked.values()))
            if number > _MAX_ASKED or self._pass_bytes(asked) < number * _BYTES_ASKED:
                found = self._in_one_pass(starts)
                if found is not None or number > _MAX_ASKED:
                    return found
            return self._one_by_one(asked, starts)
        except (CannotEvaluate, ValueError):
            return None

    def _pass_bytes(self, asked: RowGroups) -> float:
        """What one pass would read; without end where conditions cost more than comparing."""
        conditions = self._found.conditions
        if not all(_is_cheap(condition) for condition in conditions):
            return math.inf
        names = {column.name for condition in conditions for column in condition.find_all(exp.Column)}
        return sum(
            chunk.size
            for path in asked
            for group in self._footers[path].footer.row_groups
            for chunk in group.chunks
            if chunk.leaf.path[0] in names
        )

    def _one_by_one(self, asked: RowGroups, starts: Mapping[str, Mapping[int, int]]) -> RowGroups:
        views, queries = [], []
        places: list[tuple[str, int]] = []
        for at, (path, numbers) in enumerate(asked.items()):
            view = f"rows of {self._scan.name} {at}"
            views.append(self._view(view, [path]))
            rows = {group.number: group.rows for group in self._footers[path].footer.row_groups}
            for number in sorted(numbers):
                first = starts[path][number]
                row = _column("$row")
                within = [
                    exp.GTE(this=row, expression=_number(first)),
                    exp.LT(this=row.copy(), expression=_number(first + rows[number])),
                ]
                query = self._query(view, [_number(len(places))], within).limit(1)
                queries.append(f"({self._evaluator.translate(query)})")
                places.append((path, number))
        passing: dict[str, set[int]] = {}
        for (at,) in self._evaluator.ask([*views, " UNION ALL ".join(queries)]):
            passing.setdefault(places[at][0], set()).add(places[at][1])
        return {path: frozenset(numbers) for path, numbers in passing.items()}

    def _in_one_pass(self, starts: Mapping[str, Mapping[int, int]]) -> RowGroups | None:
        block = math.gcd(*(start for path in starts for start in starts[path].values())) or 1 << 62
        rows = sum(group.rows for path in starts for group in self._footers[path].footer.row_groups)
        if rows // block > _MAX_BLOCKS:
            return None
        view = f"rows of {self._scan.name}"
        place = exp.IntDiv(this=_column("$row"), expression=_number(block))
        query = self._query(view, [_column("$file"), place], []).distinct()
        passing: dict[str, set[int]] = {}
        asked = [self._view(view, list(starts)), self._evaluator.translate(query)]
        for path, number in self._evaluator.ask(asked):
            numbers, firsts = list(starts[path]), list(starts[path].values())
            passing.setdefault(path, set()).add(numbers[bisect_right(firsts, number * block) - 1])
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


def _is_cheap(condition: exp.Expr) -> bool:
    """Whether it only compares columns, with each other or with constants."""
    condition = condition.unnest()
    if isinstance(condition, exp.Column):
        return True
    if isinstance(condition, exp.Query):
        return False
    parts = condition.iter_expressions() if isinstance(condition, _CHEAP) else ()
    return condition.find(exp.Column, exp.Query) is None or (
        isinstance(condition, _CHEAP) and all(_is_cheap(part) for part in parts)
    )


def _starts(footer: Footer) -> dict[int, int]:
    """The number of the first row of each row group."""
    firsts = accumulate((group.rows for group in footer.row_groups), initial=0)
    return dict(zip((group.number for group in footer.row_groups), firsts, strict=False))


def _column(name: str) -> exp.Column:
    return exp.Column(this=exp.Identifier(this=name, quoted=True))


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
