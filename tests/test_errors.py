"""Errors say what, where and what to do; Athena's own text stays unchanged."""

from lakebench.errors import LakebenchError, QueryFailed, StatementRefused


def test_a_failed_query_tells_its_code_and_place_as_athena_does():
    error = QueryFailed(
        "COLUMN_NOT_FOUND", "Column 'x' cannot be resolved", line=1, column=8, hint="did you mean y?"
    )
    assert error.reason == "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved"
    assert str(error) == error.reason
    assert error.hint not in error.reason


def test_a_failure_without_a_place_has_no_line():
    assert QueryFailed("HIVE_BAD_DATA", "Error parsing").reason == "HIVE_BAD_DATA: Error parsing"


def test_every_error_is_one_of_ours():
    assert issubclass(StatementRefused, LakebenchError)
    assert StatementRefused("no").athena_error_code == "MALFORMED_QUERY"
