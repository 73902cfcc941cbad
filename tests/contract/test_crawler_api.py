"""The crawler operations over HTTP: what is answered, and what is refused."""

import uuid

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/crawler"
TARGETS = {"S3Targets": [{"Path": "s3://lake/raw/", "Exclusions": ["*.bak"]}]}


@pytest.fixture
def name(glue):
    """A crawler over a bucket that does not exist; nothing runs it unless the test does."""
    name = f"crawler-{uuid.uuid4().hex[:8]}"
    glue.create_crawler(Name=name, Role=ROLE, DatabaseName="lake", Targets=TARGETS)
    return name


def _crawler(glue, name):
    return glue.get_crawler(Name=name)["Crawler"]


def _refusal(call, **request):
    with pytest.raises(ClientError) as refusal:
        call(**request)
    return refusal.value.response["Error"]


def test_a_new_crawler_is_answered_with_all_its_defaults(glue, name):
    crawler = _crawler(glue, name)
    assert crawler.pop("CreationTime") == crawler.pop("LastUpdated")
    assert crawler == {
        "Name": name,
        "Role": ROLE,
        "DatabaseName": "lake",
        "Targets": {
            **TARGETS,
            "JdbcTargets": [],
            "MongoDBTargets": [],
            "DynamoDBTargets": [],
            "CatalogTargets": [],
            "DeltaTargets": [],
            "IcebergTargets": [],
            "HudiTargets": [],
        },
        "Classifiers": [],
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
        "SchemaChangePolicy": {
            "UpdateBehavior": "UPDATE_IN_DATABASE",
            "DeleteBehavior": "DEPRECATE_IN_DATABASE",
        },
        "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
        "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
        "State": "READY",
        "CrawlElapsedTime": 0,
        "Version": 1,
    }


def test_an_update_replaces_members_and_counts_the_version(glue, name):
    glue.update_crawler(Name=name, Description="sales", TablePrefix="raw_")
    glue.update_crawler(Name=name, Description="")
    crawler = _crawler(glue, name)
    assert crawler["Version"] == 3
    assert crawler["TablePrefix"] == "raw_"
    assert crawler["Targets"]["S3Targets"] == TARGETS["S3Targets"]
    assert "Description" not in crawler
    assert crawler["LastUpdated"] >= crawler["CreationTime"]


def test_a_refused_update_changes_nothing(glue, name):
    assert (
        _refusal(glue.update_crawler, Name=name, Targets={"S3Targets": []})["Code"] == "InvalidInputException"
    )
    assert _crawler(glue, name)["Version"] == 1


def test_a_deleted_crawler_is_gone(glue, name):
    glue.delete_crawler(Name=name)
    error = _refusal(glue.get_crawler, Name=name)
    assert error["Code"] == "EntityNotFoundException"
    assert error["Message"] == f"Crawler entry with name {name} does not exist"


def test_a_taken_name_is_refused(glue, name):
    error = _refusal(glue.create_crawler, Name=name, Role=ROLE, Targets=TARGETS)
    assert error["Code"] == "AlreadyExistsException"


@pytest.mark.parametrize(
    "operation",
    ["get_crawler", "start_crawler", "stop_crawler", "delete_crawler", "update_crawler"],
)
def test_an_unknown_crawler_is_not_found(glue, operation):
    assert _refusal(getattr(glue, operation), Name="nobody")["Code"] == "EntityNotFoundException"


