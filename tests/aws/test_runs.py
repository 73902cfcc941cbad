"""Crawls, benchmarks and generated data on AWS: guarded, announced, and gone after a crash."""

import json
import os
import signal
import subprocess
import time

import pytest

from .conftest import LAKEBENCH
from .tables import make_table

YES = ("--target", "aws", "--aws")
SUITE = """
[queries.one]
sql = "SELECT count(*) AS n FROM {table}"
[queries.other]
sql = "SELECT sum(total) AS importe FROM {table}"
"""
BENCH = ("bench", "run", "few.toml", "--rows", "500", "--layouts", "parquet_snappy", "--runs", "1")
GUARD = {  # at home there is no account, no cutoff, nothing to tag, and no estimate before the queries
    "sts:GetCallerIdentity",
    "athena:GetWorkGroup",
    "athena:CreateWorkGroup",
    "athena:DeleteWorkGroup",
    "s3:PutBucketTagging",
    "glue:GetTable",
    "s3:GetObject",
    "s3:ListBucket",
}
WAITING = {"glue:GetCrawler", "athena:GetQueryExecution"}
CRAWL = ("crawl", "s3://crawled-lake/raw/sales/", *YES, "--aws-role", "crawler")
GENERATE = ("generate", "ventas", "--rows", "300", "--files", "3", "--to", "s3://generated-lake/raw/")


@pytest.fixture
def suite(tmp_path):
    """A suite of two queries, in the folder where commands run."""
    tmp_path.joinpath("few.toml").write_text(SUITE, encoding="utf-8")


@pytest.fixture(scope="module")
def crawled(account):
    """A folder to crawl."""
    account.client("s3").create_bucket(Bucket="crawled-lake")
    account.client("s3").put_object(
        Bucket="crawled-lake", Key="raw/sales/1.csv", Body=b"id,city\n1,Madrid\n2,Lugo\n"
    )


@pytest.fixture(scope="module")
def generated(account):
    """A bucket to write to."""
    account.client("s3").create_bucket(Bucket="generated-lake")


@pytest.fixture(scope="module")
def pushable(account):
    """A table of what the account's own proxy shows as a local lake."""
    make_table(account.client, "pushed")


def without(calls, left_out):
    return [call for call in calls if call not in left_out]


def own(aws):
    """What runs made and is still there, but for kept things."""
    crawlers = aws.client("glue").list_crawlers()["CrawlerNames"]
    databases = [one["Name"] for one in aws.client("glue").get_databases()["DatabaseList"]]
    groups = [one["Name"] for one in aws.client("athena").list_work_groups()["WorkGroups"]]
    found = [*aws.buckets(), *crawlers, *databases, *groups]
    return [name for name in found if name.startswith(("lakebench-", "lakebench_", "test_lakebench_"))]


def test_a_suite_makes_the_same_calls_on_aws_and_at_home(run, aws, suite):
    on_aws = run(*BENCH, *YES, "--max-usd", "0.01")
    assert on_aws.returncode == 0, on_aws.stderr
    calls = without(aws.calls, GUARD | WAITING)
    aws.calls.clear()
    at_home = run(*BENCH, "--endpoint", aws.proxy)
    assert at_home.returncode == 0, at_home.stderr
    assert calls == without(aws.calls, GUARD | WAITING)
    assert own(aws) == []


def test_a_suite_is_announced_and_estimated_by_the_layouts_as_they_lie_there(run, aws, suite):
    done = run(*BENCH, *YES, "--max-usd", "0.01", LAKEBENCH_DATABASE_PREFIX="test_")
    assert done.returncode == 0, done.stderr
    assert "database test_lakebench_" in done.stderr
    assert "9 queries, 87.89 KB scanned at most" in done.stderr, "one CTAS, and two by two by two"
    assert "The queries to come are billed $0.00038 at most, by listings and footers" in done.stderr
    assert aws.refused == []


def test_a_suite_over_the_limit_makes_nothing(run, aws, suite):
    done = run(*BENCH, *YES, "--max-usd", "0.0004")
    assert done.returncode == 1
    assert "this would be billed 0.000429 USD, over --max-usd 0.0004" in done.stderr
    assert set(aws.calls) == {"sts:GetCallerIdentity", "athena:GetWorkGroup"}


