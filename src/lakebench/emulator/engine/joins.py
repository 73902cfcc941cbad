"""Which scans the other side of a join prunes before the run: formats for which DuckDB would not.

DuckDB's own dynamic filters reach Parquet readers alone. So the values of the small side are asked for first,
and the objects of partitions without one of them are never opened (``metering.joined``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from lakebench.catalog import DataFormat
from lakebench.emulator.engine.protocol import ScanBinding
from lakebench.metering.conditions import ScanConditions
from lakebench.metering.joined import JoinCondition
from lakebench.metering.pruning import names_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A condition on partition keys, and the scans that must be asked for it."""

    condition: JoinCondition
    scans: frozenset[str]


def questions(
    binding: ScanBinding, found: ScanConditions | None, sizes: Mapping[str, int]
) -> tuple[Question, ...]:
    """What is worth asking before the scan's objects are opened; ``sizes`` are all scans' bytes."""
    table = binding.table
    if found is None or table.data_format is DataFormat.PARQUET or len(binding.files) < 2:
        return ()
    asked = []
    for condition in found.joined:
        named = {node.name for node in condition.query.find_all(exp.Table)} & sizes.keys()
        smaller = sum(sizes[name] for name in named) < sizes[binding.scan_id]
        if (
            names_keys(table, condition)
            and binding.scan_id not in named
            and (smaller or not condition.by_size)
        ):
            asked.append(Question(condition=condition, scans=frozenset(named)))
    return tuple(asked)


def in_order(
    bindings: Sequence[ScanBinding], asked: Mapping[str, Collection[Question]], sizes: Mapping[str, int]
) -> list[ScanBinding]:
    """The scans, those that must be asked before the ones that they prune, as far as that goes."""
    waiting = sorted(bindings, key=lambda binding: (bool(asked[binding.scan_id]), sizes[binding.scan_id]))
    ordered: list[ScanBinding] = []
    while waiting:
        left = {binding.scan_id for binding in waiting}
        ready = (
            binding
            for binding in waiting
            if not any(question.scans & left for question in asked[binding.scan_id])
        )
        chosen = next(ready, waiting[0])
        waiting.remove(chosen)
        ordered.append(chosen)
    return ordered
