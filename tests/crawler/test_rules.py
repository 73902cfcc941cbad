"""The rules of facts/glue-crawler.md one by one: each case says only what its rule is about."""

import json
from pathlib import Path

import pytest

RULES = Path(__file__).parents[1] / "cases" / "crawler" / "rules"


def _cases():
    for path in sorted(RULES.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            yield pytest.param(case, id=f"{path.stem}: {case['case']}")


def _columns(wires):
    return {wire["Name"]: wire["Type"] for wire in wires}


def _check(table, partitions, wanted):
    """Only what the case names is compared; ``absent`` are parameters that must not be there."""
    storage, parameters = table["StorageDescriptor"], table["Parameters"]
    found = {
        "columns": _columns(storage["Columns"]),
        "keys": _columns(table["PartitionKeys"]),
        "location": storage["Location"],
        "compressed": storage["Compressed"],
        "serde": [
            storage["SerdeInfo"]["SerializationLibrary"].rpartition(".")[2],
            storage["SerdeInfo"]["Parameters"],
        ],
        "formats": [storage[key].rpartition(".")[2] for key in ("InputFormat", "OutputFormat")],
        "parameters": {key: parameters.get(key) for key in wanted.get("parameters", {})},
        "absent": [key for key in wanted.get("absent", []) if key not in parameters],
        "partitions": [partition["Values"] for partition in partitions],
        "partition_columns": [_columns(p["StorageDescriptor"]["Columns"]) for p in partitions],
    }
    assert {key: found[key] for key in wanted} == wanted
    if "columns" in wanted:  # a dictionary compares without order, and order matters
        assert list(found["columns"]) == list(wanted["columns"])


@pytest.mark.parametrize("case", list(_cases()))
def test_the_rule_holds(crawling, case):
    for key, content in case["objects"].items():
        crawling.put(key, content)
    report = crawling.crawl(*case.get("paths", ["s3://lake/t/"]), **case.get("options", {}))
    assert crawling.names() == sorted(case["tables"])
    for name, wanted in case["tables"].items():
        _check(crawling.table(name), crawling.partitions(name), wanted)
    assert {left.uri.key: left.reason.partition(":")[0] for left in report.left_out} == case.get(
        "left_out", {}
    )