def test_a_suite_stops_when_its_queries_scan_more_than_they_were_planned_to(run, aws, suite):
    def doctor(told):
        told["QueryExecution"].setdefault("Statistics", {})["DataScannedInBytes"] = 1 << 40

    aws.weather.doctored["athena:GetQueryExecution"] = doctor
    done = run(*BENCH, *YES, "--max-usd", "0.01")
    assert done.returncode == 1
    assert "stopped: so far" in done.stderr
    assert "are billed, over --max-usd 0.01" in done.stderr
    assert own(aws) == []


def test_a_suite_runs_in_a_bucket_and_a_workgroup_that_are_there_and_keeps_what_it_is_told_to(
    run, aws, suite
):
    aws.client("s3").create_bucket(Bucket="suite-lake")
    aws.client("athena").create_work_group(
        Name="limited",
        Configuration={"EnforceWorkGroupConfiguration": False, "BytesScannedCutoffPerQuery": 20_000_000},
    )
    done = run(
        *BENCH,
        *YES,
        "--max-usd",
        "0.01",
        "--aws-bucket",
        "suite-lake",
        "--aws-workgroup",
        "limited",
        "--keep",
    )
    assert done.returncode == 0, done.stderr
    held = aws.client("s3").list_objects_v2(Bucket="suite-lake")["Contents"]
    assert {one["Key"].partition("/")[0] for one in held} == {own(aws)[0].replace("_", "-")}
    assert "athena:CreateWorkGroup" not in aws.calls
    [database] = own(aws)
    tables = aws.client("glue").get_tables(DatabaseName=database)["TableList"]
    assert [one["Name"] for one in tables] == ["csv", "parquet_snappy"]
    aws.client("glue").delete_database(Name=database)


def test_a_crawl_tells_what_it_costs_before_and_after(run, aws, crawled):
    def doctor(told):
        for crawl in told["Crawls"]:
            crawl["DPUHour"] = 0.25

    aws.weather.doctored["glue:ListCrawls"] = doctor
    done = run(*CRAWL, "--max-usd", "0.2", "--json")
    assert done.returncode == 0, done.stderr
    assert "a crawler's run, ten minutes of one DPU at $0.44 per DPU-hour: $0.07" in done.stderr
    assert "AWS tells its DPUs only afterwards" in done.stderr
    told = json.loads(done.stdout)
    assert (told["dpu_hours"], told["cost_usd"]) == (0.25, "0.11")
    assert [table["name"] for table in told["tables"]] == ["sales"]
    assert own(aws) == []
    again = run(*CRAWL, "--max-usd", "0.1")
    assert again.returncode == 1
    assert "AWS bills 0.25 DPU hours for this run: $0.11." in again.stdout
    assert "stopped: so far 0.110000 USD are billed, over --max-usd 0.1" in again.stderr


def test_a_dry_crawl_leaves_nothing_and_a_kept_one_its_crawler(run, aws, crawled):
    done = run(*CRAWL, "--max-usd", "0.1", "--dry-run", "--table-prefix", "dry_")
    assert done.returncode == 0, done.stderr
    assert "A dry run" in done.stdout
    assert own(aws) == []
    kept = run(*CRAWL, "--max-usd", "0.1", "--keep")
    assert kept.returncode == 0, kept.stderr
    [crawler] = own(aws)
    assert crawler.startswith("lakebench-crawl-")
    aws.client("glue").delete_crawler(Name=crawler)


def test_a_crawl_over_the_limit_or_without_a_price_makes_nothing(run, aws, crawled):
    done = run(*CRAWL, "--max-usd", "0.01")
    assert done.returncode == 1
    assert "this would be billed 0.073333 USD, over --max-usd 0.01" in done.stderr
    assert aws.calls == ["sts:GetCallerIdentity"]
    unpriced = run(*CRAWL, "--max-usd", "0.1", "--region", "eu-west-1")
    assert "no price of glue-crawler is known for region 'eu-west-1'" in unpriced.stderr
    assert "give it with --dpu-hour-usd" in unpriced.stderr
    dear = run(*CRAWL, "--max-usd", "0.1", "--region", "eu-west-1", "--dpu-hour-usd", "0.66")
    assert "this would be billed 0.110000 USD, over --max-usd 0.1" in dear.stderr


