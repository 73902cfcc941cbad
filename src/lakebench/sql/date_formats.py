"""Dates to and from texts by patterns: MySQL's, Joda-Time's and Teradata's.

A pattern that is a literal of plain marks is DuckDB's ``strftime`` or ``strptime``, the latter only for texts
of exactly these widths; everything else goes to ``lb_py_*``, which does as Joda-Time does.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from lakebench.errors import QueryFailed
from lakebench.sql import fractions, types, zones
from lakebench.sql.signatures import Call, Function, fixed

# MySQL's mark -> strftime's, for years of four digits.
_MYSQL_SHOWN = {
    "a": "%a",
    "b": "%b",
    "c": "%-m",
    "d": "%d",
    "e": "%-d",
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
_MYSQL_REFUSED = "DUuVwX"
_JODA_SHOWN = {
    "yyyy": "%Y",
    "YYYY": "%Y",
    "yyy": "%Y",
    "y": "%Y",
    "Y": "%Y",
    "yy": "%y",
    "xxxx": "%G",
    "ww": "%V",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "D": "%-j",
    "DDD": "%j",
    "HH": "%H",
    "H": "%-H",
    "hh": "%I",
    "h": "%-I",
    "mm": "%M",
    "m": "%-M",
    "ss": "%S",
    "s": "%-S",
    "SSS": "%g",
    "e": "%u",
    "a": "%p",
    "EEEE": "%A",
    "EEE": "%a",
    "E": "%a",
}
# Mark -> (what strptime calls it, the text that it takes); both languages.
_READ = {
    "Y": ("%Y", r"\d{4}"),
    "m": ("%m", r"\d{2}"),
    "d": ("%d", r"\d{2}"),
    "H": ("%H", r"\d{2}"),
    "i": ("%M", r"\d{2}"),
    "s": ("%S", r"\d{2}"),
    "S": ("%S", r"\d{2}"),
    "T": ("%H:%M:%S", r"\d{2}:\d{2}:\d{2}"),
}
_JODA_READ = {
    "yyyy": _READ["Y"],
    "YYYY": _READ["Y"],
    "MM": _READ["m"],
    "dd": _READ["d"],
    "HH": _READ["H"],
    "mm": _READ["i"],
    "ss": _READ["s"],
    "SSS": ("%g", r"\d{3}"),
}
_Tokens = list[tuple[bool, str]]
"""(whether it is a mark, the mark or the literal text)."""

MACROS = r"""
lb_usual(t, text) AS CASE WHEN t IS NULL THEN NULL WHEN year(t) BETWEEN 1000 AND 9999 THEN text \
ELSE CAST(lb_fail('NOT_SUPPORTED', 'Formatting years of other than four digits is not supported yet') \
AS VARCHAR) END
lb_from_parts(x) AS list_transform([x], lambda lb_u: CASE WHEN lb_u IS NOT NULL THEN \
lb_in_zone(lb_u.c, lb_u.z) END)[1]
lb_is_iso8601(s) AS regexp_full_match(s, \
'[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?' || \
'(Z|[+-][0-9]{2}:[0-9]{2})?)?')
lb_iso8601_clock(s) AS TRY_CAST(replace(regexp_extract(s, '^[0-9-]{10}(T[0-9:.]+)?'), 'T', ' ') AS TIMESTAMP)
lb_iso8601_zone(s) AS coalesce(nullif(regexp_extract(s, 'T[0-9:.]+(Z|[+-].*)$', 1), ''), 'UTC')
"""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal(call: Call, at: int) -> str | None:
    node = call.nodes[at]
    return node.name if isinstance(node, exp.Literal) and node.is_string else None


def _mysql_tokens(text: str) -> _Tokens:
    tokens: _Tokens = []
    at = 0
    while at < len(text):
        mark = text[at] == "%" and at + 1 < len(text)
        tokens.append((True, text[at + 1]) if mark else (False, text[at]))
        at += 1 + mark
    return tokens


def _joda_tokens(text: str) -> _Tokens:
    """Runs of a letter, and literals; an empty pattern and quotes within quotes are left to ``lb_py_*``."""
    return [
        (True, found[0]) if found["run"] else (False, found["quoted"] or found[0].replace("''", "'"))
        for found in re.finditer(r"(?P<run>([A-Za-z])\2*)|'(?P<quoted>[^']+)'|''|[^A-Za-z']+", text)
    ]


def _shown(tokens: _Tokens, marks: dict[str, str]) -> str | None:
    """strftime's pattern; None if there is a mark that it has not."""
    out = ""
    for is_mark, text in tokens:
        if is_mark and text not in marks:
            return None
        out += marks[text] if is_mark else text.replace("%", "%%")
    return out


