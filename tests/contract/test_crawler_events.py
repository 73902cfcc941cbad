"""Crawls by S3's event notifications (AWS: crawler-s3-event-notifications), from a bucket by way of SQS."""

import json
import uuid

import pytest

from .crawler_session import SALES, Crawlers

EVENT_MODE = {"RecrawlBehavior": "CRAWL_EVENT_MODE"}


class Evented(Crawlers):
    """A crawler in event mode over ``raw/``, whose bucket tells a queue what comes and goes."""

    def __init__(self, server, s3, glue, bucket):
        super().__init__(s3, glue, bucket)
        self.sqs = server.client("sqs")
        self.queue, self.arn = self.new_queue()
        self.dead_letters, self.dead_arn = self.new_queue()
        s3.put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration={
                "QueueConfigurations": [
                    {"QueueArn": self.arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
                ]
            },
        )

    def new_queue(self):
        url = self.sqs.create_queue(QueueName=f"q-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, attributes["Attributes"]["QueueArn"]

    def waiting(self, url):
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in found.get("Messages", [])]

    def create_evented(self, **options):
        target = {"Path": f"s3://{self.bucket}/raw/sales/", "EventQueueArn": self.arn}
        target["DlqEventQueueArn"] = self.dead_arn
        self.create(Targets={"S3Targets": [target]}, RecrawlPolicy=EVENT_MODE, **options)

    def partitions(self):
        found = self.glue.get_partitions(DatabaseName=self.database, TableName="sales")["Partitions"]
        return sorted(partition["Values"][0] for partition in found)


@pytest.fixture
def crawlers(server, s3, glue, bucket):
    return Evented(server, s3, glue, bucket)


def test_the_first_crawl_lists_everything_and_later_ones_go_by_events(crawlers):
    crawlers.put("raw/sales/year=2023/a.csv")
    crawlers.put("raw/sales/year=2024/a.csv")
    crawlers.create_evented()
    assert crawlers.run()["Status"] == "SUCCEEDED"
    assert crawlers.partitions() == ["2023", "2024"]
    assert crawlers.waiting(crawlers.queue) == []
    crawlers.put("raw/sales/year=2025/a.csv")
    assert len(crawlers.waiting(crawlers.queue)) == 1
    crawlers.run()
    assert crawlers.summary() == {"PARTITION": {"ADDED": 1}, "TABLE": {"UPDATED": ["sales"]}}
    assert crawlers.partitions() == ["2023", "2024", "2025"]
    assert crawlers.waiting(crawlers.queue) == []


def test_without_events_nothing_is_looked_at(crawlers):
    crawlers.put("raw/sales/year=2024/a.csv")
    crawlers.create_evented()
    crawlers.run()
    crawlers.put("raw/sales/year=2025/a.csv")
    crawlers.sqs.purge_queue(QueueUrl=crawlers.queue)
    assert crawlers.run()["Status"] == "SUCCEEDED"
    assert crawlers.summary() == {}
    assert crawlers.partitions() == ["2024"]


def test_only_the_folders_of_events_are_brought_up_to_date(crawlers):
    for year in ("2023", "2024"):
        crawlers.put(f"raw/sales/year={year}/a.csv")
    crawlers.create_evented()
    crawlers.run()
    crawlers.put("raw/sales/year=2023/b.csv")
    crawlers.sqs.purge_queue(QueueUrl=crawlers.queue)
    crawlers.put("raw/sales/year=2024/b.csv")
    crawlers.run()
    assert crawlers.summary()["PARTITION"] == {"UPDATED": 1}


