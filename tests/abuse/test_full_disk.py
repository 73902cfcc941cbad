"""A full disk refuses what would take room, and what was refused never was: also for a client that tries again."""

from __future__ import annotations

import uuid

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lakebench import Server

from .disk import SmallDisk

ONCE = {"config": Config(retries={"total_max_attempts": 1, "mode": "standard"})}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    disk = SmallDisk(tmp_path_factory.mktemp("small"), megabytes=0)
    with disk.worn(), Server(data_dir=disk.data_dir) as server:
        server.client("s3").create_bucket(Bucket="full")
        yield server, disk
    disk.close()


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert "nothing has changed" in str(caught.value)


def test_an_execution_that_could_not_be_kept_is_begun_by_the_next_try(small):
    """botocore repeats a request that met a 500 with the same ClientRequestToken."""
    server, disk = small
    athena = server.client("athena", **ONCE)
    started = {
        "QueryString": "SELECT 1",
        "ClientRequestToken": str(uuid.uuid4()),
        "ResultConfiguration": {"OutputLocation": "s3://full/results/"},
    }
    disk.fill()
    refused(athena.start_query_execution, **started)
    disk.empty()
    one = athena.start_query_execution(**started)["QueryExecutionId"]
    assert athena.start_query_execution(**started)["QueryExecutionId"] == one
    state = "QUEUED"
    while state in {"QUEUED", "RUNNING"}:
        state = athena.get_query_execution(QueryExecutionId=one)["QueryExecution"]["Status"]["State"]
    assert state == "SUCCEEDED"
    assert athena.list_query_executions()["QueryExecutionIds"] == [one]


def test_an_object_that_could_not_be_replaced_is_the_old_one(small):
    server, disk = small
    s3 = server.client("s3", **ONCE)
    s3.put_object(Bucket="full", Key="k", Body=b"old")
    disk.fill()
    refused(s3.put_object, Bucket="full", Key="k", Body=b"new")
    refused(s3.put_object, Bucket="full", Key="other", Body=b"new")
    assert s3.get_object(Bucket="full", Key="k")["Body"].read() == b"old"
    disk.empty()
    found = s3.list_objects_v2(Bucket="full")["Contents"]
    assert [one["Key"] for one in found if not one["Key"].startswith("results/")] == ["k"]
