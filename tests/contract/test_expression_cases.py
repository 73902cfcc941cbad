"""A sample of the expression cases through Athena's API: what they give there is what they give here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .athena_session import AthenaSession

CASES = Path(__file__).parents[1] / "cases/sql"
STATEMENTS = {*(path.stem for path in CASES.glob("queries*.txt")), "refusals", "failures"}
BATCH = 20
EVERY = 3
"""Every so many cases are run; a statement has as many of them as ``BATCH`` says."""


def _sample() -> list[tuple[str, str]]:
    found = []
    for path in sorted(CASES.glob("*.txt")):
        if path.stem in STATEMENTS:
            continue
        for line in path.read_text().splitlines():
            expression, mark, expected = line.rpartition(" => ")
            if mark and not line.startswith("#") and _of_no_table(expression):
                found.append((expression, expected))
    return found[::EVERY]


def _of_no_table(expression: str) -> bool:
    """Whether it names none of the columns that the unit tests' table has."""
    words = {
        word.strip("\"',")
        for word in "".join(c if c.isalnum() or c in "_$" else " " for c in expression).split()
    }
    return not words & {"i", "s", "x", "d", "b", "dt", "ts", "a", "m", "r", "$path"}


@pytest.fixture(scope="module")
def session(athena: Any, s3: Any) -> AthenaSession:
    s3.create_bucket(Bucket="expression-cases")
    session = AthenaSession(athena, s3, "expression-cases")
    session.succeed(f"CREATE DATABASE {session.database}")
    return session


def test_the_sample_is_a_sample() -> None:
    assert len(_sample()) >= 300


@pytest.mark.parametrize("batch", range((len(_sample()) + BATCH - 1) // BATCH))
def test_expressions_give_their_texts_through_the_api(session: AthenaSession, batch: int) -> None:
    cases = _sample()[batch * BATCH : (batch + 1) * BATCH]
    sql = "SELECT " + ",\n".join(f"{expression} AS c{at}" for at, (expression, _) in enumerate(cases))
    [row] = session.rows(sql)
    given = ["NULL" if value is None else value for value in row]
    wrong = [
        f"{expression} => {value}, not {expected}"
        for (expression, expected), value in zip(cases, given, strict=True)
        if value != expected
    ]
    assert not wrong, "\n".join(wrong)
