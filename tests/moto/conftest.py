import pytest

from lakebench import Server
from lakebench.emulator.moto.mount import MotoMount
from lakebench.emulator.storage.data_dir import DataDir
from lakebench.emulator.storage.ledger import open_ledger


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


@pytest.fixture(scope="session")
def mount(tmp_path_factory):
    """moto in this very process, for what is not reached over HTTP."""
    with DataDir.open(tmp_path_factory.mktemp("data")) as data_dir:
        ledger = open_ledger(data_dir)
        yield MotoMount(ledger)
        ledger.state.close()
