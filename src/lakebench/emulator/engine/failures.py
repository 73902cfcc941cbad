"""DuckDB's failures in Athena's words: one table of patterns, first match wins.

Nothing that DuckDB says leaves this room unmapped: local paths become S3 paths, and its own name,
hints and candidate lists are cut off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from lakebench.emulator.engine.process import StatementFailed
from lakebench.emulator.engine.protocol import DataFile
from lakebench.emulator.engine.quoting import literal
from lakebench.errors import QueryFailed
from lakebench.sql import column_error, raised_failure

_MARK = "lakebench/"
_OURS = re.compile(rf"{_MARK}([A-Z_]+): (.*)", re.DOTALL)
_PREFIX = re.compile(r"^[A-Z][A-Za-z-]*(?: [A-Za-z-]+)* Error: ")


def raised(code: str, message_sql: str, *, of: str | None = None) -> str:
    """SQL that fails the query with this code and text; ``of`` ties it to a column's rows."""
    tie = f" || substr(coalesce(CAST({of} AS VARCHAR), ''), 1, 0)" if of else ""
    return f"error({literal(f'{_MARK}{code}: ')} || {message_sql}{tie})"


def out_of_memory() -> QueryFailed:
    """The query needed more memory than a worker may use."""
    return QueryFailed(
        "EXCEEDED_LOCAL_MEMORY_LIMIT",
        "Query exhausted resources at this scale factor",
        hint="give the engine more memory, or read less: fewer columns, fewer partitions",
    )


def worker_died(status: int | None) -> QueryFailed:
    """The worker process ended in mid-query."""
    return QueryFailed(
        "GENERIC_INTERNAL_ERROR",
        "The engine process running this query ended unexpectedly. Please try the query again.",
        hint=f"the worker's exit status was {status}",
    )


