"""Functions on dates and times: a date stays a date, differences are whole units, formats are MySQL's."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.signatures import Call, Function, Types, fixed, same

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
_DATE_UNITS = {"day", "week", "month", "quarter", "year"}

# MySQL's letter -> strftime's; the letters that Trino refuses are not here.
_MYSQL = {
    "a": "%a",
    "b": "%b",
    "c": "%-m",
    "d": "%d",
    "e": "%-d",
    "f": "%f",
    "H": "%H",
    "h": "%I",
    "I": "%I",
    "i": "%M",
    "j": "%j",
    "k": "%-H",
    "l": "%-I",
    "M": "%B",
    "m": "%m",
    "p": "%p",
    "r": "%I:%M:%S %p",
    "S": "%S",
    "s": "%S",
    "T": "%H:%M:%S",
    "v": "%V",
    "W": "%A",
    "x": "%G",
    "Y": "%Y",
    "y": "%y",
    "%": "%%",
}
_JODA = {
    "yyyy": "%Y",
    "YYYY": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "HH": "%H",
    "H": "%-H",
    "hh": "%I",
    "h": "%-I",
    "mm": "%M",
    "ss": "%S",
    "SSS": "%g",
    "a": "%p",
    "EEEE": "%A",
    "EEE": "%a",
    "E": "%a",
    "DDD": "%j",
}


def _row(
    name: str,
    arguments: str,
    returns: str | Callable[[Types], DataType | None],
    sql: str | Callable[[Call], str],
) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    return Function(name=name, arguments=arguments, returns=result, sql=sql)


def _literal(call: Call, at: int, what: str) -> str:
    node = call.nodes[at]
    if isinstance(node, exp.Literal) and node.is_string:
        return node.name
    raise QueryFailed("NOT_SUPPORTED", f"{call.name} with a {what} that is no literal is not supported yet")


def _unit(call: Call) -> str:
    unit = _literal(call, 0, "unit").lower()
    if unit not in _ADD:
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"'{unit}' is not a valid TIMESTAMP field")
    if types.is_named(call.types[-1], "date") and unit not in _DATE_UNITS:
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"'{unit}' is not a valid DATE field")
    return unit


def _date_add(call: Call) -> str:
    unit = _unit(call)
    kind = "BIGINT" if unit in {"millisecond", "second", "minute", "hour"} else "INTEGER"
    moved = f"({call.texts[2]} + {_ADD[unit]}(CAST({call.texts[1]} AS {kind})))"
    return f"CAST({moved} AS DATE)" if types.is_named(call.types[2], "date") else moved


def _date_trunc(call: Call) -> str:
    text = f"date_trunc('{_unit(call)}', {call.texts[1]})"
    return f"CAST({text} AS DATE)" if types.is_named(call.types[1], "date") else text


def _date_diff(call: Call) -> str:
    """Whole units that have passed; DuckDB's date_diff counts boundaries crossed."""
    return f"datesub('{_unit(call)}', {call.texts[1]}, {call.texts[2]})"


def _mysql_format(call: Call, *, reading: bool) -> str:
    text, out, at = _literal(call, 1, "format"), "", 0
    while at < len(text):
        letter = text[at + 1] if text[at] == "%" and at + 1 < len(text) else ""
        if not letter:
            out += "%%" if text[at] == "%" else text[at]
            at += 1
            continue
        at += 2
        if letter not in _MYSQL:
            if letter.isalpha() and letter in "DUuVwX":
                raise QueryFailed(
                    "INVALID_FUNCTION_ARGUMENT", f"%{letter} not supported in date format string"
                )
            out += letter
            continue
        out += _MYSQL[letter].replace("-", "") if reading else _MYSQL[letter]
    return "'" + out.replace("'", "''") + "'"


