"""The table of cases: what lies in a prefix, and the catalogue that a crawl makes of it."""

import json
from pathlib import Path

import pytest

CASES = Path(__file__).parents[1] / "cases" / "crawler"
FIXED = {
    "Owner": "owner",
    "Retention": 0,
    "TableType": "EXTERNAL_TABLE",
}
FIXED_STORAGE = {
    "NumberOfBuckets": -1,
    "BucketColumns": [],
    "SortColumns": [],
    "StoredAsSubDirectories": False,
}
FIXED_PARAMETERS = {
    "CrawlerSchemaSerializerVersion": "1.0",
    "CrawlerSchemaDeserializerVersion": "1.0",
    "CRAWL_RUN_ID": "00000000-0000-4000-8000-000000000000",
    "UPDATED_BY_CRAWLER": "seeker",
    "typeOfData": "file",
}


def _cases():
    for path in sorted(CASES.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            yield pytest.param(case, id=f"{path.stem}: {case['case']}")


def _without(wire, fixed):
    """The rest of a dictionary, after checking what every crawled entry has."""
    for key, value in fixed.items():
        assert wire.get(key) == value, key
    return {key: value for key, value in wire.items() if key not in fixed}


def _storage(wire):
    """A storage descriptor in few words; its parameters are checked by the caller."""
    rest = _without(wire, FIXED_STORAGE)
    return {
        "location": rest["Location"],
        "columns": {column["Name"]: column["Type"] for column in rest["Columns"]},
        "serde": [
            rest["SerdeInfo"]["SerializationLibrary"].rpartition(".")[2],
            rest["SerdeInfo"]["Parameters"],
        ],
        "formats": [rest[key].rpartition(".")[2] for key in ("InputFormat", "OutputFormat")],
        "compressed": rest["Compressed"],
    }


def _portable(parameters):
    """Without the numbers that another release of zlib or pyarrow would change."""
    varying = set()
    if parameters["compressionType"] != "none":
        varying |= {"sizeKey", "recordCount"}
    if parameters["classification"] == "parquet":
        varying |= {"sizeKey", "averageRecordSize"}
    return {key: value for key, value in parameters.items() if key not in varying}


def _catalogue(crawling):
    """All that a crawl wrote, what every entry has left out; nothing else is."""
    tables = {}
    for name in crawling.names():
        wire = crawling.table(name)
        assert wire["Parameters"] == wire["StorageDescriptor"]["Parameters"]
        rest = _without(wire, FIXED)
        tables[name] = {**_storage(rest["StorageDescriptor"])}
        tables[name]["parameters"] = _portable(_without(rest["Parameters"], FIXED_PARAMETERS))
        if rest["PartitionKeys"]:
            tables[name]["keys"] = {key["Name"]: key["Type"] for key in rest["PartitionKeys"]}
            tables[name]["partitions"] = [_partition(p, tables[name]) for p in crawling.partitions(name)]
    return tables


def _partition(wire, table):
    """A partition in few words: its columns, SerDe and formats only where the table has others."""
    assert wire["Parameters"] == wire["StorageDescriptor"]["Parameters"]
    storage = _storage(wire["StorageDescriptor"])
    parameters = _portable(_without(wire["Parameters"], FIXED_PARAMETERS))
    other = {key: storage[key] for key in storage if key != "location" and storage[key] != table[key]}
    numbers = {key: value for key, value in parameters.items() if value != table["parameters"].get(key)}
    return {"values": wire["Values"], "location": storage["location"], **other, "parameters": numbers}


def _reason(left):
    """What a library adds after the colon is its own business."""
    return left.reason.partition(":")[0]


@pytest.mark.parametrize("case", list(_cases()))
def test_a_prefix_becomes_this_catalogue(crawling, case):
    for key, content in case["objects"].items():
        crawling.put(key, content)
    report = crawling.crawl(*case["paths"], **case.get("options", {}))
    assert _catalogue(crawling) == case["tables"]
    assert {left.uri.key: _reason(left) for left in report.left_out} == case.get("left_out", {})


def test_there_are_at_least_sixty_cases():
    assert len(list(_cases())) >= 60
