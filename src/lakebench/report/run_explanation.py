"""Where the bytes of each query go, layout by layout, as the scans explain it."""

from __future__ import annotations

from collections.abc import Iterator

from lakebench.bench.figures import PairFigures, RunFigures
from lakebench.bench.run_result import Share, TableScan
from lakebench.report.document import ReportTable
from lakebench.report.run_section import Section
from lakebench.report.run_words import RunWords
from lakebench.units import format_bytes

_COLUMNS = 4
_COLUMNAR = frozenset({"parquet", "orc"})


def explanation_section(figures: RunFigures, words: RunWords) -> Section:
    """A table a query; a query that nothing explains is named in a note instead."""
    tables, unexplained = [], []
    for query in figures.run.sql:
        pairs = figures.of_query(query)
        if any(pair.scans for pair in pairs):
            tables.append(_table(query, pairs, words))
        else:
            unexplained.append(query)
    notes = [words.where_bytes_go_note] if tables else []
    notes += [f"{query}: {words.not_explained}" for query in unexplained]
    return Section(key="explanation", title=words.where_bytes_go, tables=tuple(tables), notes=tuple(notes))


def _table(query: str, pairs: tuple[PairFigures, ...], words: RunWords) -> ReportTable:
    header = (
        words.layout,
        words.scanned,
        words.partitions,
        words.objects,
        words.row_groups,
        words.read_of_columns,
        words.not_read,
    )
    rows = tuple(row for pair in pairs for row in _rows(pair, words))
    return ReportTable(title=query, header=header, rows=rows, words=frozenset({0, 5, 6}))


def _rows(pair: PairFigures, words: RunWords) -> Iterator[tuple[str, ...]]:
    if not pair.scans:
        unexplained = words.not_explained.partition(":")[0]
        yield (pair.layout, format_bytes(pair.scanned_bytes), "", "", "", unexplained, "")
    for number, scan in enumerate(pair.scans):
        size = format_bytes(scan.scanned_bytes)
        yield (
            _scanned(pair, scan, number),
            size if scan.exact else words.at_most.format(size=size),
            "" if scan.partitions is None else _share(scan.partitions, words),
            _share(scan.objects, words),
            _share(scan.row_groups, words) if scan.row_groups.total else "",
            _columns(scan, words),
            _unread(scan, words),
        )


def _scanned(pair: PairFigures, scan: TableScan, number: int) -> str:
    """The layout, and of several scans which one: by its table, or by number where that is the layout's."""
    if len(pair.scans) == 1:
        return pair.layout
    table = scan.table.removeprefix(f"{pair.layout}__")
    return f"{pair.layout} ({number + 1})" if table == pair.layout else f"{pair.layout}: {table}"


def _share(share: Share, words: RunWords) -> str:
    if share.total is None:
        return f"{share.kept:,}"
    return words.of.format(kept=f"{share.kept:,}", total=f"{share.total:,}")


def _columns(scan: TableScan, words: RunWords) -> str:
    """The columns that cost most, most first."""
    if not scan.columns:
        whole = scan.data_format not in _COLUMNAR
        return "" if not scan.scanned_bytes else words.whole_objects if whole else words.columns_not_told
    ordered = sorted(scan.columns, key=lambda column: (-column.scanned_bytes, column.name))
    shown = [
        words.column_bytes.format(name=column.name, size=format_bytes(column.scanned_bytes))
        for column in ordered[:_COLUMNS]
    ]
    if len(ordered) > _COLUMNS:
        shown.append(words.more_columns.format(count=len(ordered) - _COLUMNS))
    return ", ".join(shown)


def _unread(scan: TableScan, words: RunWords) -> str:
    parts = []
    if scan.saved_by_partitions is None:
        parts.append(words.other_partitions.format(size=words.not_listed))
    for text, saved in (
        (words.other_partitions, scan.saved_by_partitions),
        (words.other_row_groups, scan.saved_by_row_groups),
        (words.other_columns, scan.saved_by_columns),
    ):
        if saved:
            parts.append(text.format(size=format_bytes(saved)))
    return ", ".join(parts)
