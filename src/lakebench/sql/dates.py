"""Functions on dates and times: a date stays a date, differences are whole units, formats are MySQL's."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types, zones
from lakebench.sql.signatures import Call, Function, Types, fixed, same
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
    "m": "%-M",
    "s": "%-S",
    "SSS": "%g",
    "D": "%-j",
    "yyy": "%Y",
    "y": "%Y",
    "xxxx": "%G",
    "ww": "%V",
    "e": "%u",
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
    if types.is_named(call.types[-1], "time") and unit not in _TIME_UNITS:
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"'{unit}' is not a valid TIME field")
    return unit


def _date_add(call: Call) -> str:
    unit = _unit(call)
    kind = "BIGINT" if unit in {"millisecond", "second", "minute", "hour"} else "INTEGER"
    span = f"{_ADD[unit]}(CAST({call.texts[1]} AS {kind}))"
    if zones.is_zoned(call.types[2]):
        local = types.YEAR_TO_MONTH if unit in _DATE_UNITS else types.DAY_TO_SECOND
        return zones.moved(call.texts[2], span, "+", local)
    moved = f"({call.texts[2]} + {span})"
    return f"CAST({moved} AS DATE)" if types.is_named(call.types[2], "date") else moved


def _date_trunc(call: Call) -> str:
    if types.is_named(call.types[1], "time"):
        return f"CAST(date_trunc('{_unit(call)}', DATE '1970-01-01' + {call.texts[1]}) AS TIME)"
    if zones.is_zoned(call.types[1]):
        clock = f"date_trunc('{_unit(call)}', lb_local({call.texts[1]}))"
        return f"lb_in_zone({clock}, ({call.texts[1]}).z)"
    text = f"date_trunc('{_unit(call)}', {call.texts[1]})"
    return f"CAST({text} AS DATE)" if types.is_named(call.types[1], "date") else text


def _date_diff(call: Call) -> str:
    """Whole units that have passed; DuckDB's date_diff counts boundaries crossed."""
    unit = _unit(call)
    if any(types.is_named(given, "time") for given in call.types[1:]):
        first, last = (f"(DATE '1970-01-01' + {text})" for text in call.texts[1:])
        return f"datesub('{unit}', {first}, {last})"
    first, last = call.texts[1], call.texts[2]
    if any(zones.is_zoned(given) for given in call.types[1:]):
        both = [zones.zoned(text, given) for text, given in zip(call.texts[1:], call.types[1:], strict=True)]
        zone = f"({both[0]}).z" if unit in _DATE_UNITS else "'UTC'"
        first, last = (f"lb_local(lb_zoned(({text}).t, {zone}))" for text in both)
    if unit == "quarter":
        return f"(datesub('month', {first}, {last}) // 3)"
    return f"datesub('{unit}', {first}, {last})"


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


def _joda_format(call: Call, *, reading: bool = False) -> str:
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
        mark = _JODA.get(part, part.replace("%", "%%"))
        if reading and part in {"EEEE", "EEE", "E", "DDD", "DD", "D"}:
            raise types.not_supported(f"{call.name} with the letters '{part}'")
        out += mark.replace("-", "") if reading and part in _JODA else mark
        at = run
    return "'" + out.replace("'", "''") + "'"


def _parse_datetime(call: Call) -> str:
    """Parts that the format has not are of 1970-01-01; the zone is the session's, UTC."""
    form, text = _joda_format(call, reading=True), call.texts[0]
    marks = {form[at + 1] for at in range(len(form) - 1) if form[at] == "%"}
    if "y" in marks or ("I" in marks) != ("p" in marks):
        raise types.not_supported("parse_datetime with this format")
    if "Y" not in marks:
        form, text = f"'%Y {form[1:]}", f"('1970 ' || {text})"
    return f"lb_in_zone(strptime({text}, {form}), 'UTC')"


def _date_format(call: Call) -> str:
    return f"strftime({call.texts[0]}, {_mysql_format(call, reading=False)})"


def _date_parse(call: Call) -> str:
    """Parts that the format has not are of 1970-01-01; two digits of a year are of 1970 to 2069."""
    form, text = _mysql_format(call, reading=True), call.texts[0]
    marks = {form[at + 1] for at in range(len(form) - 1) if form[at] == "%"}
    if not marks & {"Y", "y", "G"}:
        form, text = f"'%Y {form[1:]}", f"('1970 ' || {text})"
    parsed = f"date_trunc('millisecond', strptime({text}, {form}))"
    if "I" in marks and "p" not in marks:
        parsed = f"lb_half_day({parsed})"
    return f"lb_century({parsed})" if "y" in marks else parsed


def _format_datetime(call: Call) -> str:
    return f"strftime({call.texts[0]}, {_joda_format(call)})"


def _sequence(call: Call) -> str:
    step = call.texts[2] if len(call.texts) > 2 else None
    if types.is_named(call.types[0], "timestamp with time zone"):
        raise types.not_supported("sequence of zoned timestamps")
    first, last = call.texts[0], call.texts[1]
    given = call.types[0]
    if len(call.types) > 2 and call.types[2] == types.YEAR_TO_MONTH:
        return _sequence_of_months(call)
    if types.is_integer(given):
        start, stop = f"CAST({first} AS BIGINT)", f"CAST({last} AS BIGINT)"
        step = step or f"CASE WHEN {last} < {first} THEN -1 ELSE 1 END"
        return f"lb_sequence({start}, {stop}, {step})"
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
    _row("parse_datetime", "vv", "timestamp(3) with time zone", _parse_datetime),
    *_parts(),
    _row("date", "x", "date", "CAST({0} AS DATE)"),
    _row("date_add", "xid", same(2), _date_add),
    _row("date_add", "xix", same(2), _date_add),
    _row("date_add", "xit", same(2), _date_add),
    _row("date_trunc", "xt", same(1), _date_trunc),
    _row("date_diff", "xtt", "bigint", _date_diff),
    _row("to_milliseconds", "D", "bigint", "lb_interval_ms({0})"),
    _row("current_timezone", "", "varchar", "'UTC'"),
    _row("human_readable_seconds", "n", "varchar", "lb_human_seconds({0})"),
    _row("parse_duration", "v", "interval day to second", "lb_duration({0})"),
    _row("date_trunc", "xw", same(1), _date_trunc),
    _row("date_diff", "xww", "bigint", _date_diff),
    _row("date_format", "wv", "varchar", _date_format),
    _row("date_parse", "vv", "timestamp(3)", _date_parse),
    _row("format_datetime", "wv", "varchar", _format_datetime),
    _row("from_iso8601_date", "v", "date", "CAST(lb_date_text({0}) AS DATE)"),
    _row("to_iso8601", "S", "varchar", "lb_iso8601({0})"),
    _row("last_day_of_month", "w", "date", "last_day({0})"),
    _row("sequence", "xx", _sequence_type, _sequence),
    _row("sequence", "xxx", _sequence_type, _sequence),
    _row("to_iso8601", "d", "varchar", "CAST({0} AS VARCHAR)"),
]
