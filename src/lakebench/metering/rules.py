"""Athena's rules for one scan of a Parquet table: row groups kept, chunks that count (facts/athena.md 2).

A row group is kept when the minimum and maximum of each column meet what the conditions say of it. In one
that is kept the chunks of the conditions' columns count; the chunks of the other columns that the query needs
count if at least one row passes. Footers often tell that too: a column whose range lies inside the conditions
passes whole, and the minimum and the maximum are values of some row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from lakebench.catalog import DataType, Table
from lakebench.metering.conditions import Path, ScanConditions, member_path
from lakebench.metering.domains import Constant, Domain, domains_of
from lakebench.metering.footer import Chunk, Footer, Leaf, RowGroup, bounds, comparable


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """A row group that is kept: chunks of the conditions' columns, chunks of the others.

    ``passes`` says whether some row passes the conditions, so that the others count; None when the footer
    does not tell.
    """

    number: int
    conditions: tuple[Chunk, ...]
    others: tuple[Chunk, ...]
    passes: bool | None

    @property
    def least(self) -> int:
        """Bytes that count in any case."""
        more = sum(chunk.size for chunk in self.others) if self.passes else 0
        return sum(chunk.size for chunk in self.conditions) + more

    @property
    def most(self) -> int:
        """Bytes that count if some row passes."""
        more = 0 if self.passes is False else sum(chunk.size for chunk in self.others)
        return sum(chunk.size for chunk in self.conditions) + more


class ScanRules:
    """The rules for one scan, from its conditions and the table's types."""

    def __init__(self, table: Table, found: ScanConditions, constant: Constant) -> None:
        # Conditions on partition keys alone hold for every row of the objects that are left.
        names = {column.name for column in table.columns}
        conditions = [part for part in found.conditions if any(path[0] in names for path in _paths(part))]
        domains = domains_of(conditions, constant)
        self.columns = frozenset(path for part in conditions for path in _paths(part) if path[0] in names)
        self._used = found.used
        self._domains: Mapping[Path, tuple[Domain, DataType | None]] = {
            path: (domain, type_at(table, path)) for path, domain in domains.domains.items()
        }
        self._exact = domains.exact
        self._impossible = any(not domain.ranges and not domain.null for domain, _ in self._domains.values())

    def of_condition(self, leaf: Leaf) -> bool:
        """Whether a condition looks at the leaf."""
        return _within(leaf, self.columns)

    def used(self, leaf: Leaf) -> bool:
        """Whether the query needs the leaf."""
        return _within(leaf, self._used)

    def has_columns(self, leaves: Iterable[Leaf]) -> bool:
        """Whether a file with these leaves has all columns of the conditions."""
        known = list(leaves)
        return all(any(_below(leaf, path) for leaf in known) for path in self.columns)

    def complete(self, leaves: Sequence[Leaf]) -> bool:
        """Whether a file with these leaves has the conditions' columns, in the table's types."""
        return self.has_columns(leaves) and all(
            comparable(leaf, kind)
            for path, (_, kind) in self._domains.items()
            for leaf in leaves
            if leaf.path == path
        )

    def survives(self, group: RowGroup) -> bool:
        """Whether the statistics of the row group meet every domain."""
        if self._impossible:
            return False
        for chunk in group.chunks:
            entry = self._domains.get(chunk.leaf.path)
            if entry is not None:
                domain, kind = entry
                low, high = bounds(chunk, kind)
                if not domain.meets(low, high, chunk.nulls, chunk.values):
                    return False
        return True

    def passes(self, group: RowGroup) -> bool | None:
        """Whether some row of a row group that survives passes all conditions; None when nobody can tell."""
        if not self.columns:
            return True
        if not self._exact or self.columns != self._domains.keys():
            return None
        chunks = {chunk.leaf.path: chunk for chunk in group.chunks if chunk.leaf.path in self._domains}
        if chunks.keys() != self._domains.keys():
            return None
        open_columns = [path for path, chunk in chunks.items() if not _covered(chunk, *self._domains[path])]
        if not open_columns:
            return True
        if len(open_columns) == 1 and _attained(chunks[open_columns[0]], *self._domains[open_columns[0]]):
            return True
        return None

    def plan(self, footer: Footer) -> tuple[GroupPlan, ...]:
        """The row groups of a file that are kept, with what counts in them."""
        return tuple(
            GroupPlan(
                number=group.number,
                conditions=tuple(chunk for chunk in group.chunks if self.of_condition(chunk.leaf)),
                others=tuple(
                    chunk
                    for chunk in group.chunks
                    if self.used(chunk.leaf) and not self.of_condition(chunk.leaf)
                ),
                passes=self.passes(group),
            )
            for group in footer.row_groups
            if self.survives(group)
        )


def _paths(condition: exp.Expr) -> list[Path]:
    """The columns, or members of them, that a condition looks at."""
    return [member_path(column) for column in condition.find_all(exp.Column)]


def _covered(chunk: Chunk, domain: Domain, kind: DataType | None) -> bool:
    """Whether every row of the chunk passes."""
    if chunk.nulls is None or (chunk.nulls and not domain.null):
        return False
    if chunk.empty:
        return domain.null
    low, high = bounds(chunk, kind)
    # NaN stands in no minimum and no maximum.
    return low is not None and high is not None and not _floats(kind) and domain.covers(low, high)


def _attained(chunk: Chunk, domain: Domain, kind: DataType | None) -> bool:
    """Whether some row of the chunk passes for certain."""
    if domain.null and chunk.nulls:
        return True
    if not chunk.exact or chunk.empty:
        return False
    return any(value is not None and domain.covers(value, value) for value in bounds(chunk, kind))


def _floats(kind: DataType | None) -> bool:
    return kind is not None and kind.name in {"real", "double"}


def _within(leaf: Leaf, paths: Iterable[Path]) -> bool:
    return any(_below(leaf, path) for path in paths)


def _below(leaf: Leaf, path: Path) -> bool:
    return leaf.path[: len(path)] == path


def type_at(table: Table, path: Path) -> DataType | None:
    """The table's type of a column, or of a member below it."""
    found = next((column.type for column in table.columns if column.name == path[0]), None)
    for name in path[1:]:
        fields: Mapping[str, DataType] = (
            {(field.name or "").lower(): field.type for field in found.fields} if found is not None else {}
        )
        found = fields.get(name)
    return found
