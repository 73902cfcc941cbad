"""Tables from AWS into the local lake and back: priced first, resumed, sampled by seed, nothing overwritten."""

import json
import os
import signal
import subprocess
import time

import pytest

from lakebench import Server
from lakebench.bench.pull import pull_plan
from lakebench.client import local_session
from lakebench.client.contents import read_contents
from lakebench.errors import ConfigError

from .conftest import LAKEBENCH
from .tables import DAYS, make_days, make_table

YES = ("--aws", "--max-usd", "0.01")


@pytest.fixture(scope="module")
def home():
    """A local lake."""
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def lake(home):
    """Clients of the local lake."""
    return local_session(home.endpoint).client


@pytest.fixture
def pull(run, home):
    return lambda table, *more, **variables: run(
        "pull", table, *YES, "--endpoint", home.endpoint, *more, **variables
    )


@pytest.fixture
def push(run, home):
    return lambda table, *more, **variables: run(
        "push", table, *YES, "--endpoint", home.endpoint, *more, **variables
    )


def keys(client, bucket):
    return [one["Key"] for one in client.list_objects_v2(Bucket=bucket).get("Contents", [])]


def rows_at_home(run, home, sql):
    done = run("sql", sql, "--endpoint", home.endpoint, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[1:]


def test_a_pulled_table_answers_at_home_as_it_does_there(run, aws, home, lake, pull):
    make_days(aws.client, "whole")
    aws.weather.short_pages = True
    done = pull("whole.t", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["table"], told["objects"], told["partitions"], told["copied"]) == ("whole.t", 6, 3, 6)
    assert aws.calls.count("glue:GetPartitions") > 2, "a listing of many pages is pulled whole"
    assert keys(lake("s3"), "whole-lake") == keys(aws.client("s3"), "whole-lake")
    counted = rows_at_home(run, home, "SELECT day, count(*) AS n FROM whole.t GROUP BY day ORDER BY day")
    assert counted == [f"{day},2000" for day in DAYS]
    entry = lake("glue").get_table(DatabaseName="whole", Name="t")["Table"]
    assert entry["Parameters"]["classification"] == "parquet"
    assert entry["StorageDescriptor"]["Location"] == "s3://whole-lake/t/"


def test_the_price_comes_first_and_what_has_none_is_said(aws, pull):
    make_table(aws.client, "priced", objects=2)
    done = pull("priced.t", "--max-usd", "0.0000005")
    assert done.returncode == 1
    size = sum(one["Size"] for one in aws.client("s3").list_objects_v2(Bucket="priced-lake")["Contents"])
    assert "priced.t: 2 of 2 objects" in done.stderr
    assert "2 requests for objects at $0.40 per 1,000,000 requests (not verified): $0.00000080" in done.stderr
    assert f"{size:,} bytes out of AWS at $0.09 per GB (not verified)" in done.stderr
    assert "Not in that sum: the requests that list the table" in done.stderr
    assert "over --max-usd" in done.stderr
    assert "s3:GetObject" not in aws.calls


def test_without_a_price_of_the_transfer_its_bytes_have_to_be_bounded(pushable, home):
    contents = read_contents(local_session(home.endpoint), "back", "t")
    with pytest.raises(ConfigError, match="what this costs cannot be told: the transfer of") as refused:
        pull_plan(contents, "eu-west-1", bounded=False)
    assert refused.value.hint.startswith("give --max-bytes")
    bounded = pull_plan(contents, "eu-west-1", bounded=True)
    assert len(bounded.unpriced) == 3, "requests, transfer, listing"


def test_nothing_is_pulled_without_a_yes(run, aws, home):
    done = run("pull", "whole.t", "--endpoint", home.endpoint)
    assert done.returncode == 1
    assert "it needs --aws and --max-usd" in done.stderr
    assert aws.calls == []


def test_a_sample_is_the_same_for_a_seed_and_part_of_a_larger_one(aws, lake, pull):
    make_table(aws.client, "sampled", objects=12)
    small = pull("sampled.t", "--sample", "20%", "--into", "small")
    assert small.returncode == 0, small.stderr
    few = keys(lake("s3"), "sampled-lake")
    assert len(few) == 3, "a fifth of twelve like objects, rounded up"
    more = pull("sampled.t", "--sample", "50%", "--into", "larger")
    assert more.returncode == 0, more.stderr
    assert set(few) < set(keys(lake("s3"), "sampled-lake"))
    other = pull("sampled.t", "--sample", "20%", "--seed", "8", "--into", "other")
    assert other.returncode == 1
    assert "objects are there that are not of this pull" in other.stderr


def test_a_limit_of_bytes_takes_whole_objects(aws, lake, pull):
    make_table(aws.client, "limited", objects=3)
    size = aws.client("s3").head_object(Bucket="limited-lake", Key="t/000")["ContentLength"]
    nothing = pull("limited.t", "--max-bytes", str(size - 1))
    assert f"no object fits into {size - 1:,} bytes: the smallest has {size:,}" in nothing.stderr
    done = pull("limited.t", "--max-bytes", str(2 * size))
    assert done.returncode == 0, done.stderr
    assert len(keys(lake("s3"), "limited-lake")) == 2


def test_partitions_are_chosen_as_in_sql(run, aws, home, lake, pull):
    make_days(aws.client, "chosen")
    done = pull("chosen.t", "--partitions", "day >= '2026-01-02'")
    assert done.returncode == 0, done.stderr
    assert "chosen.t is in the local lake: 4 objects, 2 partitions" in done.stdout
    assert rows_at_home(run, home, "SELECT DISTINCT day FROM chosen.t ORDER BY day") == list(DAYS[1:])


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("id = 7", "id is no partition key of refused.t"),
        ("day >", "is no condition on partitions"),
        ("day IN (SELECT day FROM t)", "is not a plain condition"),
    ],
)
def test_a_condition_that_chooses_no_partitions_is_refused(aws, pull, condition, says):
    if "refused-lake" not in aws.buckets():
        make_days(aws.client, "refused", objects=1)
    done = pull("refused.t", "--partitions", condition)
    assert done.returncode == 1
    assert says in done.stderr


