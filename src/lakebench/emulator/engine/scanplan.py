"""What the scans of a statement will read, as far as it is known before they run; scan records afterwards.

A scan that no join, LIMIT or condition without columns touches is decided by its plan: text objects whole,
Parquet by footers and conditions. Where all scans are decided the run is not logged; otherwise the log
tells, for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from lakebench.catalog import DataFormat
from lakebench.emulator.engine.chunks import Chunks, Rules, begun_chunks, logged_chunks, planned_chunks
from lakebench.emulator.engine.copying import of_objects
from lakebench.emulator.engine.footers import FileFooter
from lakebench.emulator.engine.passing import PassingSearch
from lakebench.emulator.engine.protocol import DataFile, ScanBinding
from lakebench.emulator.engine.readlog import ReadLog
from lakebench.emulator.engine.relations.relation import is_columnar
from lakebench.emulator.engine.staging import StagedScan, suffix
from lakebench.emulator.engine.unpacking import PLAIN
from lakebench.metering.bytes import scanned_bytes
from lakebench.metering.conditions import ScanConditions, ends_early, filtered_keys, may_fold
from lakebench.metering.constants import Constants
from lakebench.metering.domains import is_plain
from lakebench.metering.evaluation import Evaluator
from lakebench.metering.explanation import Explanation, Listing, ScanExplanation, explain_scan, read_object
from lakebench.metering.record import ChunkRead, ObjectRead, ScanRecord
from lakebench.metering.rules import GroupPlan, ScanRules

_READ_AT_ONCE = 32_000_000  # DuckDB's buffer of text: so many bytes, one after the other
_FIRST_SPLIT = 32 << 20  # what one reader takes of a plain object at least (facts/athena.md 1.1)

Footers = Mapping[str, Mapping[str, FileFooter]]
"""By scan, by the path of the file's link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """One scan; ``rules`` and ``plans`` (by path) are None where they are not known."""

    scan: StagedScan
    found: ScanConditions | None
    footers: Mapping[str, FileFooter]
    rules: ScanRules | None
    plans: Mapping[str, Sequence[GroupPlan]] | None

    @property
    def columnar(self) -> bool:
        return is_columnar(self.scan.binding.table.data_format)

    @property
    def decided(self) -> bool:
        """Whether the plan tells all that the scan reads, or what it asks of single row groups."""
        if self.found is None or not self.found.alone or self.found.constant:
            return False
        if not self.columnar:
            return True
        if self.plans is None or self.rules is None:
            return False
        if not all(self.rules.complete(footer.schema.leaves) for footer in self.footers.values()):
            return False
        open_groups = any(
            group.passes is None and group.others for groups in self.plans.values() for group in groups
        )
        # The log of plain conditions tells where a row passed, without another look.
        return not open_groups or not all(is_plain(condition) for condition in self.found.conditions)

    @property
    def least(self) -> int:
        """Bytes that the scan reads for certain."""
        if not self.decided:
            return 0
        if self.plans is None:
            return sum(file.size for file in self.scan.paths.values())
        if self.scan.copies:
            return 0  # these are a copy's sizes
        return sum(group.least for groups in self.plans.values() for group in groups)

    @property
    def most(self) -> int:
        """Bytes that a decided scan reads at most."""
        return sum(self.most_of(path) for path in self.scan.paths)

    def most_of(self, path: str) -> int:
        """Bytes that a decided scan reads at most of one object."""
        if self.plans is None or self.scan.copies:
            return self.scan.paths[path].size
        return sum(group.most for group in self.plans.get(path, ()))


class StatementPlan:
    """The scans of one statement over their footers."""

    def __init__(
        self,
        tree: exp.Expression,
        scans: Sequence[StagedScan],
        conditions: Mapping[str, ScanConditions],
        footers: Footers,
        evaluator: Evaluator,
    ) -> None:
        self._exact = not ends_early(tree)
        self._evaluator = evaluator
        self._scans = [_plan(scan, conditions, footers, evaluator, exact=self._exact) for scan in scans]
        self.decided = self._exact and all(planned.decided for planned in self._scans) and not may_fold(tree)
        self._records: tuple[ScanRecord, ...] | None = None

    def exceeds(self, limit: int) -> bool:
        """Whether it is known before the run that the scans read more bytes than the limit."""
        if not self.decided or sum(planned.most for planned in self._scans) <= limit:
            return False
        return sum(planned.least for planned in self._scans) > limit or scanned_bytes(self.records()) > limit

    def records(self) -> tuple[ScanRecord, ...]:
        """What the scans of a decided statement read."""
        if self._records is None:
            self._records = tuple(self._record(planned, None) for planned in self._scans)
        return self._records

    def begun_records(self, log: ReadLog, *, whole: bool) -> tuple[ScanRecord, ...]:
        """What each scan has read while the run goes on; the end of the run never tells less.

        ``whole`` counts text objects that are begun as the end of the run will; else as far as they are read.
        """
        return tuple(self._begun(planned, log, whole=whole) for planned in self._scans)

    def partial_records(self, read: int) -> tuple[ScanRecord, ...]:
        """Where ``read`` bytes of a decided statement came from: object by object, in listing order.

        Never more than the plan reads of each, so that footers do not count.
        """
        records = []
        for planned in self._scans:
            objects = []
            for path, file in planned.scan.paths.items():
                taken = min(read, planned.most_of(path))
                read -= taken
                if taken:
                    objects.append(ObjectRead(uri=file.uri, size=file.size, whole=False, prefix=taken))
            records.append(_scan_record(planned.scan, objects))
        return tuple(records)

    def logged_records(self, log: ReadLog) -> tuple[ScanRecord, ...]:
        """What each scan read, by the log of the run."""
        return tuple(self._record(planned, log) for planned in self._scans)

    def explanation(self, bindings: Sequence[ScanBinding], records: Sequence[ScanRecord]) -> Explanation:
        """Why the records hold what they hold; ``bindings`` are the scans before they were pruned."""
        scans = zip(bindings, self._scans, records, strict=True)
        return Explanation(scans=tuple(_explained(*scan) for scan in scans))

    def _record(self, planned: _Planned, log: ReadLog | None) -> ScanRecord:
        if not planned.columnar:
            return _scan_record(planned.scan, _row_wise(planned.scan, log))
        chunks = of_objects(planned.scan, self._chunks(planned, log))
        return _scan_record(planned.scan, _columnar(planned.scan, chunks, log))

    def _begun(self, planned: _Planned, log: ReadLog, *, whole: bool) -> ScanRecord:
        if not planned.columnar:
            return _scan_record(planned.scan, _row_wise(planned.scan, log, partly=not whole))
        chunks = begun_chunks(planned.footers, self._rules(planned), log.offsets)
        return _scan_record(planned.scan, _columnar(planned.scan, of_objects(planned.scan, chunks), log))

    def _rules(self, planned: _Planned) -> Rules | None:
        if planned.found is None or planned.rules is None or not self._exact:
            return None
        return Rules(planned.found, planned.rules)

    def _chunks(self, planned: _Planned, log: ReadLog | None) -> Chunks:
        found = planned.found
        if found is None:
            return logged_chunks(planned.footers, None, log.offsets if log else {}, _nowhere)
        search = PassingSearch(planned.scan, found, planned.footers, self._evaluator)
        if log is None:
            return planned_chunks(planned.plans or {}, search)
        return logged_chunks(planned.footers, self._rules(planned), log.offsets, search)


