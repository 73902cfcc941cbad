"""Crawlers over HTTP with plain boto3: what they write, and what a second crawl does."""

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

from .crawler_session import SALES, Crawlers


@pytest.fixture
def crawlers(s3, glue, bucket):
    return Crawlers(s3, glue, bucket)


def test_a_crawl_makes_the_database_and_the_table(crawlers):
    crawlers.put("raw/sales/a.csv")
    crawlers.create("raw/sales/")
    last = crawlers.run()
    assert last["Status"] == "SUCCEEDED"
    assert "ErrorMessage" not in last
    table = crawlers.table("sales")
    storage = table["StorageDescriptor"]
    assert storage["Columns"] == [
        {"Name": "id", "Type": "bigint"},
        {"Name": "day", "Type": "string"},
        {"Name": "total", "Type": "double"},
    ]
    assert storage["Location"] == f"s3://{crawlers.bucket}/raw/sales/"
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    }
    assert table["Owner"] == "owner"
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Parameters"] == storage["Parameters"]
    assert table["Parameters"].pop("CRAWL_RUN_ID") == last["MessagePrefix"]
    assert table["Parameters"] == {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": crawlers.name,
        "areColumnsQuoted": "false",
        "averageRecordSize": "17",
        "classification": "csv",
        "columnsOrdered": "true",
        "compressionType": "none",
        "delimiter": ",",
        "objectCount": "1",
        "recordCount": "2",
        "sizeKey": str(len(SALES)),
        "skip.header.line.count": "1",
        "typeOfData": "file",
    }


def test_folders_become_partitions(crawlers, glue):
    for month in ("01", "02"):
        crawlers.put(f"raw/sales/year=2024/month={month}/a.csv")
    crawlers.create("raw/sales/")
    crawlers.run()
    table = crawlers.table("sales")
    assert table["PartitionKeys"] == [{"Name": "year", "Type": "string"}, {"Name": "month", "Type": "string"}]
    assert table["Parameters"]["partition_filtering.enabled"] == "true"
    found = glue.get_partitions(DatabaseName=crawlers.database, TableName="sales")["Partitions"]
    assert sorted(p["Values"] for p in found) == [["2024", "01"], ["2024", "02"]]
    [first] = [p for p in found if p["Values"][1] == "01"]
    prefix = f"s3://{crawlers.bucket}/raw/sales/year=2024/month=01/"
    assert first["StorageDescriptor"]["Location"] == prefix
    assert first["Parameters"]["sizeKey"] == str(len(SALES))
    assert first["Parameters"] == first["StorageDescriptor"]["Parameters"]
    assert crawlers.summary()["PARTITION"] == {"ADDED": 2}


def test_parquet_and_gzip_are_crawled_from_their_bytes(crawlers):
    out = io.BytesIO()
    pq.write_table(pa.table({"ID": [1, 2, 3], "name": ["a", "b", "c"]}), out)
    crawlers.put("lake/columnar/part-0", out.getvalue())
    packed = gzip.compress(SALES * 1)
    crawlers.put("lake/packed/a.csv.gz", packed)
    crawlers.create("lake/")
    crawlers.run()
    columnar, packed_table = crawlers.table("columnar"), crawlers.table("packed")
    assert [c["Name"] for c in columnar["StorageDescriptor"]["Columns"]] == ["id", "name"]
    assert columnar["Parameters"]["recordCount"] == "3"
    assert packed_table["Parameters"]["compressionType"] == "gzip"
    assert packed_table["Parameters"]["sizeKey"] == str(len(packed))


def test_the_crawled_table_can_be_queried_at_once(crawlers, athena):
    crawlers.put("raw/sales/year=2024/a.csv")
    crawlers.put("raw/sales/year=2025/a.csv")
    crawlers.create("raw/sales/")
    crawlers.run()
    rows = crawlers.query(athena, "SELECT year, sum(total), max(day) FROM sales GROUP BY year ORDER BY year")
    assert rows == [["2024", "6.0", "2024-01-02"], ["2025", "6.0", "2024-01-02"]]


