"""LazySimpleSerDe: delimited text, never quoted; what cannot be read as its type is NULL.

Behaviour as in Trino's lib/trino-hive-formats (SimpleDeserializer and encodings/text), which calls
itself bug for bug compatible with Hive's class: missing fields are NULL, extra ones are passed over, an
empty field is '' for text and NULL for numbers, the decimals of an integer are cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lakebench.catalog import DataType
from lakebench.emulator.engine.quoting import identifier, literal
from lakebench.emulator.engine.relations.lines import line, lines
from lakebench.emulator.engine.relations.partitions import hidden_columns, partition_columns
from lakebench.emulator.engine.relations.timestamps import custom_formats, parsed
from lakebench.emulator.engine.staging import StagedScan
from lakebench.errors import QueryFailed
from lakebench.sql import duckdb_type

_DEFAULT_SEPARATORS = tuple(chr(code) for code in (1, 2, 3, 4, 5, 6, 7, 8))
_INTEGERS = frozenset({"tinyint", "smallint", "integer", "bigint"})
# Noncharacters of Unicode stand in for escaped delimiters while a line is split, one a nesting level.
_ESCAPED_ESCAPE = "\U0010fffe"
_ESCAPED_DELIMITERS = tuple(chr(plane << 16 | 0xFFFF) for plane in range(1, 9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimiters:
    """How a line is taken apart: one separator a nesting level, the text of NULL, the escape or None.

    ``escapable`` is how many of the separators mean something once they are no field's end.
    """

    separators: tuple[str, ...]
    null_text: str
    escape: str | None
    escapable: int = 1
    last_takes_rest: bool = False
    timestamp_forms: tuple[str, ...] = ()

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Delimiters:
        """Read the SerDe's parameters; ``colelction.delim`` is Hive 1's spelling (HIVE-16922)."""
        separators = list(_DEFAULT_SEPARATORS)
        field = parameters.get("field.delim") or parameters.get("serialization.format")
        separators[0] = _byte(field, separators[0])
        collection = parameters.get("collection.delim") or parameters.get("colelction.delim")
        separators[1] = _byte(collection, separators[1])
        separators[2] = _byte(parameters.get("mapkey.delim"), separators[2])
        escape = parameters.get("escape.delim")
        return cls(
            separators=tuple(separators),
            null_text=parameters.get("serialization.null.format", "\\N"),
            escape=None if escape is None else _byte(escape, "\\"),
            last_takes_rest=parameters.get("serialization.last.column.takes.rest", "").lower() == "true",
            timestamp_forms=custom_formats(parameters),
        )


def _byte(text: str | None, default: str) -> str:
    """A delimiter: a byte's number in decimal (``1``, ``-124``) or the first character."""
    if not text:
        return default
    try:
        number = int(text)
    except ValueError:
        return text[0]
    if -128 <= number <= 127 and text.strip() == text:
        return chr(number % 256)
    return text[0]


def text_relation(scan: StagedScan, wanted: frozenset[str]) -> str:
    """The SELECT over the scan's lines."""
    table = scan.binding.table
    delimiters = Delimiters.of({**table.parameters, **table.storage.serde.parameters})
    if any(column.type.fields for column in table.columns):
        delimiters = replace(delimiters, escapable=len(delimiters.separators))
    fields = [f"f[{ordinal}]" for ordinal in range(1, len(table.columns) + 1)]
    if delimiters.last_takes_rest and fields:
        rest = f"f[{len(fields)}:]"
        fields[-1] = (
            f"CASE WHEN len({rest}) > 0 THEN array_to_string({rest}, {literal(delimiters.separators[0])}) END"
        )
    items = [
        f"{_value(text, column.type, delimiters)} AS {identifier(column.name)}"
        for text, column in zip(fields, table.columns, strict=True)
    ]
    items += partition_columns(scan) + hidden_columns(scan, wanted)
    source = lines(scan, filename=bool(wanted))
    return f"SELECT {', '.join(items)} FROM (SELECT *, {_split(line(), delimiters)} AS f FROM {source})"


def _split(text: str, delimiters: Delimiters) -> str:
    """The fields of a line as a list of texts, escapes still inside."""
    separator = delimiters.separators[0]
    if delimiters.escape is None:
        return f"string_split({text}, {literal(separator)})"
    escape = delimiters.escape
    hidden = f"replace({text}, {literal(escape * 2)}, {literal(_ESCAPED_ESCAPE)})"
    for level, delimiter in enumerate(delimiters.separators[: delimiters.escapable]):
        hidden = f"replace({hidden}, {literal(escape + delimiter)}, {literal(_ESCAPED_DELIMITERS[level])})"
    return f"string_split({hidden}, {literal(separator)})"


