"""Queries of random expressions never cost a worker: they answer, or fail as a query fails.

CI runs the same bounded number each time; LAKEBENCH_RANDOM_EXPRESSIONS=20000 runs so many new ones.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings

from lakebench.errors import QueryFailed

from ..sql.random_expressions import typed_expressions  # noqa: TID252 (tests are no package)

WANTED = int(os.environ.get("LAKEBENCH_RANDOM_EXPRESSIONS", "0"))
AS_MANY = settings(
    max_examples=WANTED or 40,
    derandomize=not WANTED,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@AS_MANY
@given(made=typed_expressions(depth=2))
def test_a_random_expression_answers_or_fails_and_the_worker_lives(lake, made):
    _, expression = made
    answered, code = None, ""
    try:
        answered = lake.rows(f"SELECT 'sent', {expression}")
    except QueryFailed as failed:
        code = failed.code
    assert code != "GENERIC_INTERNAL_ERROR"
    assert answered is None or [row[0] for row in answered] == ["sent"]
    assert lake.rows("SELECT 'alive'") == [["alive"]]
