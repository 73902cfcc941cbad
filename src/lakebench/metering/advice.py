"""What costs most in a statement: one column, or a partition filter that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lakebench.metering.explanation import Explanation, ScanExplanation


class CostKind(StrEnum):
    """What the bytes go to."""

    COLUMN = "column"
    NO_PARTITION_FILTER = "no partition filter"
    WHOLE_OBJECTS = "whole objects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """``names`` are a column's name, or the partition keys that no condition names.

    ``most`` are the bytes of the column, of whole objects of a row format, or of the partitions beyond one.
    """

    kind: CostKind
    database: str
    table: str
    names: tuple[str, ...]
    most: int


def costs(explanation: Explanation) -> tuple[Cost, ...]:
    """What the statement's bytes go to, the costliest first."""
    found = [cost for scan in explanation.scans for cost in _of_scan(scan)]
    return tuple(sorted(found, key=lambda cost: (-cost.most, cost.database, cost.table, cost.names)))


def _of_scan(scan: ScanExplanation) -> Iterator[Cost]:
    place = {"database": scan.database, "table": scan.table}
    if scan.columns and scan.columns[0].span.most:
        column = scan.columns[0]
        yield Cost(kind=CostKind.COLUMN, names=(column.name,), most=column.span.most, **place)
    elif not scan.columns and scan.span.most:
        yield Cost(kind=CostKind.WHOLE_OBJECTS, names=(), most=scan.span.most, **place)
    kept = scan.partitions_kept or 0
    if kept > 1 and not scan.filtered_keys and scan.span.most:
        beyond_one = scan.span.most - scan.span.most // kept
        yield Cost(kind=CostKind.NO_PARTITION_FILTER, names=scan.keys, most=beyond_one, **place)