def test_generated_data_stays_where_it_was_asked_for(run, aws, generated, tmp_path):
    done = run(*GENERATE, *YES, "--max-usd", "0.01")
    assert done.returncode == 0, done.stderr
    assert "3 objects below s3://generated-lake/raw/, which stay" in done.stderr
    assert "5 requests to S3 at $5.00 per 1,000,000 requests (not verified): $0.000025" in done.stderr
    assert "S3 bills $0.00000" in done.stdout
    assert aws.client("s3").list_objects_v2(Bucket="generated-lake", Prefix="raw/")["KeyCount"] == 3
    assert len([call for call in aws.calls if call.startswith("s3:Put")]) <= 5
    assert list(tmp_path.glob(".lakebench/aws/*")) == []
    again = run(*GENERATE, *YES, "--max-usd", "0.01")
    assert "holds objects already" in again.stderr
    assert aws.client("s3").list_objects_v2(Bucket="generated-lake", Prefix="raw/")["KeyCount"] == 3
    over = run(*GENERATE, *YES, "--max-usd", "0.00001")
    assert "over --max-usd 0.00001" in over.stderr


def test_denied_in_the_middle_generated_data_is_taken_back(run, aws, generated):
    aws.weather.denied.add("s3:PutObject")
    done = run(*GENERATE[:-1], "s3://generated-lake/denied/", *YES, "--max-usd", "0.01")
    assert done.returncode == 1
    assert "the credentials need the IAM action s3:PutObject" in done.stderr
    assert aws.client("s3").list_objects_v2(Bucket="generated-lake", Prefix="denied/")["KeyCount"] == 0


@pytest.mark.parametrize("command", [("sql", "SELECT 1"), BENCH, CRAWL[:2], GENERATE])
def test_nothing_is_sent_without_a_yes_and_a_limit_or_with_an_endpoint_in_the_shell(run, aws, suite, command):
    done = run(*command, "--target", "aws", "--aws")
    assert done.returncode == 1
    assert "costs money; it needs" in done.stderr
    assert "--max-usd" in done.stderr
    led = run(*command, *YES, "--max-usd", "1", LAKEBENCH_ROLE="r", AWS_ENDPOINT_URL=aws.proxy)
    assert led.returncode == 1
    assert f"target aws never uses an endpoint, yet AWS_ENDPOINT_URL is set to {aws.proxy}" in led.stderr
    assert aws.calls == []


CRASHES = {
    "sql": (("sql", "SELECT 1", *YES, "--max-usd", "0.01"), "athena:GetQueryExecution"),
    "bench": ((*BENCH, *YES, "--max-usd", "0.01"), "athena:GetQueryExecution"),
    "crawl": ((*CRAWL, "--max-usd", "0.1"), "glue:GetCrawler"),
    "generate": (
        (*GENERATE[:-1], "s3://generated-lake/crashed/", *YES, "--max-usd", "0.01"),
        "s3:PutObject",
    ),
    "push": (("push", "pushed.t", "--aws", "--max-usd", "0.01", "--endpoint", "{proxy}"), "s3:PutObject"),
}


@pytest.mark.usefixtures("crawled", "generated", "suite", "pushable")
@pytest.mark.parametrize("name", CRASHES)
def test_what_a_crash_leaves_is_swept(run, aws, tmp_path, name):
    command, held = CRASHES[name]
    aws.weather.held.add(held)
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)} | aws.variables()
    arguments = [word.replace("{proxy}", aws.proxy) for word in command]
    crashed = subprocess.Popen([LAKEBENCH, *arguments], cwd=tmp_path, env=environ, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 100
    while held not in aws.calls:
        assert crashed.poll() is None, crashed.stderr.read()
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.02)
    crashed.send_signal(signal.SIGKILL)
    crashed.wait()
    crashed.stderr.close()
    aws.weather.held.clear()
    assert list(tmp_path.glob(".lakebench/aws/*.jsonl")) != []
    swept = run("aws", "sweep")
    assert swept.stdout.splitlines()[-1] == "all of it is gone", swept.stderr
    assert own(aws) == []
    assert aws.client("s3").list_objects_v2(Bucket="generated-lake", Prefix="crashed/")["KeyCount"] == 0