def _explained(binding: ScanBinding, planned: _Planned, record: ScanRecord) -> ScanExplanation:
    kept = planned.scan.binding.files
    paths = {str(file.uri): path for path, file in planned.scan.paths.items()}
    plans = planned.plans or {}
    partitioned = bool(binding.table.partition_keys)
    listing = Listing(
        table=binding.table,
        partitions=len({file.partition for file in binding.files}) if partitioned else None,
        partitions_kept=len({file.partition for file in kept}) if partitioned else None,
        all_objects=binding.files,
        kept=kept,
        filtered_keys=filtered_keys(binding.table, planned.found),
    )
    objects = []
    for read in record.objects:
        path = paths.get(str(read.uri), "")
        footer = None if planned.scan.copies else planned.footers.get(path)
        objects.append(read_object(read, footer.footer if footer else None, plans.get(path, ())))
    return explain_scan(binding.scan_id, listing, objects)


def _nowhere(_: object) -> None:
    return None


def _plan(
    scan: StagedScan,
    conditions: Mapping[str, ScanConditions],
    footers: Footers,
    evaluator: Evaluator,
    *,
    exact: bool,
) -> _Planned:
    found = conditions.get(scan.name)
    rules = plans = None
    own = footers.get(scan.name, {})
    if found is not None and exact and is_columnar(scan.binding.table.data_format):
        rules = ScanRules(scan.binding.table, found, Constants(evaluator).value)
        plans = {path: rules.plan(footer.footer) for path, footer in own.items()}
    return _Planned(scan=scan, found=found, footers=own, rules=rules, plans=plans)


def _columnar(
    scan: StagedScan, chunks: Mapping[str, tuple[ChunkRead, ...]], log: ReadLog | None
) -> list[ObjectRead]:
    return [
        ObjectRead(uri=file.uri, size=file.size, whole=False, chunks=chunks.get(path, ()))
        for path, file in scan.paths.items()
        if log is None or path in log.ends or chunks.get(path)
    ]


def _scan_record(scan: StagedScan, objects: Sequence[ObjectRead]) -> ScanRecord:
    table = scan.binding.table
    return ScanRecord(
        scan_id=scan.binding.scan_id,
        database=table.database,
        table=table.name,
        objects=tuple(objects),
        estimated=table.data_format is DataFormat.ORC,
    )


def _row_wise(scan: StagedScan, log: ReadLog | None, *, partly: bool = False) -> list[ObjectRead]:
    """The objects of a row format that were opened; ``partly`` counts plain ones as far as they were read."""
    if log is None:
        return [ObjectRead(uri=file.uri, size=file.size, whole=True) for file in scan.paths.values()]
    return [
        ObjectRead(uri=file.uri, size=file.size, whole=True)
        if path in scan.copies or path.endswith(PLAIN)
        else _text_read(file, log.ends[path], partly=partly)
        for path, file in scan.paths.items()
        if path in log.ends
    ]


def _text_read(file: DataFile, end: int, *, partly: bool) -> ObjectRead:
    """Compressed objects cannot be split, so they count whole however little was needed.

    An object that a LIMIT left early counts as docs/metering.md says.
    """
    if end >= file.size or (suffix(file.uri.key) and not partly):
        return ObjectRead(uri=file.uri, size=file.size, whole=True)
    if partly:
        return ObjectRead(uri=file.uri, size=file.size, whole=False, prefix=end)
    pieces = max(1, -(-end // _READ_AT_ONCE))
    return ObjectRead(uri=file.uri, size=file.size, whole=False, prefix=min(file.size, pieces * _FIRST_SPLIT))
