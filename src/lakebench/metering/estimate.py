"""The estimate: what a resolved query will scan, from objects and footers, without running anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from lakebench.catalog import DataFormat
from lakebench.metering.conditions import ScanConditions, ends_early, may_fold, scan_conditions
from lakebench.metering.constants import Constants
from lakebench.metering.evaluation import Evaluator
from lakebench.metering.explanation import (
    Explanation,
    Listing,
    ObjectScan,
    ScanExplanation,
    Span,
    explain_scan,
    planned_object,
)
from lakebench.metering.footer import Footer
from lakebench.metering.hidden import Located
from lakebench.metering.rules import ScanRules
from lakebench.sql.resolved import ResolvedQuery, Scan

Bind = Callable[[Scan, ScanConditions | None], tuple[Listing, bool]]
"""Lists a scan's objects, pruned by its conditions; False when the conditions could not be evaluated."""

ReadFooters = Callable[[Sequence[Located]], Mapping[str, Footer]]
"""The footers of Parquet objects, by the text of their URI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """The seams of an estimate: who lists objects, reads footers, evaluates expressions."""

    bind: Bind
    read_footers: ReadFooters
    evaluator: Evaluator

    def estimate(self, resolved: ResolvedQuery) -> Explanation:
        """Each scan's bytes, as a range where catalogue, listing and footers do not tell."""
        tree = resolved.tree
        found = scan_conditions(tree, frozenset(scan.scan_id for scan in resolved.scans))
        whole = _of_statement(tree)
        scans = []
        for scan in resolved.scans:
            conditions = found.get(scan.scan_id)
            listing, evaluated = self.bind(scan, conditions)
            why = whole or _of_scan(conditions)
            if not evaluated:
                why = why or "conditions on partition keys could not be evaluated here"
            scans.append(self._scan(scan, listing, conditions or _everything(tree), why))
        return Explanation(scans=tuple(scans))

    def _scan(self, scan: Scan, listing: Listing, found: ScanConditions, why: str | None) -> ScanExplanation:
        table = scan.table
        if table.data_format is DataFormat.PARQUET:
            constants = Constants(self.evaluator)
            rules = ScanRules(table, found, constants.value)
            if not constants.all_known:
                why = why or "a constant of its conditions could not be evaluated here"
            footers = self.read_footers([file for file in listing.kept if file.size])
            if not all(rules.complete(footer.leaves) for footer in footers.values() if footer.row_groups):
                why = why or "an object lacks a column of the conditions, or has it in another type"
            objects = list(_parquet(listing.kept, footers, rules))
        else:
            objects = [ObjectScan(size=file.size, span=Span.of(file.size)) for file in listing.kept]
            if table.data_format is DataFormat.ORC:
                why = why or "streams of ORC objects are not looked into here"
        return explain_scan(scan.scan_id, listing, objects, why_inexact=why)


def _of_statement(tree: exp.Expr) -> str | None:
    if ends_early(tree):
        return "a LIMIT without ORDER BY may end it early"
    return "a condition without columns may switch it off" if may_fold(tree) else None


def _of_scan(found: ScanConditions | None) -> str | None:
    if found is None:
        return "it stands in a place that is not understood"
    if found.constant:
        return "a condition without columns may switch it off"
    return None if found.alone else "the other side of a join may exclude row groups"


def _everything(tree: exp.Expr) -> ScanConditions:
    """No conditions, and every column that the statement names anywhere."""
    names = frozenset((column.name.lower(),) for column in tree.find_all(exp.Column))
    return ScanConditions(name="", conditions=(), alone=False, constant=False, used=names, keys=frozenset())


def _parquet(
    files: Sequence[Located], footers: Mapping[str, Footer], rules: ScanRules
) -> Iterator[ObjectScan]:
    for file in files:
        footer = footers.get(str(file.uri))
        if footer is not None:
            yield planned_object(file.size, footer, rules.plan(footer))
