"""Why a statement scans what it scans: partitions, objects, row groups and columns kept of all, by table.

Both roads make these values: the estimate before a run, as ranges where footers cannot tell, and a run from
what it read, where least and most are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lakebench.catalog import DataFormat, Table
from lakebench.metering.bytes import object_bytes
from lakebench.metering.footer import Footer
from lakebench.metering.hidden import Located
from lakebench.metering.record import ObjectRead
from lakebench.metering.rules import GroupPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Bytes from ``least`` to ``most``, both included."""

    least: int
    most: int

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.least == self.most

    def __add__(self, other: Span) -> Span:
        return Span(least=self.least + other.least, most=self.most + other.most)

    @classmethod
    def of(cls, size: int) -> Span:
        """One number."""
        return cls(least=size, most=size)


NOTHING = Span(least=0, most=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectScan:
    """What one scan takes of one object; ``columns`` are leaves by name, none of a row format.

    ``rows`` are those of the row groups kept, None where no footer tells.
    ``unread`` are bytes of the columns needed in row groups that are left out, ``unneeded`` bytes of the
    columns that the query does not need.
    """

    size: int
    span: Span
    columns: Mapping[str, Span] = field(default_factory=dict)
    rows: int | None = None
    row_groups: int = 0
    row_groups_kept: int = 0
    unread: int = 0
    unneeded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnScan:
    """A leaf column of one scan: the bytes of its chunks."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanExplanation:
    """One scan of one table.

    ``partitions`` is None for a table without keys; ``objects`` and ``stored_bytes`` are None when the
    objects of pruned partitions were not listed. ``row_groups`` are those of the objects kept, ``rows``
    those of the row groups kept. ``keys`` are the partition keys, ``filtered_keys`` those that a condition
    names. ``columns`` are the costliest first.
    """

    scan_id: str
    database: str
    table: str
    data_format: str
    span: Span
    keys: tuple[str, ...]
    filtered_keys: tuple[str, ...]
    partitions: int | None
    partitions_kept: int | None
    objects: int | None
    objects_kept: int
    stored_bytes: int | None
    stored_bytes_kept: int
    rows: int | None
    row_groups: int
    row_groups_kept: int
    columns: tuple[ColumnScan, ...]
    saved_by_partitions: int | None
    saved_by_row_groups: int
    saved_by_columns: int
    why_inexact: str | None = None

    @property
    def estimated(self) -> bool:
        """Whether no measurement of AWS's own count stands behind the rule: ORC (facts/athena.md 1.3)."""
        return self.data_format == DataFormat.ORC.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A whole statement: its scans in the order of their ids."""

    scans: tuple[ScanExplanation, ...]

    @property
    def span(self) -> Span:
        """DataScannedInBytes, or its range."""
        return sum((scan.span for scan in self.scans), start=NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The objects of one scan: those of all partitions (None: not listed), and those kept."""

    table: Table
    partitions: int | None
    partitions_kept: int | None
    all_objects: Sequence[Located] | None
    kept: Sequence[Located]
    filtered_keys: tuple[str, ...] = ()


def explain_scan(
    scan_id: str, listing: Listing, objects: Iterable[ObjectScan], *, why_inexact: str | None = None
) -> ScanExplanation:
    """Sum up the objects of one scan; a reason why it is inexact makes its least nothing at all."""
    scans = list(objects)
    columns: dict[str, Span] = {}
    for scan in scans:
        for name, span in scan.columns.items():
            columns[name] = columns.get(name, NOTHING) + span
    span = sum((scan.span for scan in scans), start=NOTHING)
    if why_inexact is not None:
        span = Span(least=0, most=span.most)
        columns = {name: Span(least=0, most=found.most) for name, found in columns.items()}
    stored = None if listing.all_objects is None else sum(file.size for file in listing.all_objects)
    kept = sum(file.size for file in listing.kept)
    table = listing.table
    ranked = sorted(columns.items(), key=lambda item: (-item[1].most, item[0]))
    return ScanExplanation(
        scan_id=scan_id,
        database=table.database,
        table=table.name,
        data_format=table.data_format.value,
        span=span,
        keys=tuple(key.name for key in table.partition_keys),
        filtered_keys=listing.filtered_keys,
        partitions=listing.partitions,
        partitions_kept=listing.partitions_kept,
        objects=None if listing.all_objects is None else len(listing.all_objects),
        objects_kept=len(listing.kept),
        stored_bytes=stored,
        stored_bytes_kept=kept,
        rows=_rows(scans),
        row_groups=sum(scan.row_groups for scan in scans),
        row_groups_kept=sum(scan.row_groups_kept for scan in scans),
        columns=tuple(ColumnScan(name=name, span=found) for name, found in ranked),
        saved_by_partitions=None if stored is None else stored - kept,
        saved_by_row_groups=sum(scan.unread for scan in scans),
        saved_by_columns=sum(scan.unneeded for scan in scans),
        why_inexact=None if span.exact else why_inexact or _IN_DOUBT,
    )


def _rows(scans: Iterable[ObjectScan]) -> int | None:
    counts = [scan.rows for scan in scans]
    return None if None in counts else sum(count for count in counts if count is not None)


_IN_DOUBT = "footers do not tell in which row groups a row passes the conditions"


def planned_object(size: int, footer: Footer, plan: Sequence[GroupPlan]) -> ObjectScan:
    """A Parquet object before the run, by its footer and its plan."""
    columns: dict[str, Span] = {}
    for group in plan:
        for chunk in group.conditions:
            columns[chunk.leaf.name] = columns.get(chunk.leaf.name, NOTHING) + Span.of(chunk.size)
        for chunk in group.others:
            counted = Span(least=chunk.size if group.passes else 0, most=chunk.size)
            columns[chunk.leaf.name] = columns.get(chunk.leaf.name, NOTHING) + counted
    span = sum((Span(least=group.least, most=group.most) for group in plan), start=NOTHING)
    found = ObjectScan(size=size, span=span, columns=columns)
    return _with_savings(found, footer, {group.number for group in plan})


def read_object(read: ObjectRead, footer: Footer | None, plan: Sequence[GroupPlan] = ()) -> ObjectScan:
    """An object after the run, by what was read of it; its plan tells the row groups that cost nothing."""
    span = Span.of(object_bytes(read))
    if footer is None:
        return ObjectScan(size=read.size, span=span)
    columns: dict[str, Span] = {}
    for chunk in read.chunks:
        columns[chunk.column] = columns.get(chunk.column, NOTHING) + Span.of(chunk.compressed_size)
    found = ObjectScan(size=read.size, span=span, columns=columns)
    free = {group.number for group in plan if not group.conditions and not group.others}
    return _with_savings(found, footer, free | {chunk.row_group for chunk in read.chunks})


def _with_savings(found: ObjectScan, footer: Footer, kept: set[int]) -> ObjectScan:
    unread = unneeded = 0
    for group in footer.row_groups:
        for chunk in group.chunks:
            if chunk.leaf.name not in found.columns:
                unneeded += chunk.size
            elif group.number not in kept:
                unread += chunk.size
    return replace(
        found,
        rows=sum(group.rows for group in footer.row_groups if group.number in kept),
        row_groups=len(footer.row_groups),
        row_groups_kept=len(kept),
        unread=unread,
        unneeded=unneeded,
    )
