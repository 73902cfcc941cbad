"""Every command once, as someone with a session of an hour: what they call, and what they never tell."""

import json

import pytest

from lakebench import Server

from .posing import ACCESS_KEY, SECRET_KEY
from .tables import make_days
from .test_demo import ON_AWS
from .test_runs import SUITE

TOKEN = "IQoJb3JpZ2luX2VjEPosingSessionToken/that+never+shows=="
YES = ("--target", "aws", "--aws", "--max-usd", "0.1")
ACTIONS = {  # S3 calls whose IAM action has another name (AWS: "Actions defined by Amazon S3")
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:DeleteObjects": "s3:DeleteObject",
}


def commands(endpoint):
    """What is run, in this order."""
    home = ("--endpoint", endpoint)
    suite = ("few.toml", "--rows", "300", "--layouts", "parquet_snappy")
    role = ("--aws-role", "crawler")
    yield (*ON_AWS, "--keep", "--json", "figures.json")
    yield ("sql", "SELECT count(*) AS n FROM every.t", *YES)
    yield ("estimate", "SELECT id FROM every.t", "--target", "aws", "--json")
    yield ("explain", "SELECT id FROM every.t WHERE day = '2026-01-01'", "--target", "aws")
    yield ("crawl", "s3://every-lake/t/", "--database", "crawled", *role, *YES, "--json")
    yield ("generate", "ventas", "--rows", "100", "--to", "s3://every-lake/ventas/", *YES)
    yield ("bench", "run", *suite, "--runs", "1", *YES)
    yield ("validate", *suite, *home, *role, *YES)
    yield ("pull", "every.t", *home, "--aws", "--max-usd", "0.1")
    yield ("push", "every.t", *home, "--aws", "--max-usd", "0.1")
    yield ("config", "show", "--origin")
    yield ("aws", "sweep")


@pytest.fixture
def every(run, aws, tmp_path):
    """Runs them all; what they wrote on the terminal."""
    make_days(aws.client, "every", objects=1)
    tmp_path.joinpath("few.toml").write_text(SUITE, encoding="utf-8")
    token = {"AWS_SESSION_TOKEN": TOKEN}
    told = []
    with Server() as server:
        for command in commands(server.endpoint):
            done = run(*command, **token)
            assert done.returncode == 0, (command, done.stderr)
            told += [done.stdout, done.stderr]
    assert aws.refused == [], "all of it is signed"
    called = list(aws.calls)
    aws.weather.denied |= {"athena:GetQueryResults", "glue:GetTable", "s3:PutObject"}
    for command in (("sql", "SELECT 1", *YES), ("explain", "SELECT id FROM every.t", "--target", "aws")):
        failed = run(*command, **token)
        assert failed.returncode == 1
        told += [failed.stdout, failed.stderr]
    return called, told


def test_the_policy_allows_what_is_called_and_no_call_more_and_no_key_is_told(run, every, tmp_path):
    calls, told = every
    called = {ACTIONS.get(call, call) for call in calls}
    policy = json.loads(run("aws", "policy", "--role", "arn:aws:iam::1:role/crawler").stdout)
    allowed = {action for one in policy["Statement"] for action in one["Action"]}
    assert called - allowed == set()
    # What AWS checks without a call of ours: for Athena in our name, for tags, for Ctrl-C.
    assert allowed - called == {
        "athena:StopQueryExecution",
        "athena:TagResource",
        "glue:StopCrawler",
        "glue:TagResource",
        "iam:PassRole",
        "s3:AbortMultipartUpload",
        "s3:GetBucketLocation",
    }
    written = [path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()]
    for secret in (ACCESS_KEY, SECRET_KEY, TOKEN):
        assert [text for text in written + told if secret in text] == []
