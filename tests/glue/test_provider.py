"""The provider without a server: states that a poller sees, runs that end in every way, accounts apart."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from lakebench.catalog import S3Uri
from lakebench.catalog.store import AlreadyExists
from lakebench.emulator.glue import glue_provider
from lakebench.emulator.moto.queues import MotoQueues
from lakebench.emulator.storage.objects import StoredObject
from lakebench.emulator.wire.provider import RequestContext, ServiceError

TARGETS = {"S3Targets": [{"Path": "s3://lake/sales/"}]}


class GatedLake:
    """One object, listed when the gate is open; until then a listing waits."""

    def __init__(self, path, *, error=None):
        path.write_bytes(b"id,total\n1,2.5\n")
        self.stored = StoredObject(
            uri=S3Uri("lake", "sales/a.csv"),
            size=path.stat().st_size,
            etag="0",
            last_modified=datetime.now(UTC),
            storage_class="STANDARD",
            path=path,
        )
        self.gate, self.listing, self.error = threading.Event(), threading.Event(), error

    def bucket_exists(self, bucket):
        return True

    def get(self, uri):
        return self.stored if uri == self.stored.uri else None

    def list(self, prefix):
        self.listing.set()
        assert self.gate.wait(10)
        if self.error is not None:
            raise self.error
        yield self.stored


class Tables:
    """Just enough of a catalogue for a first crawl; ``clash`` stands for a table made in between."""

    def __init__(self, *, clash=False):
        self.created, self.clash = [], clash

    def database(self, name):
        return None

    def create_database(self, database):
        pass

    def tables(self, database):
        return []

    def create_table(self, table):
        if self.clash:
            raise AlreadyExists(f"{table.database}.{table.name}")
        self.created.append(table)

    def create_partitions(self, table, partitions):
        assert partitions == ()


class Glue:
    """The provider's operations as a client calls them."""

    def __init__(self, lake, catalog, **options):
        self.provider = glue_provider(
            objects=lambda _: lake, catalogs=lambda *_: catalog, queues=MotoQueues, **options
        )

    def call(self, operation, account="111111111111", **request):
        context = RequestContext(
            service="glue", operation=operation, account_id=account, region="eu-west-1", request_id="r"
        )
        return self.provider.operations[operation](context, request)

    def refusal(self, operation, **request):
        with pytest.raises(ServiceError) as refusal:
            self.call(operation, **request)
        return refusal.value.code

    def crawler(self, name="c"):
        return self.call("GetCrawler", Name=name)["Crawler"]

    def last(self, name="c"):
        deadline = time.monotonic() + 10
        while self.crawler(name)["State"] != "READY":
            assert time.monotonic() < deadline
            time.sleep(0.002)
        return self.crawler(name)["LastCrawl"]


def _glue(tmp_path, *, error=None, clash=False, **options):
    lake, catalog = GatedLake(tmp_path / "a", error=error), Tables(clash=clash)
    glue = Glue(lake, catalog, **options)
    glue.call("CreateCrawler", Name="c", Role="r", Targets=TARGETS)
    return glue, lake, catalog


def test_a_poller_sees_running_stopping_and_ready(tmp_path):
    glue, lake, catalog = _glue(tmp_path)
    assert "LastCrawl" not in glue.crawler()
    glue.call("StartCrawler", Name="c")
    assert glue.crawler()["State"] == "RUNNING"
    assert lake.listing.wait(10)
    assert glue.refusal("StartCrawler", Name="c") == "CrawlerRunningException"
    glue.call("StopCrawler", Name="c")
    assert glue.crawler()["State"] == "STOPPING"
    assert glue.refusal("StopCrawler", Name="c") == "CrawlerStoppingException"
    assert glue.refusal("StartCrawler", Name="c") == "CrawlerRunningException"
    lake.gate.set()
    last = glue.last()
    assert last["Status"] == "CANCELLED"
    assert catalog.created == []
    assert glue.refusal("StopCrawler", Name="c") == "CrawlerNotRunningException"


def test_metrics_and_history_tell_of_a_run_that_goes_on_and_of_its_end(tmp_path):
    glue, lake, _ = _glue(tmp_path)
    glue.call("StartCrawler", Name="c")
    assert glue.call("GetCrawlerMetrics")["CrawlerMetricsList"][0]["StillEstimating"]
    [running] = glue.call("ListCrawls", CrawlerName="c")["Crawls"]
    assert running["State"] == "RUNNING"
    assert "EndTime" not in running
    lake.gate.set()
    glue.last()
    [metrics] = glue.call("GetCrawlerMetrics")["CrawlerMetricsList"]
    assert (metrics["TablesCreated"], metrics["TablesUpdated"], metrics["TablesDeleted"]) == (1, 0, 0)
    assert metrics["MedianRuntimeSeconds"] == metrics["LastRuntimeSeconds"] > 0
    [done] = glue.call("ListCrawls", CrawlerName="c")["Crawls"]
    assert done["State"] == "COMPLETED"
    assert done["CrawlId"] == running["CrawlId"]
    assert json.loads(done["Summary"]) == {"TABLE": {"ADDED": ["sales"]}}


