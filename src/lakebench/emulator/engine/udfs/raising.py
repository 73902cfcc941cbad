"""How a function here fails a query with Athena's code and words."""

from __future__ import annotations

from lakebench.errors import FAIL_HEAD, FAIL_TAIL


def raised(code: str, message: str) -> ValueError:
    """The error to raise; ``sql.errors.raised_failure`` reads it back from DuckDB's text."""
    return ValueError(f"{FAIL_HEAD}{code}:{message}{FAIL_TAIL}")
