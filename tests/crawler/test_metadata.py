"""Every field that a crawler writes, and the arithmetic of its numbers."""

import json

import pyarrow.parquet as pq
import pytest

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.volume import Volume, estimated_records

PARAMETERS = {
    "CRAWL_RUN_ID": "00000000-0000-4000-8000-000000000000",
    "CrawlerSchemaDeserializerVersion": "1.0",
    "CrawlerSchemaSerializerVersion": "1.0",
    "UPDATED_BY_CRAWLER": "seeker",
    "areColumnsQuoted": "false",
    "averageRecordSize": "6",
    "classification": "csv",
    "columnsOrdered": "true",
    "compressionType": "none",
    "delimiter": ",",
    "exclusions": '["s3://lake/sales/*.bak"]',
    "objectCount": "2",
    "recordCount": "7",
    "sizeKey": "42",
    "skip.header.line.count": "1",
    "typeOfData": "file",
}
PARTITION = {"objectCount": "1", "recordCount": "3", "sizeKey": "21"}
STORAGE = {
    "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "total", "Type": "double"}],
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "Compressed": False,
    "NumberOfBuckets": -1,
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    },
    "BucketColumns": [],
    "SortColumns": [],
    "StoredAsSubDirectories": False,
}
SALES = "id,total\n1,2.5\n2,3.5\n"


def test_a_partitioned_csv_table_is_written_whole(crawling):
    crawling.put("sales/year=2023/a.csv", SALES)
    crawling.put("sales/year=2024/a.csv", SALES)
    crawling.crawl("s3://lake/sales/", exclusions=["*.bak"])
    parameters = PARAMETERS | {"partition_filtering.enabled": "true"}
    assert crawling.table("sales") == {
        "Name": "sales",
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": "year", "Type": "string"}],
        "Parameters": parameters,
        "StorageDescriptor": STORAGE | {"Location": "s3://lake/sales/", "Parameters": parameters},
    }
    assert crawling.partitions("sales") == [
        {
            "Values": [year],
            "Parameters": PARAMETERS | PARTITION,
            "StorageDescriptor": STORAGE
            | {"Location": f"s3://lake/sales/year={year}/", "Parameters": PARAMETERS | PARTITION},
        }
        for year in ("2023", "2024")
    ]


@pytest.mark.parametrize(
    ("size", "average", "count"),
    [
        (845925646, 250, 3383702),
        (2217375799, 1061, 2089892),
        (57659, 23, 2506),
        (293777, 307, 956),
        (276, 58, 4),
        (13342193, 94, 141938),
        (491935, 228, 2157),
        (230, 15, 15),
        (1406, 4374, 1),
    ],
)
def test_published_record_counts_follow_from_size_and_average(size, average, count):
    assert estimated_records(size, average) == count
    sampled = Volume(objects=1, size=size, sampled_bytes=average * 10 + 9, sampled_records=10)
    assert sampled.average_record_size == average
    assert sampled.record_count == count


def test_the_published_parquet_numbers_are_rows_and_uncompressed_bytes_by_rows():
    footer = Volume(objects=1, size=5336, sampled_bytes=116 * 17 + 5, sampled_records=116, exact=True)
    assert (footer.record_count, footer.average_record_size) == (116, 17)