def test_closing_the_provider_ends_runs(tmp_path):
    glue, lake, _ = _glue(tmp_path)
    glue.call("StartCrawler", Name="c")
    assert lake.listing.wait(10)
    lake.gate.set()
    glue.provider.close()
    assert glue.crawler()["State"] == "READY"
    glue.call("StartCrawler", Name="c")
    assert glue.crawler()["State"] == "READY"


def test_a_crawler_without_a_database_writes_into_default(tmp_path):
    glue, lake, catalog = _glue(tmp_path)
    lake.gate.set()
    glue.call("StartCrawler", Name="c")
    assert glue.last()["Status"] == "SUCCEEDED"
    assert [(table.database, table.name) for table in catalog.created] == [("default", "sales")]


def test_a_catalogue_changed_in_between_fails_the_crawl_in_words(tmp_path):
    glue, lake, _ = _glue(tmp_path, clash=True)
    lake.gate.set()
    glue.call("StartCrawler", Name="c")
    last = glue.last()
    assert last["Status"] == "FAILED"
    assert "default.sales" in last["ErrorMessage"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_that_nobody_foresaw_does_not_leave_the_crawler_running(tmp_path):
    glue, lake, _ = _glue(tmp_path, error=RuntimeError("disk on fire"))
    lake.gate.set()
    glue.call("StartCrawler", Name="c")
    last = glue.last()
    assert (last["Status"], last["ErrorMessage"]) == ("FAILED", "Internal Service Exception")
    for thread in threading.enumerate():  # its traceback belongs to this test
        if thread.name.startswith("crawl-"):
            thread.join(10)


def test_two_crawlers_run_side_by_side(tmp_path):
    glue, lake, _ = _glue(tmp_path)
    glue.call("CreateCrawler", Name="d", Role="r", Targets=TARGETS)
    glue.call("StartCrawler", Name="c")
    glue.call("StartCrawler", Name="d")
    assert [crawler["State"] for crawler in glue.call("GetCrawlers")["Crawlers"]] == ["RUNNING", "RUNNING"]
    lake.gate.set()
    assert {glue.last("c")["Status"], glue.last("d")["Status"]} == {"SUCCEEDED"}


def test_accounts_are_apart(tmp_path):
    glue, _, _ = _glue(tmp_path)
    assert glue.call("ListCrawlers", account="222222222222") == {"CrawlerNames": []}
    assert glue.call("ListCrawlers") == {"CrawlerNames": ["c"]}


def test_an_update_with_a_run_going_on_is_refused(tmp_path):
    glue, lake, _ = _glue(tmp_path)
    glue.call("StartCrawler", Name="c")
    assert glue.refusal("UpdateCrawler", Name="c", Description="x") == "CrawlerRunningException"
    assert glue.refusal("DeleteCrawler", Name="c") == "CrawlerRunningException"
    lake.gate.set()
    glue.last()
    glue.call("DeleteCrawler", Name="c")
    assert glue.refusal("GetCrawler", Name="c") == "EntityNotFoundException"


def test_a_schedule_starts_its_crawler_by_the_clock(tmp_path):
    moment = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    glue, lake, catalog = _glue(tmp_path, now=lambda: moment)
    lake.gate.set()
    glue.call("UpdateCrawlerSchedule", CrawlerName="c", Schedule="cron(15 * * * ? *)")
    assert "LastCrawl" not in glue.crawler()
    moment += timedelta(minutes=15)
    deadline = time.monotonic() + 10
    while not glue.call("ListCrawls", CrawlerName="c")["Crawls"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert glue.last()["Status"] == "SUCCEEDED"
    assert [table.name for table in catalog.created] == ["sales"]
    glue.provider.close()


def test_a_deleted_crawler_is_not_started_by_its_schedule(tmp_path):
    moment = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    glue, lake, _ = _glue(tmp_path, now=lambda: moment)
    glue.call("UpdateCrawlerSchedule", CrawlerName="c", Schedule="cron(* * * * ? *)")
    glue.call("DeleteCrawler", Name="c")
    moment += timedelta(hours=1)
    glue.provider.close()
    assert not lake.listing.is_set()
