"""Days of the proleptic ISO calendar as whole numbers, in every year (Python's stop at 9999)."""

from __future__ import annotations

MILLIS_OF_DAY = 86_400_000
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year: int) -> bool:
    """Whether the year has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_of_month(year: int, month: int) -> int:
    """How many days the month has."""
    return _MONTH_DAYS[month - 1] + (month == 2 and is_leap(year))


def day_number(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil(number: int) -> tuple[int, int, int]:
    """Year, month and day of a day number."""
    shifted = number + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    years = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    month_part = (5 * of_year + 2) // 153
    month = month_part + (3 if month_part < 10 else -9)
    return years + era * 400 + (month <= 2), month, of_year - (153 * month_part + 2) // 5 + 1


def day_of_week(number: int) -> int:
    """1 is Monday, 7 is Sunday."""
    return (number + 3) % 7 + 1


def week_year_start(year: int) -> int:
    """The day number of the Monday of an ISO year's first week."""
    fourth = day_number(year, 1, 4)
    return fourth - day_of_week(fourth) + 1


def iso_week(number: int) -> tuple[int, int]:
    """ISO year and week of a day number."""
    year = civil(number - day_of_week(number) + 4)[0]
    return year, (number - week_year_start(year)) // 7 + 1


def weeks_of(year: int) -> int:
    """How many weeks an ISO year has."""
    return (week_year_start(year + 1) - week_year_start(year)) // 7
