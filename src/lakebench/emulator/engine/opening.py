"""The scans of one execution made readable: pruned, linked, copied or unpacked, with their footers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lakebench.emulator.engine.copying import Copier, is_copied
from lakebench.emulator.engine.footers import FooterCache
from lakebench.emulator.engine.joins import Question, in_order, questions
from lakebench.emulator.engine.process import WorkerProcess
from lakebench.emulator.engine.protocol import DataFile, ScanBinding
from lakebench.emulator.engine.quoting import identifier
from lakebench.emulator.engine.relations.relation import is_columnar, reads_parquet, relation
from lakebench.emulator.engine.scanplan import Footers
from lakebench.emulator.engine.staging import (
    StagedScan,
    counted_lines,
    linked_paths,
    stage,
    unpacked_paths,
    with_unpacked,
)
from lakebench.metering.conditions import ScanConditions
from lakebench.metering.evaluation import Evaluator
from lakebench.metering.pruning import objects_joined, objects_kept

Ask = Callable[[Sequence[str]], list[list[Any]]]
"""Has the worker run statements; the rows of the last one. Raises StatementFailed."""


@dataclass(slots=True, kw_only=True)
class Opener:
    """Opens scans below ``directory``; ``files`` are the objects by the paths that the engine reads.

    ``wanted`` are the hidden columns that the query names.
    """

    worker: WorkerProcess
    directory: Path
    copier: Copier
    cache: FooterCache
    evaluator: Evaluator
    ask: Ask
    wanted: frozenset[str]
    deadline: float
    files: dict[str, DataFile] = field(default_factory=dict)

    def open(
        self, bindings: Sequence[ScanBinding], conditions: dict[str, ScanConditions]
    ) -> list[StagedScan]:
        """The scans without the objects of partitions that the query excludes, in the order given.

        Where conditions cannot be evaluated beforehand only the run tells what passes: not ``alone``.
        """
        pruned = [self._pruned(binding, conditions) for binding in bindings]
        sizes = {binding.scan_id: sum(file.size for file in binding.files) for binding in pruned}
        asked = {
            binding.scan_id: questions(binding, conditions.get(binding.scan_id), sizes) for binding in pruned
        }
        opened: dict[str, StagedScan] = {}
        for binding in in_order(pruned, asked, sizes):
            joined = self._joined(binding, asked[binding.scan_id], opened)
            opened[binding.scan_id] = self.readable(stage(joined, self.directory))
        return [opened[binding.scan_id] for binding in bindings]

    def footers(self, scans: Iterable[StagedScan]) -> Footers:
        """The footers of scans that the engine reads as Parquet."""
        return {
            scan.name: self.cache.of(scan, self.ask)
            for scan in scans
            if reads_parquet(scan.binding.table.data_format)
        }

    def views(self, scans: Iterable[StagedScan], footers: Footers) -> list[str]:
        """The statements that make each scan a view of its name."""
        return [
            f"CREATE OR REPLACE TEMP VIEW {identifier(scan.name)} AS "
            f"{relation(scan, self.wanted, _schemas(footers.get(scan.name, {})), self._ask_one)}"
            for scan in scans
        ]

    def readable(self, scan: StagedScan) -> StagedScan:
        """The scan with objects that DuckDB cannot read copied or unpacked by the worker."""
        self.files.update(scan.paths)
        if is_copied(scan.binding.table):
            scan = self.copier.copied(scan)
            self.files.update(scan.paths)
            return scan
        packed = [] if is_columnar(scan.binding.table.data_format) else unpacked_paths(scan)
        if not packed:
            return scan
        footer = counted_lines(scan, "skip.footer.line.count")
        self.worker.unpack(packed, footer=footer, utf8=scan.utf8, deadline=self.deadline)
        scan = with_unpacked(scan, packed)
        self.files.update(scan.paths)
        return scan

    def as_utf8(self, scan: StagedScan) -> StagedScan:
        """The scan's text once more, as UTF-8 of one kind of line ending."""
        if reads_parquet(scan.binding.table.data_format):
            return scan
        return self.readable(replace(scan, paths=linked_paths(scan), utf8=True))

    def _pruned(self, scan: ScanBinding, conditions: dict[str, ScanConditions]) -> ScanBinding:
        found = conditions.get(scan.scan_id)
        if found is None:
            return scan
        kept = objects_kept(scan.table, scan.files, found, self.evaluator)
        if kept is None:
            conditions[scan.scan_id] = replace(found, alone=False)
            return scan
        return replace(scan, files=kept)

    def _joined(
        self, binding: ScanBinding, asked: Sequence[Question], opened: Mapping[str, StagedScan]
    ) -> ScanBinding:
        """The scan without the objects of partitions that scans opened before exclude."""
        known = [question for question in asked if question.scans <= opened.keys()]
        if not known:
            return binding
        names = frozenset(name for question in known for name in question.scans)
        shown = [scan for name, scan in opened.items() if name in names]
        if shown:
            self.ask(self.views(shown, self.footers(shown)))
        said = [question.condition for question in known]
        return replace(binding, files=objects_joined(binding.table, binding.files, said, self.evaluator))

    def _ask_one(self, statement: str) -> list[list[Any]]:
        return self.ask([statement])


def _schemas(footers: Mapping[str, Any]) -> dict[str, Any]:
    return {path: found.schema for path, found in footers.items()}
