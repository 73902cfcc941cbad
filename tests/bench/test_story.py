"""The story through ``client`` on a server: what it refuses, and that it takes away what it made."""

import uuid
from contextlib import contextmanager

import pytest

from lakebench.bench.result import saved_share
from lakebench.bench.story import StoryPlan, play
from lakebench.bench.watch import Step
from lakebench.client import local_session
from lakebench.errors import ClientError, ConfigError


class Steps:
    """A watcher that remembers."""

    def __init__(self, *, break_at=None):
        self.seen, self.units, self.notes, self._break_at = [], {}, [], break_at

    @contextmanager
    def step(self, step, total=None):
        if step is self._break_at:
            raise KeyboardInterrupt
        self.seen.append(step)
        self.units[step] = [total, 0]

        def advance(units):
            self.units[step][1] += units

        yield advance

    def note(self, text):
        self.notes.append(text)


@pytest.fixture
def session(server):
    return local_session(server.endpoint)


@pytest.fixture
def plan():
    name = uuid.uuid4().hex[:8]
    return StoryPlan(
        bucket=f"story-{name}",
        database=f"story_{name}",
        crawler=f"story-{name}",
        rows=300,
        max_runs=1,
        keep=False,
    )


def _with(plan, **changes):
    values = {name: getattr(plan, name) for name in plan.__slots__}
    return StoryPlan(**{**values, **changes})


def _named(session, operation, member):
    """The names of all pages: other tests share the server."""
    return [one["Name"] for page in session.glue.get_paginator(operation).paginate() for one in page[member]]


def _left(session, plan):
    buckets = [bucket["Name"] for bucket in session.s3.list_buckets()["Buckets"]]
    databases = _named(session, "get_databases", "DatabaseList")
    crawlers = _named(session, "get_crawlers", "Crawlers")
    return (plan.bucket in buckets, plan.database in databases, plan.crawler in crawlers)


def test_every_step_is_seen_with_its_units_and_nothing_is_left(session, plan):
    steps = Steps()
    result = play(session, plan, steps)
    assert steps.seen == [Step.UPLOAD, Step.CRAWL, Step.QUERY_CSV, Step.CTAS, Step.QUERY_PARQUET]
    assert steps.units[Step.UPLOAD] == [300, 300]
    assert steps.units[Step.QUERY_CSV] == [5, 5]
    assert steps.notes == []
    assert _left(session, plan) == (False, False, False)
    counted = next(one for one in result.queries if one.query.name == "count")
    assert (counted.rows, counted.parquet.scanned_bytes) == (1, 0)
    assert result.headline is result.queries[0]
    assert result.billed_usd == result.ctas.billed_usd * 11


@pytest.mark.parametrize("step", [Step.CRAWL, Step.QUERY_CSV, Step.CTAS, Step.QUERY_PARQUET])
def test_what_was_made_is_taken_away_when_the_story_breaks_off(session, plan, step):
    with pytest.raises(KeyboardInterrupt):
        play(session, plan, Steps(break_at=step))
    assert _left(session, plan) == (False, False, False)


def test_a_bucket_that_was_there_stays_with_what_lies_beside_the_story(session, plan, bucket):
    session.s3.put_object(Bucket=bucket, Key="mine/data.csv", Body=b"mine")
    play(session, _with(plan, bucket=bucket, prefix="demo/"), Steps())
    listing = session.s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [item["Key"] for item in listing] == ["mine/data.csv"]


@pytest.mark.parametrize("key", ["raw/raw_data/mine.csv", "curated/mine"])
def test_places_in_use_are_refused_and_left_alone(session, plan, bucket, key):
    session.s3.put_object(Bucket=bucket, Key=key, Body=b"mine")
    with pytest.raises(ClientError, match="holds objects already"):
        play(session, _with(plan, bucket=bucket), Steps())
    listing = session.s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [item["Key"] for item in listing] == [key]


def test_a_table_of_that_name_is_refused_and_left_alone(session, plan, bucket):
    session.glue.create_database(DatabaseInput={"Name": plan.database})
    session.glue.create_table(DatabaseName=plan.database, TableInput={"Name": "raw_data"})
    with pytest.raises(ClientError, match="has a table raw_data already"):
        play(session, plan, Steps())
    assert session.glue.get_table(DatabaseName=plan.database, Name="raw_data")["Table"]["Name"] == "raw_data"
    assert _left(session, plan) == (False, True, False)


def test_a_crawler_of_that_name_is_refused_and_left_alone(session, plan, bucket):
    session.glue.create_crawler(
        Name=plan.crawler,
        Role="arn:aws:iam::123456789012:role/r",
        DatabaseName="d",
        Targets={"S3Targets": [{"Path": f"s3://{bucket}/"}]},
    )
    with pytest.raises(
        ClientError, match=f"glue:CreateCrawler on {plan.crawler} failed: AlreadyExistsException"
    ):
        play(session, plan, Steps())
    assert _left(session, plan) == (False, False, True)


def test_a_story_over_its_limit_makes_nothing(session, plan):
    with pytest.raises(ConfigError, match="over --max-usd"):
        play(session, _with(plan, max_usd=0.0001), Steps())
    assert _left(session, plan) == (False, False, False)


def test_what_cannot_be_taken_away_is_named(session, plan):
    class Meddler(Steps):
        @contextmanager
        def step(self, step, total=None):
            if step is Step.CTAS:
                session.s3.put_object(Bucket=plan.bucket, Key="elsewhere", Body=b"x")
            with super().step(step, total) as advance:
                yield advance

    steps = Meddler()
    play(session, plan, steps)
    [note] = steps.notes
    assert note.startswith(
        f"left behind: bucket {plan.bucket} (s3:DeleteBucket on {plan.bucket} failed: BucketNotEmpty"
    )


def test_shares_saved_are_told_for_nothing_and_for_all():
    assert [saved_share(*pair) for pair in ((100, 18), (0, 0), (10, 0), (10, 20))] == [0.82, 0.0, 1.0, -1.0]
