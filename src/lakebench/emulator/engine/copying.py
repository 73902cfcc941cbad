"""Scans of formats that DuckDB does not read: their objects as Parquet copies of the columns needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlglot import exp

from lakebench.catalog import DataFormat, Table
from lakebench.emulator.engine.conversion.request import ConversionRequest, Copy
from lakebench.emulator.engine.protocol import DataFile
from lakebench.emulator.engine.staging import StagedScan
from lakebench.metering.record import ChunkRead

Convert = Callable[[ConversionRequest], Copy]
"""Has the worker write one copy."""

_KINDS = {DataFormat.ORC: "orc", DataFormat.AVRO: "avro"}
_COPY = ".parquet"


def is_copied(table: Table) -> bool:
    """Whether the objects of this table are read by way of copies."""
    return table.data_format in _KINDS


def named_columns(tree: exp.Expr) -> frozenset[str] | None:
    """Every name that stands in the query, in lower case; None when a star may mean any column."""
    if any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)):
        return None
    return frozenset(identifier.name.lower() for identifier in tree.find_all(exp.Identifier))


@dataclass(slots=True, kw_only=True)
class Copier:
    """The copies of one execution: an object that two scans read alike is converted once."""

    convert: Convert
    names: frozenset[str] | None
    _made: dict[tuple[Path, ConversionRequest], tuple[str, Copy]] = field(default_factory=dict)

    def copied(self, scan: StagedScan) -> StagedScan:
        """The scan over copies."""
        paths: dict[str, DataFile] = {}
        copies: dict[str, Copy] = {}
        for path, file in scan.paths.items():
            target = path + _COPY
            copies[target] = self._copy(self._request(scan.binding.table, path, target, file), file)
            paths[target] = file
        return replace(scan, paths=paths, copies=copies)

    def _copy(self, request: ConversionRequest, file: DataFile) -> Copy:
        key = (file.path, replace(request, path="", target=""))
        if key in self._made:
            made, copy = self._made[key]
            os.link(made, request.target)
            return copy
        copy = self.convert(request)
        self._made[key] = (request.target, copy)
        return copy

    def _request(self, table: Table, path: str, target: str, file: DataFile) -> ConversionRequest:
        columns = tuple(
            (column.name, ordinal)
            for ordinal, column in enumerate(table.columns)
            if self.names is None or column.name in self.names
        )
        return ConversionRequest(
            kind=_KINDS[table.data_format],
            path=path,
            target=target,
            label=str(file.uri),
            columns=columns,
            by_position=table.data_format is DataFormat.ORC and orc_by_position(table),
            reader_schema=reader_schema(table) if table.data_format is DataFormat.AVRO else None,
        )


def of_objects(
    scan: StagedScan, chunks: Mapping[str, tuple[ChunkRead, ...]]
) -> Mapping[str, tuple[ChunkRead, ...]]:
    """The chunks of copies as what they stand for in the objects: the streams of a stripe's columns."""
    return {
        path: tuple(_streams(copy, found)) if (copy := scan.copies.get(path)) is not None else found
        for path, found in chunks.items()
    }


def _streams(copy: Copy, chunks: Sequence[ChunkRead]) -> Iterator[ChunkRead]:
    """One entry a stripe and node, each once: leaves of one list share its lengths and its NULLs."""
    nodes = {".".join(path): found for path, found in copy.nodes.items()}
    read = {(chunk.row_group, node) for chunk in chunks for node in nodes.get(chunk.column, ())}
    for stripe, node in sorted(read):
        if size := copy.stripes[stripe].sizes.get(node, 0):
            yield ChunkRead(row_group=stripe, column=copy.names[node], compressed_size=size)


def _properties(table: Table) -> Mapping[str, str]:
    """Parameters of the SerDe and of the table; the SerDe's own count more."""
    return {**table.parameters, **table.storage.serde.parameters}


def orc_by_position(table: Table) -> bool:
    """``orc.column.index.access``: true unless it says false (AWS: handling-schema-updates)."""
    return _properties(table).get("orc.column.index.access", "true").strip().lower() != "false"


def parquet_by_position(table: Table) -> bool:
    """``parquet.column.index.access``: false unless it says true (AWS: handling-schema-updates)."""
    return _properties(table).get("parquet.column.index.access", "false").strip().lower() == "true"


def reader_schema(table: Table) -> str | None:
    """``avro.schema.literal`` of the SerDe or the table."""
    return _properties(table).get("avro.schema.literal") or None