def test_a_crawler_that_does_not_run_cannot_be_stopped(glue, name):
    error = _refusal(glue.stop_crawler, Name=name)
    assert error["Code"] == "CrawlerNotRunningException"


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        ({"Targets": {}}, "at least one of S3Targets"),
        ({"Targets": {"S3Targets": [{"Path": "raw/"}]}}, "raw/"),
        ({"Targets": {"S3Targets": [{}]}}, "Path"),
        ({"Targets": {"S3Targets": [{"Path": "s3://b/x", "Exclusions": ["[a"]}]}}, "[a"),
        ({"Targets": {"S3Targets": [{"Path": "s3://b/x", "SampleSize": 250}]}}, "SampleSize"),
        ({"Targets": {"DynamoDBTargets": [{"Path": "t"}]}}, "DynamoDBTargets"),
        ({"Targets": {"JdbcTargets": [{"ConnectionName": "c", "Path": "t"}]}}, "JdbcTargets"),
        ({"Role": ""}, "Role"),
        ({"Classifiers": ["mine"]}, "mine"),
        ({"Configuration": "{"}, "JSON"),
        ({"Configuration": '{"Version": 1.0, "Groping": {}}'}, "Groping"),
        ({"Targets": {"MongoDBTargets": [{"ConnectionName": "c", "Path": "t"}]}}, "MongoDBTargets"),
        ({"Targets": {"DeltaTargets": [{"DeltaTables": []}]}}, "DeltaTables"),
        ({"Targets": {"DeltaTargets": [{"DeltaTables": ["x"]}]}}, "x"),
        (
            {
                "Targets": {
                    "DeltaTargets": [
                        {"DeltaTables": ["s3://b/x"], "WriteManifest": True, "CreateNativeDeltaTable": True}
                    ]
                }
            },
            "WriteManifest",
        ),
        ({"Targets": {"IcebergTargets": [{"Paths": ["s3://b/x"], "MaximumTraversalDepth": 21}]}}, "Depth"),
        ({"Targets": {"HudiTargets": [{}]}}, "Paths"),
        ({"Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}}, "LOG"),
        (
            {
                "Targets": TARGETS | {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]},
                "SchemaChangePolicy": {"DeleteBehavior": "LOG"},
            },
            "mixed",
        ),
        ({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}}, "EventQueueArn"),
        (
            {
                "Targets": {"S3Targets": [{"Path": "s3://b/x", "EventQueueArn": "arn:aws:sns:r:1:q"}]},
                "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"},
            },
            "SQS",
        ),
        (
            {
                "Targets": {"DeltaTargets": [{"DeltaTables": ["s3://b/x"]}]},
                "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"},
            },
            "DeltaTargets",
        ),
        ({"Schedule": "every day"}, "cron"),
        ({"CatalogId": "999999999999"}, "CatalogId"),
        ({"SchemaChangePolicy": {"UpdateBehavior": "SOMETIMES"}}, "updateBehavior"),
        ({"TablePrefix": "x" * 129}, "128"),
    ],
)
def test_what_is_malformed_or_not_done_is_refused_by_name(glue, request_, named):
    request = {"Name": "refused", "Role": ROLE, "Targets": TARGETS} | request_
    error = _refusal(glue.create_crawler, **request)
    assert error["Code"] == "InvalidInputException"
    assert named in error["Message"]
    assert _refusal(glue.get_crawler, Name="refused")["Code"] == "EntityNotFoundException"


def test_a_schedule_is_started_and_stopped(glue, name):
    glue.update_crawler(Name=name, Schedule="cron(15 12 * * ? *)")
    schedule = {"ScheduleExpression": "cron(15 12 * * ? *)", "State": "SCHEDULED"}
    assert _crawler(glue, name)["Schedule"] == schedule
    assert _refusal(glue.start_crawler_schedule, CrawlerName=name)["Code"] == "SchedulerRunningException"
    glue.stop_crawler_schedule(CrawlerName=name)
    assert _crawler(glue, name)["Schedule"] == schedule | {"State": "NOT_SCHEDULED"}
    assert _refusal(glue.stop_crawler_schedule, CrawlerName=name)["Code"] == "SchedulerNotRunningException"
    glue.update_crawler_schedule(CrawlerName=name, Schedule="cron(0 1 * * ? *)")
    assert _crawler(glue, name)["Schedule"]["State"] == "NOT_SCHEDULED"
    glue.start_crawler_schedule(CrawlerName=name)
    assert _crawler(glue, name)["Schedule"] == {
        "ScheduleExpression": "cron(0 1 * * ? *)",
        "State": "SCHEDULED",
    }
    glue.update_crawler_schedule(CrawlerName=name, Schedule="")
    assert "Schedule" not in _crawler(glue, name)


def test_new_folders_only_needs_a_policy_of_log_and_keeps_its_targets(glue, name):
    only = {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}}
    refusal = _refusal(glue.update_crawler, Name=name, **only)
    assert refusal == {
        "Code": "InvalidInputException",
        "Message": 'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 targets can have only LOG '
        "DeleteBehavior value and LOG UpdateBehavior value.",
    }
    glue.update_crawler(
        Name=name, SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}, **only
    )
    assert _crawler(glue, name)["RecrawlPolicy"] == only["RecrawlPolicy"]
    other = {"S3Targets": [{"Path": "s3://lake/other/"}]}
    assert "Targets" in _refusal(glue.update_crawler, Name=name, Targets=other)["Message"]
    glue.update_crawler(Name=name, Description="the same targets", Targets=TARGETS)


def test_a_crawler_without_a_schedule_has_none_to_start(glue, name):
    assert _refusal(glue.start_crawler_schedule, CrawlerName=name)["Code"] == "NoScheduleException"


