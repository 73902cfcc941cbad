"""Timestamps with time zone: an instant and the zone that each value keeps.

DuckDB's own type has no zone per value (facts/sql.md, "Traps"), so a value is a struct of the instant
``t`` and the zone's name ``z`` (``UTC``, ``Asia/Tokyo``, ``+05:30``). Values order by their instant.
"""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType
from lakebench.sql import fractions, types
from lakebench.sql.signatures import Call, Function, Types, fixed

ZONED = "STRUCT(t TIMESTAMP WITH TIME ZONE, z VARCHAR)"
"""DuckDB's type of a timestamp with time zone."""

MOVABLE = ("time", "time with time zone", "timestamp", "timestamp with time zone")
"""Types whose values AT TIME ZONE shows on another clock."""

LOCAL_FUNCTIONS = frozenset(
    {
        *("year", "quarter", "month", "day", "day_of_month", "week", "week_of_year", "day_of_week", "dow"),
        *("day_of_year", "doy", "year_of_week", "yow", "hour", "minute", "second", "millisecond"),
        *("date", "date_format", "last_day_of_month"),
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
lb_offset_name(z) AS (CASE WHEN contains(z, '-') <> regexp_matches(z, '^(?i:etc/gmt)') \
THEN '-' ELSE '+' END) || lpad(regexp_extract(z, '[+-](\d{1,2})', 1), 2, '0') || ':' \
|| rpad(regexp_extract(z, '[+-]\d{1,2}:?(\d{2})$', 1), 2, '0')
lb_sure_offset(z) AS CASE WHEN z IN ('+00:00', '-00:00') THEN 'UTC' WHEN abs(lb_offset_of(z)) > 840 \
THEN CAST(lb_fail('INVALID_FUNCTION_ARGUMENT', 'Time zone not supported: ' || z) AS VARCHAR) ELSE z END
lb_zone_name(given) AS list_transform([given], lambda z: \
CASE WHEN upper(z) IN ('Z', 'UTC', 'UCT', 'UT', 'GMT', 'GMT0', 'ZULU', 'GREENWICH', 'UNIVERSAL', \
'ETC/UTC', 'ETC/GMT', 'ETC/UCT', 'ETC/GMT0', 'ETC/ZULU', 'ETC/GREENWICH', 'ETC/UNIVERSAL') THEN 'UTC' \
WHEN regexp_full_match(z, '(?i)(etc/)?(utc|gmt|ut)?[+-]\d{1,2}(:?\d{2})?') \
THEN lb_sure_offset(lb_offset_name(z)) \
ELSE z END)[1]
lb_zoned(t, z) AS list_transform([{'t': t, 'z': lb_zone_name(z)}], \
lambda v: CASE WHEN v.t IS NOT NULL AND v.z IS NOT NULL THEN v END)[1]
lb_local(x) AS list_transform([x], lambda v: \
timezone(lb_zone_of(v.z), v.t) + to_minutes(lb_offset_of(v.z)))[1]
lb_in_zone(clock, z) AS list_transform([{'c': clock, 'z': lb_zone_name(z)}], \
lambda v: CASE WHEN v.c IS NOT NULL AND v.z IS NOT NULL THEN \
{'t': timezone(lb_zone_of(v.z), v.c - to_minutes(lb_offset_of(v.z))), 'z': v.z} END)[1]
lb_rezoned(x, z) AS list_transform([{'x': x, 'z': lb_zone_name(z)}], \
lambda v: CASE WHEN timezone(lb_zone_of(v.z), v.x.t) IS NOT NULL THEN {'t': v.x.t, 'z': v.z} END)[1]
lb_zone_minutes(x) AS datediff('minute', timezone('UTC', x.t), lb_local(x))
lb_zone_shown(given) AS list_transform([given], lambda m: \
CASE WHEN m < 0 THEN '-' ELSE '+' END || printf('%02d:%02d', abs(m) // 60, abs(m) % 60))[1]
lb_time_utc(x) AS CAST(x.c AS TIME) + to_minutes(CAST(-x.o AS INTEGER))
lb_fine_instant(x) AS list_transform([x], lambda lb_q: lb_fine_zoned(lb_in_zone(lb_q.t, 'UTC'), lb_q.f))[1]
lb_time_rezoned(x, z) AS list_transform([{'x': x, \
'm': CAST(lb_zone_minutes(lb_rezoned(lb_zoned(transaction_timestamp(), 'UTC'), z)) AS INTEGER)}], \
lambda lb_q: CASE WHEN lb_q.x IS NOT NULL AND lb_q.m IS NOT NULL THEN \
{'c': lb_time_utc(lb_q.x) + to_minutes(lb_q.m), 'o': lb_q.m} END)[1]
lb_iso8601_offset(x) AS CASE WHEN x.z = 'UTC' THEN 'Z' ELSE lb_zone_shown(datediff('minute', \
timezone('UTC', x.t), lb_local({'t': x.t, 'z': x.z}))) END
lb_from_unixtime(x) AS make_timestamptz(CAST(floor(CAST(x AS DOUBLE) * 1000 + 0.5e0) AS BIGINT) * 1000)
lb_from_nanos(n) AS {'t': make_timestamptz(CAST(lb_floor_unit(n, 1000) // 1000 AS BIGINT)), \
'f': CAST((n - lb_floor_unit(n, 1000)) * 1000 AS BIGINT), 'z': 'UTC'}
lb_zone_minutes_text(m) AS CASE WHEN lb_argument(abs(m) <= 840, \
'Invalid offset minutes ' || CAST(m AS VARCHAR)) \
THEN CASE WHEN m = 0 THEN 'UTC' ELSE lb_zone_shown(m) END END
lb_offset_zone(h, m) AS lb_zone_minutes_text(CAST(h AS BIGINT) * 60 + CAST(m AS BIGINT))
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


def clock(text: str, given: DataType | None) -> str:
    """What a value's clock shows, as a DuckDB date, time or timestamp; other values as they are."""
    if types.is_fine(given) and given is not None:
        text, given = fractions.coarse(text, given), fractions.with_digits(given, fractions.MICROSECONDS)
    if types.is_named(given, "time with time zone"):
        return f"({text}).c"
    return f"lb_local({text})" if is_zoned(given) else text


def zoned(text: str, given: DataType | None) -> str:
    """A date, timestamp or text as a zoned timestamp."""
    if is_zoned(given):
        return text
    if types.is_text(given):
        return f"lb_zoned_text({text})"
    return f"lb_in_zone(CAST({text} AS TIMESTAMP), 'UTC')"


def _at_timezone(call: Call) -> str:
    given = call.types[0]
    zone = call.texts[1] if types.is_text(call.types[1]) else zone_of_span(call.texts[1])
    return at_zone(call.texts[0], given, zone)


def zone_of_span(span: str) -> str:
    """An interval as the name of a zone so far from UTC."""
    return f"lb_zone_minutes_text(lb_interval_ms({span}) // 60000)"


def at_zone(text: str, given: DataType | None, zone: str) -> str:
    """The same instant on the clock of another zone; times take the zone's distance from UTC now."""
    if types.is_named(given, "time", "time with time zone"):
        value = text if types.is_named(given, "time with time zone") else f"{{'c': {text}, 'o': 0}}"
        if types.is_fine(given):
            raise types.not_supported(f"AT TIME ZONE of {given}")
        return f"lb_time_rezoned({value}, {zone})"
    if types.is_fine(given):
        value = text if is_zoned(given) else f"lb_fine_instant({text})"
        return (
            f"list_transform([{value}], lambda lb_w: lb_fine_zoned(lb_rezoned({{'t': lb_w.t, 'z': lb_w.z}}, "
            f"{zone}), lb_w.f))[1]"
        )
    return f"lb_rezoned({zoned(text, given)}, {zone})"


def _with_timezone(call: Call) -> str:
    given = call.types[0]
    if types.is_fine(given):
        clock, fraction = f"({call.texts[0]}).t", f"({call.texts[0]}).f"
        return f"lb_fine_zoned(lb_in_zone({clock}, {call.texts[1]}), {fraction})"
    return f"lb_in_zone({call.texts[0]}, {call.texts[1]})"


def zoned_type(given: Types) -> DataType | None:
    """The zoned type with the first argument's digits."""
    if given[0] is None:
        return None
    kind = "time with time zone" if given[0].name.startswith("time ") or given[0].name == "time" else _ZONED
    return DataType(name=kind, parameters=given[0].parameters)


def _minutes(call: Call) -> str:
    """Minutes from UTC of a value with a zone."""
    if types.is_named(call.types[0], "time with time zone"):
        return f"({call.texts[0]}).o"
    value = call.texts[0]
    given = call.types[0]
    if given is not None and types.is_fine(given):
        return f"list_transform([{value}], lambda lb_w: lb_zone_minutes({{'t': lb_w.t, 'z': lb_w.z}}))[1]"
    return f"lb_zone_minutes({value})"


def _hour(call: Call) -> str:
    return f"CAST({_minutes(call)} // 60 AS BIGINT)"


def _minute(call: Call) -> str:
    return f"CAST({_minutes(call)} % 60 AS BIGINT)"


def _unix_time(call: Call) -> str:
    """Seconds since 1970 to the microsecond."""
    given = call.types[0]
    plain = types.is_named(given, "timestamp") and not types.is_fine(given)
    return f"epoch({call.texts[0]})" if plain else f"epoch(({call.texts[0]}).t)"


def _nanos(call: Call) -> str:
    whole = types.is_decimal(call.types[0])
    text = f"round({call.texts[0]}, 0)" if whole else call.texts[0]
    number = f"CAST({text} AS HUGEINT)"
    return f"CASE WHEN {call.texts[0]} IS NOT NULL THEN lb_from_nanos({number}) END"


def _row(
    name: str,
    arguments: str,
    returns: str | Callable[[Types], DataType | None],
    sql: str | Callable[[Call], str],
) -> Function:
    result = fixed(returns) if isinstance(returns, str) else returns
    return Function(name=name, arguments=arguments, returns=result, sql=sql)


_ZONED = "timestamp with time zone"
_TZ = "timestamp(3) with time zone"
ZONES = [
    _row("now", "", _TZ, "lb_now()"),
    _row("at_timezone", "sv", zoned_type, _at_timezone),
    _row("at_timezone", "sD", zoned_type, _at_timezone),
    _row("at_timezone", "tv", zoned_type, _at_timezone),
    _row("at_timezone", "tD", zoned_type, _at_timezone),
    _row("with_timezone", "Sv", zoned_type, _with_timezone),
    *(_row("timezone_hour", letter, "bigint", _hour) for letter in "ZT"),
    *(_row("timezone_minute", letter, "bigint", _minute) for letter in "ZT"),
    _row("timezone", "Z", "varchar", "({0}).z"),
    _row("from_unixtime", "n", _TZ, "lb_zoned(lb_from_unixtime({0}), 'UTC')"),
    _row("from_unixtime", "nv", _TZ, "lb_zoned(lb_from_unixtime({0}), {1})"),
    _row("from_unixtime", "nii", _TZ, "lb_zoned(lb_from_unixtime({0}), lb_offset_zone({1}, {2}))"),
    _row("to_unixtime", "Z", "double", _unix_time),
    _row("to_unixtime", "S", "double", _unix_time),
    _row("from_unixtime_nanos", "i", "timestamp(9) with time zone", _nanos),
    _row("from_unixtime_nanos", "c", "timestamp(9) with time zone", _nanos),
]
