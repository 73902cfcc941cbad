"""Failures come in Athena's words, without a trace of how they came about: tests/cases/engine/failures.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakebench.errors import QueryFailed

CASES = json.loads((Path(__file__).parents[1] / "cases/engine/failures.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["sql"] for case in CASES])
def test_a_failure_is_told_in_athenas_words(case, lake):
    lake.table("t", "text", "id bigint; name string", {"a": b"1,uno\n2,dos\n"}, serde={"field.delim": ","})
    with pytest.raises(QueryFailed) as failure:
        lake.run(case["sql"])
    told = failure.value
    if "reason" in case:
        assert told.reason == case["reason"]
    else:
        assert told.code == case["code"], told.reason
    assert "\n" not in told.reason
    assert "duckdb" not in told.reason.lower()
    assert str(lake.root.parent.parent) not in told.reason


def test_a_failed_query_leaves_the_worker_to_the_next_one(lake):
    with pytest.raises(QueryFailed):
        lake.run("SELECT 1 / 0")
    assert lake.rows("SELECT 7") == [["7"]]
