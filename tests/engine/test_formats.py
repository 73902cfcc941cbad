"""What each SerDe makes of its objects: cases in tests/cases/engine/formats.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakebench.errors import QueryFailed

CASES = json.loads((Path(__file__).parents[1] / "cases/engine/formats.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_objects_read_as_their_serde_says(case, lake, make_object):
    lake.table(
        "t",
        case["format"],
        case["columns"],
        {key: make_object(written) for key, written in case["objects"].items()},
        keys=case.get("keys", ""),
        partitions=case.get("partitions"),
        serde=case["serde"],
        parameters=case.get("parameters"),
    )
    if "error" in case:
        with pytest.raises(QueryFailed) as failure:
            lake.run(case["sql"])
        assert failure.value.reason == case["error"]
    else:
        assert lake.text(case["sql"]) == case["result"]
