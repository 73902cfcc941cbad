"""What a second crawl does to what the first one wrote."""

from contextlib import suppress

import pytest

from lakebench.catalog import Database, S3Uri
from lakebench.catalog.glue import table_from_glue
from lakebench.emulator.crawler import Change, CrawlFailed, CrawlStopped

SALES = "id,total\n1,2.5\n2,3.5\n"
MORE = "id,total,note\n1,2.5,x\n2,3.5,y\n"
PATH = "s3://lake/sales/"
MERGE = '{"Version":1.0,"CrawlerOutput":{"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}}}'


def _columns(crawling, name="sales"):
    columns = crawling.table(name)["StorageDescriptor"]["Columns"]
    return {column["Name"]: column["Type"] for column in columns}


def _change(crawling, **parameters):
    """A person's hand: parameters added to the table."""
    wire = crawling.table("sales")
    wire["Parameters"] |= parameters
    crawling.catalog.tables_["db", "sales"] = wire


@pytest.fixture
def crawled(crawling):
    crawling.put("sales/year=2023/a.csv", SALES)
    crawling.put("sales/year=2024/a.csv", SALES)
    crawling.crawl(PATH)
    crawling.catalog.writes.clear()
    return crawling


def test_an_unchanged_prefix_changes_nothing(crawled):
    before = dict(crawled.catalog.tables_)
    crawled.crawl(PATH, run_id="another")
    assert crawled.catalog.writes == []
    assert crawled.catalog.tables_ == before


def test_an_unchanged_prefix_leaves_added_parameters_alone(crawled):
    _change(crawled, owner_team="sales")
    crawled.crawl(PATH)
    assert crawled.catalog.writes == []
    assert crawled.table("sales")["Parameters"]["owner_team"] == "sales"


def test_a_new_column_updates_table_and_partition(crawled):
    crawled.put("sales/year=2024/a.csv", MORE)
    report = crawled.crawl(
        PATH, configuration='{"Version":1.0,"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas"}}'
    )
    assert report.tables[Change.UPDATED] == ["sales"]
    assert _columns(crawled) == {"id": "bigint", "total": "double", "note": "string"}
    assert crawled.catalog.writes == ["update sales", "update sales 2024"]


def test_an_update_drops_what_the_crawler_did_not_set(crawled):
    _change(crawled, owner_team="sales")
    crawled.put("sales/year=2024/b.csv", SALES)
    crawled.crawl(PATH)
    assert "owner_team" not in crawled.table("sales")["Parameters"]


def test_a_changed_serde_is_overwritten(crawled):
    wire = crawled.table("sales")
    wire["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] = (
        "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    )
    crawled.crawl(PATH)
    library = crawled.table("sales")["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    assert library.endswith("LazySimpleSerDe")


def test_update_behavior_log_keeps_the_table_and_adds_new_partitions(crawled):
    before = crawled.table("sales")
    crawled.put("sales/year=2025/a.csv", SALES)
    report = crawled.crawl(PATH, update="LOG")
    assert crawled.table("sales") == before
    assert crawled.catalog.writes == ["create sales 2025"]
    assert report.warnings == ["sales: changed, and left as it is (UpdateBehavior LOG)"]


def test_merge_new_columns_keeps_what_is_there(crawled):
    wire = crawled.table("sales")
    wire["StorageDescriptor"]["Columns"][0] = {"Name": "id", "Type": "string", "Comment": "by hand"}
    _change(crawled, owner_team="sales")
    crawled.put("sales/year=2023/a.csv", MORE)
    crawled.put("sales/year=2024/a.csv", MORE)
    crawled.crawl(PATH, configuration=MERGE)
    table = crawled.table("sales")
    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "id", "Type": "string", "Comment": "by hand"},
        {"Name": "total", "Type": "double"},
        {"Name": "note", "Type": "string"},
    ]
    assert table["Parameters"]["owner_team"] == "sales"
    assert table["Parameters"]["sizeKey"] == str(2 * len(MORE))


def test_merge_new_columns_adds_members_of_structs(crawling):
    crawling.put("sales/a.json", '{"user":{"id":1}}\n')
    crawling.crawl(PATH)
    crawling.put("sales/a.json", '{"user":{"name":"x"}}\n')
    crawling.crawl(PATH, configuration=MERGE)
    assert _columns(crawling) == {"user": "struct<id:int,name:string>"}


def test_merge_new_columns_deprecates_a_table_of_another_format(crawled):
    for year in (2023, 2024):
        crawled.lake.delete(S3Uri("lake", f"sales/year={year}/a.csv"))
        crawled.put(f"sales/year={year}/a.json", '{"id":1,"total":2.5}\n')
    report = crawled.crawl(PATH, configuration=MERGE)
    assert report.tables[Change.DEPRECATED] == ["sales"]
    assert "deprecated" in report.warnings[0]
    assert crawled.table("sales")["Parameters"]["classification"] == "csv"


def test_other_partition_keys_replace_the_old_partitions(crawled):
    for year in (2023, 2024):
        crawled.lake.delete(S3Uri("lake", f"sales/year={year}/a.csv"))
        crawled.put(f"sales/y={year}/a.csv", SALES)
    crawled.crawl(PATH)
    assert [key["Name"] for key in crawled.table("sales")["PartitionKeys"]] == ["y"]
    locations = [p["StorageDescriptor"]["Location"] for p in crawled.partitions("sales")]
    assert locations == ["s3://lake/sales/y=2023/", "s3://lake/sales/y=2024/"]


