"""AthenaError: the category and number that a failed execution carries beside its reason.

Category 1 is the system, 2 the user, 3 other. Measured numbers and AWS's list: facts/athena.md 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from lakebench.errors import QueryFailed

SYSTEM, USER = 1, 2
_USER_ERROR = 1000
_ENGINE_ERROR = 200

_TYPES = {
    "DIVISION_BY_ZERO": 1001,
    "TYPE_MISMATCH": 1002,
    "COLUMN_NOT_FOUND": 1006,
    "SYNTAX_ERROR": 1006,
    "CATALOG_NOT_FOUND": 1006,
    "MISSING_COLUMN_NAME": 1006,
    "INVALID_CAST_ARGUMENT": 1100,
    "NUMERIC_VALUE_OUT_OF_RANGE": 1100,
    "INVALID_PARAMETER_USAGE": 1100,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "TABLE_ALREADY_EXISTS": 1110,
    "NOT_SUPPORTED": 1200,
    "TABLE_NOT_FOUND": 1301,
    "SCHEMA_NOT_FOUND": 1301,
    "FUNCTION_NOT_FOUND": 1303,
    "HIVE_BAD_DATA": 1007,
}
_HIVE_TYPES = (
    ("parseexception", SYSTEM, 1003),
    ("cannot find field", SYSTEM, 1003),
    ("partition not found", USER, 1006),
    ("not found", USER, 1301),
    ("does not exist", USER, 1301),
    ("already exist", USER, 1006),
)
"""Reasons of statements that Hive runs begin with ``FAILED:``; told apart by their words, as measured."""
_SYSTEM_CODES = {"GENERIC_INTERNAL_ERROR", "EXCEEDED_MEMORY_LIMIT", "EXCEEDED_TIME_LIMIT", "WORKER_LOST"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an execution failed: its reason, and AthenaError's members."""

    reason: str
    category: int
    error_type: int
    retryable: bool = False

    @classmethod
    def of(cls, failed: QueryFailed, note: str = "") -> Failure:
        """The failure of a query; ``note`` is what Athena appends for CTAS and INSERT."""
        reason = failed.reason + note
        if failed.code == "FAILED":
            told = reason.lower()
            found = ((category, number) for words, category, number in _HIVE_TYPES if words in told)
            category, number = next(found, (USER, 1003))
            return cls(reason=reason, category=category, error_type=number)
        if failed.code in _SYSTEM_CODES:
            return cls(reason=reason, category=SYSTEM, error_type=_ENGINE_ERROR, retryable=True)
        return cls(reason=reason, category=USER, error_type=_TYPES.get(failed.code, _USER_ERROR))

    @classmethod
    def internal(cls, message: str) -> Failure:
        """A fault of ours: AWS's number for internal service errors, worth a retry."""
        return cls(
            reason=f"GENERIC_INTERNAL_ERROR: {message}", category=SYSTEM, error_type=100, retryable=True
        )
