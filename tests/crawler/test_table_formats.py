"""Delta, Iceberg and Hudi tables are registered from their metadata files.

The files below tests/cases/crawler/table_formats/lake are what delta-rs and PyIceberg wrote, data files left out
(``delta_*``, ``iceberg``), and what Hudi's documentation says that it writes (``hudi_*``).
"""

import json
from pathlib import Path

import pytest

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler import Crawl, CrawlSpec, DeleteBehavior
from lakebench.emulator.glue.targets import read_targets

FILES = Path(__file__).parents[1] / "cases" / "crawler" / "table_formats" / "lake"
CASES = FILES.parent / "cases.json"


def _cases():
    for case in json.loads(CASES.read_text(encoding="utf-8")):
        yield pytest.param(case, id=case["case"])


@pytest.fixture
def seeking(crawling):
    """The lake with all the files; ``seek`` crawls targets as CreateCrawler takes them."""
    for path in sorted(FILES.rglob("*")):
        if path.is_file():
            crawling.lake.put_bytes(S3Uri("lake", str(path.relative_to(FILES))), path.read_bytes())

    def seek(targets, **options):
        spec = CrawlSpec(crawler="seeker", database="db", targets=read_targets(targets, "LOG"), **options)
        return Crawl(spec, run_id="r", objects=crawling.lake, catalog=crawling.catalog).run()

    crawling.seek = seek
    return crawling


def _told(wire, partitions):
    """An entry in few words."""
    storage = wire["StorageDescriptor"]
    own = {"CrawlerSchemaSerializerVersion", "CrawlerSchemaDeserializerVersion"}
    own |= {"UPDATED_BY_CRAWLER", "CRAWL_RUN_ID"}
    told = {
        "location": storage["Location"],
        "columns": {column["Name"]: column["Type"] for column in storage["Columns"]},
        "keys": [key["Name"] for key in wire["PartitionKeys"]],
        "partitions": [
            [*partition["Values"], partition["StorageDescriptor"]["Location"]] for partition in partitions
        ],
        "reader": storage["InputFormat"].rpartition(".")[2],
        "serde": storage["SerdeInfo"]["Parameters"],
        "parameters": {key: value for key, value in wire["Parameters"].items() if key not in own},
    }
    return {key: value for key, value in told.items() if value}


@pytest.mark.parametrize("case", list(_cases()))
def test_a_prefix_becomes_these_tables(seeking, case):
    report = seeking.seek(case["targets"])
    told = {name: _told(seeking.table(name), seeking.partitions(name)) for name in seeking.names()}
    assert told == case["tables"]
    assert {str(left.uri): left.reason for left in report.left_out} == case.get("left_out", {})
    assert report.warnings == case.get("warnings", [])
    written = {
        key: stored.path.read_text().splitlines()
        for key, stored in seeking.lake.buckets["lake"].items()
        if key.endswith("/manifest")
    }
    assert written == case.get("manifests", {})


@pytest.mark.parametrize("case", list(_cases()))
def test_a_second_crawl_changes_nothing(seeking, case):
    seeking.seek(case["targets"])
    seeking.catalog.writes.clear()
    seeking.seek(case["targets"])
    assert seeking.catalog.writes == []


def test_a_table_whose_metadata_moves_on_is_updated(seeking):
    targets = {"IcebergTargets": [{"Paths": ["s3://lake/iceberg_v1/"]}]}
    seeking.seek(targets)
    seeking.lake.put_bytes(S3Uri("lake", "iceberg_v1/t/metadata/version-hint.text"), b"3")
    seeking.seek(targets)
    assert seeking.table("t")["Parameters"]["metadata_location"].endswith("/v3.metadata.json")
    assert seeking.catalog.writes == ["create t", "update t"]


def test_a_table_that_can_no_longer_be_read_is_not_taken_for_gone(seeking):
    targets = {"IcebergTargets": [{"Paths": ["s3://lake/iceberg_v1/"]}]}
    seeking.seek(targets, delete_behavior=DeleteBehavior.DELETE)
    seeking.lake.put_bytes(S3Uri("lake", "iceberg_v1/t/metadata/v2.metadata.json"), b"{")
    seeking.seek(targets, delete_behavior=DeleteBehavior.DELETE)
    assert seeking.names() == ["t"]


def test_a_table_whose_folder_is_gone_goes_as_the_policy_says(seeking):
    targets = {"HudiTargets": [{"Paths": ["s3://lake/hudi_mor/"]}]}
    seeking.seek(targets)
    for key in [key for key in seeking.lake.buckets["lake"] if key.startswith("hudi_mor/")]:
        seeking.lake.delete(S3Uri("lake", key))
    seeking.seek(targets, delete_behavior=DeleteBehavior.DELETE)
    assert seeking.names() == []
