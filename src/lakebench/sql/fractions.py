"""Digits of a second: rounding between precisions, and times of seven to twelve digits.

DuckDB's times have microseconds. A time of more digits is a struct of the microseconds and the picoseconds
beyond them, ``f`` (0 to 999,999); ``duckdb_type`` lists the forms. Rounding is half up, towards the
later moment (Trino: Timestamps.round).
"""

from __future__ import annotations

from lakebench.catalog import DataType
from lakebench.sql import types

MACROS = r"""
lb_floor_unit(x, unit) AS x - ((x % unit) + unit) % unit
lb_rounded_seconds(t, unit) AS make_timestamp(lb_floor_unit(epoch_us(t) + unit // 2, unit))
lb_rounded_instant(t, unit) AS make_timestamptz(lb_floor_unit(epoch_us(t) + unit // 2, unit))
lb_rounded_time(t, unit) AS TIME '00:00:00' + to_microseconds((epoch_us(t) + unit // 2) // unit * unit)
lb_fine_zoned(x, f) AS list_transform([x], lambda lb_q: CASE WHEN lb_q IS NOT NULL THEN \
{'t': lb_q.t, 'f': f, 'z': lb_q.z} END)[1]
lb_fraction_text(s) AS CAST(rpad(regexp_extract(s, '[.]\d{6}(\d{1,6})', 1), 6, '0') AS BIGINT)
"""

MICROSECONDS = 6
PICOSECONDS = 12


def let(text: str, body: str) -> str:
    """``body`` with ``lb_w`` for the value of ``text``, which is written once; NULL for NULL."""
    return f"list_transform([{text}], lambda lb_w: CASE WHEN lb_w IS NOT NULL THEN {body} END)[1]"


def digits_of(data_type: DataType | None) -> int:
    """How many digits of a second values of the type have; a date has none."""
    return data_type.parameters[0] if data_type is not None and data_type.parameters else 0


def with_digits(data_type: DataType, digits: int) -> DataType:
    """The type with another number of digits."""
    return DataType(name=data_type.name, parameters=(digits,))


def part(data_type: DataType, name: str = "lb_w") -> str:
    """The microseconds' part of the value ``name``, without zone and fraction."""
    if data_type.name == "time with time zone":
        return f"{name}.c"
    zoned = data_type.name == "timestamp with time zone"
    return f"{name}.t" if zoned or types.is_fine(data_type) else name


def made(data_type: DataType, moment: str, fraction: str, name: str = "lb_w") -> str:
    """A value of the type from its parts; the zone is that of the value ``name``."""
    field, rest = {
        "time with time zone": ("c", "o"),
        "timestamp with time zone": ("t", "z"),
    }.get(data_type.name, ("t", ""))
    fine = types.is_fine(data_type)
    if not fine and not rest:
        return moment
    members = [f"'{field}': {moment}", *([f"'f': {fraction}"] if fine else [])]
    return "{" + ", ".join([*members, *([f"'{rest}': {name}.{rest}"] if rest else [])]) + "}"


def coarse(text: str, data_type: DataType) -> str:
    """A value in the form of six digits; what is beyond them is dropped."""
    if not types.is_fine(data_type):
        return text
    if data_type.name in {"time", "timestamp"}:
        return f"({text}).t"
    return let(text, made(with_digits(data_type, MICROSECONDS), part(data_type), ""))


def rescaled(text: str, given: DataType, target: DataType) -> str:
    """A value of the same kind with the target's number of digits, rounded half up."""
    before, after = digits_of(given), digits_of(target)
    if before == after or (before < after and types.is_fine(given) == types.is_fine(target)):
        return text
    moment = part(given)
    if not types.is_fine(given):
        moved = moment if after > before else _rounded(moment, target, after)
        if moment == "lb_w" and not types.is_fine(target):
            return _rounded(text, target, after)
        return let(text, made(target, moved, "0::BIGINT"))
    fraction = "lb_w.f"
    if after < MICROSECONDS:
        return let(text, made(target, _rounded(moment, target, after), ""))
    unit = 10 ** (PICOSECONDS - after)
    carried = f"lb_floor_unit({fraction} + {unit // 2}, {unit})"
    later = f"{moment} + to_microseconds({carried} // 1000000)"
    return let(text, made(target, later, f"{carried} % 1000000"))


def _rounded(text: str, data_type: DataType, digits: int) -> str:
    unit = 10 ** (MICROSECONDS - digits)
    if data_type.name in {"time", "time with time zone"}:
        return f"lb_rounded_time({text}, {unit})"
    if data_type.name == "timestamp with time zone":
        return f"lb_rounded_instant({text}, {unit})"
    if digits in {0, 3}:
        half, name = ("500000", "second") if digits == 0 else ("500", "millisecond")
        return f"date_trunc('{name}', {text} + to_microseconds({half}))"
    return f"lb_rounded_seconds({text}, {unit})"


def fraction_text(data_type: DataType, text: str, shown: int) -> str:
    """What follows the whole second in a text: ``.123``, so many digits; nothing for none."""
    if shown == 0:
        return "''"
    micros = f"strftime({text}, '.%f')"
    if shown <= MICROSECONDS:
        return micros if shown == MICROSECONDS else f"left({micros}, {shown + 1})"
    if not types.is_fine(data_type):
        return f"({micros} || '{'0' * (shown - MICROSECONDS)}')"
    return f"({micros} || left(lpad(CAST(lb_w.f AS VARCHAR), 6, '0'), {shown - MICROSECONDS}))"