def test_what_ctas_wrote_is_crawled_to_the_same_columns_and_partition_values(crawlers, glue, athena):
    cities = ["País Vasco", "a/b", "50%", "x=y", "Ávila: centro"]
    body = "id,total,city\n" + "".join(f"{n},{n}.5,{city}\n" for n, city in enumerate(cities))
    crawlers.put("raw/sales/a.csv", body.encode())
    crawlers.create("raw/sales/", "curated/")
    crawlers.run()
    crawlers.query(
        athena,
        f"""CREATE TABLE made WITH (format = 'PARQUET', partitioned_by = ARRAY['city'],
            external_location = 's3://{crawlers.bucket}/curated/') AS SELECT id, total, city FROM sales""",
    )
    crawlers.run()
    made, found = crawlers.table("made"), crawlers.table("curated")
    assert found["StorageDescriptor"]["Columns"] == made["StorageDescriptor"]["Columns"]
    assert found["PartitionKeys"] == made["PartitionKeys"]
    values = [
        sorted(
            p["Values"]
            for p in glue.get_partitions(DatabaseName=crawlers.database, TableName=name)["Partitions"]
        )
        for name in ("made", "curated")
    ]
    assert values[0] == values[1] == sorted([city] for city in cities)
    both = [crawlers.query(athena, f"SELECT * FROM {name} ORDER BY id") for name in ("made", "curated")]
    assert both[0] == both[1]


def test_a_recrawl_of_an_unchanged_prefix_adds_no_version(crawlers):
    crawlers.put("raw/sales/year=2024/a.csv")
    crawlers.create("raw/sales/")
    crawlers.run()
    table, versions = crawlers.table("sales"), crawlers.versions("sales")
    crawlers.run()
    assert crawlers.table("sales") == table
    assert crawlers.versions("sales") == versions
    assert crawlers.summary() == {}


def test_a_recrawl_finds_new_columns_and_new_partitions(crawlers):
    crawlers.put("raw/sales/year=2024/a.csv")
    crawlers.create("raw/sales/")
    crawlers.run()
    versions = crawlers.versions("sales")
    crawlers.put("raw/sales/year=2025/a.csv", b"id,day,total,note\n1,2025-01-01,2.5,x\n2,2025-01-02,1,y\n")
    crawlers.run()
    names = [c["Name"] for c in crawlers.table("sales")["StorageDescriptor"]["Columns"]]
    assert names == ["id", "day", "total", "note"]
    assert crawlers.versions("sales") == versions + 1
    assert crawlers.summary() == {"TABLE": {"UPDATED": ["sales"]}, "PARTITION": {"ADDED": 1}}


def test_a_table_whose_objects_are_gone_is_deprecated_and_kept(crawlers, s3):
    crawlers.put("raw/sales/a.csv")
    crawlers.create("raw/sales/")
    crawlers.run()
    s3.delete_object(Bucket=crawlers.bucket, Key="raw/sales/a.csv")
    crawlers.run()
    assert "DEPRECATED_BY_CRAWLER" in crawlers.table("sales")["Parameters"]
    assert crawlers.summary() == {"TABLE": {"DEPRECATED": ["sales"]}}


