"""JSON lines: Hive's and OpenX's JSON SerDe, one object a line, keys in any case.

A line that is no JSON object fails the query, or is a row of NULLs under the SerDe's
``ignore.malformed.json`` (AWS: openx-json-serde).
"""

from __future__ import annotations

import json
from typing import Any

from lakebench.catalog import DataType
from lakebench.emulator.engine.failures import raised
from lakebench.emulator.engine.quoting import identifier, literal
from lakebench.emulator.engine.relations.lines import line, lines
from lakebench.emulator.engine.relations.partitions import hidden_columns, partition_columns
from lakebench.emulator.engine.staging import StagedScan
from lakebench.sql import duckdb_type


def json_relation(scan: StagedScan, wanted: frozenset[str]) -> str:
    """The SELECT over the scan's lines."""
    table = scan.binding.table
    parameters = table.storage.serde.parameters
    items = []
    for column in table.columns:
        key = parameters.get(f"mapping.{column.name}", column.name).lower()
        items.append(f"{_value(f'f[{literal(key)}]', column.type)} AS {identifier(column.name)}")
    items += partition_columns(scan) + hidden_columns(scan, wanted)
    text = line()
    message = f"'Row is not a valid JSON Object - JSONException: ' || left({text}, 200)"
    otherwise = (
        "NULL"
        if parameters.get("ignore.malformed.json", "").lower() == "true"
        else f"CAST({raised('HIVE_CURSOR_ERROR', message)} AS MAP(VARCHAR, JSON))"
    )
    members = f"map_entries(json_transform({text}, {literal(json.dumps('MAP(VARCHAR, JSON)'))}))"
    entry = "struct_pack(key := lower(e.key), value := e.value)"
    fields = f"map_from_entries(list_transform({members}, lambda e: {entry}))"
    is_object = f"json_valid({text}) AND json_type({text}) = 'OBJECT'"
    parsed = f"CASE WHEN {text} = '' THEN NULL WHEN {is_object} THEN {fields} ELSE {otherwise} END"
    return (
        f"SELECT {', '.join(items)} FROM (SELECT *, {parsed} AS f FROM {lines(scan, filename=bool(wanted))})"
    )


def _value(member: str, data_type: DataType) -> str:
    target = duckdb_type(data_type)
    if data_type.name in {"varchar", "char"}:
        text = (
            f"CASE WHEN {member} IS NOT NULL THEN coalesce({member} ->> '$', CAST({member} AS VARCHAR)) END"
        )
        text = f"CASE WHEN json_type({member}) = 'NULL' THEN NULL ELSE {text} END"
        return f"left({text}, {data_type.parameters[0]})" if data_type.parameters else text
    if data_type.fields:
        return f"CAST(json_transform({member}, {literal(json.dumps(_structure(data_type)))}) AS {target})"
    return f"TRY_CAST(({member} ->> '$') AS {target})"


def _structure(data_type: DataType) -> Any:
    """The shape that json_transform wants: ``{"a": "BIGINT"}``, ``["VARCHAR"]``."""
    if data_type.name == "array":
        return [_structure(data_type.fields[0].type)]
    if data_type.name == "row":
        return {
            member.name or f"field{ordinal}": _structure(member.type)
            for ordinal, member in enumerate(data_type.fields)
        }
    return duckdb_type(data_type)
