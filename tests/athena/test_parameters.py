"""ExecutionParameters, by the rule measured on Athena."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakebench.emulator.athena.parameters import bind_parameters
from lakebench.errors import QueryFailed

CASES = json.loads((Path(__file__).parents[1] / "cases" / "athena" / "parameters.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[f"{case['sql']} with {case['values']}" for case in CASES])
def test_values_stand_where_the_question_marks_were(case: dict[str, object]) -> None:
    assert bind_parameters(str(case["sql"]), case["values"]) == case["bound"]


@pytest.mark.parametrize("values", [[], ["1"], ["1", "2", "3"]])
def test_a_wrong_number_of_values_fails_the_query(values: list[str]) -> None:
    with pytest.raises(QueryFailed, match="Incorrect number of parameters: expected 2 but found"):
        bind_parameters("SELECT ?, ?", values)
