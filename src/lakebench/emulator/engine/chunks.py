"""Which column chunks of Parquet objects a scan read, by Athena's rules and not by the engine's.

Most scans are decided before they run: footers and conditions tell which row groups are kept and in
which of them a row passes (``metering.rules``). Where they do not, the log of the run tells of which chunks
DuckDB read a page. Three things differ there from Athena (facts/athena.md 2): DuckDB skips row groups by more
than minima and maxima (bloom filters, arithmetic on statistics); it stops at the first condition of several
that excludes a row group; and conditions that it cannot push into its reader it applies after all columns
were read. So the columns of a scan's conditions count in each row group that the statistics keep, and the
other columns where some row passed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lakebench.emulator.engine.footers import FileFooter
from lakebench.metering.conditions import ScanConditions
from lakebench.metering.domains import is_plain
from lakebench.metering.footer import Chunk, Footer, RowGroup
from lakebench.metering.record import ChunkRead
from lakebench.metering.rules import GroupPlan, ScanRules

RowGroups = Mapping[str, frozenset[int]]
"""Row groups by the path of their file."""

Search = Callable[[RowGroups], RowGroups | None]
"""Those of the row groups in which a row passes the conditions; None when that cannot be told."""

Chunks = dict[str, tuple[ChunkRead, ...]]
"""The chunks that count, by the path of their file."""


def planned_chunks(plans: Mapping[str, Sequence[GroupPlan]], search: Search) -> Chunks:
    """The chunks of a scan that its plan decides; the search is asked where a row may pass or not."""
    open_groups = {
        path: frozenset(group.number for group in groups if group.passes is None and group.others)
        for path, groups in plans.items()
    }
    passing = search(open_groups) if any(open_groups.values()) else {}
    counted = {}
    for path, groups in plans.items():
        chunks: list[tuple[int, Chunk]] = []
        for group in groups:
            passes = group.passes or passing is None or group.number in passing.get(path, ())
            chunks += [(group.number, chunk) for chunk in group.conditions]
            chunks += [(group.number, chunk) for chunk in group.others if passes]
        counted[path] = tuple(_chunk_read(number, chunk) for number, chunk in chunks)
    return counted


def logged_chunks(
    footers: Mapping[str, FileFooter], rules: Rules | None, reads: Mapping[str, Sequence[int]], search: Search
) -> Chunks:
    """The chunks that count of those in which a read began; without rules all of them.

    ``reads`` are offsets by path.
    """
    seen = {path: list(_seen(footer.footer, reads.get(path, ()), rules)) for path, footer in footers.items()}
    if rules is None:
        return {path: _counted(chunk for chunk in chunks if chunk.read) for path, chunks in seen.items()}
    passing = None
    if rules.has_conditions and any(rules.doubtful(chunks) for chunks in seen.values()):
        passing = search({path: rules.undecided(chunks) for path, chunks in seen.items()})
    return {
        path: _counted(rules.kept(chunks, None if passing is None else passing.get(path, frozenset())))
        for path, chunks in seen.items()
    }


def begun_chunks(
    footers: Mapping[str, FileFooter], rules: Rules | None, reads: Mapping[str, Sequence[int]]
) -> Chunks:
    """The chunks in which a read has begun, while the run goes on, that count whatever else it reads."""
    chunks: Chunks = {}
    for path, offsets in reads.items():
        if path in footers:
            footer = footers[path].footer
            read = [seen for seen in _seen(footer, offsets, rules) if seen.read]
            chunks[path] = _counted(iter(read) if rules is None else rules.begun(footer, read))
    return chunks


@dataclass(frozen=True, slots=True)
class _Seen:
    """A column chunk, whether the engine read of it, and whether statistics keep its row group."""

    row_group: int
    chunk: Chunk
    read: bool
    survives: bool


def _seen(footer: Footer, offsets: Iterable[int], rules: Rules | None) -> Iterator[_Seen]:
    places = sorted(
        (chunk.start, chunk.start + chunk.size, group.number, at)
        for group in footer.row_groups
        for at, chunk in enumerate(group.chunks)
    )
    starts = [start for start, *_ in places]
    read = set()
    for offset in offsets:
        at = bisect_right(starts, offset) - 1
        if at >= 0 and offset < places[at][1]:
            read.add(places[at][2:])
    for group in footer.row_groups:
        survives = rules is None or rules.survives(group)
        for at, chunk in enumerate(group.chunks):
            yield _Seen(group.number, chunk, (group.number, at) in read, survives)


def _counted(chunks: Iterator[_Seen]) -> tuple[ChunkRead, ...]:
    return tuple(_chunk_read(seen.row_group, seen.chunk) for seen in chunks)


def _chunk_read(row_group: int, chunk: Chunk) -> ChunkRead:
    return ChunkRead(row_group=row_group, column=chunk.leaf.name, compressed_size=chunk.size)


class Rules:
    """Athena's rules for the log of one scan."""

    def __init__(self, found: ScanConditions, rules: ScanRules) -> None:
        self._alone = found.alone and not found.constant
        self._joined = not found.alone
        self._keys = found.keys
        self._rules = rules
        self._plain = all(is_plain(condition) for condition in found.conditions)
        self.has_conditions = bool(rules.columns)

    def survives(self, group: RowGroup) -> bool:
        """Whether the statistics of the row group meet every domain."""
        return self._rules.survives(group)

    def doubtful(self, chunks: Sequence[_Seen]) -> bool:
        """Whether the log does not tell in which row groups of the file a row passed the conditions."""
        others = [seen for seen in chunks if not self._of_condition(seen)]
        if not self._plain and any(seen.read for seen in others):
            return True
        if any(self._skipped(seen) for seen in others):
            return True
        # A join's filter is applied with the conditions, in any order.
        leaves = [
            frozenset(seen.chunk.leaf for seen in others if seen.read and seen.row_group == number)
            for number in {seen.row_group for seen in chunks if seen.read}
        ]
        return self._joined and len(set(leaves)) > 1

    def undecided(self, chunks: Sequence[_Seen]) -> frozenset[int]:
        """The row groups of the file in which columns count only if a row passes."""
        others = (seen for seen in chunks if not self._of_condition(seen))
        return frozenset(c.row_group for c in others if c.read or self._skipped(c)) & _surviving(chunks)

    def kept(self, chunks: Sequence[_Seen], passing: frozenset[int] | None) -> Iterator[_Seen]:
        """The chunks of one file that count; the log tells the passing row groups if they are not given."""
        touched = {seen.row_group for seen in chunks if seen.read}
        whole = self._rules.has_columns({seen.chunk.leaf for seen in chunks})
        surviving = _surviving(chunks)
        if passing is None and not self.has_conditions and self._alone:
            passing = surviving
        elif passing is None:
            passing = frozenset(c.row_group for c in chunks if c.read and not self._of_condition(c))
        for seen in chunks:
            if seen.row_group not in surviving:
                continue
            if self._of_condition(seen):
                if seen.row_group in touched or (self._alone and whole):
                    yield seen
            elif seen.row_group in passing and (
                seen.read or self._skipped(seen) or (seen.row_group in touched and self._compared(seen))
            ):
                yield seen

    def begun(self, footer: Footer, read: Sequence[_Seen]) -> Iterator[_Seen]:
        """The chunks of those read that count for certain: where a row passes, or nothing is asked of rows.

        DuckDB's reader applies plain conditions, and a join's, before it reads other columns.
        """
        passing: set[int] | None = None
        if self.has_conditions:
            passing = {group.number for group in footer.row_groups if self._rules.passes(group)}
            if self._plain:
                others = (seen for seen in read if not self._of_condition(seen) and not self._compared(seen))
                passing |= {seen.row_group for seen in others}
        for seen in read:
            certain = self._of_condition(seen) or passing is None or seen.row_group in passing
            if seen.survives and certain:
                yield seen

    def _of_condition(self, seen: _Seen) -> bool:
        return self._rules.of_condition(seen.chunk.leaf)

    def _skipped(self, seen: _Seen) -> bool:
        """A chunk that the query needs and the engine passed over, since it holds NULLs alone."""
        return seen.chunk.empty and not seen.read and self._rules.used(seen.chunk.leaf)

    def _compared(self, seen: _Seen) -> bool:
        """A join's key: the engine may or may not read it, whichever filter it tries first."""
        leaf = seen.chunk.leaf
        return any(leaf.path[: len(path)] == path for path in self._keys)


def _surviving(chunks: Iterable[_Seen]) -> frozenset[int]:
    return frozenset(seen.row_group for seen in chunks if seen.survives)
