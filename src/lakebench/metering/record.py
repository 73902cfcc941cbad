"""What a run read, object by object: the value from which scanned bytes are counted and explained."""

from __future__ import annotations

from dataclasses import dataclass

from lakebench.catalog import S3Uri


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRead:
    """A column chunk of which at least one page was read.

    ``column`` is the leaf's path in the file's schema (``address.city``); ``compressed_size`` is the
    footer's total_compressed_size in bytes: page headers, dictionary page and data pages.
    """

    row_group: int
    column: str
    compressed_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRead:
    """One object that one scan opened.

    ``size`` is the stored size in bytes. A row format is read whole (``whole``), or up to ``prefix`` bytes
    when a LIMIT left it early; a columnar one by ``chunks``, which may be none at all: a footer costs
    nothing.
    """

    uri: S3Uri
    size: int
    whole: bool
    chunks: tuple[ChunkRead, ...] = ()
    prefix: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRecord:
    """What one scan of one table read; a table used twice in a statement has two records.

    ``estimated`` says that no measurement of AWS's own count stands behind the rule (ORC).
    """

    scan_id: str
    database: str
    table: str
    objects: tuple[ObjectRead, ...]
    estimated: bool = False