def _joda_format(call: Call) -> str:
    text, out, at = _literal(call, 1, "format"), "", 0
    while at < len(text):
        sign = text[at]
        if sign == "'":
            end = text.find("'", at + 1)
            end = len(text) if end < 0 else end
            out += text[at + 1 : end].replace("%", "%%") or "'"
            at = end + 1
            continue
        run = at
        while run < len(text) and text[run] == sign:
            run += 1
        run = run if sign.isalpha() else at + 1
        part = text[at:run]
        if sign.isalpha() and part not in _JODA:
            raise QueryFailed("NOT_SUPPORTED", f"{call.name} with the letters '{part}' is not supported yet")
        out += _JODA.get(part, part.replace("%", "%%"))
        at = run
    return "'" + out.replace("'", "''") + "'"


def _date_format(call: Call) -> str:
    return f"strftime({call.texts[0]}, {_mysql_format(call, reading=False)})"


def _date_parse(call: Call) -> str:
    return f"strptime({call.texts[0]}, {_mysql_format(call, reading=True)})"


def _format_datetime(call: Call) -> str:
    return f"strftime({call.texts[0]}, {_joda_format(call)})"


def _sequence(call: Call) -> str:
    step = call.texts[2] if len(call.texts) > 2 else None
    first, last = call.texts[0], call.texts[1]
    given = call.types[0]
    if len(call.types) > 2 and call.types[2] == types.YEAR_TO_MONTH:
        return _sequence_of_months(call)
    if types.is_integer(given):
        start, stop = f"CAST({first} AS BIGINT)", f"CAST({last} AS BIGINT)"
        step = step or f"CASE WHEN {last} < {first} THEN -1 ELSE 1 END"
        return f"generate_series({start}, {stop}, {step})"
    if types.is_named(given, "date"):
        step = step or f"CASE WHEN {last} < {first} THEN INTERVAL '-1' DAY ELSE INTERVAL '1' DAY END"
        return f"CAST(generate_series({first}, {last}, {step}) AS DATE[])"
    if step is None:
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", "sequence of timestamps needs a step")
    return f"generate_series({first}, {last}, {step})"


def _sequence_of_months(call: Call) -> str:
    """Each step counts from the first value: 01-31, 02-29, 03-31."""
    first, last, step = call.texts
    months = f"(datepart('year', {step}) * 12 + datepart('month', {step}))"
    steps = f"lb_months_between({first}, {last}, {months})"
    moved = f"{first} + to_months(CAST(lb_step * {months} AS INTEGER))"
    kind = "DATE" if types.is_named(call.types[0], "date") else "TIMESTAMP"
    return f"list_transform({steps}, lambda lb_step: CAST({moved} AS {kind}))"


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
    return [*rows, _row("millisecond", "w", "bigint", "(millisecond({0}) % 1000)")]


DATES = [
    *_parts(),
    _row("date", "x", "date", "CAST({0} AS DATE)"),
    _row("now", "", "timestamp(3) with time zone", "lb_now()"),
    _row("date_add", "xid", same(2), _date_add),
    _row("date_add", "xix", same(2), _date_add),
    _row("date_trunc", "xw", same(1), _date_trunc),
    _row("date_diff", "xww", "bigint", _date_diff),
    _row("date_format", "wv", "varchar", _date_format),
    _row("date_parse", "vv", "timestamp(3)", _date_parse),
    _row("format_datetime", "wv", "varchar", _format_datetime),
    _row("from_unixtime", "n", "timestamp(3) with time zone", "to_timestamp({0})"),
    _row("to_unixtime", "w", "double", "epoch({0})"),
    _row("from_iso8601_date", "v", "date", "CAST({0} AS DATE)"),
    _row("last_day_of_month", "w", "date", "last_day({0})"),
    _row("sequence", "xx", _sequence_type, _sequence),
    _row("sequence", "xxx", _sequence_type, _sequence),
    _row("to_iso8601", "d", "varchar", "CAST({0} AS VARCHAR)"),
]