def test_a_deleted_folder_goes_as_the_policy_says(crawlers):
    for year in ("2023", "2024"):
        crawlers.put(f"raw/sales/year={year}/a.csv")
    crawlers.create_evented(SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"})
    crawlers.run()
    crawlers.s3.delete_object(Bucket=crawlers.bucket, Key="raw/sales/year=2023/a.csv")
    crawlers.run()
    assert crawlers.partitions() == ["2024"]


def test_events_by_way_of_a_topic_and_with_escaped_keys_are_read(crawlers):
    crawlers.put("raw/sales/city=a b+c/a.csv")
    crawlers.put("raw/sales/city=x/a.csv")
    crawlers.create_evented()
    crawlers.run()
    crawlers.put("raw/sales/city=ñ &/a.csv")
    (event,) = crawlers.waiting(crawlers.queue)
    crawlers.sqs.purge_queue(QueueUrl=crawlers.queue)
    wrapped = json.dumps({"Type": "Notification", "Message": event})
    crawlers.sqs.send_message(QueueUrl=crawlers.queue, MessageBody=wrapped)
    crawlers.sqs.send_message(QueueUrl=crawlers.queue, MessageBody=json.dumps({"Event": "s3:TestEvent"}))
    crawlers.run()
    assert crawlers.partitions() == ["a b+c", "x", "ñ &"]
    assert crawlers.waiting(crawlers.dead_letters) == []


def test_what_is_no_event_goes_to_the_dead_letter_queue(crawlers):
    crawlers.put("raw/sales/year=2024/a.csv")
    crawlers.create_evented()
    crawlers.run()
    crawlers.sqs.send_message(QueueUrl=crawlers.queue, MessageBody="hello")
    assert crawlers.run()["Status"] == "SUCCEEDED"
    assert crawlers.waiting(crawlers.queue) == []
    assert crawlers.waiting(crawlers.dead_letters) == ["hello"]


def test_a_missing_queue_fails_the_crawl_by_name(crawlers):
    crawlers.put("raw/sales/year=2024/a.csv")
    crawlers.create_evented()
    crawlers.sqs.delete_queue(QueueUrl=crawlers.queue)
    last = crawlers.run()
    assert last["Status"] == "FAILED"
    assert crawlers.arn in last["ErrorMessage"]


def test_a_changed_crawler_lists_everything_again(crawlers):
    crawlers.put("raw/sales/year=2024/a.csv")
    crawlers.create_evented()
    crawlers.run()
    crawlers.put("raw/sales/year=2025/a.csv")
    crawlers.sqs.purge_queue(QueueUrl=crawlers.queue)
    crawlers.glue.update_crawler(Name=crawlers.name, Description="another")
    crawlers.run()
    assert crawlers.partitions() == ["2024", "2025"]


def _catalogued(crawlers, tables, **options):
    target = {"DatabaseName": crawlers.database, "Tables": tables}
    policy = {"DeleteBehavior": "LOG", "UpdateBehavior": "UPDATE_IN_DATABASE"}
    crawlers.create(Targets={"CatalogTargets": [target | options]}, SchemaChangePolicy=policy)


def _table_by_hand(crawlers, keys=("year",)):
    crawlers.glue.create_database(DatabaseInput={"Name": crawlers.database})
    crawlers.glue.create_table(
        DatabaseName=crawlers.database,
        TableInput={
            "Name": "mine",
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
            "StorageDescriptor": {
                "Columns": [{"Name": "id", "Type": "bigint"}],
                "Location": f"s3://{crawlers.bucket}/raw/sales/",
                "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
            },
        },
    )


def test_a_catalogue_target_brings_a_table_up_to_date_and_makes_none(crawlers, athena):
    crawlers.put("raw/sales/y=2023/a.csv")
    crawlers.put("raw/sales/y=2024/a.csv", b"id,other\n1,x\n2,y\n")
    crawlers.put("raw/else/a.csv")
    _table_by_hand(crawlers)
    _catalogued(crawlers, ["mine"])
    assert crawlers.run()["Status"] == "SUCCEEDED"
    assert crawlers.tables() == ["mine"]
    table = crawlers.table("mine")
    columns = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
    assert sorted(columns) == ["day", "id", "other", "total"]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["year"]
    assert crawlers.query(athena, "SELECT year, count(*) FROM mine GROUP BY 1 ORDER BY 1") == [
        ["2023", "2"],
        ["2024", "2"],
    ]
    crawlers.run()
    assert crawlers.summary() == {}


def test_a_catalogue_target_that_is_not_there_fails_the_crawl_and_changes_nothing(crawlers):
    crawlers.put("raw/sales/y=2023/a.csv")
    _table_by_hand(crawlers)
    _catalogued(crawlers, ["mine", "nobody"])
    last = crawlers.run()
    assert last["Status"] == "FAILED"
    assert f"{crawlers.database}.nobody" in last["ErrorMessage"]
    assert crawlers.versions("mine") == 1


def test_a_catalogue_target_whose_folders_are_of_another_depth_is_left_as_it_is(crawlers):
    crawlers.put("raw/sales/a.csv", SALES)
    _table_by_hand(crawlers)
    _catalogued(crawlers, ["mine"])
    crawlers.run()
    assert crawlers.versions("mine") == 1
    assert "partition keys" in crawlers.summary()["WARNINGS"][0]
