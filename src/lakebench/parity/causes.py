"""The known causes of a difference between two sides, each with the source that knows it.

A cause that is ``exact`` explains a number of bytes to the last one; others only say that a difference of
this kind is to be expected, and which bounds it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lakebench.parity.counts import Counts
from lakebench.parity.record import AskedQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why two sides differ: a short name, the reason in words, and who says so."""

    name: str
    words: str
    source: str
    exact: bool


OWN_FILES = Cause(
    name="own files",
    words="each side reads the files that its own CTAS wrote; the other side's figure is what the rules "
    "give for its files",
    source="docs/metering.md",
    exact=True,
)
ALL_COLUMNS = Cause(
    name="columns beside the filter's",
    words="they count in row groups that statistics keep and where no row passes",
    source="open: nobody has published a measurement",
    exact=True,
)
GAPS = Cause(
    name="gap bytes",
    words="what lies between two column chunks that one read joins counts",
    source="Trino, AbstractParquetDataSource: reads less than 1 MB apart are joined; open for Athena",
    exact=True,
)
FOOTERS = Cause(
    name="footers",
    words="48 KB of each object's end, or all of a smaller one, count for the footer",
    source="Trino, MetadataReader; measurements of Athena say that footers do not count",
    exact=True,
)
GAPS_AND_FOOTERS = Cause(
    name="gap bytes and footers",
    words="both count",
    source="Trino, AbstractParquetDataSource and MetadataReader",
    exact=True,
)
WHOLE_OBJECTS = Cause(
    name="whole objects",
    words="the objects count whole, as small ones do in Trino (up to 3 MB of Parquet, 8 MB of ORC)",
    source="Trino, ParquetPageSourceFactory; measurements of Athena's Parquet say otherwise",
    exact=True,
)
LIMIT = Cause(
    name="LIMIT",
    words="a LIMIT without ORDER BY ends the scan at a moment that timing decides",
    source="docs/metering.md; an example of AWS (INSERT INTO) reads 5,944,497 bytes for 100 rows",
    exact=False,
)
ORC = Cause(
    name="ORC estimated",
    words="our figure is an estimate by analogy with Parquet",
    source="no measurement is public; Trino reads objects up to 8 MB whole",
    exact=False,
)
DYNAMIC = Cause(
    name="dynamic filtering",
    words="the other side of a join leaves out row groups, as far as it is known in time",
    source="AWS, Athena release notes 2021-07-30; how long a scan waits is not published",
    exact=False,
)
SPLITS = Cause(
    name="splits of text",
    words="an object above 64 MB has several readers, each of which reads a little over its end",
    source="Trino, TextLineReader; open for Athena",
    exact=False,
)
WRITER = Cause(
    name="writers",
    words="another library writes the files: sizes, pages and the name in the footer differ",
    source="docs/differences.md",
    exact=False,
)
PARALLEL = Cause(
    name="parallel writers",
    words="Athena writes as many files as it has writers; lakebench writes one a partition and bucket",
    source="AWS, CTAS examples: 300 files for 1.2 GB in ten partitions",
    exact=False,
)
_SPLIT_SHARE = 0.01  # no reader takes in more than this beyond its part, or something else is the cause


def byte_causes(local: AskedQuery, other: AskedQuery) -> Iterator[Cause]:
    """Every cause that explains the other side's bytes, the surest first; none if nothing does."""
    counts, found = other.counts, other.scanned_bytes
    if counts is None:
        return
    yield from _exact_causes(local, counts, found)
    if counts.limited and found <= counts.objects:
        yield LIMIT
    if "orc" in counts.formats and found <= counts.objects:
        yield ORC
    if counts.joined and found <= counts.most:
        yield DYNAMIC
    if counts.split and 0 <= found - counts.objects <= counts.objects * _SPLIT_SHARE:
        yield SPLITS


def _exact_causes(local: AskedQuery, counts: Counts, found: int) -> Iterator[Cause]:
    files_differ = local.counts is not None and local.counts.objects != counts.objects
    if counts.least == counts.most == found and files_differ:
        yield OWN_FILES
    if counts.least < counts.most == found and not counts.limited and not counts.joined:
        yield ALL_COLUMNS
    if counts.gaps and found == counts.most + counts.gaps:
        yield GAPS
    if counts.footers and found == counts.most + counts.footers:
        yield FOOTERS
    if counts.gaps and counts.footers and found == counts.most + counts.gaps + counts.footers:
        yield GAPS_AND_FOOTERS
    if found == counts.objects and "parquet" in counts.formats:
        yield WHOLE_OBJECTS
