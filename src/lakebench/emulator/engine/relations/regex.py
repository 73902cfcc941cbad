"""RegexSerDe: a line that matches as a whole gives its groups to the columns in order, any other one NULLs.

Source: Hive's RegexSerDe and Trino's RegexDeserializer; that the number of groups must be that of the
columns is AWS's troubleshooting page and Hive's class (the text is its own).
"""

from __future__ import annotations

from lakebench.emulator.engine.quoting import identifier
from lakebench.emulator.engine.relations.captures import Ask, captures, groups_in
from lakebench.emulator.engine.relations.lines import line, lines
from lakebench.emulator.engine.relations.partitions import hidden_columns, partition_columns
from lakebench.emulator.engine.relations.scalars import java_scalar
from lakebench.emulator.engine.staging import StagedScan
from lakebench.errors import QueryFailed


def regex_relation(scan: StagedScan, wanted: frozenset[str], ask: Ask) -> str:
    """The SELECT over the scan's lines; raises QueryFailed for a SerDe that says no usable pattern."""
    table = scan.binding.table
    parameters = table.storage.serde.parameters
    pattern = parameters.get("input.regex")
    if pattern is None:
        raise QueryFailed("HIVE_CURSOR_ERROR", 'This table does not have serde property "input.regex"!')
    if groups_in(pattern) != len(table.columns):
        raise QueryFailed(
            "HIVE_CURSOR_ERROR", "Number of matching groups doesn't match the number of columns"
        )
    flags = "(?si)" if parameters.get("input.regex.case.insensitive", "").lower() == "true" else "(?s)"
    found = captures(line(), flags + pattern, whole=True, ask=ask)
    items = [
        f"{java_scalar(found.group(number), column.type)} AS {identifier(column.name)}"
        for number, column in enumerate(table.columns, start=1)
    ]
    items += partition_columns(scan) + hidden_columns(scan, wanted)
    source = lines(scan, filename=bool(wanted))
    return f"SELECT {', '.join(items)} FROM (SELECT *, {found.sql} AS f FROM {source})"