def test_a_batch_tells_which_names_are_missing(glue, name):
    answer = glue.batch_get_crawlers(CrawlerNames=[name, "nobody"])
    assert [crawler["Name"] for crawler in answer["Crawlers"]] == [name]
    assert answer["CrawlersNotFound"] == ["nobody"]


def test_crawlers_are_listed_in_pages_and_by_tags(glue):
    mark = uuid.uuid4().hex
    names = [f"page-{mark}-{n}" for n in range(5)]
    for name in names:
        glue.create_crawler(Name=name, Role=ROLE, Targets=TARGETS, Tags={"mark": mark})
    pages = glue.get_paginator("get_crawlers").paginate(PaginationConfig={"PageSize": 2})
    found = [crawler["Name"] for page in pages for crawler in page["Crawlers"]]
    assert [name for name in found if name in names] == names
    first = glue.list_crawlers(MaxResults=3, Tags={"mark": mark})
    second = glue.list_crawlers(Tags={"mark": mark}, NextToken=first["NextToken"])
    assert first["CrawlerNames"] + second["CrawlerNames"] == names
    assert "NextToken" not in second


@pytest.mark.parametrize("token", ["nonsense", "%%%", "Y3Jhd2xlcnM6LTE="])
def test_a_malformed_token_is_refused(glue, token):
    assert _refusal(glue.get_crawlers, NextToken=token)["Code"] == "InvalidInputException"


def test_metrics_and_history_tell_of_the_runs(glue, name, crawled):
    [metrics] = glue.get_crawler_metrics(CrawlerNameList=[name])["CrawlerMetricsList"]
    assert metrics["StillEstimating"] is False
    assert metrics["LastRuntimeSeconds"] >= 0
    assert metrics["TablesCreated"] == 0
    crawls = glue.list_crawls(CrawlerName=name)["Crawls"]
    assert [crawl["State"] for crawl in crawls] == ["FAILED", "FAILED"]
    assert crawls[0]["StartTime"] >= crawls[1]["EndTime"]
    assert crawls[0]["LogGroup"] == "/aws-glue/crawlers"
    assert crawls[0]["LogStream"] == name
    assert crawls[0]["MessagePrefix"] == crawls[0]["CrawlId"]


@pytest.fixture
def crawled(glue, name, s3):
    """The crawler after two runs, both of which fail: its bucket is missing."""
    for _ in range(2):
        glue.start_crawler(Name=name)
        while _crawler(glue, name)["State"] != "READY":
            pass


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ([("STATE", "EQ", "FAILED")], 2),
        ([("STATE", "NE", "FAILED")], 0),
        ([("START_TIME", "GT", "2020-01-01T00:00:00Z")], 2),
        ([("START_TIME", "LT", "1577836800000")], 0),
        ([("DPU_HOUR", "GE", "0"), ("STATE", "EQ", "FAILED")], 2),
        ([("CRAWL_ID", "EQ", "x")], 0),
    ],
)
def test_history_is_filtered(glue, name, crawled, filters, count):
    wire = [
        {"FieldName": field, "FilterOperator": compare, "FieldValue": value}
        for field, compare, value in filters
    ]
    assert len(glue.list_crawls(CrawlerName=name, Filters=wire)["Crawls"]) == count


def test_a_filter_that_cannot_be_read_is_refused(glue, name):
    for field, value in (("START_TIME", "yesterday"), ("DPU_HOUR", "much")):
        wire = [{"FieldName": field, "FilterOperator": "GT", "FieldValue": value}]
        error = _refusal(glue.list_crawls, CrawlerName=name, Filters=wire)
        assert error["Code"] == "InvalidInputException"
        assert value in error["Message"]


def test_history_has_pages(glue, name, crawled):
    first = glue.list_crawls(CrawlerName=name, MaxResults=1)
    second = glue.list_crawls(CrawlerName=name, MaxResults=1, NextToken=first["NextToken"])
    assert first["Crawls"][0]["CrawlId"] != second["Crawls"][0]["CrawlId"]
    assert "NextToken" not in second


def test_crawlers_of_other_regions_are_apart(server, name):
    elsewhere = server.client("glue", region_name="eu-south-2")
    assert _refusal(elsewhere.get_crawler, Name=name)["Code"] == "EntityNotFoundException"


def test_catalogue_operations_are_still_answered(glue, name):
    database = f"db_{uuid.uuid4().hex[:8]}"
    glue.create_database(DatabaseInput={"Name": database})
    assert glue.get_database(Name=database)["Database"]["Name"] == database