def test_an_interrupted_pull_goes_on_where_it_stopped(aws, lake, pull):
    make_table(aws.client, "resumed", objects=6)
    first_three = {f"/resumed-lake/t/00{number}" for number in range(3)}

    def after_three(asked):
        if asked.path_of_bucket in first_three:
            return False
        deadline = time.monotonic() + 100
        while len(keys(lake("s3"), "resumed-lake")) < len(first_three):
            assert time.monotonic() < deadline, "the others never came"
            time.sleep(0.02)
        return True

    aws.weather.denied_if["s3:GetObject"] = after_three
    first = pull("resumed.t")
    assert first.returncode == 1
    assert "the credentials need the IAM action s3:GetObject" in first.stderr
    aws.weather.denied_if.clear()
    aws.calls.clear()
    again = pull("resumed.t")
    assert again.returncode == 0, again.stderr
    assert "6 objects, 3 of them were there" in again.stdout
    assert aws.calls.count("s3:GetObject") == 3


def test_ctrl_c_leaves_whole_objects_and_no_table(aws, home, lake, tmp_path):
    make_table(aws.client, "stopped", objects=2)
    aws.weather.held.add("s3:GetObject")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)} | aws.variables()
    command = [LAKEBENCH, "pull", "stopped.t", *YES, "--endpoint", home.endpoint]
    stopped = subprocess.Popen(command, cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 100
    while "s3:GetObject" not in aws.calls:
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.02)
    stopped.send_signal(signal.SIGINT)
    aws.weather.denied.add("s3:GetObject")
    aws.weather.held.clear()
    _, told = stopped.communicate(timeout=100)
    assert stopped.returncode == 130
    assert "stopped; what was copied whole stays, and the same command goes on" in told
    assert keys(lake("s3"), "stopped-lake") == []
    with pytest.raises(lake("glue").exceptions.EntityNotFoundException):
        lake("glue").get_table(DatabaseName="stopped", Name="t")
    assert list(tmp_path.glob(".lakebench/aws/*")) == []


def test_what_is_there_is_overwritten_only_when_told_to(aws, lake, pull):
    make_table(aws.client, "taken", objects=2)
    s3, glue = lake("s3"), lake("glue")
    s3.create_bucket(Bucket="taken-lake")
    s3.put_object(Bucket="taken-lake", Key="t/000", Body=b"mine")
    s3.put_object(Bucket="taken-lake", Key="t/mine", Body=b"mine")
    refused = pull("taken.t")
    assert refused.returncode == 1
    assert "2 objects are there that are not of this pull, such as s3://taken-lake/t/000" in refused.stderr
    s3.delete_object(Bucket="taken-lake", Key="t/000")
    s3.delete_object(Bucket="taken-lake", Key="t/mine")
    glue.create_database(DatabaseInput={"Name": "taken"})
    glue.create_table(DatabaseName="taken", TableInput={"Name": "t", "Description": "mine"})
    refused = pull("taken.t")
    assert "database taken has a table t already, which is not of this pull" in refused.stderr
    assert keys(s3, "taken-lake") == []
    s3.put_object(Bucket="taken-lake", Key="t/mine", Body=b"mine")
    done = pull("taken.t", "--overwrite")
    assert done.returncode == 0, done.stderr
    assert keys(s3, "taken-lake") == ["t/000", "t/001"]
    assert "Description" not in glue.get_table(DatabaseName="taken", Name="t")["Table"]


