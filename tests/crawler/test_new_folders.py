"""CRAWL_NEW_FOLDERS_ONLY: what is new is added, what is known is left alone."""

import pytest

SALES = "id,total\n1,2.5\n2,3.5\n"
OTHER = "code;a;b;c\n1;2;3;4\n5;6;7;8\n"


@pytest.fixture
def again(crawling):
    """Crawls with the folders of the crawl before."""
    known = frozenset()

    def crawl(*paths):
        nonlocal known
        report = crawling.crawl(*paths, update="LOG", delete="LOG", known_folders=known)
        known |= report.folders
        return report

    return crawl


def test_the_first_crawl_is_like_any_other(crawling, again):
    crawling.put("t/y=1/a.csv", SALES)
    again("s3://lake/t/")
    assert [one["Values"] for one in crawling.partitions("t")] == [["1"]]


def test_a_new_folder_becomes_a_partition_and_the_table_stays(crawling, again):
    crawling.put("t/y=1/a.csv", SALES)
    again("s3://lake/t/")
    before = crawling.table("t")
    crawling.put("t/y=1/b.csv", SALES)
    crawling.put("t/y=2/a.csv", SALES)
    report = again("s3://lake/t/")
    assert crawling.table("t") == before
    assert crawling.catalog.writes[2:] == ["create t 2"]
    assert report.warnings == []


def test_a_new_folder_beside_unlike_ones_becomes_a_table(crawling, again):
    crawling.put("in/sales/a.csv", SALES)
    crawling.put("in/codes/a.csv", OTHER)
    again("s3://lake/in/")
    crawling.put("in/words/a.json", '{"word": "x"}\n')
    again("s3://lake/in/")
    assert crawling.catalog.writes == ["create codes", "create sales", "create words"]


def test_folders_that_are_gone_are_left_alone(crawling, again):
    crawling.put("t/y=1/a.csv", SALES)
    crawling.put("t/y=2/a.csv", SALES)
    again("s3://lake/t/")
    del crawling.lake.buckets["lake"]["t/y=1/a.csv"]
    report = again("s3://lake/t/")
    assert [one["Values"] for one in crawling.partitions("t")] == [["1"], ["2"]]
    assert report.warnings == []


def test_an_object_beside_known_folders_becomes_a_table_and_theirs_stays(crawling, again):
    crawling.put("t/y=1/a.csv", SALES)
    again("s3://lake/t/")
    crawling.put("t/a.csv", SALES)
    again("s3://lake/t/")
    assert crawling.catalog.writes == ["create t", "create t 1", "create a_csv"]


def test_new_folders_that_would_make_another_table_of_known_ones_add_nothing(crawling, again):
    crawling.put("in/p/a.csv", SALES)
    crawling.put("in/q/a.json", '{"word": "x"}\n')
    again("s3://lake/in/")
    crawling.put("in/r/a.csv", SALES)
    crawling.put("in/s/a.csv", SALES)
    report = again("s3://lake/in/")
    assert crawling.names() == ["p", "q"]
    assert report.warnings == [
        "s3://lake/in/: new folders differ too much from those crawled before; nothing added"
    ]


def test_a_removed_partition_is_not_brought_back(crawling, again):
    crawling.put("t/y=1/a.csv", SALES)
    crawling.put("t/y=2/a.csv", SALES)
    again("s3://lake/t/")
    crawling.catalog.partitions_["db", "t"].pop(("1",))
    again("s3://lake/t/")
    assert [one["Values"] for one in crawling.partitions("t")] == [["2"]]
