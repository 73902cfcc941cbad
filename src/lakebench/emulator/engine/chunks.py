"""Which column chunks of Parquet objects a scan read, by Athena's rules and not by the engine's.

DuckDB's log tells the chunks of which it read a page. Three things differ from Athena (facts/athena.md 2):
DuckDB skips row groups by more than minima and maxima (bloom filters, arithmetic on statistics); it stops
at the first condition of several that excludes a row group; and conditions that it cannot push into
its reader it applies after all columns were read. So the columns of a scan's conditions count in each row
group that the statistics keep, and the other columns where some row passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from lakebench.catalog import DataType, Table
from lakebench.emulator.engine.conditions import Path, ScanConditions, member_path
from lakebench.emulator.engine.domains import Domain, Found, domains_of, is_plain, statistic
from lakebench.emulator.engine.literals import Constants
from lakebench.emulator.engine.passing import passing_groups
from lakebench.emulator.engine.quoting import literal_list
from lakebench.emulator.engine.staging import StagedScan
from lakebench.metering.record import ChunkRead

Ask = Callable[[Sequence[str]], list[list[Any]]]
Translate = Callable[[exp.Expr], str]

_START = "least(nullif(dictionary_page_offset, 0), data_page_offset)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """A column chunk of a footer, and whether the engine read of it."""

    row_group: int
    leaf: Path
    size: int
    low: str | None
    high: str | None
    nulls: int | None
    values: int
    read: bool


def chunks_read(
    scan: StagedScan, found: ScanConditions | None, *, exact: bool, translate: Translate, ask: Ask
) -> dict[str, tuple[ChunkRead, ...]]:
    """By path, the chunks that count. ``exact`` is false when a LIMIT may have ended the scan early."""
    known = found if exact else None
    columns = _condition_columns(scan, known) if known is not None else frozenset()
    footers = _footers(scan, ask, columns | known.keys if known is not None else columns)
    if known is None:
        return {path: _counted(chunk for chunk in chunks if chunk.read) for path, chunks in footers.items()}
    constants = Constants(known, translate, ask)
    rules = _Rules(scan, known, columns, domains_of(known.conditions, constants.value))
    passing = None
    if columns and any(rules.doubtful(chunks) for chunks in footers.values()):
        open_groups = {path: rules.undecided(chunks) for path, chunks in footers.items()}
        passing = passing_groups(scan, known, open_groups, translate=translate, ask=ask)
    return {
        path: _counted(rules.kept(chunks, None if passing is None else passing.get(path, frozenset())))
        for path, chunks in footers.items()
    }


def _counted(chunks: Iterator[_Chunk]) -> tuple[ChunkRead, ...]:
    return tuple(
        ChunkRead(row_group=chunk.row_group, column=".".join(chunk.leaf), compressed_size=chunk.size)
        for chunk in chunks
    )


def _footers(scan: StagedScan, ask: Ask, columns: frozenset[Path]) -> dict[str, list[_Chunk]]:
    """Chunks by path, row group by row group: those read, those of these columns, those without values."""
    if not scan.paths:
        return {}
    tops = {path[0] for path in columns}
    names = literal_list(sorted(tops)) if tops else "CAST([] AS VARCHAR[])"
    rows = ask(
        [
            "WITH chunks AS MATERIALIZED (SELECT file_name, row_group_id, column_id, path_in_schema, "
            f"total_compressed_size AS size, {_START} AS start, stats_min_value AS low, "
            "stats_max_value AS high, stats_null_count AS nulls, num_values "
            f"FROM parquet_metadata({literal_list(scan.paths)})), "
            "hit AS (SELECT DISTINCT file_name, row_group_id, column_id FROM chunks "
            "JOIN reads ON path = file_name AND pos >= start AND pos < start + size) "
            "SELECT file_name, row_group_id, path_in_schema, size, low, high, nulls, num_values, "
            "hit.column_id IS NOT NULL AS was_read "
            "FROM chunks LEFT JOIN hit USING (file_name, row_group_id, column_id) "
            "WHERE was_read OR nulls >= num_values "
            f"OR list_contains({names}, lower(split_part(path_in_schema, ', ', 1))) "
            "ORDER BY file_name, row_group_id, chunks.column_id"
        ]
    )
    footers: dict[str, list[_Chunk]] = {}
    for path, row_group, leaf, size, low, high, nulls, values, read in rows:
        footers.setdefault(path, []).append(
            _Chunk(
                row_group=row_group,
                leaf=tuple(leaf.split(", ")),
                size=size,
                low=low,
                high=high,
                nulls=nulls,
                values=values,
                read=read,
            )
        )
    return footers


def _condition_columns(scan: StagedScan, found: ScanConditions) -> frozenset[Path]:
    """Columns in the objects, or members of them, that the scan's conditions look at."""
    names = {column.name for column in scan.binding.table.columns}
    columns = (column for condition in found.conditions for column in condition.find_all(exp.Column))
    return frozenset(path for column in columns if (path := member_path(column))[0] in names)