def test_what_is_no_plain_table_is_not_pulled(aws, pull):
    make_table(aws.client, "plain")
    glue = aws.client("glue")
    place = glue.get_table(DatabaseName="plain", Name="t")["Table"]["StorageDescriptor"]
    glue.create_table(
        DatabaseName="plain",
        TableInput={"Name": "v", "TableType": "VIRTUAL_VIEW", "ViewOriginalText": "/* Presto View: e30= */"},
    )
    glue.create_table(
        DatabaseName="plain",
        TableInput={"Name": "ice", "StorageDescriptor": place, "Parameters": {"table_type": "ICEBERG"}},
    )
    bucketed = place | {"BucketColumns": ["id"], "NumberOfBuckets": 4}
    glue.create_table(DatabaseName="plain", TableInput={"Name": "b", "StorageDescriptor": bucketed})
    assert "plain.v is a view" in pull("plain.v").stderr
    assert "plain.ice is a table of iceberg" in pull("plain.ice").stderr
    assert "plain.b is bucketed" in pull("plain.b", "--sample", "1%").stderr
    assert "EntityNotFoundException" in pull("plain.nothing").stderr
    assert "write shop.sales" in pull("plain").stderr
    assert "--sample is not a share: '2'" in pull("plain.t", "--sample", "2").stderr


def test_a_bucket_of_another_region_is_read_there_and_its_readers_pay(aws, lake, pull):
    make_table(aws.client, "faraway")
    aws.weather.elsewhere.add("faraway-lake")
    done = pull("faraway.t", LAKEBENCH_REQUESTER_PAYS="true", LAKEBENCH_ENDPOINT="http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    read = [one for one in aws.asked if one.operation in {"s3:ListBucket", "s3:GetObject"}]
    assert {one.header("x-amz-request-payer") for one in read} == {"requester"}
    assert any("eu-west-1" in one.host for one in read)


@pytest.fixture(scope="module")
def pushable(account, home):
    """A table in the local lake, and one of its name on AWS."""
    for client in (account.client, local_session(home.endpoint).client):
        make_days(client, "back", objects=1)


def test_a_pushed_table_stays_below_the_runs_prefix(run, aws, pushable, push):
    done = push("back.t", "--json", LAKEBENCH_DATABASE_PREFIX="team_")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    database = told["table"].partition(".")[0]
    name = database.removeprefix("team_").replace("_", "-")
    assert told["location"] == f"s3://{name}/{name}/back/t/"
    assert f"bucket {name}; database {database}" in done.stderr
    partitions = aws.client("glue").get_partitions(DatabaseName=database, TableName="t")["Partitions"]
    assert [one["StorageDescriptor"]["Location"] for one in partitions] == [
        f"{told['location']}day={day}/" for day in DAYS
    ]
    tagged = aws.client("s3").get_bucket_tagging(Bucket=name)["TagSet"]
    assert tagged == [{"Key": "lakebench-run", "Value": name.removeprefix("lakebench-")}]
    counted = run(
        "sql", f"SELECT count(*) AS n FROM {database}.t", "--target", "aws", *YES, "--format", "csv"
    )
    assert counted.stdout.split() == ["n", "3000"], counted.stderr


def test_what_is_pushed_into_places_that_are_there_overwrites_nothing(aws, pushable, push):
    before = keys(aws.client("s3"), "back-lake")
    refused = push("back.t", "--aws-bucket", "back-lake", "--into", "back")
    assert refused.returncode == 1
    assert "database back has a table t already" in refused.stderr
    assert keys(aws.client("s3"), "back-lake") == before
    nowhere = push("back.t", "--aws-bucket", "no-such-lake-there")
    assert "there is no bucket no-such-lake-there" in nowhere.stderr


def test_a_push_that_fails_or_costs_too_much_leaves_nothing(aws, pushable, push):
    before = aws.buckets()
    aws.weather.denied.add("glue:CreateTable")
    done = push("back.t")
    assert done.returncode == 1
    assert "the credentials need the IAM action glue:CreateTable" in done.stderr
    assert aws.buckets() == before
    over = push("back.t", "--max-usd", "0.000001")
    assert "over --max-usd 0.000001" in over.stderr
    assert aws.buckets() == before
