import pytest

from lakebench import Server


@pytest.fixture(scope="session")
def server():
    with Server() as running:
        yield running


@pytest.fixture(scope="session")
def s3(server):
    return server.client("s3")


@pytest.fixture
def bucket(s3, request):
    name = f"b-{abs(hash(request.node.nodeid)):x}"[:40]
    s3.create_bucket(Bucket=name)
    return name
