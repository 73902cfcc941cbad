"""What a statement scans by our rules over the objects that lie there, and by the other ways one could count.

A difference between two sides is explained by one of these, to the byte, or by nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lakebench.catalog import DataFormat
from lakebench.client.estimate import resolve_by_glue, scanned_query
from lakebench.client.footers import FooterReader
from lakebench.client.objects import TableObjects
from lakebench.client.session import AwsSession
from lakebench.errors import LakebenchError
from lakebench.metering.conditions import ScanConditions, ends_early
from lakebench.metering.constants import Constants
from lakebench.metering.estimate import Estimator
from lakebench.metering.evaluator import own_evaluator
from lakebench.metering.explanation import Listing
from lakebench.metering.footer import Chunk
from lakebench.metering.rules import ScanRules
from lakebench.sql import parse
from lakebench.sql.resolved import ResolvedQuery, Scan

MERGED_GAP_BYTES = 1 << 20
"""Trino merges two reads with less than this between them (AbstractParquetDataSource, max merge distance)."""

MERGED_READ_BYTES = 8 << 20
"""And makes no merged read longer than this (its max buffer size)."""

FOOTER_READ_BYTES = 48 << 10
"""What Trino reads of an object's end for the footer (MetadataReader, expected footer size)."""

ONE_SPLIT_BYTES = 64 << 20
"""Longer plain text is read by several readers (Trino: hive.max-split-size)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Bytes over the objects of one side.

    ``least`` and ``most`` are the rules' own, the same where they are exact. ``gaps`` is what lies between
    chunks that one read would join, ``footers`` what footers would add, ``objects`` the objects that are
    kept, whole. ``formats`` are those of the tables. ``limited`` says that a LIMIT may end it early,
    ``joined`` that another table may leave out row groups, ``split`` that a text object has several readers.
    """

    least: int
    most: int
    gaps: int
    footers: int
    objects: int
    formats: tuple[str, ...]
    limited: bool
    joined: bool
    split: bool


def counts_of(session: AwsSession, sql: str, *, database: str) -> Counts | None:
    """The counts of a statement; None where it scans nothing, or where they cannot be told.

    That is so for statements that are refused, and for tables that an estimate does not know.
    """
    try:
        query = scanned_query(parse(sql))
        if query is None:
            return None
        resolved = resolve_by_glue(session, query, database)
        return _Counting(session, resolved).counts()
    except LakebenchError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """A scan with its objects."""

    scan: Scan
    found: ScanConditions | None
    listing: Listing

    @property
    def data_format(self) -> DataFormat:
        return self.scan.table.data_format

    @property
    def sizes(self) -> list[int]:
        return [file.size for file in self.listing.kept]


class _Counting:
    """Counts one resolved query."""

    def __init__(self, session: AwsSession, resolved: ResolvedQuery) -> None:
        self._resolved = resolved
        self._evaluator = own_evaluator()
        self._objects = TableObjects(session, self._evaluator)
        self._footers = FooterReader(session)
        self._bound: list[_Bound] = []

    def counts(self) -> Counts:
        estimator = Estimator(bind=self._bind, read_footers=self._footers.read, evaluator=self._evaluator)
        span = estimator.estimate(self._resolved).span
        parquet = [one for one in self._bound if one.data_format is DataFormat.PARQUET]
        text = [one for one in self._bound if one.data_format not in {DataFormat.PARQUET, DataFormat.ORC}]
        read = [chunks for one in parquet for chunks in self._chunks(one)]
        return Counts(
            least=span.least,
            most=span.most,
            gaps=sum(gap_bytes(chunks) for chunks in read),
            footers=sum(min(FOOTER_READ_BYTES, size) for one in parquet for size in one.sizes),
            objects=sum(size for one in self._bound for size in one.sizes),
            formats=tuple(sorted({one.data_format.value for one in self._bound})),
            limited=ends_early(self._resolved.tree),
            joined=any(one.found is None or not one.found.alone for one in self._bound),
            split=any(size > ONE_SPLIT_BYTES for one in text for size in one.sizes),
        )

    def _bind(self, scan: Scan, found: ScanConditions | None) -> tuple[Listing, bool]:
        listing, evaluated = self._objects.bind(scan, found)
        self._bound.append(_Bound(scan=scan, found=found, listing=listing))
        return listing, evaluated

    def _chunks(self, bound: _Bound) -> Iterator[list[Chunk]]:
        """Of each object, the chunks that are read if a row of every row group kept passes."""
        if bound.found is None:
            return
        rules = ScanRules(bound.scan.table, bound.found, Constants(self._evaluator).value)
        files = [file for file in bound.listing.kept if file.size]
        footers = self._footers.read(files)
        for file in files:
            plan = rules.plan(footers[str(file.uri)])
            yield [chunk for group in plan for chunk in (*group.conditions, *group.others)]


def gap_bytes(chunks: Iterable[Chunk]) -> int:
    """What reads of these chunks would take in beside them if near ones were joined as Trino joins them."""
    gaps, begun, ended = 0, None, 0
    for chunk in sorted(chunks, key=lambda one: one.start):
        gap, end = chunk.start - ended, chunk.start + chunk.size
        if begun is not None and gap <= MERGED_GAP_BYTES and end - begun <= MERGED_READ_BYTES:
            gaps += max(gap, 0)
        else:
            begun = chunk.start
        ended = max(ended, end)
    return gaps
