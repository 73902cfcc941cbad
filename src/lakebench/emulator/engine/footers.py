"""Footers of Parquet objects, read by a worker once and remembered as long as the payload is the same.

The server never parses a file itself: a hostile one costs a worker. What the worker tells is checked here.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from lakebench.emulator.engine.process import StatementFailed
from lakebench.emulator.engine.protocol import DataFile
from lakebench.emulator.engine.quoting import literal_list
from lakebench.emulator.engine.relations.schema import FileSchema, read_schema
from lakebench.emulator.engine.staging import StagedScan
from lakebench.errors import QueryFailed
from lakebench.metering.footer import Chunk, Footer, Leaf, RowGroup

Ask = Callable[[Sequence[str]], list[list[Any]]]
_Identity = tuple[str, int, int, int]

_GARBLED = re.compile(r"TProtocolException|TTransportException")
_MAX_CHUNKS = 400_000
"""Chunks remembered at most: some 100 MB."""

MAX_PARTS = 100_000
"""Column chunks, and columns, of one object: what a hostile footer may make the server hold."""

_BATCH = 500
"""Files of one statement: what a worker answers stays small."""

# Minima and maxima of old writers are signed: right for numbers, not for texts and decimals in bytes.
_SIGNED = "type IN ('BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE')"
_CHUNKS = (
    "SELECT file_name, row_group_id, row_group_num_rows, total_compressed_size, "
    "least(nullif(dictionary_page_offset, 0), data_page_offset), "
    f"coalesce(stats_min_value, CASE WHEN {_SIGNED} THEN stats_min END), "
    f"coalesce(stats_max_value, CASE WHEN {_SIGNED} THEN stats_max END), stats_null_count, num_values, "
    "coalesce(min_is_exact, true) AND coalesce(max_is_exact, true) "
    "FROM parquet_metadata({}) ORDER BY file_name, row_group_id, column_id "
    f"LIMIT {MAX_PARTS + 1}"
)
_SCHEMAS = (
    "SELECT file_name, name, coalesce(num_children, 0), coalesce(duckdb_type, ''), coalesce(type, '') "
    f"FROM parquet_schema({{}}) LIMIT {MAX_PARTS + 1}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFooter:
    """A Parquet file: its schema, and what its footer says of its chunks."""

    schema: FileSchema
    footer: Footer


class FooterCache:
    """The footers that workers read; thread-safe, bounded by chunks, the oldest forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[_Identity, FileFooter] = OrderedDict()
        self._chunks = 0

    def of(self, scan: StagedScan, ask: Ask) -> dict[str, FileFooter]:
        """The footers of the scan's files, by the path of their link.

        Raises what ``ask`` raises for a file that is no Parquet, and QueryFailed for a footer that lies.
        """
        files = {path: _sized(path, file) for path, file in scan.paths.items()} if scan.copies else scan.paths
        identities = {path: _identity(path, file) for path, file in files.items()}
        with self._lock:
            found = {path: self._known.get(identity) for path, identity in identities.items()}
        missing = [path for path, footer in found.items() if footer is None]
        for at in range(0, len(missing), _BATCH):
            batch = missing[at : at + _BATCH]
            read = _read({path: files[path] for path in batch}, ask)
            if not scan.copies:
                self._remember((identities[path], footer) for path, footer in read.items())
            found.update(read)
        return {path: footer for path, footer in found.items() if footer is not None}

    def _remember(self, read: Iterable[tuple[_Identity, FileFooter]]) -> None:
        with self._lock:
            for identity, footer in read:
                if self._known.setdefault(identity, footer) is footer:
                    self._chunks += _size(footer)
            while self._chunks > _MAX_CHUNKS and len(self._known) > 1:
                self._chunks -= _size(self._known.popitem(last=False)[1])


def _sized(path: str, file: DataFile) -> DataFile:
    """The object with the size of its copy."""
    return replace(file, size=Path(path).stat().st_size)


def _size(footer: FileFooter) -> int:
    return 1 + sum(len(group.chunks) for group in footer.footer.row_groups)


def _identity(path: str, file: DataFile) -> _Identity:
    """A payload never changes, but a path may be used again."""
    status = Path(path).stat()
    return str(file.path), status.st_ino, status.st_size, status.st_mtime_ns


def _read(files: Mapping[str, DataFile], ask: Ask) -> dict[str, FileFooter]:
    names = literal_list(files)
    nodes: dict[str, list[list[Any]]] = {}
    try:
        told = ask([_SCHEMAS.format(names)])
    except StatementFailed as error:
        if _GARBLED.search(str(error)):
            raise _lying(_garbled(files, ask), "it is not Thrift's compact protocol") from error
        raise
    cells = ask([_CHUNKS.format(names)])
    if max(len(told), len(cells)) > MAX_PARTS:
        return _read_apart(files, ask)
    for row in told:
        nodes.setdefault(row[0], []).append(row[1:])
    chunks = {path: list(rows) for path, rows in groupby(cells, key=itemgetter(0))}
    schemas: dict[str, FileSchema] = {}
    footers = {}
    for path, file in files.items():
        schema = read_schema(nodes.get(path, []))
        schema = schemas.setdefault(schema.shape + repr([leaf.name for leaf in schema.leaves]), schema)
        footers[path] = FileFooter(schema=schema, footer=_footer(file, schema.leaves, chunks.get(path, [])))
    return footers


def _read_apart(files: Mapping[str, DataFile], ask: Ask) -> dict[str, FileFooter]:
    """The footers by halves, when together they are too much to hold at once."""
    if len(files) == 1:
        [file] = files.values()
        message = f"{file.uri} has more than {MAX_PARTS} columns or column chunks, which is not supported"
        raise QueryFailed("NOT_SUPPORTED", message)
    named = list(files.items())
    middle = len(named) // 2
    return _read(dict(named[:middle]), ask) | _read(dict(named[middle:]), ask)


def _garbled(files: Mapping[str, DataFile], ask: Ask) -> DataFile:
    """The first object whose footer DuckDB cannot decode; its own error names none."""
    for path, file in files.items():
        try:
            ask([_SCHEMAS.format(literal_list([path]))])
        except StatementFailed:
            return file
    return next(iter(files.values()))


def _footer(file: DataFile, leaves: Sequence[Leaf], rows: Iterable[list[Any]]) -> Footer:
    groups = []
    for number, of_group in groupby(rows, key=itemgetter(1)):
        cells = [row[2:] for row in of_group]
        if len(cells) != len(leaves):
            raise _lying(file, f"row group {number} has {len(cells)} column chunks, not {len(leaves)}")
        if cells[0][0] <= 0:
            continue
        chunks = tuple(_chunk(file, leaf, cell) for leaf, cell in zip(leaves, cells, strict=True))
        groups.append(RowGroup(number=number, rows=cells[0][0], chunks=chunks))
    return Footer(row_groups=tuple(groups))


def _chunk(file: DataFile, leaf: Leaf, cell: Sequence[Any]) -> Chunk:
    _, size, start, low, high, nulls, values, exact = cell
    if start is None or size < 0 or start < 0 or start + size > file.size:
        raise _lying(file, f"column {leaf.name} at {start} of {size} bytes lies outside the object")
    return Chunk(
        leaf=leaf, start=start, size=size, low=low, high=high, nulls=nulls, values=values, exact=exact
    )


def _lying(file: DataFile, what: str) -> QueryFailed:
    return QueryFailed("HIVE_BAD_DATA", f"Malformed Parquet file {file.uri}. Footer: {what}")