class _Rules:
    """The rules for one scan."""

    def __init__(
        self, scan: StagedScan, found: ScanConditions, columns: frozenset[Path], domains: Found
    ) -> None:
        self._alone = found.alone and not found.constant
        self._joined = not found.alone
        self._columns = columns
        self._used = found.used
        self._keys = found.keys
        self._domains = {
            path: (domain, _type_at(scan.binding.table, path)) for path, domain in domains.domains.items()
        }
        self._impossible = any(not domain.ranges and not domain.null for domain, _ in self._domains.values())
        self._plain = all(is_plain(condition) for condition in found.conditions)

    def doubtful(self, chunks: Sequence[_Chunk]) -> bool:
        """Whether the log does not tell in which row groups of the file a row passed the conditions."""
        others = [chunk for chunk in chunks if not self._of_condition(chunk)]
        if not self._plain and any(chunk.read for chunk in others):
            return True
        if any(self._skipped(chunk) for chunk in others):
            return True
        # A join's filter is applied with the conditions, in any order.
        leaves = [
            frozenset(chunk.leaf for chunk in others if chunk.read and chunk.row_group == number)
            for number in {chunk.row_group for chunk in chunks if chunk.read}
        ]
        return self._joined and len(set(leaves)) > 1

    def undecided(self, chunks: Sequence[_Chunk]) -> frozenset[int]:
        """The row groups of the file in which columns count only if a row passes."""
        others = (chunk for chunk in chunks if not self._of_condition(chunk))
        return frozenset(c.row_group for c in others if c.read or self._skipped(c)) & self._surviving(chunks)

    def kept(self, chunks: Sequence[_Chunk], passing: frozenset[int] | None) -> Iterator[_Chunk]:
        """The chunks of one file that count; the log tells the passing row groups if they are not given."""
        touched = {chunk.row_group for chunk in chunks if chunk.read}
        whole = all(any(_below(_lower(chunk), path) for chunk in chunks) for path in self._columns)
        surviving = self._surviving(chunks)
        if passing is None and not self._columns and self._alone:
            passing = surviving
        elif passing is None:
            passing = frozenset(c.row_group for c in chunks if c.read and not self._of_condition(c))
        for chunk in chunks:
            if chunk.row_group not in surviving:
                continue
            if self._of_condition(chunk):
                if chunk.row_group in touched or (self._alone and whole):
                    yield chunk
            elif chunk.row_group in passing and (
                chunk.read or self._skipped(chunk) or (chunk.row_group in touched and self._compared(chunk))
            ):
                yield chunk

    def _of_condition(self, chunk: _Chunk) -> bool:
        return any(_below(_lower(chunk), path) for path in self._columns)

    def _skipped(self, chunk: _Chunk) -> bool:
        """A chunk that the query needs and the engine passed over, since it holds NULLs alone."""
        empty = chunk.nulls is not None and chunk.nulls >= chunk.values
        return empty and not chunk.read and any(_below(_lower(chunk), path) for path in self._used)

    def _compared(self, chunk: _Chunk) -> bool:
        """A join's key: the engine may or may not read it, whichever filter it tries first."""
        return any(_below(_lower(chunk), path) for path in self._keys)

    def _surviving(self, chunks: Sequence[_Chunk]) -> frozenset[int]:
        """Row groups whose statistics meet every domain."""
        if self._impossible:
            return frozenset()
        groups = {chunk.row_group for chunk in chunks}
        for chunk in chunks:
            domain = self._domains.get(_lower(chunk))
            if domain is not None and not _meets(chunk, *domain):
                groups.discard(chunk.row_group)
        return frozenset(groups)


def _meets(chunk: _Chunk, domain: Domain, data_type: DataType | None) -> bool:
    low, high = statistic(chunk.low, data_type), statistic(chunk.high, data_type)
    return domain.meets(low, high, chunk.nulls, chunk.values)


def _lower(chunk: _Chunk) -> Path:
    return tuple(name.lower() for name in chunk.leaf)


def _below(leaf: Path, path: Path) -> bool:
    return leaf[: len(path)] == path


def _type_at(table: Table, path: Path) -> DataType | None:
    found = next((column.type for column in table.columns if column.name == path[0]), None)
    for name in path[1:]:
        fields: Mapping[str, DataType] = (
            {(field.name or "").lower(): field.type for field in found.fields} if found is not None else {}
        )
        found = fields.get(name)
    return found
