"""The demo on AWS: the same calls as at home, signed, guarded, and cleaned up after."""

import pytest

ON_AWS = ("demo", "--target", "aws", "--aws", "--aws-role", "crawler", "--max-usd", "0.01")
GUARD = {  # at home there is no account, no cutoff and nothing to tag
    "sts:GetCallerIdentity",
    "athena:GetWorkGroup",
    "athena:CreateWorkGroup",
    "athena:DeleteWorkGroup",
    "s3:PutBucketTagging",
}
WAITING = {"glue:GetCrawler", "athena:GetQueryExecution"}


def without_waiting(calls):
    """The calls that a run makes however fast the other side is."""
    return [call for call in calls if call not in WAITING]


def test_the_story_plays_on_aws_and_says_before_where_and_for_how_much(lakebench, aws, tmp_path):
    done = lakebench(*ON_AWS)
    assert done.returncode == 0, done.stderr
    assert "AWS account 123456789012, us-east-1, workgroup lakebench-" in done.stderr
    assert "(a query is cancelled at 2.05 GB)" in done.stderr, (
        "0.01 USD at 5 USD per TB of 1,099,511,627,776 B"
    )
    assert "since primary has no cutoff" in done.stderr
    assert "stop at 0.01 USD" in done.stderr
    assert aws.refused == []
    assert (aws.buckets(), list(tmp_path.glob(".lakebench/aws/*"))) == ([], [])


def test_the_story_makes_the_same_calls_on_aws_and_at_home(lakebench, aws):
    assert lakebench(*ON_AWS).returncode == 0
    on_aws = without_waiting(aws.calls)
    aws.calls.clear()
    at_home = lakebench("demo", "--endpoint", aws.proxy)
    assert at_home.returncode == 0, at_home.stderr
    assert once(call for call in on_aws if call not in GUARD) == once(without_waiting(aws.calls))


def once(calls):
    """Runs of the same query told once: at home a query is measured several times."""
    calls = list(calls)
    return [call for number, call in enumerate(calls) if number == 0 or calls[number - 1] != call]


def test_throttled_calls_are_tried_again_and_a_slow_crawler_is_waited_for(lakebench, aws):
    aws.weather.throttled = {"athena:StartQueryExecution": 2, "glue:CreateCrawler": 1, "s3:PutObject": 1}
    aws.weather.crawler_turns = 4
    done = lakebench(*ON_AWS)
    assert done.returncode == 0, done.stderr
    assert sorted(aws.refused) == [
        "athena:StartQueryExecution",
        "athena:StartQueryExecution",
        "glue:CreateCrawler",
        "s3:PutObject",
    ]
    assert aws.calls.count("glue:GetCrawler") >= 5


@pytest.mark.parametrize(
    "operation", ["athena:StartQueryExecution", "glue:CreateDatabase", "s3:CreateBucket"]
)
def test_a_denied_call_names_the_action_that_is_missing_and_nothing_stays(lakebench, aws, operation):
    aws.weather.denied.add(operation)
    done = lakebench(*ON_AWS)
    assert done.returncode == 1
    assert f"the credentials need the IAM action {operation}" in done.stderr
    assert "left behind" not in done.stderr
    assert aws.buckets() == []


def test_an_expired_session_is_told_in_words(lakebench, aws):
    aws.weather.expired = True
    done = lakebench(*ON_AWS)
    assert done.returncode == 1
    assert "the session has expired; sign in again" in done.stderr
