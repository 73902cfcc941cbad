"""Scan documents of a server as values of a result."""

from __future__ import annotations

from typing import Any

from lakebench.bench.run_result import ColumnBytes, Share, TableScan


def table_scans(document: dict[str, Any]) -> tuple[TableScan, ...]:
    """The scans of a document as ``lakebench.metering.explanation_document`` writes it."""
    return tuple(_scan(each) for each in document["scans"])


def _scan(wire: dict[str, Any]) -> TableScan:
    return TableScan(
        database=wire["database"],
        table=wire["table"],
        data_format=wire["format"],
        scanned_bytes=wire["bytes"]["most"],
        exact=wire["bytes"]["exact"],
        filtered_partition_keys=tuple(wire["filtered_partition_keys"]),
        partitions=None if wire["partitions"] is None else _share(wire["partitions"]),
        objects=_share(wire["objects"]),
        row_groups=_share(wire["row_groups"]),
        columns=tuple(
            ColumnBytes(name=each["column"], scanned_bytes=each["bytes"]["most"]) for each in wire["columns"]
        ),
        saved_by_partitions=wire["saved_bytes"]["by_partitions"],
        saved_by_row_groups=wire["saved_bytes"]["by_row_groups"],
        saved_by_columns=wire["saved_bytes"]["by_columns"],
    )


def _share(wire: dict[str, int | None]) -> Share:
    return Share(kept=wire["kept"] or 0, total=wire["all"])
