"""An explanation as a JSON document: the same over HTTP and from the command line."""

from __future__ import annotations

from typing import Any

from lakebench.metering.advice import Cost, costs
from lakebench.metering.explanation import Explanation, ScanExplanation, Span


def explanation_document(explanation: Explanation) -> dict[str, Any]:
    """Bytes as numbers, ranges as ``least`` and ``most``; what is not known is null."""
    return {
        "bytes": _span(explanation.span),
        "scans": [_scan(scan) for scan in explanation.scans],
        "costs": [_cost(cost) for cost in costs(explanation)],
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "kind": cost.kind.value,
        "database": cost.database,
        "table": cost.table,
        "names": list(cost.names),
        "bytes": cost.most,
    }


def _span(span: Span) -> dict[str, Any]:
    return {"least": span.least, "most": span.most, "exact": span.exact}


def _scan(scan: ScanExplanation) -> dict[str, Any]:
    return {
        "scan": scan.scan_id,
        "database": scan.database,
        "table": scan.table,
        "format": scan.data_format,
        "bytes": _span(scan.span),
        "why_inexact": scan.why_inexact,
        "estimated": scan.estimated,
        "partition_keys": list(scan.keys),
        "filtered_partition_keys": list(scan.filtered_keys),
        "partitions": _kept(scan.partitions, scan.partitions_kept),
        "objects": _kept(scan.objects, scan.objects_kept),
        "stored_bytes": _kept(scan.stored_bytes, scan.stored_bytes_kept),
        "rows": scan.rows,
        "row_groups": _kept(scan.row_groups, scan.row_groups_kept),
        "columns": [{"column": column.name, "bytes": _span(column.span)} for column in scan.columns],
        "saved_bytes": {
            "by_partitions": scan.saved_by_partitions,
            "by_row_groups": scan.saved_by_row_groups,
            "by_columns": scan.saved_by_columns,
        },
    }


def _kept(total: int | None, kept: int | None) -> dict[str, int | None] | None:
    return None if kept is None else {"kept": kept, "all": total}
