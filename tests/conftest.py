"""What the suites share: one running server, boto3 clients pointed at it, a bucket for each test."""

import uuid

import pytest

from lakebench import Server


@pytest.fixture(scope="session")
def server():
    """A server of this test run, on a free port."""
    with Server() as running:
        yield running


@pytest.fixture(scope="session")
def s3(server):
    return server.client("s3")


@pytest.fixture(scope="session")
def glue(server):
    return server.client("glue")


@pytest.fixture(scope="session")
def athena(server):
    return server.client("athena")


@pytest.fixture
def bucket(s3):
    """The name of a fresh bucket."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name
