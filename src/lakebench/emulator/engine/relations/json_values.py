"""A JSON value as a column's type: OpenX's and Hive's classes differ in what they let pass.

OpenX (Trino's OpenXJsonDeserializer, AWS's openx-json-serde): numbers in quotes are numbers, a single value
is an array of one, anything can be text; data of a wrong type fails the query unless
``use.null.for.invalid.data`` is set. Hive (Trino's JsonDeserializer): the token must be of the type's kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lakebench.catalog import DataType
from lakebench.emulator.engine.failures import raised
from lakebench.emulator.engine.quoting import identifier, literal
from lakebench.emulator.engine.relations.timestamps import parsed
from lakebench.errors import QueryFailed
from lakebench.sql import duckdb_type

_INTEGERS = {
    "tinyint": ("BYTE", 7),
    "smallint": ("SHORT", 15),
    "integer": ("INT", 31),
    "bigint": ("LONG", 63),
}
_MAP = literal('"MAP(VARCHAR, JSON)"')
_LIST = literal('["JSON"]')


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonRules:
    """The SerDe's settings. ``keys`` are the data's names of columns and members that are mapped."""

    hive: bool
    any_case: bool = True
    nulls_for_invalid: bool = False
    dots: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    timestamp_forms: tuple[str, ...] = ()

    def key(self, name: str) -> str:
        """The key that holds a column or member."""
        found = self.keys.get(name, name)
        return found.lower() if self.any_case else found


def members(value: str, rules: JsonRules, depth: int = 0) -> str:
    """SQL of an object's members as MAP(VARCHAR, JSON); raises on keys that are one to the SerDe."""
    entries = f"map_entries(json_transform({value}, {_MAP}))"
    entry = f"e{depth}"
    if rules.any_case:
        entries = (
            f"list_transform({entries}, lambda {entry}: "
            f"struct_pack(key := lower({entry}.key), value := {entry}.value))"
        )
    made = f"TRY(map_from_entries({entries}))"
    if rules.hive:
        message = f"'JsonParseException: Duplicate field in ' || left(CAST({value} AS VARCHAR), 200)"
    else:
        message = (
            "'Row is not a valid JSON Object - JSONException: Duplicate key in ' "
            f"|| left(CAST({value} AS VARCHAR), 200)"
        )
    return f"coalesce({made}, CAST({raised('HIVE_CURSOR_ERROR', message)} AS MAP(VARCHAR, JSON)))"


def member(map_sql: str, name: str, rules: JsonRules, ordinal: int | None = None) -> str:
    """SQL of one member of such a map: by its key, by ``_col3`` in Hive's class, by a key with dots."""
    key = literal(rules.key(name))
    found = f"{map_sql}[{key}]"
    if rules.hive and ordinal is not None:
        return f"coalesce({found}, {map_sql}[{literal(f'_col{ordinal}')}])"
    if rules.dots and "_" in name:
        dotted = f"list_filter(map_entries({map_sql}), lambda k: replace(k.key, '.', '_') = {key})"
        return f"coalesce({found}, {dotted}[1].value)"
    return found