def _read(tokens: _Tokens, marks: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    """strptime's pattern and the regular expression of the texts that it is sure for, if there is one."""
    form, sure = "", ""
    used: set[str] = set()
    for is_mark, text in tokens:
        if not is_mark:
            if not re.fullmatch(r"[\w .,:/()\[\]-]+", text, re.ASCII):
                return None
            form, sure = form + text, sure + re.escape(text)
            continue
        if text not in marks or marks[text][0] in used:
            return None
        used.add(marks[text][0])
        form, sure = form + marks[text][0], sure + marks[text][1]
    # A month without a year is of 2000, an hour alone of 1970: strptime has its own ideas.
    return (form, sure) if "%Y" in used and not ("%H:%M:%S" in used and "%H" in used) else None


def _date_format(call: Call) -> str:
    pattern, clock = _literal(call, 1), call.texts[0]
    if pattern is not None:
        tokens = _mysql_tokens(pattern)
        refused = next((text for is_mark, text in tokens if is_mark and text in _MYSQL_REFUSED), None)
        if refused is not None:
            message = f"%{refused} not supported in date format string"
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", message)
        # A mark that is none stands for its letter; %f is of the milliseconds.
        itself = {text: text for is_mark, text in tokens if is_mark and text != "f"}
        micros = {"f": "%f"} if fractions.digits_of(call.types[0]) <= 3 else {}
        form = _shown(tokens, {**itself, **micros, **_MYSQL_SHOWN})
        if form is not None and pattern:
            return f"lb_usual({clock}, strftime({clock}, {_quoted(form)}))"
    return f"lb_py_format_mysql(CAST({clock} AS TIMESTAMP), {call.texts[1]})"


def _sure(tokens: _Tokens | None, marks: dict[str, tuple[str, str]], call: Call) -> str | None:
    """strptime where its answer is certain, NULL elsewhere; None if it never is."""
    sure = _read(tokens, marks) if tokens is not None else None
    if sure is None:
        return None
    text = call.texts[0]
    return (
        f"CASE WHEN regexp_full_match({text}, {_quoted(sure[1])}) "
        f"THEN try_strptime({text}, {_quoted(sure[0])}) END"
    )


def _date_parse(call: Call) -> str:
    pattern = _literal(call, 1)
    tokens = _mysql_tokens(pattern) if pattern else None
    careful = f"lb_py_parse_mysql({call.texts[0]}, {call.texts[1]})"
    fast = _sure(tokens, _READ, call)
    return careful if fast is None else f"coalesce({fast}, {careful})"


def _parse_datetime(call: Call) -> str:
    pattern = _literal(call, 1)
    tokens = _joda_tokens(pattern) if pattern else None
    careful = f"lb_from_parts(lb_py_parse_joda({call.texts[0]}, {call.texts[1]}))"
    fast = _sure(tokens, _JODA_READ, call)
    return careful if fast is None else f"coalesce(lb_in_zone({fast}, 'UTC'), {careful})"


def _format_datetime(call: Call) -> str:
    given, pattern = call.types[0], _literal(call, 1)
    zoned = zones.is_zoned(given)
    value = fractions.coarse(call.texts[0], given) if given is not None else call.texts[0]
    if pattern is not None:
        tokens = _joda_tokens(pattern)
        if not zoned and any(is_mark and text[0] in "zZ" for is_mark, text in tokens):
            raise QueryFailed(
                "INVALID_FUNCTION_ARGUMENT",
                "format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, "
                "as this type does not contain TZ information",
            )
        form = _shown(tokens, _JODA_SHOWN)
        if form is not None and pattern:
            clock = f"lb_local({value})" if zoned else value
            return f"lb_usual({clock}, strftime({clock}, {_quoted(form)}))"
    elif not zoned:
        raise types.not_supported("format_datetime of a timestamp with a format that is no literal")
    if not zoned:
        return f"lb_py_format_joda(CAST({value} AS TIMESTAMP), 'UTC', 0, {call.texts[1]})"
    return f"lb_py_format_joda(lb_local({value}), ({value}).z, lb_zone_minutes({value}), {call.texts[1]})"


def _to_char(call: Call) -> str:
    given = call.types[0]
    value = fractions.coarse(call.texts[0], given) if given is not None else call.texts[0]
    clock = f"lb_local({value})" if zones.is_zoned(given) else f"CAST({value} AS TIMESTAMP)"
    return f"lb_py_format_teradata({clock}, {call.texts[1]})"


def _to_iso8601(call: Call) -> str:
    given = call.types[0]
    if given is None or given.name == "date":
        return f"lb_date_shown({call.texts[0]})"
    zoned = zones.is_zoned(given)
    moment = "lb_local({'t': lb_w.t, 'z': lb_w.z})" if zoned else fractions.part(given)
    fraction = fractions.fraction_text(given, moment, fractions.digits_of(given))
    text = f"replace(lb_clock_shown({moment}), ' ', 'T') || {fraction}"
    return fractions.let(call.texts[0], f"{text} || lb_iso8601_offset(lb_w)" if zoned else text)


def _from_iso8601(call: Call) -> str:
    """Milliseconds, the digits beyond them cut off."""
    text = call.texts[0]
    clock = f"date_trunc('millisecond', lb_iso8601_clock({text}))"
    fast = f"CASE WHEN lb_is_iso8601({text}) THEN lb_in_zone({clock}, lb_iso8601_zone({text})) END"
    return f"coalesce({fast}, lb_from_parts(lb_py_from_iso8601({text})))"


def _from_iso8601_nanos(call: Call) -> str:
    text = call.texts[0]
    checked = (
        f"CASE WHEN lb_argument(lb_is_iso8601({text}) AND lb_iso8601_clock({text}) IS NOT NULL, "
        f"'Invalid format: \"' || {text} || '\"') THEN lb_in_zone(lb_iso8601_clock({text}), "
        f"lb_iso8601_zone({text})) END"
    )
    digits = f"regexp_extract({text}, '[.](\\d+)', 1)"
    return f"lb_fine_zoned({checked}, CAST(rpad(rpad({digits}, 9, '0')[7:9], 6, '0') AS BIGINT))"


def _row(name: str, arguments: str, returns: str, sql: str | Callable[[Call], str]) -> Function:
    return Function(name=name, arguments=arguments, returns=fixed(returns), sql=sql)


DATE_FORMATS = [
    _row("date_format", "wv", "varchar", _date_format),
    _row("date_parse", "vv", "timestamp(3)", _date_parse),
    _row("format_datetime", "wv", "varchar", _format_datetime),
    _row("parse_datetime", "vv", "timestamp(3) with time zone", _parse_datetime),
    _row("to_char", "wv", "varchar", _to_char),
    _row("to_date", "vv", "date", "CAST(lb_py_parse_teradata({0}, {1}) AS DATE)"),
    _row("to_timestamp", "vv", "timestamp(3)", "lb_py_parse_teradata({0}, {1})"),
    _row("to_iso8601", "w", "varchar", _to_iso8601),
    _row("from_iso8601_timestamp", "v", "timestamp(3) with time zone", _from_iso8601),
    _row("from_iso8601_timestamp_nanos", "v", "timestamp(9) with time zone", _from_iso8601_nanos),
    _row(
        "from_iso8601_date",
        "v",
        "date",
        "coalesce(CASE WHEN regexp_full_match({0}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') THEN "
        "TRY_CAST({0} AS DATE) END, lb_py_from_iso8601_date({0}))",
    ),
]