def test_a_table_whose_objects_are_gone_is_deleted_when_the_policy_says_so(crawlers, s3):
    crawlers.put("raw/sales/a.csv")
    crawlers.create("raw/sales/", SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"})
    crawlers.run()
    s3.delete_object(Bucket=crawlers.bucket, Key="raw/sales/a.csv")
    crawlers.run()
    assert crawlers.tables() == []


def test_objects_that_cannot_be_read_are_left_out_and_named(crawlers):
    crawlers.put("raw/sales/a.csv")
    crawlers.put("raw/sales/b.csv.gz", gzip.compress(SALES)[:30])
    crawlers.put("raw/sales/c.csv", bytes(range(256)))
    crawlers.put("raw/sales/d.parquet", b"PAR1 is all there is")
    crawlers.create("raw/sales/")
    last = crawlers.run()
    assert last["Status"] == "SUCCEEDED"
    assert crawlers.table("sales")["Parameters"]["objectCount"] == "1"
    left_out = crawlers.summary()["LEFT_OUT"]
    assert left_out["COUNT"] == 3
    for name in ("b.csv.gz", "c.csv", "d.parquet"):
        assert f"s3://{crawlers.bucket}/raw/sales/{name}" in last["ErrorMessage"]
        assert f"s3://{crawlers.bucket}/raw/sales/{name}" in {o["OBJECT"] for o in left_out["OBJECTS"]}


def test_an_empty_prefix_succeeds_without_a_table(crawlers):
    crawlers.create("nothing/here/")
    assert crawlers.run()["Status"] == "SUCCEEDED"
    assert crawlers.tables() == []


def test_a_missing_bucket_fails_the_crawl_and_is_named(crawlers):
    missing = {"S3Targets": [{"Path": "s3://no-such-bucket-anywhere/x/"}]}
    crawlers.create(Targets=missing)
    last = crawlers.run()
    assert last["Status"] == "FAILED"
    assert "no-such-bucket-anywhere" in last["ErrorMessage"]


def test_a_crawl_that_is_stopped_leaves_the_catalogue_whole(crawlers, glue):
    """A hundred objects of a megabyte each once unpacked: some seconds of reading."""
    large = gzip.compress(b"id,name,total\n" + b'1,"Ana",2.5\n' * 90_000)
    for n in range(60):
        crawlers.put(f"raw/large/part={n}/a.csv.gz", large)
    crawlers.create("raw/large/")
    glue.start_crawler(Name=crawlers.name)
    assert glue.get_crawler(Name=crawlers.name)["Crawler"]["State"] == "RUNNING"
    with pytest.raises(glue.exceptions.CrawlerRunningException):
        glue.start_crawler(Name=crawlers.name)
    with pytest.raises(glue.exceptions.CrawlerRunningException):
        glue.delete_crawler(Name=crawlers.name)
    with pytest.raises(glue.exceptions.CrawlerRunningException):
        glue.update_crawler(Name=crawlers.name, Description="x")
    [running] = glue.list_crawls(CrawlerName=crawlers.name)["Crawls"]
    assert running["State"] == "RUNNING"
    glue.stop_crawler(Name=crawlers.name)
    assert crawlers.wait()["Status"] == "CANCELLED"
    [stopped] = glue.list_crawls(CrawlerName=crawlers.name)["Crawls"]
    assert stopped["State"] == "STOPPED"
    assert crawlers.database not in [d["Name"] for d in glue.get_databases()["DatabaseList"]]


def test_a_crawl_of_new_folders_only_adds_partitions_and_touches_nothing_else(crawlers):
    crawlers.put("raw/sales/year=2023/a.csv")
    crawlers.create(
        "raw/sales/",
        RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    )
    crawlers.run()
    before = crawlers.table("sales")
    crawlers.put("raw/sales/year=2023/b.csv")
    crawlers.put("raw/sales/year=2024/a.csv")
    assert crawlers.run()["Status"] == "SUCCEEDED"
    assert crawlers.table("sales") == before
    assert crawlers.summary() == {"PARTITION": {"ADDED": 1}}
    partitions = crawlers.glue.get_partitions(DatabaseName=crawlers.database, TableName="sales")["Partitions"]
    assert {one["Values"][0]: one["Parameters"]["objectCount"] for one in partitions} == {
        "2023": "1",
        "2024": "1",
    }


@pytest.mark.parametrize("kind", ["orc", "avro"])
def test_orc_and_avro_are_written_with_their_serde(crawlers, kind):
    body = io.BytesIO()
    if kind == "orc":
        orc.write_table(pa.table({"Id": pa.array([1, 2], pa.int32()), "name": ["a", "b"]}), body)
    else:
        schema = {"type": "record", "name": "r", "fields": []}
        schema["fields"] = [{"name": "Id", "type": "int"}, {"name": "name", "type": ["null", "string"]}]
        text = json.dumps(schema).encode()
        size = bytes([(len(text) << 1) & 0x7F | 0x80, len(text) >> 6])
        body.write(b"Obj\x01\x02\x16avro.schema" + size + text + b"\x00" + bytes(16))
    crawlers.put("raw/t/a", body.getvalue())
    crawlers.create("raw/t/")
    assert "ErrorMessage" not in crawlers.run()
    table = crawlers.table("t")
    columns = [(one["Name"], one["Type"]) for one in table["StorageDescriptor"]["Columns"]]
    assert columns == [("id", "int"), ("name", "string")]
    library = table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    assert library.rpartition(".")[2] == {"orc": "OrcSerde", "avro": "AvroSerDe"}[kind]
    assert ("avro.schema.literal" in table["Parameters"]) == (kind == "avro")