@pytest.mark.parametrize("delete", ["DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE", "LOG"])
def test_a_table_without_objects_is_treated_as_the_policy_says(crawled, delete):
    for year in (2023, 2024):
        crawled.lake.delete(S3Uri("lake", f"sales/year={year}/a.csv"))
    report = crawled.crawl(PATH, delete=delete)
    if delete == "DELETE_FROM_DATABASE":
        assert crawled.names() == []
        assert report.tables[Change.DELETED] == ["sales"]
        return
    table = crawled.table("sales")
    deprecated = "DEPRECATED_BY_CRAWLER" in table["Parameters"]
    assert deprecated == (delete == "DEPRECATE_IN_DATABASE")
    assert deprecated == ("DEPRECATED_BY_CRAWLER" in table["StorageDescriptor"]["Parameters"])
    assert bool(report.warnings) == (delete == "LOG")


def test_a_deprecated_table_is_deprecated_once_and_comes_back_with_its_objects(crawled):
    for year in (2023, 2024):
        crawled.lake.delete(S3Uri("lake", f"sales/year={year}/a.csv"))
    crawled.crawl(PATH)
    stamp = crawled.table("sales")["Parameters"]["DEPRECATED_BY_CRAWLER"]
    assert stamp.isdecimal()
    crawled.catalog.writes.clear()
    crawled.crawl(PATH)
    assert crawled.catalog.writes == []
    crawled.put("sales/year=2023/a.csv", SALES)
    crawled.put("sales/year=2024/a.csv", SALES)
    crawled.crawl(PATH)
    assert "DEPRECATED_BY_CRAWLER" not in crawled.table("sales")["Parameters"]


@pytest.mark.parametrize("delete", ["DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE", "LOG"])
def test_a_partition_without_objects_is_treated_as_the_policy_says(crawled, delete):
    crawled.lake.delete(S3Uri("lake", "sales/year=2023/a.csv"))
    crawled.crawl(PATH, delete=delete)
    left = {p["Values"][0]: "DEPRECATED_BY_CRAWLER" in p["Parameters"] for p in crawled.partitions("sales")}
    expected = {
        "DEPRECATE_IN_DATABASE": {"2023": True, "2024": False},
        "DELETE_FROM_DATABASE": {"2024": False},
        "LOG": {"2023": False, "2024": False},
    }
    assert left == expected[delete]


def test_objects_that_cannot_be_read_any_more_do_not_cost_the_table(crawled):
    for year in (2023, 2024):
        crawled.lake.delete(S3Uri("lake", f"sales/year={year}/a.csv"))
        crawled.put(f"sales/year={year}/a.csv.gz", {"text": SALES, "packed": "gzip", "cut": 20})
    report = crawled.crawl(PATH, delete="DELETE_FROM_DATABASE")
    assert crawled.names() == ["sales"]
    assert len(report.left_out) == 2


def test_a_table_that_a_person_made_is_never_touched(crawling):
    crawling.put("sales/a.csv", SALES)
    crawling.catalog.create_database(Database(name="db"))
    by_hand = {
        "Name": "sales",
        "StorageDescriptor": {"Location": "s3://lake/sales/", "Columns": [{"Name": "x", "Type": "int"}]},
    }
    crawling.catalog.create_table(table_from_glue(by_hand, database="db"))
    before = crawling.table("sales")
    crawling.crawl(PATH, delete="DELETE_FROM_DATABASE")
    first, second = crawling.names()
    assert first == "sales"
    assert crawling.table("sales") == before
    assert len(second) == len("sales_") + 32


def test_tables_of_other_crawlers_and_other_paths_are_not_taken_for_gone(crawled):
    crawled.crawl("s3://lake/other/", delete="DELETE_FROM_DATABASE")
    crawled.lake.buckets["lake"].clear()
    crawled.crawl(PATH, crawler="another", delete="DELETE_FROM_DATABASE")
    assert crawled.names() == ["sales"]


def test_another_crawler_over_the_same_path_takes_the_table_over(crawled):
    crawled.crawl(PATH, crawler="another")
    assert crawled.names() == ["sales"]
    assert crawled.table("sales")["Parameters"]["UPDATED_BY_CRAWLER"] == "another"


def test_too_many_tables_fail_the_crawl_before_anything_is_written(crawling):
    crawling.put("all/a.csv", SALES)
    crawling.put("all/b.json", '{"x":1}\n')
    threshold = '{"Version":1.0,"CrawlerOutput":{"Tables":{"TableThreshold":1}}}'
    with pytest.raises(CrawlFailed, match=r"tables detected by crawler: 2 is greater than .* provided: 1"):
        crawling.crawl("s3://lake/all/", configuration=threshold)
    assert crawling.catalog.databases_ == {}


def test_a_missing_bucket_fails_the_crawl_and_is_named(crawled):
    with pytest.raises(CrawlFailed, match="nowhere"):
        crawled.crawl(PATH, "s3://nowhere/x/")
    assert crawled.catalog.writes == []


@pytest.mark.parametrize("asked", range(1, 12))
def test_a_crawl_stopped_at_any_moment_leaves_whole_tables(crawling, asked):
    """The crawl asks whether to stop between objects and between tables; each time is tried."""
    for table in ("a", "b"):
        crawling.put(f"sales/{table}/k=1/x.csv", SALES.replace("total", table).replace("id", table * 2))
        crawling.put(f"sales/{table}/k=2/x.csv", SALES.replace("total", table).replace("id", table * 2))
    questions = iter([False] * asked)
    with suppress(CrawlStopped):
        crawling.crawl(PATH, stopped=lambda: next(questions, True))
    for name in crawling.names():
        assert [p["Values"] for p in crawling.partitions(name)] == [["1"], ["2"]]
