"""Timestamps with time zone: an instant and the zone that each value keeps.

DuckDB's own type has no zone per value (facts/sql.md, "Traps"), so a value is a struct of the instant
``t`` and the zone's name ``z`` (``UTC``, ``Asia/Tokyo``, ``+05:30``). Values order by their instant.
"""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.signatures import Call, Function, fixed

ZONED = "STRUCT(t TIMESTAMP WITH TIME ZONE, z VARCHAR)"
"""DuckDB's type of a timestamp with time zone."""

LOCAL_FUNCTIONS = frozenset(
    {
        *("year", "quarter", "month", "day", "day_of_month", "week", "week_of_year", "day_of_week", "dow"),
        *("day_of_year", "doy", "year_of_week", "yow", "hour", "minute", "second", "millisecond"),
        *("date", "date_format", "format_datetime", "last_day_of_month"),
    }
)
"""Functions that take a zoned timestamp as what its clock shows."""

# A macro repeats its argument's text wherever it is used, which doubles with every level; a lambda over a
# list of one binds it once.
MACROS = r"""
lb_numeric_zone(z) AS regexp_full_match(z, '[+-][0-9]{2}:[0-9]{2}')
lb_offset_of(z) AS CASE WHEN lb_numeric_zone(z) THEN CASE WHEN z[1] = '-' THEN -1 ELSE 1 END \
* (coalesce(TRY_CAST(z[2:3] AS BIGINT), 0) * 60 + coalesce(TRY_CAST(z[5:6] AS BIGINT), 0)) ELSE 0 END
lb_zone_of(z) AS CASE WHEN lb_numeric_zone(z) THEN 'UTC' ELSE z END
lb_zone_name(given) AS list_transform([given], lambda z: \
CASE WHEN upper(z) IN ('Z', 'UTC', 'UCT', 'UT', 'GMT', 'GMT0', 'ZULU', 'GREENWICH', \
'ETC/UTC', \
'ETC/GMT', 'ETC/UCT', '+00:00', '-00:00') THEN 'UTC' WHEN regexp_full_match(z, '[+-][0-9]{2}') THEN z || \
':00' \
WHEN regexp_full_match(z, '[+-][0-9]{4}') THEN z[1:3] || ':' || z[4:5] ELSE z END)[1]
lb_zoned(t, z) AS list_transform([{'t': t, 'z': lb_zone_name(z)}], \
lambda v: CASE WHEN v.t IS NOT NULL AND v.z IS NOT NULL THEN v END)[1]
lb_local(x) AS list_transform([x], lambda v: \
timezone(lb_zone_of(v.z), v.t) + to_minutes(lb_offset_of(v.z)))[1]
lb_in_zone(clock, z) AS list_transform([{'c': clock, 'z': lb_zone_name(z)}], \
lambda v: CASE WHEN v.c IS NOT NULL AND v.z IS NOT NULL THEN \
{'t': timezone(lb_zone_of(v.z), v.c - to_minutes(lb_offset_of(v.z))), 'z': v.z} END)[1]
lb_rezoned(x, z) AS list_transform([{'x': x, 'z': lb_zone_name(z)}], \
lambda v: CASE WHEN timezone(lb_zone_of(v.z), v.x.t) IS NOT NULL THEN {'t': v.x.t, 'z': v.z} END)[1]
lb_bare_clock(s) AS regexp_replace(trim(s), ' ?[A-Za-z+-][A-Za-z0-9_/+:-]*$', '')
lb_zoned_clock(s) AS list_transform([{'s': s, 'b': lb_bare_clock(s)}], \
lambda v: CASE WHEN v.s IS NULL OR lb_is_timestamp(v.b) THEN v.b \
WHEN lb_is_timestamp(v.s) THEN trim(v.s) ELSE CAST(lb_fail('INVALID_CAST_ARGUMENT', \
'Value cannot be cast to timestamp with time zone: ' || v.s) AS VARCHAR) END)[1]
lb_zoned_text(s) AS list_transform([{'s': trim(s), 'c': lb_zoned_clock(s)}], \
lambda v: lb_in_zone(CAST(v.c AS TIMESTAMP), coalesce(nullif(trim(v.s[length(v.c) + 1:]), ''), 'UTC')))[1]
lb_zone_minutes(x) AS datediff('minute', timezone('UTC', x.t), lb_local(x))
lb_zone_shown(given) AS list_transform([given], lambda m: \
CASE WHEN m < 0 THEN '-' ELSE '+' END || printf('%02d:%02d', abs(m) // 60, abs(m) % 60))[1]
lb_iso8601_zoned(given) AS list_transform([given], lambda x: strftime(lb_local(x), '%Y-%m-%dT%H:%M:%S.%g') \
|| CASE WHEN x.z = 'UTC' THEN 'Z' ELSE lb_zone_shown(lb_zone_minutes(x)) END)[1]
lb_from_unixtime(x) AS make_timestamptz(CAST(round(CAST(x AS DOUBLE) * 1000) AS BIGINT) * 1000)
lb_offset_zone(h, m) AS lb_zone_shown(CAST(h AS BIGINT) * 60 + CAST(m AS BIGINT))
lb_from_iso8601(s) AS CASE WHEN lb_argument(regexp_full_match(s, \
'[0-9]{4}-[0-9]{2}-[0-9]{2}' || \
'(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?'), \
'Invalid format: "' || s || '"') THEN lb_in_zone(date_trunc('millisecond', CAST(replace(regexp_extract(s, \
'^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+)?'), 'T', ' ') AS TIMESTAMP)), \
coalesce(nullif(regexp_extract(s, 'T[0-9:.]+(Z|[+-].*)$', 1), ''), 'UTC')) END
lb_now() AS lb_zoned(date_trunc('millisecond', transaction_timestamp()), 'UTC')
"""


