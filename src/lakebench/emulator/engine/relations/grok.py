"""GrokSerDe: a line in which the pattern is found gives its named fields to the columns in order.

Source: AWS (athena-ug grok-serde) and Trino's GrokDeserializer, a copy of Glue's class: the pattern need not
cover the line, a value in quotes loses them, a line without a match is a row of NULLs, and so is a blank one.
"""

from __future__ import annotations

from lakebench.catalog import DataType
from lakebench.emulator.engine.quoting import identifier
from lakebench.emulator.engine.relations.captures import Ask, captures
from lakebench.emulator.engine.relations.lines import line, lines
from lakebench.emulator.engine.relations.partitions import hidden_columns, partition_columns
from lakebench.emulator.engine.relations.scalars import java_scalar
from lakebench.emulator.engine.staging import StagedScan
from lakebench.emulator.grok.expression import GrokExpression, expand_grok
from lakebench.errors import ConfigError, QueryFailed
from lakebench.sql import duckdb_type

_TYPES = frozenset(
    {"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "varchar", "char"}
)


def grok_relation(scan: StagedScan, wanted: frozenset[str], ask: Ask) -> str:
    """The SELECT over the scan's lines; raises QueryFailed for a pattern that is not understood."""
    table = scan.binding.table
    expression = _expression(scan)
    found = captures(line(), expression.captured, whole=False, ask=ask)
    numbers: dict[str, list[int]] = {}
    for number, (name, _) in enumerate(expression.fields, start=1):
        numbers.setdefault(name, []).append(number)
    groups = list(numbers.values())
    items = []
    for ordinal, column in enumerate(table.columns):
        if ordinal < len(groups):
            caught = [found.group(number) for number in groups[ordinal]]
            text = caught[0] if len(caught) == 1 else f"coalesce({', '.join(reversed(caught))})"
        else:
            text = "CAST(NULL AS VARCHAR)"
        items.append(f"{_value(text, column.type)} AS {identifier(column.name)}")
    items += partition_columns(scan) + hidden_columns(scan, wanted)
    source = lines(scan, filename=bool(wanted))
    caught_all = f"CASE WHEN trim({line()}) != '' THEN {found.sql} END"
    return f"SELECT {', '.join(items)} FROM (SELECT *, {caught_all} AS f FROM {source})"


def _expression(scan: StagedScan) -> GrokExpression:
    parameters = scan.binding.table.storage.serde.parameters
    try:
        return expand_grok(parameters.get("input.format", ""), parameters.get("input.grokCustomPatterns", ""))
    except ConfigError as error:
        raise QueryFailed("HIVE_CANNOT_OPEN_SPLIT", f"Grok compilation failure: {error}") from error


def _value(text: str, data_type: DataType) -> str:
    if data_type.name not in _TYPES:
        raise QueryFailed("NOT_SUPPORTED", f"Unsupported column type: {data_type.trino}")
    quoted = " OR ".join(
        f"(starts_with({text}, {quote}) AND ends_with({text}, {quote}))" for quote in ("'\"'", "''''")
    )
    bare = f"CASE WHEN {quoted} THEN substr({text}, 2, greatest(length({text}) - 2, 0)) ELSE {text} END"
    return f"CAST({java_scalar(bare, data_type)} AS {duckdb_type(data_type)})"
