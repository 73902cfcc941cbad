"""Dates, times and timestamps as text: as CAST to varchar gives them, and as Athena's results show them."""

from __future__ import annotations

from lakebench.catalog import DataType
from lakebench.sql import fractions, types

SHOWN_DIGITS = 3
"""Athena's results show at least milliseconds of a timestamp; CAST to varchar shows what the type has."""

MACROS = r"""
lb_is_common(t) AS year(t) BETWEEN 0 AND 9999
lb_year_text(y, plus) AS CASE WHEN y < 0 THEN '-' WHEN y > 9999 THEN plus ELSE '' END \
|| lpad(CAST(abs(y) AS VARCHAR), CAST(greatest(4, length(CAST(abs(y) AS VARCHAR))) AS INTEGER), '0')
lb_date_shown(d) AS CASE WHEN d BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN CAST(d AS VARCHAR) \
ELSE lb_year_text(year(d), '') || strftime(d, '-%m-%d') END
lb_clock_shown(t) AS CASE WHEN lb_is_common(t) THEN strftime(t, '%Y-%m-%d %H:%M:%S') \
ELSE lb_year_text(year(t), '+') || strftime(t, '-%m-%d %H:%M:%S') END
lb_timestamp(t) AS CASE WHEN lb_is_common(t) THEN strftime(t, '%Y-%m-%d %H:%M:%S.%g') \
ELSE lb_year_text(year(t), '+') || strftime(t, '-%m-%d %H:%M:%S.%g') END
"""
_EPOCH = "DATE '1970-01-01'"


def temporal_text(value: str, data_type: DataType, at_least: int = 0) -> str:
    """A DuckDB expression of the text, with no fewer digits of the second than ``at_least``.

    A time shows what its type has: ``time '13:24:11'`` is ``13:24:11`` on Athena (awswrangler's own test).
    """
    digits = fractions.digits_of(data_type)
    shown = digits if data_type.name == "time" else max(digits, at_least)
    if data_type.name == "date":
        return f"lb_date_shown({value})"
    if data_type.name == "timestamp" and not types.is_fine(data_type):
        if shown == SHOWN_DIGITS:
            return f"lb_timestamp({value})"
        return _joined(f"lb_clock_shown({value})", fractions.fraction_text(data_type, value, shown))
    if data_type.name == "time" and not types.is_fine(data_type):
        return _time(value, data_type, shown)
    return fractions.let(value, _bound(data_type, shown))


def _bound(data_type: DataType, shown: int) -> str:
    """The text of the value ``lb_w``."""
    moment = fractions.part(data_type)
    if data_type.name == "timestamp":
        return _joined(f"lb_clock_shown({moment})", fractions.fraction_text(data_type, moment, shown))
    if data_type.name == "timestamp with time zone":
        clock = "lb_local({'t': lb_w.t, 'z': lb_w.z})"
        text = _joined(f"lb_clock_shown({clock})", fractions.fraction_text(data_type, clock, shown))
        return f"{text} || ' ' || lb_w.z"
    text = _time(moment, data_type, shown)
    return text if data_type.name == "time" else f"{text} || lb_zone_shown(lb_w.o)"


def _time(value: str, data_type: DataType, shown: int) -> str:
    clock = f"({_EPOCH} + {value})"
    return _joined(f"strftime({clock}, '%H:%M:%S')", fractions.fraction_text(data_type, clock, shown))


def _joined(text: str, fraction: str) -> str:
    return text if fraction == "''" else f"({text} || {fraction})"
