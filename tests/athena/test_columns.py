"""Which numbers a column tells depends on its type alone; the table was recorded on Athena."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakebench.catalog import parse_type
from lakebench.emulator.athena.columns import ColumnInfo, column_infos
from lakebench.emulator.engine.protocol import ResultColumn

CASES = json.loads((Path(__file__).parents[1] / "cases" / "athena" / "column_numbers.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["type"] for case in CASES])
def test_a_column_tells_the_numbers_of_its_type(case: dict[str, object]) -> None:
    (column,) = column_infos([ResultColumn(name="c", type=parse_type(str(case["type"])))])
    assert column == ColumnInfo(
        name="c",
        type=str(case["name"]),
        precision=case["precision"],
        scale=case["scale"],
        case_sensitive=case["case_sensitive"],
    )
