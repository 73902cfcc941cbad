"""OpenCSVSerde: quoted fields, line by line; text columns as they stand, few other types.

AWS (athena-ug csv-serde): boolean, bigint, int and double are recognised, date as days and timestamp as
milliseconds since 1970; an empty number fails the query (facts/athena.md 4). Splitting as in Trino's
CsvDeserializer: a quote is doubled or escaped, a line's unclosed last field is NULL, an empty line is
a row of NULLs.
"""

from __future__ import annotations

from dataclasses import dataclass

from lakebench.catalog import Column
from lakebench.emulator.engine.failures import raised
from lakebench.emulator.engine.quoting import identifier, literal
from lakebench.emulator.engine.relations.lines import line, lines
from lakebench.emulator.engine.relations.partitions import hidden_columns, partition_columns
from lakebench.emulator.engine.staging import StagedScan
from lakebench.errors import QueryFailed
from lakebench.sql import duckdb_type

_NUMBERS = frozenset({"tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvCharacters:
    """The SerDe's three characters; AWS's defaults are comma, double quote and backslash."""

    separator: str
    quote: str
    escape: str


def open_csv_relation(scan: StagedScan, wanted: frozenset[str]) -> str:
    """The SELECT over the scan's lines."""
    table = scan.binding.table
    parameters = table.storage.serde.parameters
    characters = CsvCharacters(
        separator=(parameters.get("separatorChar") or ",")[0],
        quote=(parameters.get("quoteChar") or '"')[0],
        escape=(parameters.get("escapeChar") or "\\")[0],
    )
    nulls = table.parameters.get("use.null.for.invalid.data", "").strip().lower() == "true"
    items = [
        f"{_value(column, ordinal, nulls=nulls)} AS {identifier(column.name)}"
        for ordinal, column in enumerate(table.columns, start=1)
    ]
    items += partition_columns(scan) + hidden_columns(scan, wanted)
    source = lines(scan, filename=bool(wanted))
    return f"SELECT {', '.join(items)} FROM (SELECT *, {_fields(characters)} AS f FROM {source})"


def _fields(characters: CsvCharacters) -> str:
    """The line's values: a plain split where no quote or escape is in it, patterns where there is."""
    separator, quote, escape = characters.separator, characters.quote, characters.escape
    q, s, e = (_in_class(character) for character in (quote, separator, escape))
    part = f"[{q}](?:[{e}].|[{q}][{q}]|[^{q}{e}])*[{q}]|[{e}].|[^{q}{s}]|[{q}].*$"
    pattern = literal(f"(?s)((?:{part})*)(?:[{s}]|$)")
    text = line()
    # The pattern also matches the nothing after the last value: that match is cut off.
    raw = f"regexp_extract_all({text}, {pattern}, 1)"
    split = f"list_transform({raw}, lambda v: {_unquoted('v', characters)})"
    plain = f"string_split({text}, {literal(separator)})"
    special = f"contains({text}, {literal(quote)}) OR contains({text}, {literal(escape)})"
    return f"CASE WHEN {text} = '' THEN NULL WHEN {special} THEN {split} ELSE {plain} END"


def _unquoted(value: str, characters: CsvCharacters) -> str:
    """A value without its quotes: doubled and escaped ones become one, an unclosed one NULL."""
    quote, escape = characters.quote, characters.escape
    q, e = _in_class(quote), _in_class(escape)
    inner = f"substr({value}, 2, length({value}) - 2)"
    pattern = literal(f"[{q}{e}]([{q}{e}])" if quote != escape else f"[{q}]([{q}])")
    unescaped = f"regexp_replace({inner}, {pattern}, '\\1', 'g')"
    outside = f"regexp_replace({value}, {literal(f'[{e}]([{q}{e}])')}, '\\1', 'g')"
    closed = literal(f"(?s)[{q}](?:[{e}].|[{q}][{q}]|[^{q}{e}])*[{q}]")
    return (
        f"CASE WHEN NOT starts_with({value}, {literal(quote)}) THEN {outside} "
        f"WHEN regexp_full_match({value}, {closed}) THEN {unescaped} END"
    )


def _in_class(character: str) -> str:
    """The character inside a bracket expression of a regular expression."""
    return "\\" + character if character in "\\]^-[" else character


def _value(column: Column, ordinal: int, *, nulls: bool) -> str:
    """``nulls`` stand for data that is none of the type (AWS: use.null.for.invalid.data)."""
    text = f"f[{ordinal}]"
    name = column.type.name
    if name in {"varchar", "char"}:
        cut = f"left({text}, {column.type.parameters[0]})" if column.type.parameters else text
        return f"rtrim({cut}, ' ')" if name == "char" else cut
    target = duckdb_type(column.type)
    if name == "boolean":
        cast = f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    elif name in _NUMBERS:
        cast = f"TRY_CAST({text} AS {target})"
    elif name == "date":
        cast = f"CAST(DATE '1970-01-01' + TRY_CAST({text} AS INTEGER) AS DATE)"
    elif name == "timestamp":
        cast = f"CAST(make_timestamp(TRY_CAST({text} AS BIGINT) * 1000) AS {target})"
    else:
        raise QueryFailed(
            "NOT_SUPPORTED", f"Column {column.name} of type {column.type.trino} is not read by OpenCSVSerde"
        )
    if nulls:
        return cast
    message = (
        f"'Error parsing field value ''' || {text} || ''' for field {ordinal - 1}: "
        f"For input string: \"' || {text} || '\"'"
    )
    raising = raised("HIVE_BAD_DATA", message)
    return f"CASE WHEN {text} IS NULL THEN NULL ELSE coalesce({cast}, CAST({raising} AS {target})) END"
