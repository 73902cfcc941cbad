"""Functions on dates and times: a date stays a date, differences are whole units, sequences are bounded."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import fractions, types, zones
from lakebench.sql.date_formats import DATE_FORMATS
from lakebench.sql.signatures import Call, Function, Types, fixed, same
from lakebench.sql.temporal_arithmetic import moved
from lakebench.sql.zones import ZONES

_ADD = {
    "millisecond": "to_milliseconds",
    "second": "to_seconds",
    "minute": "to_minutes",
    "hour": "to_hours",
    "day": "to_days",
    "week": "to_weeks",
    "month": "to_months",
    "quarter": "to_quarters",
    "year": "to_years",
}
_TIME_UNITS = {"millisecond", "second", "minute", "hour"}
_DATE_UNITS = {"day", "week", "month", "quarter", "year"}


def _row(
    name: str,
    arguments: str,
    returns: str | Callable[[Types], DataType | None],
    sql: str | Callable[[Call], str],
) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    return Function(name=name, arguments=arguments, returns=result, sql=sql)


def _kind(given: DataType | None) -> str:
    """The kind of field that a type has: of a date, a time or a timestamp."""
    base = given.name.partition(" ")[0] if given is not None else "timestamp"
    return base if base in {"date", "time"} else "timestamp"


def _checked_unit(unit: str, given: DataType | None) -> str:
    allowed = {"date": _DATE_UNITS, "time": _TIME_UNITS}.get(_kind(given), set(_ADD))
    if unit not in allowed:
        message = f"'{unit}' is not a valid {_kind(given).upper()} field"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", message)
    return unit


def _by_unit(write: Callable[[Call, str], str]) -> Callable[[Call], str]:
    """The text for the unit that the first argument names, or for each if it is no literal."""

    def choose(call: Call) -> str:
        node, given = call.nodes[0], call.types[-1]
        if isinstance(node, exp.Literal) and node.is_string:
            return write(call, _checked_unit(node.name.lower(), given))
        branches = []
        for unit in _ADD:
            try:
                branches.append(f"WHEN '{unit}' THEN {write(call, _checked_unit(unit, given))}")
            except QueryFailed:
                continue
        named = f"lower({call.texts[0]})"
        message = f"chr(39) || {named} || chr(39) || ' is not a valid {_kind(given).upper()} field'"
        wrong = f"lb_argument(false, {message})"
        other = f"CASE WHEN {call.texts[0]} IS NULL OR {wrong} THEN NULL END"
        return f"CASE {named} {' '.join(branches)} ELSE {other} END"

    return choose


def _date_add(call: Call, unit: str) -> str:
    whole = "BIGINT" if unit in _TIME_UNITS else "INTEGER"
    span = f"{_ADD[unit]}(CAST({call.texts[1]} AS {whole}))"
    given = call.types[2] or types.TIMESTAMP
    # A day, too, is one of the calendar of the value's zone.
    kind = types.YEAR_TO_MONTH if unit in _DATE_UNITS else types.DAY_TO_SECOND
    return moved(call.texts[2], given, span, "+", kind)


def _date_trunc(call: Call, unit: str) -> str:
    given, text = call.types[1] or types.TIMESTAMP, call.texts[1]
    if given.name == "date":
        return f"CAST(date_trunc('{unit}', {text}) AS DATE)"
    if given.name == "timestamp" and not types.is_fine(given):
        return f"date_trunc('{unit}', {text})"
    moment = fractions.part(given)
    if _kind(given) == "time":
        cut = f"CAST(date_trunc('{unit}', DATE '1970-01-01' + {moment}) AS TIME)"
    elif zones.is_zoned(given):
        shown = "lb_local({'t': lb_w.t, 'z': lb_w.z})"
        cut = f"(lb_in_zone(date_trunc('{unit}', {shown}), lb_w.z)).t"
    else:
        cut = f"date_trunc('{unit}', {moment})"
    return fractions.let(text, fractions.made(given, cut, "0::BIGINT"))


def _date_diff(call: Call, unit: str) -> str:
    """Whole units that have passed; DuckDB's date_diff counts boundaries crossed."""
    given = call.types[1:]
    first, last = (
        fractions.coarse(text, kind) if kind is not None else text
        for text, kind in zip(call.texts[1:], given, strict=True)
    )
    if any(_kind(kind) == "time" for kind in given):
        first, last = (
            f"(DATE '1970-01-01' + {_utc_time(text, kind)})"
            for text, kind in zip((first, last), given, strict=True)
        )
    elif any(zones.is_zoned(kind) for kind in given):
        both = [zones.zoned(text, kind) for text, kind in zip((first, last), given, strict=True)]
        zone = f"({both[0]}).z" if unit in _DATE_UNITS else "'UTC'"
        first, last = (f"lb_local(lb_zoned(({text}).t, {zone}))" for text in both)
    elif any(fractions.digits_of(kind) > 3 for kind in given):
        first, last = (f"date_trunc('millisecond', CAST({text} AS TIMESTAMP))" for text in (first, last))
    if unit == "quarter":
        return f"(datesub('month', {first}, {last}) // 3)"
    return f"datesub('{unit}', {first}, {last})"


