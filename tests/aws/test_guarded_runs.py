"""A run on AWS: no yes, no run; what it makes is known, named, tagged, and swept after a crash."""

import json
import os
import signal
import subprocess
import time

import pytest

from .conftest import LAKEBENCH
from .test_demo import ON_AWS

FLAGS = {"--aws": ("--aws",), "--aws-role": ("--aws-role", "crawler"), "--max-usd": ("--max-usd", "0.01")}


@pytest.mark.parametrize("missing", FLAGS)
def test_without_its_yes_and_its_limit_nothing_is_sent(lakebench, aws, missing):
    given = [word for flag, words in FLAGS.items() if flag != missing for word in words]
    done = lakebench("demo", "--target", "aws", *given)
    assert done.returncode == 1
    assert f"it needs {missing}" in done.stderr
    assert aws.calls == []


def test_a_plan_over_the_limit_sends_nothing(lakebench, aws):
    done = lakebench(*ON_AWS, "--rows", "50_000_000")
    assert done.returncode == 1
    assert "over --max-usd 0.01" in done.stderr
    assert aws.calls == []


def test_a_denied_account_is_left_before_anything_is_made(lakebench, aws):
    done = lakebench(*ON_AWS, LAKEBENCH_DENIED_ACCOUNTS="999999999999,123456789012")
    assert done.returncode == 1
    assert "account 123456789012 is one that nothing may run in" in done.stderr
    assert aws.calls == ["sts:GetCallerIdentity"]


def test_an_endpoint_in_the_shell_stops_a_run_on_aws(lakebench, aws):
    done = lakebench(*ON_AWS, AWS_ENDPOINT_URL="http://127.0.0.1:4566")
    assert done.returncode == 1
    assert "AWS_ENDPOINT_URL is set" in done.stderr
    assert aws.calls == []


def test_a_workgroup_with_a_cutoff_is_taken_as_it_is(lakebench, aws):
    athena = aws.client("athena")
    settings = {"EnforceWorkGroupConfiguration": False, "BytesScannedCutoffPerQuery": 20_000_000}
    athena.create_work_group(Name="limited", Configuration=settings)
    done = lakebench(*ON_AWS, "--aws-workgroup", "limited")
    assert done.returncode == 0, done.stderr
    assert "workgroup limited (a query is cancelled at 19.07 MB)" in done.stderr
    assert "athena:CreateWorkGroup" not in aws.calls


def test_a_bucket_that_is_named_has_to_be_there(lakebench, aws):
    done = lakebench(*ON_AWS, "--aws-bucket", "no-such-lake")
    assert done.returncode == 1
    assert "there is no bucket no-such-lake" in done.stderr


def test_a_crash_leaves_a_journal_that_sweep_works_off(lakebench, aws, tmp_path):
    aws.weather.crawler_turns = 10_000
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)} | aws.variables()
    crashed = subprocess.Popen([LAKEBENCH, *ON_AWS], cwd=tmp_path, env=environ, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while "glue:GetCrawler" not in aws.calls:
        assert time.monotonic() < deadline, "the crawl never began"
        time.sleep(0.02)
    crashed.send_signal(signal.SIGKILL)
    crashed.wait()
    (bucket,) = aws.buckets()
    run = bucket.removeprefix("lakebench-")
    tagged = aws.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]
    assert tagged == [{"Key": "lakebench-run", "Value": run}]
    told = lakebench("aws", "sweep", "--dry-run")
    assert f"bucket lakebench-{run}" in told.stdout
    assert aws.buckets() == [bucket], "a dry run removes nothing"
    swept = lakebench("aws", "sweep")
    assert (swept.returncode, swept.stdout.splitlines()[-1]) == (0, "all of it is gone"), swept.stderr
    assert aws.buckets() == []
    assert aws.client("glue").get_databases()["DatabaseList"] == []
    assert lakebench("aws", "sweep").stdout.startswith("nothing to sweep")


def test_a_sweep_with_anothers_credentials_removes_nothing(lakebench, aws, tmp_path):
    folder = tmp_path / ".lakebench" / "aws"
    folder.mkdir(parents=True)
    head = {"version": 1, "run": "ab", "account": "999999999999", "region": "us-east-1", "profile": None}
    thing = {"kind": "bucket", "name": "lakebench-ab"}
    torn = '{"kind": "ta'
    journal = folder / "ab.jsonl"
    journal.write_text("\n".join([json.dumps(head), json.dumps(thing), torn]), encoding="utf-8")
    done = lakebench("aws", "sweep")
    assert done.returncode == 1
    assert "was in account 999999999999" in done.stderr
    assert aws.calls == ["sts:GetCallerIdentity"]
    assert journal.exists()


def test_a_journal_of_another_version_is_refused(lakebench, tmp_path):
    folder = tmp_path / ".lakebench" / "aws"
    folder.mkdir(parents=True)
    folder.joinpath("ab.jsonl").write_text('{"version": 7}\n', encoding="utf-8")
    done = lakebench("aws", "sweep")
    assert done.returncode == 1
    assert "another version of lakebench (format 7)" in done.stderr