def timed_out(seconds: float) -> QueryFailed:
    """The query ran longer than it may (Athena: 30 minutes for DML unless raised)."""
    return QueryFailed(
        "EXCEEDED_TIME_LIMIT", f"Query timeout: it exceeded the maximum run time of {seconds:g} seconds"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """``kinds`` are DuckDB's exception classes (empty: any); ``text`` gets the match and the object."""

    kinds: frozenset[str]
    pattern: re.Pattern[str]
    code: str
    text: Callable[[re.Match[str], str], str]


_TYPES = {
    "INT8": "TINYINT",
    "INT16": "SMALLINT",
    "INT32": "INT",
    "INT64": "BIGINT",
    "INT128": "DECIMAL(38,0)",
    "BOOL": "BOOLEAN",
    "FLOAT": "REAL",
    "BLOB": "VARBINARY",
}


def _type(name: str) -> str:
    return _TYPES.get(name, name)


def _rule(kinds: str, pattern: str, code: str, text: str | Callable[[re.Match[str], str], str]) -> _Rule:
    make = text if callable(text) else lambda match, uri: text.format(*match.groups(), uri=uri)
    return _Rule(kinds=frozenset(kinds.split()), pattern=re.compile(pattern, re.DOTALL), code=code, text=make)


_MISSING = re.compile(r'Referenced column "(.*?)" |Table ".*?" does not have a column named "(.*?)"')
_DATA = "InvalidInputException IOException Error SerializationException InternalException"
_RULES: tuple[_Rule, ...] = (
    # Arithmetic and casts
    _rule("", r"Division by zero", "DIVISION_BY_ZERO", "Division by zero"),
    _rule(
        "ConversionException",
        r"Could not convert string ['\"](.*)['\"] to ([A-Z0-9_(), ]+)",
        "INVALID_CAST_ARGUMENT",
        lambda match, _: f"Cannot cast '{match[1]}' to {_type(match[2].strip())}",
    ),
    _rule(
        "ConversionException",
        r"(?:invalid |)(date|timestamp|time) field (?:format|value out of range): \"(.*?)\"",
        "INVALID_CAST_ARGUMENT",
        lambda match, _: f"Value cannot be cast to {match[1]}: {match[2]}",
    ),
    _rule(
        "ConversionException",
        r"Type (\w+) with value (\S+) can't be cast .* out of range for the destination type (\w+)",
        "INVALID_CAST_ARGUMENT",
        lambda match, _: f"Out of range for {_type(match[3]).lower()}: {match[2]}",
    ),
    _rule(
        "ConversionException",
        r"(?:Could not cast value|Casting value \"?)\s*(\S+?)\"? to (?:type )?(DECIMAL\(\d+, ?\d+\))",
        "INVALID_CAST_ARGUMENT",
        "Cannot cast '{0}' to {1}",
    ),
    _rule(
        "ConversionException",
        r"Failed to cast decimal value (\S+) to type (\w+)|Casting value \"(\S+)\" to type (\S+) failed",
        "INVALID_CAST_ARGUMENT",
        lambda match, _: f"Cannot cast '{match[1] or match[3]}' to {_type(match[2] or match[4])}",
    ),
    _rule(
        "ConversionException",
        r"extract specifier \"(.*?)\"",
        "INVALID_FUNCTION_ARGUMENT",
        "'{0}' is not a valid field",
    ),
    _rule(
        "OutOfRangeException",
        r"Overflow in \w+ of DECIMAL",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "Decimal overflow",
    ),
    _rule(
        "OutOfRangeException",
        r"Overflow in division of (\S+ / \S+?)[\s;!.]*(?:\n|$)",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "division overflow: {0}",
    ),
    _rule(
        "OutOfRangeException",
        r"Overflow in (addition|subtraction|multiplication|\w+) of (\w+) \((.*)\)",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        lambda match, _: f"{_type(match[2]).lower()} {match[1]} overflow: {match[3]}",
    ),
    _rule(
        "ConversionException",
        r"(?:Date|Timestamp|Date and time) (?:out of range|not in timestamp range)",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "A date or timestamp is out of range",
    ),
    _rule(
        "BinderException",
        r"TRY can not be used in combination with",
        "NOT_SUPPORTED",
        "TRY of a random value or of a subquery is not supported yet",
    ),
    _rule(
        "BinderException",
        r"Cannot mix values of type|Cannot combine types of|Cannot deduce template type",
        "NOT_SUPPORTED",
        "Values of these types side by side are not supported yet; cast them to one type",
    ),
    _rule("", r"Unknown TimeZone '(.*?)'", "INVALID_FUNCTION_ARGUMENT", "Time zone not supported: {0}"),
    _rule("OutOfRangeException", r"(.*?)(?:\n|$)", "NUMERIC_VALUE_OUT_OF_RANGE", "{0}"),
    # Subqueries, functions, arguments
    _rule(
        "",
        r"Window \w+ (?:PRECEDING|FOLLOWING) expression cannot be (?:negative|NULL)",
        "INVALID_WINDOW_FRAME",
        "Window frame offset value must not be negative or null",
    ),
    _rule(
        "",
        r"More than one row returned by a subquery",
        "SUBQUERY_MULTIPLE_ROWS",
        "Scalar sub-query has returned multiple rows",
    ),
    _rule(
        "InvalidInputException",
        r"Map keys must be unique",
        "INVALID_FUNCTION_ARGUMENT",
        "Duplicate map keys are not allowed",
    ),
    # Trino's patterns are Joni's, with look-around and back-references; the engine's are RE2's.
    _rule(
        "InvalidInputException",
        r"invalid perl operator: (.*)|invalid escape sequence: (\\\d)",
        "NOT_SUPPORTED",
        lambda match, _: f"Regular expressions with {match[1] or match[2]} are not supported by this engine",
    ),
    _rule(
        "InvalidInputException",
        r"((?:missing|unexpected|invalid|no argument for|bad) "
        r"(?:\)|\]|argument|escape|character|repetition|UTF|named|trailing|capture)[^\n]*)",
        "INVALID_FUNCTION_ARGUMENT",
        "Invalid regular expression: {0}",
    ),
    _rule(
        "CatalogException",
        r"(?:Scalar|Aggregate|Table)? ?Function with name \"?(\w+)\"? does not exist",
        "FUNCTION_NOT_FOUND",
        "Function '{0}' not registered",
    ),
    _rule(
        "BinderException",
        r"column \"?(.*?)\"? must appear in the GROUP BY clause",
        "EXPRESSION_NOT_AGGREGATE",
        "'{0}' must be an aggregate expression or appear in GROUP BY clause",
    ),
    _rule(
        "BinderException",
        r"Could not choose a best candidate function for the function call \"(.*?)\"",
        "TYPE_MISMATCH",
        "Unexpected parameters for function {0}",
    ),
    _rule(
        "BinderException",
        r"No function matches the given name and argument types '(.*?)'",
        "TYPE_MISMATCH",
        "Unexpected parameters for function {0}",
    ),
    _rule(
        "BinderException",
        r"Cannot compare values of type (\S+) and (?:type )?(\S+)",
        "TYPE_MISMATCH",
        "Cannot apply operator: {0} = {1}",
    ),
    _rule(
        "BinderException",
        r"Ambiguous reference to column name \"?(.*?)\"? ",
        "AMBIGUOUS_NAME",
        "Column '{0}' is ambiguous",
    ),
    # Resources
    _rule(
        "OutOfMemoryException MemoryError",
        r"",
        "EXCEEDED_LOCAL_MEMORY_LIMIT",
        "Query exhausted resources at this scale factor",
    ),
    _rule(
        "",
        r"std::bad_alloc|failed to allocate|could not allocate|UDF: (?:\w+\.)*(?:Arrow)?MemoryError",
        "EXCEEDED_LOCAL_MEMORY_LIMIT",
        "Query exhausted resources at this scale factor",
    ),
    _rule(
        "IOException",
        r"No space left on device|max_temp_directory_size|File too large",
        "EXCEEDED_SPILL_LIMIT",
        "Query exceeded the local disk that the engine may use",
    ),
    _rule(
        "",
        r"Information loss on integer cast: value \d+ outside of target range \[0, 255\]",
        "NOT_SUPPORTED",
        "Types that are nested in more than 255 levels are not supported",
    ),
    # Objects that are not what they should be
    _rule(
        _DATA,
        r"Unexpected end of GZIP stream|Input is not a GZIP stream|GZIP|ZSTD|zlib|[Mm]iniz"
        r"|cannot be decompressed",
        "HIVE_CURSOR_ERROR",
        "Failed to read file at {uri}: Unexpected end of input stream",
    ),
    _rule(
        f"{_DATA} NotImplementedException",
        r"Maximum line size|does not support a full read on this file",
        "HIVE_CURSOR_ERROR",
        "Line too long in text file: {uri}",
    ),
    _rule(
        _DATA,
        r"[Ii]nvalid unicode|not utf-8 encoded",
        "HIVE_CURSOR_ERROR",
        "Failed to read file at {uri}: it is not UTF-8",
    ),
    _rule(
        _DATA,
        r"state machine reached an invalid state",
        "HIVE_CURSOR_ERROR",
        "Failed to read file at {uri}: it mixes line endings (LF, CRLF, CR)",
    ),
    _rule(
        _DATA,
        r"No magic bytes|too small to be a Parquet file|Footer length",
        "HIVE_BAD_DATA",
        "Malformed Parquet file. {uri} is not a valid Parquet File",
    ),
    _rule(  # a byte of a footer or page header that names no type of Thrift's
        "",
        r"^don't know what type",
        "HIVE_BAD_DATA",
        "Malformed Parquet file. {uri} is not a valid Parquet File",
    ),
    _rule(
        "IOException",
        r"No such file",
        "HIVE_CANNOT_OPEN_SPLIT",
        "Error opening Hive split {uri}: The specified key does not exist.",
    ),
)


def explain(
    error: StatementFailed, tree: exp.Expression, files: Mapping[str, DataFile], last_read: str | None
) -> QueryFailed:
    """The Athena failure for DuckDB's.

    ``files`` maps local paths to objects; ``last_read`` is the local path read last, which names the
    object when DuckDB's text does not. ``tree`` gives places in the user's text.
    """
    message = error.message
    if (ours := _OURS.search(message)) is not None:
        return QueryFailed(ours[1], ours[2].strip())
    if (told := raised_failure(message)) is not None:
        return told
    if error.kind == "BinderException" and (missing := _MISSING.search(message)) is not None:
        return column_error(tree, missing[1] or missing[2])
    uri = _object_of(message, files, last_read)
    body = _PREFIX.sub("", message)
    for rule in _RULES:
        if rule.kinds and error.kind not in rule.kinds:
            continue
        if (match := rule.pattern.search(body)) is not None:
            return QueryFailed(rule.code, _scrub(rule.text(match, uri or "an object"), files))
    if uri is not None and error.kind in _DATA.split():
        return QueryFailed("HIVE_BAD_DATA", f"Failed to read file at {uri}: {_first_line(body, files)}")
    return QueryFailed("GENERIC_INTERNAL_ERROR", _first_line(body, files))


def names_no_object(error: StatementFailed, files: Mapping[str, DataFile]) -> bool:
    """Whether some object is to blame and the text does not say which."""
    raised_by_us = _OURS.search(error.message) is not None or raised_failure(error.message) is not None
    if raised_by_us or error.kind in {"BinderException", "ParserException", "CatalogException"}:
        return False
    return bool(files) and _object_of(error.message, files, None) is None


def blames_data(error: StatementFailed) -> bool:
    """Whether the failure may be an object's, by its kind; after others DuckDB answers nothing more."""
    return error.kind in _DATA.split() and error.kind != "InternalException"


def _object_of(message: str, files: Mapping[str, DataFile], last_read: str | None) -> str | None:
    for path, file in files.items():
        if path in message:
            return str(file.uri)
    if last_read is not None and last_read in files:
        return str(files[last_read].uri)
    return None


def _first_line(text: str, files: Mapping[str, DataFile]) -> str:
    return _scrub(text.strip().partition("\n")[0], files)


_LOCAL_PATH = re.compile(r"(?<![\w:/])/(?:[^\s/'\":]+/)+[^\s'\":]*")


def _scrub(text: str, files: Mapping[str, DataFile]) -> str:
    """Without local paths and without DuckDB's name."""
    for path, file in _mentioned(text, files):
        text = text.replace(path, str(file.uri))
    text = _LOCAL_PATH.sub("a local file", text)
    return re.sub(r"(?i)duckdb", "engine", text)


def _mentioned(text: str, files: Mapping[str, DataFile]) -> Iterable[tuple[str, DataFile]]:
    return [(path, file) for path, file in files.items() if path in text]
