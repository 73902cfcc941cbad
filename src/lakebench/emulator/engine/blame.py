"""Which Parquet object a failure is about when the engine's text does not name it.

The object that was read last need not be the one that cannot be decoded: several threads read, and they read
ahead. So each object is read alone, with the columns that the query needs, until one fails as the query did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lakebench.catalog import DataFormat
from lakebench.emulator.engine.process import StatementFailed
from lakebench.emulator.engine.quoting import identifier
from lakebench.emulator.engine.relations.relation import relation
from lakebench.emulator.engine.scanplan import Footers
from lakebench.emulator.engine.staging import StagedScan
from lakebench.metering.conditions import ScanConditions

Ask = Callable[[str], list[list[Any]]]
"""One statement and its rows; raises StatementFailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """What the query reads: its scans, their conditions and footers."""

    scans: Sequence[StagedScan]
    conditions: Mapping[str, ScanConditions]
    footers: Footers


def unreadable_object(kind: str, suspects: Suspects, read_last: Sequence[str], ask: Ask) -> str | None:
    """The local path of the object that fails with the error ``kind`` when it is read alone; None for none.

    ``read_last`` has paths, the last one first: they are the first to be suspected.
    """
    rank = {path: at for at, path in reversed(list(enumerate(read_last)))}
    ranked = [
        (rank.get(path, len(rank)), scan, path)
        for scan in suspects.scans
        if scan.binding.table.data_format is DataFormat.PARQUET
        for path in scan.paths
    ]
    for _, scan, path in sorted(ranked, key=lambda suspect: suspect[0]):
        if _fails(kind, _probes(scan, path, suspects, ask), ask):
            return path
    return None


def _fails(kind: str, statements: Iterator[str], ask: Ask) -> bool:
    try:
        for statement in statements:
            ask(statement)
    except StatementFailed as error:
        return error.kind == kind
    return False


def _probes(scan: StagedScan, path: str, suspects: Suspects, ask: Ask) -> Iterator[str]:
    """A statement that decodes the columns that the query needs of one object."""
    columns = [column.name for column in scan.binding.table.columns]
    if (found := suspects.conditions.get(scan.name)) is not None:
        needed = {used[0] for used in found.used}
        columns = [name for name in columns if name in needed]
    if not columns:
        return
    schemas = {at: footer.schema for at, footer in suspects.footers.get(scan.name, {}).items() if at == path}
    alone = relation(replace(scan, paths={path: scan.paths[path]}), frozenset(), schemas, ask)
    yield f"SELECT max(hash({', '.join(map(identifier, columns))})) FROM ({alone})"
