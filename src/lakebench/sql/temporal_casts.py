"""Casts among dates, times, timestamps and texts, as Trino means them.

A zone that is asked for and not there is the session's, UTC; a date that is not there is today's
(Trino: functions/datetime, TestTimestamp, TestTimeWithTimeZone).
"""

from __future__ import annotations

from lakebench.catalog import DataType
from lakebench.sql import fractions, types
from lakebench.sql.fractions import let, made, part, with_digits

TEMPORAL = ("date", "time", "time with time zone", "timestamp", "timestamp with time zone")

MACROS = r"""
lb_spaceless(s) AS trim(s, lb_blank())
lb_unsigned(s) AS CASE WHEN s[1] = '+' THEN s[2:] ELSE s END
lb_cast_failed(s, kind) AS CAST(lb_fail('INVALID_CAST_ARGUMENT', 'Value cannot be cast to ' || kind || \
': ' || s) AS VARCHAR)
lb_is_date(s) AS regexp_full_match(s, '[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}')
lb_is_timestamp(s) AS regexp_full_match(s, '[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}' || \
'( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{1,12})?)?)?')
lb_is_time(s) AS regexp_full_match(s, '[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{1,12})?)?')
lb_date_read(s) AS list_transform([s], lambda lb_s: CASE WHEN lb_s IS NULL THEN NULL WHEN \
lb_is_date(lb_spaceless(lb_s)) THEN coalesce(TRY_CAST(lb_unsigned(lb_spaceless(lb_s)) AS DATE), \
CAST(lb_cast_failed(lb_s, 'date') AS DATE)) ELSE CAST(lb_cast_failed(lb_s, 'date') AS DATE) END)[1]
lb_timestamp_read(s) AS list_transform([s], lambda lb_s: CASE WHEN lb_s IS NULL THEN NULL WHEN \
lb_is_timestamp(lb_spaceless(lb_s)) THEN coalesce(TRY_CAST(lb_unsigned(lb_spaceless(lb_s)) AS TIMESTAMP), \
CAST(lb_cast_failed(lb_s, 'timestamp') AS TIMESTAMP)) \
ELSE CAST(lb_cast_failed(lb_s, 'timestamp') AS TIMESTAMP) END)[1]
lb_date_of(s) AS coalesce(CASE WHEN regexp_full_match(s, '[0-9]{4}-[0-9]{2}-[0-9]{2}') \
THEN TRY_CAST(s AS DATE) END, lb_date_read(s))
lb_timestamp_of(s) AS coalesce(CASE WHEN regexp_full_match(s, \
'[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?') \
THEN TRY_CAST(s AS TIMESTAMP) END, lb_timestamp_read(s))
lb_time_of(s, kind) AS list_transform([s], lambda lb_s: CASE WHEN lb_s IS NULL THEN NULL WHEN \
lb_is_time(lb_spaceless(lb_s)) AND NOT starts_with(lb_spaceless(lb_s), '24') THEN \
coalesce(TRY_CAST(lb_spaceless(lb_s) AS TIME), CAST(lb_cast_failed(lb_s, kind) AS TIME)) \
ELSE CAST(lb_cast_failed(lb_s, kind) AS TIME) END)[1]
lb_offset_part(s) AS regexp_extract(lb_spaceless(s), '[+-][0-9]{2}:[0-9]{2}$')
lb_time_zoned_of(s) AS list_transform([s], lambda lb_s: CASE WHEN lb_s IS NULL THEN NULL WHEN \
abs(lb_offset_of(lb_offset_part(lb_s))) > 840 THEN \
{'c': CAST(lb_cast_failed(lb_s, 'time with time zone') AS TIME), 'o': 0} ELSE \
{'c': lb_time_of(regexp_replace(lb_spaceless(lb_s), '\s*[+-][0-9]{2}:[0-9]{2}$', ''), \
'time with time zone'), \
'o': CAST(lb_offset_of(lb_offset_part(lb_s)) AS INTEGER)} END)[1]
lb_bare_clock(s) AS regexp_replace(s, ' ?[A-Za-z+-][A-Za-z0-9_/+:-]*$', '')
lb_zoned_clock(s) AS list_transform([{'s': s, 'b': lb_bare_clock(s)}], \
lambda v: CASE WHEN v.s IS NULL OR lb_is_timestamp(v.b) THEN v.b \
WHEN lb_is_timestamp(v.s) THEN v.s ELSE \
lb_cast_failed(v.s, 'timestamp with time zone') END)[1]
lb_zoned_text(s) AS list_transform([{'s': lb_spaceless(s), 'c': lb_zoned_clock(lb_spaceless(s))}], \
lambda v: lb_in_zone(lb_timestamp_of(v.c), coalesce(nullif(trim(v.s[length(v.c) + 1:]), ''), 'UTC')))[1]
lb_today() AS CAST(lb_local(lb_now()) AS DATE)
"""