def _utc_time(text: str, given: DataType | None) -> str:
    return f"lb_time_utc({text})" if types.is_named(given, "time with time zone") else text


def _sequence(call: Call) -> str:
    """Whole numbers, dates by days or months, timestamps by a step; 10,000 at most."""
    given, step = call.types[0], call.texts[2] if len(call.texts) > 2 else None
    first, last = call.texts[0], call.texts[1]
    if types.is_integer(given):
        start, stop = f"CAST({first} AS BIGINT)", f"CAST({last} AS BIGINT)"
        return f"lb_sequence({start}, {stop}, {step or f'CASE WHEN {last} < {first} THEN -1 ELSE 1 END'})"
    if types.is_fine(given) or not types.is_named(given, "date", "timestamp"):
        raise types.not_supported(f"sequence of {given}")
    if len(call.types) > 2 and call.types[2] == types.YEAR_TO_MONTH:
        return _sequence_of_months(call)
    if types.is_named(given, "date"):
        days = f"lb_whole_days({step})" if step else f"CASE WHEN {last} < {first} THEN -1 ELSE 1 END"
        start, stop = (f"CAST({text} - DATE '1970-01-01' AS BIGINT)" for text in (first, last))
        numbers = f"lb_sequence({start}, {stop}, {days})"
        return f"list_transform({numbers}, lambda lb_d: DATE '1970-01-01' + CAST(lb_d AS INTEGER))"
    if step is None:
        raise QueryFailed("FUNCTION_NOT_FOUND", "sequence of timestamps needs a step")
    numbers = f"lb_sequence(epoch_us({first}), epoch_us({last}), lb_interval_ms({step}) * 1000)"
    return f"list_transform({numbers}, lambda lb_d: make_timestamp(lb_d))"


def _sequence_of_months(call: Call) -> str:
    """Each step counts from the first value: 01-31, 02-29, 03-31."""
    first, last, step = call.texts
    months = f"lb_month_count({step})"
    steps = f"lb_sequence(0, datesub('month', {first}, {last}), {months})"
    moved_to = f"{first} + to_months(CAST(lb_step AS INTEGER))"
    kind = "DATE" if types.is_named(call.types[0], "date") else "TIMESTAMP"
    return f"list_transform({steps}, lambda lb_step: CAST({moved_to} AS {kind}))"


def _sequence_type(given: Types) -> DataType | None:
    return types.array(types.BIGINT if types.is_integer(given[0]) else given[0])


def _parts() -> list[Function]:
    named = {
        "year": "year",
        "quarter": "quarter",
        "month": "month",
        "day": "day",
        "day_of_month": "day",
        "week": "weekofyear",
        "week_of_year": "weekofyear",
        "day_of_week": "isodow",
        "dow": "isodow",
        "day_of_year": "dayofyear",
        "doy": "dayofyear",
        "year_of_week": "isoyear",
        "yow": "isoyear",
        "hour": "hour",
        "minute": "minute",
        "second": "second",
    }
    rows = [_row(name, "w", "bigint", f"{duckdb}({{0}})") for name, duckdb in named.items()]
    # DuckDB's millisecond counts those of the whole minute.
    # DuckDB's parts of an interval are not those of Trino's.
    spans = {
        "year": ("G", "lb_years_of({0})"),
        "month": ("G", "lb_months_of({0})"),
        "day": ("D", "(lb_interval_ms({0}) // 86400000)"),
        "hour": ("D", "(lb_interval_ms({0}) // 3600000 % 24)"),
        "minute": ("D", "(lb_interval_ms({0}) // 60000 % 60)"),
        "second": ("D", "(lb_interval_ms({0}) // 1000 % 60)"),
        "millisecond": ("D", "(lb_interval_ms({0}) % 1000)"),
    }
    parts = [_row(name, letter, "bigint", f"CAST({sql} AS BIGINT)") for name, (letter, sql) in spans.items()]
    clocks = [_row(name, "t", "bigint", f"{name}({{0}})") for name in ("hour", "minute", "second")]
    milliseconds = [_row("millisecond", letter, "bigint", "(millisecond({0}) % 1000)") for letter in "wt"]
    return [*rows, *parts, *clocks, *milliseconds]


DATES = [
    *ZONES,
    *DATE_FORMATS,
    *_parts(),
    _row("date", "v", "date", "lb_date_of({0})"),
    _row("date", "w", "date", "CAST({0} AS DATE)"),
    *(_row("date_add", f"vi{letter}", same(2), _by_unit(_date_add)) for letter in "dst"),
    *(_row("date_trunc", f"v{letter}", same(1), _by_unit(_date_trunc)) for letter in "dst"),
    *(_row("date_diff", f"v{pair}", "bigint", _by_unit(_date_diff)) for pair in ("ww", "tt")),
    _row("to_milliseconds", "D", "bigint", "lb_interval_ms({0})"),
    _row("current_timezone", "", "varchar", "'UTC'"),
    _row("human_readable_seconds", "n", "varchar", "lb_human_seconds({0})"),
    _row("parse_duration", "v", "interval day to second", "lb_duration({0})"),
    _row("last_day_of_month", "w", "date", "last_day({0})"),
    _row("sequence", "xx", _sequence_type, _sequence),
    _row("sequence", "xxx", _sequence_type, _sequence),
]
