"""What each SerDe makes of its objects: cases in tests/cases/engine/formats.json and serdes/."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakebench.errors import QueryFailed
from lakebench.metering import scanned_bytes

PLACE = Path(__file__).parents[1] / "cases/engine"
FILES = [PLACE / "formats.json", *sorted((PLACE / "serdes").glob("*.json"))]
CASES = [case for file in FILES for case in json.loads(file.read_text())]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_objects_read_as_their_serde_says(case, lake, make_object):
    lake.table(
        "t",
        case["format"],
        case["columns"],
        {key: make_object(written) for key, written in case["objects"].items()},
        keys=case.get("keys", ""),
        partitions=case.get("partitions"),
        serde=case.get("serde", {}),
        parameters=case.get("parameters"),
    )
    if "error" in case:
        with pytest.raises(QueryFailed) as failure:
            lake.run(case["sql"])
        assert failure.value.reason == case["error"]
    elif "rows" in case:
        # The csv module takes a line with one NULL for an empty one.
        assert [row or [""] for row in lake.rows(case["sql"])] == case["rows"]
    else:
        assert lake.text(case["sql"]) == case["result"]


@pytest.mark.parametrize("case", [c for c in CASES if "scanned" in c], ids=lambda case: case["name"])
def test_row_formats_count_whole_objects_as_they_are_stored(case, lake, make_object):
    """Facts/athena.md 0.2 and 0.3: byte for byte, compressed ones compressed."""
    objects = {key: make_object(written) for key, written in case["objects"].items()}
    lake.table("t", case["format"], case["columns"], objects, serde=case.get("serde", {}))
    assert scanned_bytes(lake.run(case["sql"]).scans) == sum(map(len, objects.values()))
