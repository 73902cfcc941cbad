"""A relation of given rows: system tables, whose rows the catalogue made."""

from __future__ import annotations

import json

from lakebench.emulator.engine.quoting import identifier, literal
from lakebench.emulator.engine.relations.partitions import empty_relation
from lakebench.emulator.engine.staging import StagedScan
from lakebench.sql import duckdb_type


def rows_relation(scan: StagedScan) -> str:
    """The SELECT over the binding's rows; they come as one JSON text, which parses faster than VALUES."""
    rows = scan.binding.rows
    if not rows:
        return empty_relation(scan, frozenset())
    items = [
        f"CAST(r[{ordinal}] AS {duckdb_type(column.type)}) AS {identifier(column.name)}"
        for ordinal, column in enumerate(scan.binding.table.columns, start=1)
    ]
    listed = f"from_json({literal(json.dumps(rows))}, '[[\"VARCHAR\"]]')"
    return f"SELECT {', '.join(items)} FROM (SELECT unnest({listed}) AS r)"