def test_parquet_numbers_come_from_the_footers(crawling):
    crawling.put("t/d=1/a.parquet", {"parquet": {"a": "int64", "b": "string"}, "rows": 1000})
    crawling.put("t/d=2/a.parquet", {"parquet": {"a": "int64", "b": "string"}, "rows": 10})
    crawling.crawl("s3://lake/t/")
    stored = [crawling.lake.get(S3Uri("lake", f"t/d={day}/a.parquet")) for day in (1, 2)]
    footers = [pq.read_metadata(one.path) for one in stored]
    parameters = crawling.table("t")["Parameters"]
    uncompressed = sum(footer.row_group(0).total_byte_size for footer in footers)
    assert parameters["sizeKey"] == str(sum(one.size for one in stored))
    assert parameters["recordCount"] == "1010"
    assert parameters["averageRecordSize"] == str(uncompressed // 1010)
    counts = [partition["Parameters"]["recordCount"] for partition in crawling.partitions("t")]
    assert counts == ["1000", "10"]


def test_gzip_has_its_stored_size_and_the_average_of_its_content(crawling):
    crawling.put("t/a.csv.gz", {"head": "a,b\n", "text": "12345,67890\n", "times": 9000, "packed": "gzip"})
    crawling.crawl("s3://lake/t/")
    parameters = crawling.table("t")["Parameters"]
    size = crawling.lake.get(S3Uri("lake", "t/a.csv.gz")).size
    assert parameters["sizeKey"] == str(size)
    assert parameters["averageRecordSize"] == "12"
    assert parameters["recordCount"] == str(size // 12)
    assert crawling.table("t")["StorageDescriptor"]["Compressed"]


def test_a_large_object_is_read_as_far_as_its_first_megabyte(crawling):
    """What comes later is not looked at: the bytes after the first megabyte would be no CSV at all."""
    crawling.put("t/a.csv", {"head": "a,b\n", "text": "1,2\n", "times": 300_000})
    path = crawling.lake.get(S3Uri("lake", "t/a.csv")).path
    with path.open("r+b") as file:
        file.seek(1_100_000)
        file.write(b"x" * 1000)
    crawling.crawl("s3://lake/t/")
    table = crawling.table("t")
    assert [column["Type"] for column in table["StorageDescriptor"]["Columns"]] == ["bigint", "bigint"]
    assert table["Parameters"]["recordCount"] == "300001"


def test_a_wide_object_is_one_table(crawling):
    names = ",".join(f"c{i}" for i in range(10_000))
    crawling.put("t/a.csv", f"{names}\n" + ",".join("1" * 10_000) + "\n")
    crawling.crawl("s3://lake/t/")
    assert len(crawling.table("t")["StorageDescriptor"]["Columns"]) == 10_000


def test_five_hundred_folders_are_as_many_partition_keys(crawling):
    crawling.put("t/" + "x/" * 500 + "a.csv", SALES)
    crawling.crawl("s3://lake/t/")
    assert len(crawling.table("t")["PartitionKeys"]) == 500


def test_what_lies_too_deep_in_a_document_is_text(crawling):
    crawling.put("t/a.json", '{"a":' * 200 + "1" + "}" * 200 + "\n")
    crawling.crawl("s3://lake/t/")
    [column] = crawling.table("t")["StorageDescriptor"]["Columns"]
    assert column["Type"].count("struct<") == 65
    assert column["Type"].endswith("a:string" + ">" * 65)


def test_hundreds_of_unlike_objects_are_as_many_tables(crawling):
    for n in range(300):
        crawling.put(f"t/{n}.json", f'{{"a{n}":1,"b{n}":2}}\n')
    crawling.crawl("s3://lake/t/")
    assert len(crawling.names()) == 300


def test_ten_thousand_columns_are_a_table(crawling):
    names = ",".join(f"c{i}" for i in range(10_000))
    crawling.put("t/a.csv", f"{names}\n" + (",".join(["7"] * 10_000) + "\n") * 5)
    crawling.crawl("s3://lake/t/")
    columns = crawling.table("t")["StorageDescriptor"]["Columns"]
    assert (len(columns), columns[9_999]) == (10_000, {"Name": "c9999", "Type": "bigint"})


def test_each_partition_keeps_the_avro_schema_found_in_it(crawling):
    def schema(*kinds):
        fields = [{"name": f"c{i}", "type": kind} for i, kind in enumerate(kinds)]
        return {"type": "record", "name": "r", "fields": fields}

    crawling.put("t/d=1/a", {"avro": schema("int", "string")})
    crawling.put("t/d=2/a", {"avro": schema("long", "string")})
    crawling.crawl("s3://lake/t/")
    literals = [one["Parameters"]["avro.schema.literal"] for one in crawling.partitions("t")]
    assert [json.loads(literal)["fields"][0]["type"] for literal in literals] == ["int", "long"]
    serdes = [one["StorageDescriptor"]["SerdeInfo"]["Parameters"] for one in crawling.partitions("t")]
    assert [one["avro.schema.literal"] for one in serdes] == literals
