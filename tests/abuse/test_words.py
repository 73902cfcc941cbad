"""No reason of a failed query shows what the server is made of: every failing case of tests/cases/sql, asked once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lakebench import Server

from .probe import CANARY, Prober, fill_lake

CASES = Path(__file__).parents[1] / "cases/sql"
STATEMENTS = re.compile(r"queries|refusals|failures")
INSIDES = re.compile(
    r"Binder Error|Out of Range Error|Conversion Error|Traceback|duckdb|NoneType|KeyError|IndexError|TypeError"
    r"|ValueError|scratch/|worker-\d|\blb_\w+|\bUDF\b|INT128|HUGEINT|std::|pyarrow|sqlglot|candidate",
    re.IGNORECASE,
)
TABLE = """CREATE VIEW t AS SELECT * FROM (SELECT 7 AS i, 'hello' AS s, 2.5e0 AS x, CAST(1.25 AS decimal(10,2)) AS d,
    true AS b, DATE '2024-01-31' AS dt, TIMESTAMP '2024-01-02 03:04:05.678' AS ts, ARRAY[3, 1, 2] AS a,
    map(ARRAY['k', 'l'], ARRAY[1, 2]) AS m, CAST(ROW(5, 'z') AS ROW(x integer, y varchar)) AS r) AS q"""
"""The row that test_expressions.py has."""


def failing():
    for path in sorted(CASES.glob("*.txt")):
        for line in path.read_text().splitlines():
            text, mark, _ = line.rpartition(" !!")
            if mark and text and not line.startswith("#"):
                whole = STATEMENTS.match(path.stem)
                yield text.replace("\\n", "\n") if whole else f"SELECT {text} FROM t"


@pytest.fixture(scope="module")
def prober(tmp_path_factory):
    guard = tmp_path_factory.mktemp("guard")
    (guard / "secret.txt").write_text(f"{CANARY},{CANARY}\n")
    with Server() as server:
        prober = Prober(server, "words-bucket", guard)
        fill_lake(prober)
        assert prober.run(TABLE).state == "SUCCEEDED"
        yield prober


def test_a_failure_is_told_without_words_of_the_engine_or_of_python(prober):
    outcomes = prober.run_all(failing())
    failed = [one for one in outcomes if one.state != "SUCCEEDED"]
    assert len(failed) > 600
    told = ((one, word[0]) for one in failed for word in INSIDES.finditer(one.text))
    assert [one for one, word in told if word.lower() not in one.sql.lower()] == []
    assert [one for one in failed if one.state.startswith("HTTP")] == []