_READERS = {
    "date": "lb_date_of({0})",
    "time": "lb_time_of({0}, 'time')",
    "time with time zone": "lb_time_zoned_of({0})",
    "timestamp": "lb_timestamp_of({0})",
    "timestamp with time zone": "lb_zoned_text({0})",
}


def is_temporal(data_type: DataType | None) -> bool:
    """A date, time or timestamp, with a zone or without."""
    return types.is_named(data_type, *TEMPORAL)


def read_temporal(text: str, target: DataType) -> str:
    """CAST of a varchar; raises INVALID_CAST_ARGUMENT for what cannot be read."""
    read = _READERS[target.name].format(text)
    if target.name == "date":
        return read
    digits = fractions.digits_of(target)
    if digits < fractions.MICROSECONDS:
        return fractions.rescaled(read, with_digits(target, fractions.MICROSECONDS), target)
    # Microseconds are read; the digits beyond them are in the text.
    full = with_digits(target, fractions.PICOSECONDS)
    coarse = with_digits(target, fractions.MICROSECONDS)
    fraction = "lb_fraction_text(lb_x.s)"
    pair = made(full, part(coarse, "lb_x.v"), fraction, "lb_x.v")
    bound = f"lambda lb_x: CASE WHEN lb_x.v IS NOT NULL THEN {pair} END"
    value = f"list_transform(list_transform([{text}], lambda lb_y: {{'s': lb_y, 'v': "
    value += f"{_READERS[target.name].format('lb_y')}}}), {bound})[1]"
    return fractions.rescaled(value, full, target)


def cast_temporal(text: str, given: DataType, target: DataType) -> str | None:
    """CAST between two temporal types; None where Trino has no such cast."""
    if given.name == target.name:
        return fractions.rescaled(text, given, target)
    if {given.name, target.name} in ({"date", "time"}, {"date", "time with time zone"}):
        return None
    if target.name == "date":
        plain = given.name == "timestamp" and not types.is_fine(given)
        return f"CAST({text} AS DATE)" if plain else let(text, f"CAST({_clock(given)} AS DATE)")
    digits = fractions.digits_of(given)
    between = with_digits(target, digits)
    if given.name == "date" and target.name == "timestamp":
        value = f"CAST({text} AS TIMESTAMP)"
    else:
        value = let(text, _crossed(given, between))
    return fractions.rescaled(value, between, target)


def _clock(given: DataType) -> str:
    """What the value ``lb_w`` shows, as a DuckDB timestamp."""
    if given.name == "date":
        return "CAST(lb_w AS TIMESTAMP)"
    if given.name == "timestamp with time zone":
        return "lb_local({'t': lb_w.t, 'z': lb_w.z})"
    if given.name == "timestamp":
        return part(given)
    return f"(lb_today() + {part(given)})"


def _crossed(given: DataType, target: DataType) -> str:
    """The value ``lb_w`` in another kind of the same number of digits."""
    clock = _clock(given)
    fine = types.is_fine(given)
    fraction = "lb_w.f" if fine else "0::BIGINT"
    if target.name == "timestamp":
        return made(target, clock, fraction)
    if target.name == "time":
        time = part(given) if given.name == "time with time zone" else f"CAST({clock} AS TIME)"
        return made(target, time, fraction)
    if target.name == "time with time zone":
        time = part(given) if given.name == "time" else f"CAST({clock} AS TIME)"
        zoned = given.name == "timestamp with time zone"
        offset = "CAST(lb_zone_minutes({'t': lb_w.t, 'z': lb_w.z}) AS INTEGER)" if zoned else "0"
        middle = f", 'f': {fraction}" if fine else ""
        return f"{{'c': {time}{middle}, 'o': {offset}}}"
    zone = "lb_zone_shown(lb_w.o)" if given.name == "time with time zone" else "'UTC'"
    instant = f"lb_in_zone({clock}, {zone})"
    return f"lb_fine_zoned({instant}, {fraction})" if fine else instant