def json_value(value: str, data_type: DataType, rules: JsonRules, ordinal: int, depth: int = 0) -> str:
    """SQL of the value of a type; ``ordinal`` is the column's, from 0, for the errors."""
    reader = _Reader(rules=rules, ordinal=ordinal)
    return reader.read(value, data_type, depth)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    rules: JsonRules
    ordinal: int

    def read(self, value: str, data_type: DataType, depth: int) -> str:
        target = duckdb_type(data_type)
        if data_type.name == "row":
            made = self._row(value, data_type, depth)
        elif data_type.name == "array":
            made = self._array(value, data_type, depth)
        elif data_type.name == "map":
            made = self._map(value, data_type, depth)
        else:
            made = self._scalar(value, data_type)
        return f"CASE WHEN {_raw(value)} != 'null' THEN CAST({made} AS {target}) END"

    # Scalars ----------------------------------------------------------------------------------

    def _scalar(self, value: str, data_type: DataType) -> str:
        name, text = data_type.name, _text(value)
        if name in {"varchar", "char"}:
            return self._varchar(value, data_type)
        if name == "boolean":
            return f"coalesce(lower({text}) = 'true', false)"
        if name in _INTEGERS:
            return self._integer(value, data_type)
        target = duckdb_type(data_type)
        # A number's own text is the common case and cheap; a quoted one is none in Hive's class.
        number = f"TRY_CAST({_raw(value)} AS {target})"
        if name in {"real", "double"}:
            quoted = [] if self.rules.hive else [f"TRY_CAST({value} ->> '$' AS {target})"]
            return self._or_fail(", ".join([number, *quoted]), value, target)
        if name == "decimal":
            return self._or_fail(f"{number}, TRY_CAST({value} ->> '$' AS {target})", value, target)
        if name == "date":
            return self._or_fail(f"TRY_CAST({text} AS DATE)", value, target)
        if name == "timestamp":
            return self._or_fail(self._timestamp(text), value, target)
        if name == "varbinary":
            made = f"encode({text})" if self.rules.hive else f"TRY(from_base64({text}))"
            return self._or_fail(made, value, target)
        raise QueryFailed(
            "NOT_SUPPORTED", f"Columns of type {data_type.trino} are not read from JSON objects"
        )

    def _varchar(self, value: str, data_type: DataType) -> str:
        text = _text(value)
        if self.rules.hive:
            text = f"CASE WHEN {_nested(value)} THEN {self._failure(value, 'VARCHAR')} ELSE {text} END"
        if not data_type.parameters:
            return text
        cut = f"left({text}, {data_type.parameters[0]})"
        return f"rtrim({cut}, ' ')" if data_type.name == "char" else cut

    def _integer(self, value: str, data_type: DataType) -> str:
        """OpenX reads hexadecimal text too; a number's fraction is cut off, one out of range fails."""
        target = duckdb_type(data_type)
        name, bits = _INTEGERS[data_type.name]
        raw, text = _raw(value), _text(value)
        plain = f"TRY_CAST({raw} AS {target})"
        digits = "[+-]?[0-9]+|0[xX][0-9A-Fa-f]+"
        quoted = f"CASE WHEN regexp_full_match({text}, '{digits}') THEN TRY_CAST({text} AS HUGEINT) END"
        number = (
            f"CASE WHEN starts_with({raw}, '\"') THEN {'NULL' if self.rules.hive else quoted} "
            f"WHEN regexp_full_match({raw}, '-?[0-9]+') THEN TRY_CAST({raw} AS HUGEINT) ELSE "
            f"TRY_CAST(trunc(TRY_CAST({raw} AS DOUBLE)) AS HUGEINT) END"
        )
        if self.rules.nulls_for_invalid:
            slow = f"TRY_CAST({number} AS {target})"
        else:
            above = raised("GENERIC_INTERNAL_ERROR", f"'Value ' || {text} || ' exceeds MAX_{name}'")
            below = raised("GENERIC_INTERNAL_ERROR", f"'Value ' || {text} || ' is less than MIN_{name}'")
            slow = (
                f"CASE WHEN ({number}) IS NULL THEN {self._failure(value, target)} "
                f"WHEN ({number}) > {(1 << bits) - 1} THEN CAST({above} AS {target}) "
                f"WHEN ({number}) < {-(1 << bits)} THEN CAST({below} AS {target}) "
                f"ELSE CAST(({number}) AS {target}) END"
            )
        # The engine's cast also reads 1.5 and 1e3: only what comes out as it went in is a plain integer.
        return f"CASE WHEN CAST({plain} AS VARCHAR) = {raw} THEN {plain} ELSE {slow} END"

    def _timestamp(self, text: str) -> str:
        """Custom forms, then Hive's and ISO 8601's in UTC; OpenX's numbers are seconds or milliseconds."""
        plain = f"CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP)"
        if self.rules.hive:
            return parsed(text, self.rules.timestamp_forms, plain)
        seconds = (
            f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]+') AND length({text}) >= 13 "
            f"THEN make_timestamp(TRY_CAST({text} AS BIGINT) * 1000) "
            f"WHEN regexp_full_match({text}, '[+-]?[0-9]+([.][0-9]*)?([eE][+-]?[0-9]+)?') "
            f"THEN make_timestamp(CAST(trunc(TRY_CAST({text} AS DECIMAL(30, 6)) * 1000) AS BIGINT) * 1000) "
            f"ELSE {plain} END"
        )
        return parsed(text, self.rules.timestamp_forms, seconds)

    def _or_fail(self, made: str, value: str, target: str) -> str:
        if self.rules.nulls_for_invalid:
            return f"coalesce({made}, NULL)"
        return f"coalesce({made}, {self._failure(value, target)})"

    def _failure(self, value: str, target: str) -> str:
        if self.rules.nulls_for_invalid:
            return f"CAST(NULL AS {target})"
        text = _text(value)
        message = (
            f"'Error parsing field value ''' || {text} || ''' for field {self.ordinal}: "
            f"For input string: \"' || {text} || '\"'"
        )
        return f"CAST({raised('HIVE_BAD_DATA', message)} AS {target})"

    # Nested -----------------------------------------------------------------------------------

    def _row(self, value: str, data_type: DataType, depth: int) -> str:
        """The object's members are taken apart once, in a lambda's variable."""
        target = duckdb_type(data_type)
        variable = f"m{depth}"
        items = []
        for ordinal, part in enumerate(data_type.fields):
            name = part.name or f"field{ordinal}"
            found = member(variable, name, self.rules)
            items.append(f"{identifier(name)} := {self.read(found, part.type, depth + 1)}")
        made = (
            f"list_transform([{members(value, self.rules, depth)}], "
            f"lambda {variable}: struct_pack({', '.join(items)}))[1]"
        )
        cases = f"WHEN starts_with({_raw(value)}, '{{') THEN CAST({made} AS {target}) "
        if not self.rules.hive:
            by_place = []
            for ordinal, part in enumerate(data_type.fields):
                place = f"json_extract({value}, '$[{ordinal}]')"
                name = part.name or f"field{ordinal}"
                by_place.append(f"{identifier(name)} := {self.read(place, part.type, depth + 1)}")
            placed = f"CAST(struct_pack({', '.join(by_place)}) AS {target})"
            cases += f"WHEN starts_with({_raw(value)}, '[') THEN {placed} "
            empty = ", ".join(
                f"{identifier(part.name or f'field{at}')} := CAST(NULL AS {duckdb_type(part.type)})"
                for at, part in enumerate(data_type.fields)
            )
            cases += f"WHEN trim({value} ->> '$') = '' THEN CAST(struct_pack({empty}) AS {target}) "
        return f"CASE {cases} ELSE {self._failure(value, target)} END"

    def _array(self, value: str, data_type: DataType, depth: int) -> str:
        target = duckdb_type(data_type)
        variable = f"a{depth}"
        element = self.read(variable, data_type.fields[0].type, depth + 1)
        items = f"list_transform(json_transform({value}, {_LIST}), lambda {variable}: {element})"
        cases = f"WHEN starts_with({_raw(value)}, '[') THEN CAST({items} AS {target}) "
        if self.rules.hive:
            return f"CASE {cases} ELSE {self._failure(value, target)} END"
        single = f"[{self.read(value, data_type.fields[0].type, depth + 1)}]"
        return f"CASE {cases} WHEN ({value} ->> '$') = '' THEN NULL ELSE CAST({single} AS {target}) END"

    def _map(self, value: str, data_type: DataType, depth: int) -> str:
        target = duckdb_type(data_type)
        variable = f"k{depth}"
        key, item = (part.type for part in data_type.fields)
        key_json = f"to_json({variable}.key)"
        entry = (
            f"struct_pack(key := {_key(f'{variable}.key', key_json, key, self, depth)}, "
            f"value := {self.read(f'{variable}.value', item, depth + 1)})"
        )
        entries = f"map_entries(json_transform({value}, {_MAP}))"
        made = f"map_from_entries(list_transform({entries}, lambda {variable}: {entry}))"
        cases = f"WHEN starts_with({_raw(value)}, '{{') THEN CAST({made} AS {target}) "
        if not self.rules.hive:
            cases += f"WHEN trim({value} ->> '$') = '' THEN NULL "
        return f"CASE {cases} ELSE {self._failure(value, target)} END"


def _key(text: str, as_json: str, data_type: DataType, reader: _Reader, depth: int) -> str:
    """Keys are text in JSON whatever the map's type says."""
    if data_type.name == "varchar" and not data_type.parameters:
        return text
    if reader.rules.hive:
        return f"CAST({text} AS {duckdb_type(data_type)})"
    return reader.read(as_json, data_type, depth + 1)


def _raw(value: str) -> str:
    """The JSON text itself: quotes tell a text, brackets an array, braces an object."""
    return f"CAST({value} AS VARCHAR)"


def _text(value: str) -> str:
    """A text without its quotes and escapes; anything else as it is written."""
    return f"CASE WHEN starts_with({_raw(value)}, '\"') THEN {value} ->> '$' ELSE {_raw(value)} END"


def _nested(value: str) -> str:
    return f"(starts_with({_raw(value)}, '{{') OR starts_with({_raw(value)}, '['))"
