"""Every error that lakebench raises on purpose.

    LakebenchError                 what, where, and (in .hint) what to do
    ├── ConfigError                a setting is unknown, malformed or missing
    ├── GuardError                 a request would have left for a host that is not ours
    ├── LaunchError                the server cannot start (port, data dir)
    ├── DataError                  an object is not what its format says
    ├── PricingError               no tariff is known for what was asked
    ├── ClientError                an AWS call failed, told in words
    └── StatementError             Athena's own refusals
        ├── StatementRefused       refused by StartQueryExecution, never becomes an execution
        ├── QueryFailed            the execution ends FAILED with this reason
        └── QueryCancelled         the execution ends CANCELLED

Texts of StatementError and below are Athena's own and go on the wire unchanged; the hint never does,
it is for the terminal.
"""

from __future__ import annotations

FAIL_HEAD, FAIL_TAIL = "<lakebench:", ":lakebench>"
"""What our macros and functions put around ``CODE:message`` when they fail inside the engine."""
TRIED = frozenset(
    {
        "DIVISION_BY_ZERO",
        "INVALID_CAST_ARGUMENT",
        "INVALID_FUNCTION_ARGUMENT",
        "NUMERIC_VALUE_OUT_OF_RANGE",
    }
)
"""Codes of failures that TRY turns into NULL (Trino: functions/conditional); all others fail the query."""


class LakebenchError(Exception):
    """Base of all errors raised on purpose; ``hint`` says what to do about it."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(LakebenchError):
    """A setting is unknown, malformed or missing."""


class GuardError(LakebenchError):
    """A request would have left for a host that is not the configured endpoint."""


class LaunchError(LakebenchError):
    """The server cannot start: port taken, data dir locked or not writable."""


class DataError(LakebenchError):
    """An object's bytes are not what its format promises."""


class PricingError(LakebenchError):
    """No tariff is known for the region or item asked for."""


class ClientError(LakebenchError):
    """An AWS call of the harness failed; the message says which call, on what, and why."""


class StatementError(LakebenchError):
    """A statement that Athena refuses, fails or cancels."""


class StatementRefused(StatementError):
    """StartQueryExecution answers InvalidRequestException with this text.

    ``athena_error_code`` is the modelled ``AthenaErrorCode`` (``MALFORMED_QUERY``, ``INVALID_INPUT``).
    Source: facts measured on Athena 2026-09, syntax errors are refused at start.
    """

    def __init__(
        self, message: str, *, athena_error_code: str = "MALFORMED_QUERY", hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.athena_error_code = athena_error_code


class QueryFailed(StatementError):
    """The execution ends FAILED; ``reason`` is its StateChangeReason.

    ``code`` is Trino's or Hive's error name (``COLUMN_NOT_FOUND``, ``HIVE_BAD_DATA``); line and column
    count from 1 in the user's own text.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.line = line
        self.column = column

    @property
    def reason(self) -> str:
        """Athena's text: ``CODE: line L:C: message``."""
        position = f"line {self.line}:{self.column}: " if self.line is not None else ""
        return f"{self.code}: {position}{self.message}"

    def __str__(self) -> str:
        return self.reason


class QueryCancelled(StatementError):
    """The execution ends CANCELLED; the message is its StateChangeReason."""