def is_zoned(data_type: DataType | None) -> bool:
    """Whether values keep a zone."""
    return types.is_named(data_type, "timestamp with time zone")


def instant(text: str, given: DataType | None) -> str:
    """A zoned timestamp, or a clock in the session's zone (UTC), as DuckDB's instant."""
    if is_zoned(given):
        return f"({text}).t"
    return f"timezone('UTC', CAST({text} AS TIMESTAMP))"


def zoned(text: str, given: DataType | None) -> str:
    """A date, timestamp or text as a zoned timestamp."""
    if is_zoned(given):
        return text
    if types.is_text(given):
        return f"lb_zoned_text({text})"
    return f"lb_in_zone(CAST({text} AS TIMESTAMP), 'UTC')"


def moved(text: str, span: str, sign: str, kind: DataType | None) -> str:
    """``text + span``: days and hours move the instant, months the calendar of the value's zone."""
    if kind == types.YEAR_TO_MONTH:
        return f"lb_in_zone(lb_local({text}) {sign} {span}, ({text}).z)"
    return f"lb_zoned(({text}).t {sign} {span}, ({text}).z)"


def _at_timezone(call: Call) -> str:
    return f"lb_rezoned({zoned(call.texts[0], call.types[0])}, {call.texts[1]})"


def _row(name: str, arguments: str, returns: str, sql: str | Callable[[Call], str]) -> Function:
    return Function(name=name, arguments=arguments, returns=fixed(returns), sql=sql)


_TZ = "timestamp(3) with time zone"
ZONES = [
    _row("now", "", _TZ, "lb_now()"),
    _row("at_timezone", "sv", _TZ, _at_timezone),
    _row("with_timezone", "Sv", _TZ, "lb_in_zone({0}, {1})"),
    _row("timezone_hour", "Z", "bigint", "(lb_zone_minutes({0}) // 60)"),
    _row("timezone_minute", "Z", "bigint", "(lb_zone_minutes({0}) % 60)"),
    _row("timezone", "Z", "varchar", "({0}).z"),
    _row("from_unixtime", "n", _TZ, "lb_zoned(lb_from_unixtime({0}), 'UTC')"),
    _row("from_unixtime", "nv", _TZ, "lb_zoned(lb_from_unixtime({0}), {1})"),
    _row("from_unixtime", "nii", _TZ, "lb_zoned(lb_from_unixtime({0}), lb_offset_zone({1}, {2}))"),
    _row("to_unixtime", "Z", "double", "epoch(({0}).t)"),
    _row("to_unixtime", "S", "double", "epoch({0})"),
    _row("to_iso8601", "Z", "varchar", "lb_iso8601_zoned({0})"),
    _row("from_iso8601_timestamp", "v", _TZ, "lb_from_iso8601({0})"),
]
