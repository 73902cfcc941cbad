"""What a run looks like to others: the schema of its file, and its tables, each held by a file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lakebench.bench.result_schema import result_schema
from lakebench.bench.run_file import read_run
from lakebench.report.bench import bench_document
from lakebench.report.plain import to_plain

ROOT = Path(__file__).parents[2]
RUN = ROOT / "tests/cases/bench/run.json"


def _schema():
    return json.dumps(result_schema(), indent=2) + "\n"


def _tables():
    return to_plain(bench_document(read_run(RUN)))


@pytest.mark.parametrize(
    ("path", "made"),
    [("docs/benchmark-result.schema.json", _schema), ("tests/cases/bench/run.txt", _tables)],
)
def test_what_others_see_changes_only_with_its_golden_file(path, made):
    golden = ROOT / path
    if os.environ.get("UPDATE_PAGES"):
        golden.write_text(made(), encoding="utf-8")
    assert made() == golden.read_text(encoding="utf-8")


def test_the_schema_names_every_field_of_a_measured_result():
    schema, document = result_schema(), json.loads(RUN.read_text(encoding="utf-8"))
    assert set(document) == set(schema["required"]) == set(schema["properties"])
    sample = schema["properties"]["samples"]["items"]
    assert set(document["samples"][0]) == set(sample["required"])
    assert sample["properties"]["objects"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert sample["properties"]["cost_usd"]["type"] == "string"
