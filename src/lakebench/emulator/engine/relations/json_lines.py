"""JSON lines: Hive's and OpenX's JSON SerDe, one object a line, keys in any case; CloudTrail's files.

A line that is no JSON object fails the query, or is a row of NULLs under OpenX's
``ignore.malformed.json`` (AWS: openx-json-serde). CloudTrail's input format gives the ``Records`` of each
line (AWS: cloudtrail-logs; Trino's CloudTrailLineReader).
"""

from __future__ import annotations

from lakebench.catalog import Table
from lakebench.emulator.engine.failures import raised
from lakebench.emulator.engine.quoting import identifier, literal, literal_list
from lakebench.emulator.engine.relations.json_values import JsonRules, json_value, member, members
from lakebench.emulator.engine.relations.lines import line, lines
from lakebench.emulator.engine.relations.partitions import hidden_columns, partition_columns
from lakebench.emulator.engine.relations.timestamps import custom_formats
from lakebench.emulator.engine.staging import StagedScan

_HIVE = frozenset({"org.apache.hive.hcatalog.data.JsonSerDe", "org.apache.hadoop.hive.serde2.JsonSerDe"})
_CLOUDTRAIL = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"


def json_relation(scan: StagedScan, wanted: frozenset[str]) -> str:
    """The SELECT over the scan's lines."""
    table = scan.binding.table
    rules = _rules(table)
    items = []
    for ordinal, column in enumerate(table.columns):
        found = member("f", column.name, rules, ordinal)
        items.append(f"{json_value(found, column.type, rules, ordinal)} AS {identifier(column.name)}")
    items += partition_columns(scan) + hidden_columns(scan, wanted)
    source = lines(scan, filename=bool(wanted))
    if table.storage.input_format == _CLOUDTRAIL:
        records = f"json_transform(json_extract(TRY_CAST({line()} AS JSON), '$.Records'), '[\"JSON\"]')"
        source = f"(SELECT * EXCLUDE (l), unnest({records}) AS l FROM {source})"
    return f"SELECT {', '.join(items)} FROM (SELECT *, {_parsed(table, rules)} AS f FROM {source})"


def _rules(table: Table) -> JsonRules:
    parameters = table.storage.serde.parameters
    said = {key.lower(): value.strip().lower() == "true" for key, value in parameters.items()}
    cloudtrail = table.storage.input_format == _CLOUDTRAIL
    mapped = {
        key.removeprefix("mapping.").lower(): value
        for key, value in parameters.items()
        if key.startswith("mapping.")
    }
    if table.storage.serde.library in _HIVE:
        return JsonRules(hive=not cloudtrail, timestamp_forms=custom_formats(parameters))
    return JsonRules(
        hive=False,
        any_case=said.get("case.insensitive", True),
        nulls_for_invalid=said.get("use.null.for.invalid.data", False),
        dots=said.get("dots.in.keys", False),
        keys=mapped,
        timestamp_forms=custom_formats(parameters),
    )


def _parsed(table: Table, rules: JsonRules) -> str:
    """The line's members; OpenX gives an array's values to the columns in order."""
    text = f"trim({line()})"
    value = line()
    ignored = (
        not rules.hive
        and table.storage.serde.parameters.get("ignore.malformed.json", "").strip().lower() == "true"
    )
    otherwise = "NULL" if ignored else f"CAST({_malformed(text, rules)} AS MAP(VARCHAR, JSON))"
    is_object = f"json_valid({value}) AND json_type({value}) = 'OBJECT'"
    cases = f"WHEN {text} = '' THEN NULL WHEN {is_object} THEN {members(value, rules)} "
    if not rules.hive:
        names = literal_list(rules.key(column.name) for column in table.columns)
        by_place = f"map_from_entries(list_zip({names}, json_transform({value}, '[\"JSON\"]'), true))"
        cases += f"WHEN json_valid({value}) AND json_type({value}) = 'ARRAY' THEN {by_place} "
    return f"CASE {cases} ELSE {otherwise} END"


def _malformed(text: str, rules: JsonRules) -> str:
    """What the class says of a line that it cannot read, as far as the line's ends tell."""
    if rules.hive:
        message = (
            f"CASE WHEN NOT starts_with({text}, '{{') THEN 'Start token not found where expected' "
            f"ELSE 'JsonParseException: Unexpected end-of-input: expected close marker for OBJECT: ' "
            f"|| left({text}, 200) END"
        )
        return raised("HIVE_CURSOR_ERROR", message)
    begin = literal("A JSONObject text must begin with '{' at 1 [character 2 line 1]")
    end = literal("A JSONObject text must end with '}' at ")
    place = f"format('{{}} [character {{}} line 1]', length({text}) + 1, length({text}) + 2)"
    message = (
        "'Row is not a valid JSON Object - JSONException: ' || "
        f"CASE WHEN NOT starts_with({text}, '{{') AND NOT starts_with({text}, '[') THEN {begin} "
        f"WHEN NOT ends_with({text}, '}}') THEN {end} || {place} ELSE left({text}, 200) END"
    )
    return raised("HIVE_CURSOR_ERROR", message)