def _value(text: str, data_type: DataType, delimiters: Delimiters, depth: int = 1) -> str:
    """The typed value of one field or element; ``depth`` counts nesting levels."""
    present = f"nullif({text}, {literal(delimiters.null_text)})"
    if data_type.fields:
        return _collection(present, data_type, delimiters, depth)
    if data_type.name in {"varchar", "char"}:
        plain = _unescape(present, delimiters)
        cut = f"left({plain}, {data_type.parameters[0]})" if data_type.parameters else plain
        return f"rtrim({cut}, ' ')" if data_type.name == "char" else cut
    if data_type.name == "timestamp" and delimiters.timestamp_forms:
        return parsed(present, delimiters.timestamp_forms, parse_scalar(present, data_type))
    return parse_scalar(present, data_type)


def _unescape(text: str, delimiters: Delimiters) -> str:
    if delimiters.escape is None:
        return text
    escape = delimiters.escape
    pattern = f"{_regexp(escape)}(.)"
    text = f"regexp_replace({text}, {literal(pattern)}, '\\1', 'gs')"
    for hidden, delimiter in zip(
        _ESCAPED_DELIMITERS, delimiters.separators[: delimiters.escapable], strict=False
    ):
        text = f"replace({text}, {literal(hidden)}, {literal(delimiter)})"
    return f"replace({text}, {literal(_ESCAPED_ESCAPE)}, {literal(escape)})"


def _regexp(character: str) -> str:
    return "\\" + character if not character.isalnum() and ord(character) < 128 else character


def parse_scalar(text: str, data_type: DataType) -> str:
    """A scalar of its text, NULL where the text is none: integers lose their decimals."""
    target = duckdb_type(data_type)
    if data_type.name in _INTEGERS:
        cast = f"TRY_CAST({text} AS {target})"
        whole = f"TRY_CAST(split_part({text}, '.', 1) AS {target})"
        # The first branch is the common case and cheap; DuckDB's own cast also takes '1e3' and ' 1 '.
        return (
            f"CASE WHEN CAST({cast} AS VARCHAR) = {text} THEN {cast} "
            f"WHEN regexp_full_match({text}, '[+-]?[0-9]+([.][0-9]*)?') THEN {whole} END"
        )
    if data_type.name == "boolean":
        return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    if data_type.name == "timestamp":
        return f"CASE WHEN length({text}) >= 8 THEN TRY_CAST({text} AS {target}) END"
    if data_type.name == "varbinary":
        return f"coalesce(TRY(from_base64({text})), encode({text}))"
    if data_type.name in {"real", "double", "decimal", "date"}:
        return f"TRY_CAST({text} AS {target})"
    raise QueryFailed("NOT_SUPPORTED", f"Columns of type {data_type.trino} are not read from text objects")


def _collection(text: str, data_type: DataType, delimiters: Delimiters, depth: int) -> str:
    """An array, map or row of the text between two separators of the level above."""
    levels = 2 if data_type.name == "map" else 1
    if depth + levels > len(delimiters.separators):
        raise QueryFailed("NOT_SUPPORTED", f"Type {data_type.trino} is nested too deeply for text objects")
    separator = literal(delimiters.separators[depth])
    parts = f"string_split({text}, {separator})"
    if data_type.name == "row":
        members = [
            f"{identifier(member.name or f'field{ordinal}')} := "
            f"{_value(f'({parts})[{ordinal + 1}]', member.type, delimiters, depth + 1)}"
            for ordinal, member in enumerate(data_type.fields)
        ]
        return f"CASE WHEN {text} IS NOT NULL THEN struct_pack({', '.join(members)}) END"
    variable = f"e{depth}"
    if data_type.name == "array":
        element = _value(variable, data_type.fields[0].type, delimiters, depth + 1)
        values, empty = f"list_transform({parts}, lambda {variable}: {element})", "[]"
    else:
        values, empty = _entries(parts, variable, data_type, delimiters, depth), "map()"
    target = duckdb_type(data_type)
    return f"CASE WHEN {text} = '' THEN CAST({empty} AS {target}) ELSE {values} END"


def _entries(parts: str, variable: str, data_type: DataType, delimiters: Delimiters, depth: int) -> str:
    """A map of ``key separator value`` entries; of equal keys the first counts, a NULL key none."""
    separator = literal(delimiters.separators[depth + 1])
    key, value = (member.type for member in data_type.fields)
    key_of = _value(f"split_part({variable}, {separator}, 1)", key, delimiters, depth + 2)
    rest = f"nullif(strpos({variable}, {separator}), 0)"
    value_of = _value(f"substr({variable}, {rest} + 1)", value, delimiters, depth + 2)
    keys = f"list_transform({parts}, lambda {variable}: {key_of})"
    firsts = f"list_filter({parts}, lambda {variable}, i{depth}: list_position({keys}, {key_of}) = i{depth})"
    entry = f"struct_pack(key := {key_of}, value := {value_of})"
    return f"map_from_entries(list_transform({firsts}, lambda {variable}: {entry}))"
