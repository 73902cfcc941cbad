"""How a function here fails a query with Athena's code and words."""

from __future__ import annotations

from lakebench.errors import FAIL_HEAD, FAIL_TAIL


class OutOfTime(Exception):
    """One value took too long. No ValueError: what JSON's ON ERROR makes NULL is not this."""


def out_of_time(message: str) -> OutOfTime:
    """The error to raise for it: the query fails with EXCEEDED_TIME_LIMIT."""
    return OutOfTime(f"{FAIL_HEAD}EXCEEDED_TIME_LIMIT:{message}{FAIL_TAIL}")


def raised(code: str, message: str) -> ValueError:
    """The error to raise; ``sql.errors.raised_failure`` reads it back from DuckDB's text."""
    return ValueError(f"{FAIL_HEAD}{code}:{message}{FAIL_TAIL}")
